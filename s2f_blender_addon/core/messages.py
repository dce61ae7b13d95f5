"""What Blender and the model process say to each other, as dataclasses over ``wire.Frame``.

Blender -> model: one of ``WithSound``, then for sound that Blender decoded any number of ``Pcm`` and one ``PcmEnd``;
``Read``, ``Describe``, ``Mood``; ``Cancel``.
Model -> Blender: ``Hello`` once, then ``Progress`` … and exactly one ``Answer`` per job.
Closing the model's stdin asks it to leave.
"""

from dataclasses import asdict, dataclass, field
from typing import Annotated, ClassVar, Self

import numpy as np

from . import codec
from .channels import CHANNELS, EMOTIONS
from .codec import OwnFile
from .drive import Drive
from .errors import UserError
from .request import Rate, Request
from .script import SpokenWord
from .speaker_turns import Turn
from .subtitles import Cue
from .track import AnyArray, Array, FaceTrack, Provenance
from .vocal_events import VocalEvent
from .wire import Frame, WireError

PROTOCOL = 3


@dataclass(frozen=True)
class Message:
    """A record (see ``codec``) as a frame: the header holds its plain fields, the frame's arrays the others."""

    type: ClassVar[str]

    def to_frame(self) -> Frame:
        arrays: codec.Arrays = {}
        return Frame({"type": self.type, **codec.dump(self, arrays)}, arrays)

    @classmethod
    def from_frame(cls, frame: Frame) -> Self:
        """Raises WireError when a field is of another type, or is missing and has no default, and UserError for a
        request that makes no sense.
        """
        try:
            return codec.load(cls, frame.header, frame.arrays)
        except codec.Misfit as misfit:
            raise WireError(f"a {cls.type} message: {misfit}") from misfit


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
    languages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Infer(Message):
    """A face is wanted. Where ``request.audio`` is empty, Pcm messages follow. The answer is ``Result``.

    It carries the mood at intensity 1, so none is sent.
    """

    type: ClassVar[str] = "infer"
    id: int
    request: Request


@dataclass(frozen=True)
class Feel(Message):
    """What does a recording feel like? Sound comes as with ``Infer``; ``request.hear`` says how to hear it.

    The answer is ``Felt``.
    """

    type: ClassVar[str] = "feel"
    id: int
    request: Request


@dataclass(frozen=True)
class Diarize(Message):
    """Who speaks when in a recording? Sound comes as with ``Infer``. The answer is ``Diarized``."""

    type: ClassVar[str] = "diarize"
    id: int
    request: Request


@dataclass(frozen=True)
class Know(Message):
    """How does this speaker ordinarily sound? Sound comes as with ``Infer``. The answer is ``Known``.

    acted: the recording is acted, so what sounds most neutral in it counts; else all of it is ordinary speech.
    """

    type: ClassVar[str] = "know"
    id: int
    request: Request
    acted: bool = False


@dataclass(frozen=True)
class Transcribe(Message):
    """What is said in a recording? Sound comes as with ``Infer``; ``recogniser`` is a model of the user's.

    The answer is ``Transcribed``.
    """

    type: ClassVar[str] = "transcribe"
    id: int
    request: Request
    recogniser: Annotated[str, OwnFile()]


@dataclass(frozen=True)
class Read(Message):
    """What does a face show? ``values`` (T, 52) 0-1 at ``fps``, of any making. The answer is ``Reads``."""

    type: ClassVar[str] = "read"
    id: int
    fps: Rate
    values: Array

    def __post_init__(self) -> None:
        codec.check(self)
        if self.values.ndim != 2 or self.values.shape[1] != len(CHANNELS) or not len(self.values):
            raise WireError(f"a face to read has shape {self.values.shape}")


