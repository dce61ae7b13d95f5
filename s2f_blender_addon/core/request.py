"""What panel, terminal, HTTP and pipe ask of the model: one record, however it travels."""

import math
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Annotated, Literal

import numpy as np

from . import codec
from .acting import USUAL, Acting
from .channels import EMOTIONS
from .codec import Formerly, Names, OwnFile, Within
from .custom_emotion import CustomEmotion
from .errors import UserError
from .liveliness import HUMAN, Liveliness
from .script import ENGLISH, Script
from .speaker_turns import Turn
from .style import Style
from .subtitles import Cue
from .track import Array
from .vocal_events import VocalEvent

Side = Literal["left", "right"]
Ear = Literal["all", "left", "right", "louder", "nearest"]
Slider = Annotated[float, Within(0.0, 1.0, "An emotion slider")]
Seconds = Annotated[float, Within(0.0, math.inf, "A time in seconds")]
Rate = Annotated[float, Within(1.0, 1000.0, "The number of frames a second")]
MOST_TAKES = 32
Share = Annotated[float, Within(0.0, 1.0, "The weight of a source of emotion")]


@dataclass(frozen=True)
class Hearing:
    """How the emotion is heard where nobody sets it: ``voice`` and ``words`` are shares of those of the two that speak.

    amount scales what is heard. contrast: 1 leaves the shares, more favours the strongest, 0 evens them out. smoothing:
    seconds. most: how many emotions show at once. The models are paths; empty is what ships. references: how the
    speaker ordinarily sounds, as ``Known`` tells it (JSON); none compares with the average of many people. Raises
    UserError for values out of range.
    """

    voice: Share = 0.5
    words: Share = 0.5
    contrast: Annotated[float, Within(0.0, 4.0, "Contrast")] = 1.0
    smoothing: Annotated[float, Within(0.0, 60.0, "Smoothing in seconds")] = 0.25
    most: Annotated[int, Within(1, len(EMOTIONS), "The number of emotions at once")] = 3
    amount: Annotated[float, Within(0.0, 2.0, "The amount of emotion")] = 1.0
    voice_model: Annotated[str, OwnFile()] = ""
    text_model: Annotated[str, OwnFile()] = ""
    fusion_model: Annotated[str, OwnFile()] = ""
    references: Annotated[tuple[str, ...], Within(0, 1000, "The number of voice references")] = ()

    def __post_init__(self) -> None:
        codec.check(self)


@dataclass(frozen=True)
class Request:
    """audio: path of the recording, empty where its sound is sent; name: what sentences call it. start, end: the
    stretch that is meant, seconds of the recording; ``end`` 0 is its end. ear: which channels are heard; ``louder`` is
    the loudest one, ``nearest`` all of them without voices far softer than the line. turns: when the speaker speaks, in
    seconds of the recording; what else is heard there is somebody else's and moves nothing; none at all means that all
    of it is the speaker's. seed decides blinks and glances. take:
    which of several performances of the same line; 0 is the plain one.

    words, language: what is said, where it is known, times in seconds of the recording; the lips then follow it.
    emotion: sliders by name, of EMOTIONS or of ``custom_emotions``. emotion_track: (n, E + custom) sliders at ``fps``
    from ``start`` in their place; the last row holds. hear: where it is given, the sliders are heard in voice and words
    instead. events: laughs, sighs, gasps and sobs that the face acts, seconds of the recording. contempt_side: where
    contempt shows. liveliness: strengths of what else moves. ordinary_db: the level of the speaker's ordinary speech
    below full scale, against which effort is judged; 0 is that of the stretch itself. model: a model file or a
    checkpoint of others to speak with in place of what the model process has, and acting how. style: whose way to speak
    is put on it. Raises UserError for what makes no sense.
    """

    audio: Annotated[str, OwnFile()] = ""
    emotion: Annotated[dict[str, Slider], Names(EMOTIONS)] = field(default_factory=dict)
    seed: Annotated[int, Within(0, 2**32 - 1, "A seed")] = 0
    fps: Rate = 60.0
    start: Seconds = 0.0
    end: Seconds = 0.0
    words: Annotated[tuple[Cue, ...], Within(0, 20_000, "The number of subtitles"), Formerly("said")] = ()
    language: Annotated[str, Within(0, 20, "The length of a language's code")] = ENGLISH
    emotion_track: Annotated[Array, Formerly("keyed")] = field(
        default_factory=lambda: np.zeros((0, len(EMOTIONS)), np.float32), compare=False
    )
    custom_emotions: Annotated[tuple[CustomEmotion, ...], Formerly("own")] = ()
    contempt_side: Annotated[Side, Formerly("side")] = "left"
    liveliness: Annotated[Liveliness, Formerly("life")] = HUMAN
    ordinary_db: Annotated[float, Within(-120.0, 0.0, "The level of ordinary speech in dB")] = 0.0
    hear: Hearing | None = None
    events: Annotated[tuple[VocalEvent, ...], Within(0, 20_000, "The number of events")] = ()
    ear: Ear = "all"
    turns: Annotated[tuple[Turn, ...], Within(0, 20_000, "The number of turns")] = ()
    name: Annotated[str, Within(0, 255, "The length of a name")] = ""
    take: Annotated[int, Within(0, MOST_TAKES - 1, "The number of a take")] = 0
    model: Annotated[str, OwnFile()] = ""
    acting: Acting = USUAL
    style: Style | None = None

    def __post_init__(self) -> None:
        codec.check(self)
        names = self.emotions
        doubled = next((name for name in names if names.count(name) > 1), None)
        if doubled is not None:
            raise UserError(f"There are two emotions with the name {doubled!r}; give one of them another name.")
        unknown = sorted(set(self.emotion) - set(names))
        if unknown:
            raise UserError(f"There is no emotion {unknown[0]!r}; choose from {', '.join(names)}.")
        track = self.emotion_track
        rows = track if track.shape != (0,) else np.zeros((0, len(names)), np.float32)  # JSON's []
        if rows.ndim != 2 or (len(rows) and rows.shape[1] != len(names)):
            raise UserError(f"Emotion over time (emotion_track) needs {len(names)} sliders a frame, not {track.shape}.")
        if not ((track >= 0) & (track <= 1)).all():
            raise UserError("An emotion slider goes from 0 to 1; one of those over time does not.")

    @property
    def title(self) -> str:
        """What sentences call the recording."""
        return self.name or PurePath(self.audio).name[:255] or "The recording"

    @property
    def emotions(self) -> tuple[str, ...]:
        """The names of the sliders in the order of their columns: the emotions, then the user's own."""
        return (*EMOTIONS, *(one.name for one in self.custom_emotions))

    @property
    def script(self) -> Script:
        """What the speaker says in the stretch that is meant, in seconds from ``start``."""
        cues = tuple(cue for cue in self.words if cue.text.strip() and self._is_own(cue))
        return Script(cues, self.language or ENGLISH).between(self.start, self.end)

    def _is_own(self, cue: Cue) -> bool:
        """Whether ``cue`` falls to the speaker's turns; one without times may."""
        middle = (cue.start + cue.end) / 2
        return not self.turns or not cue.end or any(turn.start <= middle <= turn.end for turn in self.turns)

    def sliders(self, count: int) -> Array:
        """(count, len(emotions)) 0-1, one row a frame."""
        track = self.emotion_track
        if len(track):
            return np.ascontiguousarray(track[np.minimum(np.arange(count), len(track) - 1)], np.float32)
        row = np.array([self.emotion.get(name, 0.0) for name in self.emotions], np.float32)
        return np.repeat(row[None], count, axis=0)
