"""What Blender and the model process say to each other, as dataclasses over ``wire.Frame``.

Blender -> model: ``Infer`` or ``Feel``, then for sound that Blender decoded any number of ``Pcm`` and one ``PcmEnd``;
``Read``; ``Cancel``.
Model -> Blender: ``Hello`` once, then ``Progress`` … and exactly one of ``Result``, ``Felt`` or ``Reads``,
``Failure``, ``Cancelled`` per job.
Closing the model's stdin asks it to leave.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np

from .channels import CHANNELS, EMOTIONS
from .errors import UserError
from .track import Array, FaceTrack, Provenance
from .wire import Frame, WireError

PROTOCOL = 1


@dataclass(frozen=True)
class Message:
    """A frame whose header holds the plain fields of the dataclass, and whose arrays are the others."""

    type: ClassVar[str]

    def to_frame(self) -> Frame:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        arrays = {
            name: value.astype("<f4", copy=False) for name, value in values.items() if isinstance(value, np.ndarray)
        }
        return Frame({"type": self.type, **{k: v for k, v in values.items() if k not in arrays}}, arrays)

    @classmethod
    def from_frame(cls, frame: Frame) -> Self:
        """Raises WireError when a field is of another type, or is missing and has no default (as one that an older
        version does not send has); fields of a newer version are ignored.
        """
        values: dict[str, Any] = {}
        for f in fields(cls):
            source: Mapping[str, Any] = frame.arrays if f.type == Array else frame.header
            if f.name not in source:
                if f.default is MISSING and f.default_factory is MISSING:
                    raise WireError(f"a {cls.type} message lacks {f.name!r}")
                continue
            values[f.name] = source[f.name]
            if not _fits(values[f.name], f.type):
                raise WireError(f"a {cls.type} message has a wrong {f.name!r}")
        return cls(**values)


def _fits(value: object, kind: object) -> bool:
    """Whether ``value``, as the wire brings it, can stand in a field that is annotated ``kind``."""
    if kind == Array:
        return isinstance(value, np.ndarray) and value.dtype == np.float32
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300  # JSON has 1e999
    if kind in (int, str):
        return type(value) is kind
    if kind == list[dict[str, Any]]:
        return isinstance(value, list) and all(isinstance(v, dict) for v in value)
    if not isinstance(value, dict):
        return False
    return kind != dict[str, float] or all(_fits(v, float) for v in value.values())


@dataclass(frozen=True)
class Hello(Message):
    """The model process introduces itself. ``decodes`` is ``wav`` (PCM only) or ``all`` (libsndfile).

    ``device`` is cpu or cuda, ``card`` the name of the card, ``precision`` ``single`` or ``half`` (float32, float16).
    ``languages``: code to name of those, besides English, in which words can be found.
    """

    type: ClassVar[str] = "hello"
    protocol: int
    version: str
    model: str
    licence_track: str
    backend: str
    device: str
    decodes: str
    pid: int
    card: str = ""
    precision: str = "single"
    languages: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Infer(Message):
    """One job. ``audio`` is a path that the process reads, or empty: then Pcm messages follow.

    ``emotion`` maps names of EMOTIONS, or of ``own``, to 0-1. The result carries the mood at intensity 1, so none is
    sent. ``start`` and ``end`` are seconds of the recording; ``end`` 0 means to its end.
    ``own``: emotions that the user made, {name, channels}: channel names to their values at full strength.
    ``keyed``: (n, 8 + len(own)) sliders 0-1 at ``fps`` from ``start`` in place of ``emotion``; the last row holds.
    None: no rows. ``options``: ``side``, left or right, is where contempt shows.
    ``said``: what is said, where it is known, {text, start, end} in seconds of the recording; ``end`` 0 is at any time.
    ``language``: its code, such as ``en``.
    """

    type: ClassVar[str] = "infer"
    id: int
    audio: str
    emotion: dict[str, float]
    seed: int
    fps: float
    start: float = 0.0
    end: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)
    own: list[dict[str, Any]] = field(default_factory=list)
    keyed: Array = field(default_factory=lambda: np.zeros((0, len(EMOTIONS)), np.float32), compare=False)
    said: list[dict[str, Any]] = field(default_factory=list)
    language: str = "en"

    def __post_init__(self) -> None:
        names = (*EMOTIONS, *(str(item.get("name")) for item in self.own))
        if self.keyed.ndim != 2 or (len(self.keyed) and self.keyed.shape[1] != len(names)):
            raise WireError(f"keyed sliders have shape {self.keyed.shape}")
        unknown = set(self.emotion) - set(names)
        if unknown:
            raise WireError(f"unknown emotions: {', '.join(sorted(unknown))}")


@dataclass(frozen=True)
class Feel(Message):
    """What does a recording feel like? Sound comes as with ``Infer``; ``text`` is what is said, empty where unknown;
    ``said`` and ``language`` are as with ``Infer``, and go before ``text``.

    ``weights``: 0-1 of the sources ``voice`` and ``words``. ``options`` may hold ``contrast``, ``smoothing`` (seconds)
    and ``most`` of the mixer, and the paths ``voice_model`` and ``text_model``. The answer is ``Felt``.
    """

    type: ClassVar[str] = "feel"
    id: int
    audio: str
    fps: float
    text: str = ""
    weights: dict[str, float] = field(default_factory=lambda: {"voice": 0.5, "words": 0.3})
    start: float = 0.0
    end: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    language: str = "en"


@dataclass(frozen=True)
class Read(Message):
    """What does a face show? ``values`` (T, 52) 0-1 at ``fps``, of any making. The answer is ``Reads``."""

    type: ClassVar[str] = "read"
    id: int
    fps: float
    values: Array

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(CHANNELS) or not len(self.values):
            raise WireError(f"a face to read has shape {self.values.shape}")


@dataclass(frozen=True)
class Pcm(Message):
    """A block of mono float32 samples of job ``id`` at ``rate`` Hz."""

    type: ClassVar[str] = "pcm"
    id: int
    rate: int
    samples: Array

    def __post_init__(self) -> None:
        if self.samples.ndim != 1:
            raise WireError(f"samples have shape {self.samples.shape}")


@dataclass(frozen=True)
class PcmEnd(Message):
    """All sound of job ``id`` has been sent."""

    type: ClassVar[str] = "pcm_end"
    id: int


@dataclass(frozen=True)
class Cancel(Message):
    """Stop job ``id``; the answer is ``Cancelled``, or ``Result`` where it was too late."""

    type: ClassVar[str] = "cancel"
    id: int


@dataclass(frozen=True)
class Progress(Message):
    """``fraction`` 0-1 of job ``id``; ``doing`` says what is going on in a few words."""

    type: ClassVar[str] = "progress"
    id: int
    fraction: float
    doing: str


@dataclass(frozen=True)
class Failure(Message):
    """Job ``id`` failed (-1: the process itself). ``sentence`` is for the user, ``report`` for a bug report."""

    type: ClassVar[str] = "failure"
    id: int
    sentence: str
    report: str


@dataclass(frozen=True)
class Cancelled(Message):
    """Job ``id`` ended because it was asked to."""

    type: ClassVar[str] = "cancelled"
    id: int


@dataclass(frozen=True)
class Result(Message):
    """Job ``id`` is done; carries the track. ``notice`` is a sentence for the user, mostly empty.

    ``words``: those that the request said, {text, start, end, confidence}, in seconds of the recording and 0-1; one
    that was not found has 0.
    """

    type: ClassVar[str] = "result"
    id: int
    track: FaceTrack
    notice: str = ""
    words: list[dict[str, Any]] = field(default_factory=list)

    def to_frame(self) -> Frame:
        track = self.track
        header = {
            "type": self.type, "id": self.id, "names": list(track.names), "fps": track.fps, "start": track.start,
            "provenance": asdict(track.provenance), "notice": self.notice,
            "words": self.words,
        }  # fmt: skip
        return Frame(header, {"talk": track.talk, "mood": track.mood, "head": track.head})

    @classmethod
    def from_frame(cls, frame: Frame) -> Self:
        header = frame.header
        try:
            order = [header["names"].index(name) for name in CHANNELS]
            talk, mood = (frame.arrays[layer][:, order] for layer in ("talk", "mood"))
            made_by = Provenance(**header["provenance"])
            track = FaceTrack(talk, mood, float(header["fps"]), float(header["start"]), made_by, frame.arrays["head"])
            words = header.get("words", [])
            if not _fits(words, list[dict[str, Any]]):
                raise ValueError("its words are none")
            return cls(int(header["id"]), track, str(header.get("notice", "")), words)
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError, UserError) as error:
            raise WireError(f"a result is incomplete: {error}") from error


@dataclass(frozen=True)
class Felt(Message):
    """Job ``id`` is done: ``sliders`` (n, 8) 0-1 at ``fps`` from second ``start``, to become keys.

    ``sentences`` are {text, start, end, emotion}: which sentence gave what, in seconds and names to 0-1.
    ``model`` and ``licence_track`` (product or research) are those of who listened and read.
    """

    type: ClassVar[str] = "felt"
    id: int
    fps: float
    start: float
    sentences: list[dict[str, Any]]
    model: str
    licence_track: str
    sliders: Array

    def __post_init__(self) -> None:
        if self.sliders.ndim != 2 or self.sliders.shape[1] != len(EMOTIONS):
            raise WireError(f"felt sliders have shape {self.sliders.shape}")


@dataclass(frozen=True)
class Reads(Message):
    """Job ``id`` is done: the ``shares`` 0-1 of neutral and the emotions, over the whole of a face that was read."""

    type: ClassVar[str] = "reads"
    id: int
    shares: dict[str, float]


Request = Infer | Feel | Read
"""What asks for work, and gets exactly one ``Answer``."""

Answer = Result | Felt | Reads | Failure | Cancelled

TYPES: dict[str, type[Message]] = {
    m.type: m
    for m in (Hello, Infer, Feel, Read, Pcm, PcmEnd, Cancel, Progress, Failure, Cancelled, Result, Felt, Reads)
}


def parse(frame: Frame) -> Message:
    """The message in ``frame``. Raises WireError for one that this version does not know."""
    kind = TYPES.get(frame.header["type"])
    if kind is None:
        raise WireError(f"an unknown message: {frame.header['type']}")
    return kind.from_frame(frame)