@dataclass(frozen=True)
class Describe(Message):
    """What is the model file or checkpoint ``model``, and what can one choose of it? The answer is ``Described``."""

    type: ClassVar[str] = "describe"
    id: int
    model: Annotated[str, OwnFile()]


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
class FeltSentence:
    """What a sentence gave: emotions by name, 0-1; start and end are seconds of the recording.

    ``known``: whether the text model knows its words; where not, they have no say.
    """

    text: str
    start: float
    end: float
    emotion: dict[str, float]
    known: bool = True


_DRIVE = ("values", "accents", "phrases")
"""The arrays of a ``Drive``."""


def _columns(layer: AnyArray, order: list[int]) -> AnyArray:
    """``layer`` (T, N) with its columns in ``order``: itself where they stand so, for an hour of them is not small."""
    return layer if order == list(range(layer.shape[1])) else np.take(layer, order, axis=1)


@dataclass(frozen=True)
class Result(Message):
    """Job ``id`` is done; carries the track. ``notice`` is a sentence for the user, mostly empty.

    ``words``: those that the request said, in seconds of the recording; ``sentences``: what they gave to an emotion
    that was heard. ``drive``: what another mood needs (see ``Mood``), without frames where that cannot be told.
    """

    type: ClassVar[str] = "result"
    id: int
    track: FaceTrack
    notice: str = ""
    words: tuple[SpokenWord, ...] = ()
    sentences: tuple[FeltSentence, ...] = ()
    drive: Drive = field(default_factory=Drive)

    def to_frame(self) -> Frame:
        track = self.track
        header = {
            "type": self.type, "id": self.id, "names": list(track.names), "fps": track.fps, "start": track.start,
            "provenance": asdict(track.provenance), "notice": self.notice,
            "words": [codec.dump(word) for word in self.words],
            "sentences": [codec.dump(sentence) for sentence in self.sentences],
        }  # fmt: skip
        layers = {"talk": track.talk, "mood": track.mood, "head": track.head}
        if len(self.drive):
            header["drive_seed"] = self.drive.seed
            layers |= {f"drive_{name}": getattr(self.drive, name) for name in _DRIVE}
        return Frame(header, layers | ({"flame": track.flame} if len(track.flame) else {}))

    @classmethod
    def from_frame(cls, frame: Frame) -> Self:
        header = frame.header
        try:
            order = [header["names"].index(name) for name in CHANNELS]
            talk, mood = (_columns(frame.arrays[layer], order) for layer in ("talk", "mood"))
            made_by = Provenance(**header["provenance"])
            more = {layer: frame.arrays[layer] for layer in ("flame",) if layer in frame.arrays}
            fps, start = float(header["fps"]), float(header["start"])
            track = FaceTrack(talk, mood, fps, start, made_by, frame.arrays["head"], **more)
            words = tuple(codec.load(SpokenWord, word) for word in header.get("words", []))
            sentences = tuple(codec.load(FeltSentence, sentence) for sentence in header.get("sentences", []))
            drive = Drive()
            if "drive_seed" in header:
                values, accents, phrases = (frame.arrays[f"drive_{name}"] for name in _DRIVE)
                drive = Drive(values, accents, phrases, int(header["drive_seed"]))
            return cls(int(header["id"]), track, str(header.get("notice", "")), words, sentences, drive)
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError, UserError) as error:
            raise WireError(f"a result is incomplete: {error}") from error


