"""The options that decide how a recording is spoken: what ``infer`` and ``bake`` have alike, and what ``infer`` and
``batch`` do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.custom_emotion import CustomEmotion, read_file
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Hearing, Request

from .options import (
    AUTO,
    ContemptSide,
    Device,
    EarOption,
    Emotion,
    Identity,
    Intensity,
    Language,
    Level,
    Life,
    Model,
    OwnClosures,
    Person,
    PublishedBlinks,
    PublishedSmoothing,
    Seed,
    Style,
    Takes,
    Transcript,
    ear_of,
    read_style,
    request_of,
    side_of,
)


@dataclass(frozen=True)
class Speech:
    """What they were given; each field is an option of the command."""

    emotion: Emotion = ""
    contempt_side: ContemptSide = "left"
    intensity: Intensity = 1.0
    transcript: Transcript = ""
    language: Language = "en"
    ear: EarOption = "all"
    seed: Seed = 0
    life: Life = ""
    model: Model = ""
    level: Level = None
    person: Person = 0
    identity: Identity = ""
    closures: OwnClosures = True
    published_smoothing: PublishedSmoothing = False
    published_blinks: PublishedBlinks = False
    style: Style = None
    device: Device = "auto"

    def request(self, fps: float, own: Sequence[CustomEmotion] = (), hear: Hearing | None = None) -> Request:
        """What they ask for, words aside; see ``options.request_of``. Raises UserError that names the option."""
        acting = Acting(
            self.level, self.person, self.identity, self.closures, "theirs" if self.published_smoothing else "ours",
            "theirs" if self.published_blinks else "ours",
        )  # fmt: skip
        request = request_of(self.emotion, self.seed, self.life, fps, own, hear)
        return replace(
            request, contempt_side=side_of(self.contempt_side), ear=ear_of(self.ear), acting=acting,
            style=read_style(self.style),
        )  # fmt: skip


@dataclass(frozen=True)
class PerformanceOptions(Speech):
    """What decides every take of a recording; each field is an option of ``infer`` and a column of a manifest."""

    emotion_track: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sliders over time: a CSV of time and emotions.")
    ] = None
    custom_emotion: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="An emotion of your own that Blender exported, to name in --emotion."),
    ] = None
    voice_model: Annotated[
        str,
        typer.Option(
            metavar="FILE|FOLDER/",
            help=f"Hears the emotion for --emotion {AUTO}: a file of s2f train emotion-voice or an emotion2vec folder.",
            show_default="the bundled model",
        ),
    ] = ""
    text_model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FOLDER/",
            help="Reads the words: a transformers text classifier.",
            show_default="the bundled model of words",
        ),
    ] = ""
    fusion_model: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Fuses voice and words: a file of s2f train emotion-fusion.",
            show_default="shares by weight and confidence",
        ),
    ] = ""
    takes: Takes = 1
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Ordinary speech of the same person at the same gain, or a folder of it: judges effort and emotion.",
            show_default="the recording itself",
        ),
    ] = None

    def asked(self, fps: float) -> Request:
        """What a recording is asked for, its words, its sliders over time and its reference aside.

        Raises UserError that names the option.
        """
        own = [read_file(path) for path in self.custom_emotion or ()]
        if own and (self.emotion in ("", AUTO) or self.emotion_track is not None):
            raise UserError(f"--custom-emotion: name it in --emotion, for example --emotion {own[0].name}=0.8.")
        if self.emotion and self.emotion_track is not None:
            raise UserError("--emotion and --emotion-track exclude each other; leave one out.")
        hear = Hearing(voice_model=self.voice_model, text_model=self.text_model, fusion_model=self.fusion_model)
        return self.request(fps, own, hear)


@dataclass(frozen=True)
class Sampling:
    """What ProbTalk3D and LSF-Animation are told besides; each field is an option of ``motion`` and of ``batch``."""

    hubert: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="HuBERT-base, where a checkpoint of ProbTalk3D or LSF brings none.",
            show_default=False,
        ),
    ] = None
    emotion2vec: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="emotion2vec_base, for LSF, where its checkpoint brings none.", show_default=False
        ),
    ] = None
    shape: Annotated[
        Path | None,
        typer.Option(metavar="FILE.npy", help="For LSF: FLAME's 300 of the face.", show_default="the mean face"),
    ] = None
    temperature: Annotated[
        float,
        typer.Option(
            help="How freely samples of ProbTalk3D and LSF are drawn; 0 is always the likeliest.", min=0, max=100
        ),
    ] = 0.2