@dataclass(frozen=True)
class Felt(Message):
    """Job ``id`` is done: ``sliders`` (n, E) 0-1 at ``fps`` from second ``start``, to become keys.

    ``model`` and ``licence_track`` (product or research) are those of who listened and read. ``events``: laughs,
    sighs, gasps and sobs, in seconds of the recording. ``notes``: sentences that the user should know.
    """

    type: ClassVar[str] = "felt"
    id: int
    fps: float
    start: float
    sentences: tuple[FeltSentence, ...]
    model: str
    licence_track: str
    sliders: Array
    events: tuple[VocalEvent, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.sliders.ndim != 2 or self.sliders.shape[1] != len(EMOTIONS):
            raise WireError(f"felt sliders have shape {self.sliders.shape}")


@dataclass(frozen=True)
class Diarized(Message):
    """Job ``id`` is done: the ``turns`` of whoever speaks, none where one voice is heard.

    ``by``: how they were told apart, ``channels`` or ``voices``; empty where they were not.
    """

    type: ClassVar[str] = "diarized"
    id: int
    turns: tuple[Turn, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class Known(Message):
    """Job ``id`` is done: a voice reference for ``Hearing.references``; ``seconds`` of speech that it was made of."""

    type: ClassVar[str] = "known"
    id: int
    reference: str
    seconds: float


@dataclass(frozen=True)
class Transcribed(Message):
    """Job ``id`` is done: what is said, in pieces with times; ``language`` is its code."""

    type: ClassVar[str] = "transcribed"
    id: int
    cues: tuple[Cue, ...] = ()
    language: str = ""


@dataclass(frozen=True)
class Reads(Message):
    """Job ``id`` is done: the ``shares`` 0-1 of neutral and the emotions, over the whole of a face that was read.

    over_time: (n, len(shares)) in the same order, of stretches whose middles are ``every`` seconds apart from second
    ``first`` of the face on.
    """

    type: ClassVar[str] = "reads"
    id: int
    shares: dict[str, float]
    first: float = 0.0
    every: float = 1.0
    over_time: Array = field(default_factory=lambda: np.zeros((0, 0), np.float32), compare=False)

    def __post_init__(self) -> None:
        shape = self.over_time.shape
        if len(shape) != 2 or (shape[0] and shape[1] != len(self.shares)) or not self.every > 0:
            raise WireError(f"what a face reads as over time has shape {shape}")


@dataclass(frozen=True)
class Described(Message):
    """Job ``id`` is done. ``title`` names the model; ``licence_track`` is product or research.

    ``levels`` and ``persons`` are what their numbers mean in a network of others, ``emotions`` whether its levels are
    emotions that sliders mix; ``identities`` are those of a model of ours. ``slow``: it takes about as long as the
    recording lasts where it runs now.
    """

    type: ClassVar[str] = "described"
    id: int
    title: str
    licence_track: str
    licence: str
    levels: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    emotions: bool = False
    slow: bool = False


@dataclass(frozen=True)
class Mood(Message):
    """Another mood for a speech that is known: the sliders of ``request`` at its fps from its start, over ``talk``
    (T, 52) and ``head`` (T, 3). values, accents, phrases, seed: its ``Drive``. The answer is ``Result``.
    """

    type: ClassVar[str] = "mood"
    id: int
    request: Request
    talk: Array
    head: Array
    values: Array
    accents: Array
    phrases: Array
    seed: int = 0

    @property
    def drive(self) -> Drive:
        """What the mood needs of the voice."""
        return Drive(self.values, self.accents, self.phrases, self.seed)


Soundless = Read | Describe | Mood
"""What asks for something without a recording."""

WithSound = Infer | Feel | Diarize | Know | Transcribe
"""What asks about a recording, which is ``request.audio`` or follows."""

Ask = WithSound | Soundless
"""What wants work, and gets exactly one ``Answer``."""

Answer = Result | Felt | Diarized | Known | Transcribed | Reads | Described | Failure | Cancelled

TYPES: dict[str, type[Message]] = {
    m.type: m
    for m in (
        Hello, Infer, Feel, Diarize, Know, Transcribe, Read, Describe, Mood, Pcm, PcmEnd, Cancel, Progress, Failure,
        Cancelled, Result, Felt, Diarized, Known, Transcribed, Reads, Described,
    )
}


def parse(frame: Frame) -> Message:
    """The message in ``frame``. Raises WireError for one that this version does not know."""
    kind = TYPES.get(frame.header["type"])
    if kind is None:
        raise WireError(f"an unknown message: {frame.header['type']}")
    return kind.from_frame(frame)
