"""Options that several commands have, declared once, and the request that they make; its record knows the limits."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from s2f_blender_addon.core import codec, style
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import PARTS, Liveliness
from s2f_blender_addon.core.request import MOST_TAKES, Ear, Hearing, Request, Side

from . import former

AUTO = "auto"
"""``--emotion auto``: from the recording itself."""


def request_of(
    emotion: str, seed: int, strengths: str, fps: float, own: Sequence[CustomEmotion] = (), hear: Hearing | None = None
) -> Request:
    """What the options of a command ask for; ``hear`` is how an emotion that is AUTO is heard.

    Raises UserError that names the option.
    """
    alive = liveliness_of(strengths)
    if emotion == AUTO:
        return Request(seed=seed, fps=fps, liveliness=alive, custom_emotions=tuple(own), hear=hear or Hearing())
    sliders = _numbers("--emotion", emotion, (*EMOTIONS, *(one.name for one in own)))
    try:
        return Request(emotion=sliders, seed=seed, fps=fps, liveliness=alive, custom_emotions=tuple(own))
    except UserError as error:
        raise UserError(f"--emotion {emotion}: {error}") from error


def side_of(text: str) -> Side:
    """``--contempt-side``. Raises UserError."""
    for side in get_args(Side):
        if text.strip().lower() == side:
            return cast(Side, side)
    raise UserError(f"--contempt-side {text}: choose from {', '.join(get_args(Side))}.")


def ear_of(text: str) -> Ear:
    """``--ear``. Raises UserError."""
    for ear in get_args(Ear):
        if text.strip().lower() == ear:
            return cast(Ear, ear)
    raise UserError(f"--ear {text}: choose from {', '.join(get_args(Ear))}.")


def liveliness_of(text: str) -> Liveliness:
    """``blinks=0.5,gaze=2`` as strengths. Raises UserError for a name or a value that does not exist."""
    strengths = _numbers("--life", text, PARTS, codec.formerly(Liveliness))
    for word, now in codec.outdated(Liveliness, strengths):
        former.tell(word, now)
    try:
        return codec.load(Liveliness, strengths, strict=True)
    except (UserError, codec.Misfit) as error:
        raise UserError(f"--life {text}: {error}") from error


def _numbers(option: str, text: str, names: Collection[str], former_names: Collection[str] = ()) -> dict[str, float]:
    """``happy=0.8,sad=0.1`` as a dict. Raises UserError for a name that is none of ``names``, and for no number."""
    found: dict[str, float] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (part.strip() for part in item.partition("="))
        if name not in names and name not in former_names:
            raise UserError(f"{option} {item}: choose from {', '.join(names)}.")
        try:
            found[name] = float(value)
        except ValueError as error:
            raise UserError(f"{option} {item}: write a number, for example {name}=0.8.") from error
    return found


_RATES = codec.limits(Request, "fps")
Fps = Annotated[float, typer.Option(help="Frames a second.", min=_RATES.least, max=_RATES.most)]
SceneFps = Annotated[
    float | None, typer.Option(help="Scene rate.", show_default="the rig's", min=_RATES.least, max=_RATES.most)
]
Emotion = Annotated[
    str,
    typer.Option(
        help=f"Sliders 0-1, for example happy=0.8,sad=0.1, or {AUTO}: from the voice.", show_default="neutral"
    ),
]
ContemptSide = Annotated[str, typer.Option(metavar="left|right", help="Where contempt shows.")]
Intensity = Annotated[float, typer.Option(help="Scales the emotion.", min=0.0, max=2.0)]
_SEEDS = codec.limits(Request, "seed")
Seed = Annotated[
    int,
    typer.Option(
        help="Decides blinks and gaze; same seed, same track.", min=int(_SEEDS.least), max=int(_SEEDS.most)
    ),
]
Life = Annotated[
    str,
    typer.Option(
        metavar="NAME=0-2,…",
        help=f"Strengths of {', '.join(PARTS)}, for example blinks=0.5,gaze=0.",
        show_default="all 1",
    ),
]
Transcript = Annotated[
    str,
    typer.Option(
        metavar="TEXT|FILE|DIR/",
        help=f"What is said (text, subtitles, timed words), for the lips; with --emotion {AUTO} for the mood, too.",
        show_default=False,
    ),
]
Language = Annotated[
    str, typer.Option(help="Of the transcript: en, or whatever an installed espeak-ng speaks (de, fr, …).")
]
EarOption = Annotated[
    str,
    typer.Option(
        "--ear",
        metavar="|".join(get_args(Ear)),
        help="What is listened to: all, one channel, the louder one, or of all the nearest voice, without who is 12 dB "
        "softer.",
    ),
]
Model = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="A weights file, or a checkpoint of EmoTalk's family (.pth).",
        show_default="the bundled model",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        help="cpu, cuda, cpu-half (by OpenVINO, where it is installed), or auto: the CPU for one command, the card for "
        "a server."
    ),
]
Level = Annotated[
    int | None,
    typer.Option(
        help="Of a checkpoint of others: EmoTalk 0 weak, 1 strong; EmoTalk_v0002 the emotion, 0 neutral … 7 surprised.",
        show_default="its calmest",
        min=0,
    ),
]
Person = Annotated[int, typer.Option(help="Of a checkpoint of others: whose way to speak.", min=0)]
Identity = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Of a model of s2f train fusion: whose mouth; s2f info lists them.",
        show_default="the mixture that the file says",
    ),
]
OwnClosures = Annotated[
    bool,
    typer.Option(
        "--closures/--no-closures", help="Of a checkpoint of others: whether lips meet where p, b and m are heard."
    ),
]
PublishedSmoothing = Annotated[
    bool, typer.Option(
        "--published-smoothing",
        help="Of a checkpoint of others: the filter of its authors (Savitzky-Golay, 5 frames).",
    ),
]
PublishedBlinks = Annotated[
    bool, typer.Option("--published-blinks", help="Of a checkpoint of others: EmoTalk's blinks in place of ours."),
]
Takes = Annotated[
    int, typer.Option(help="Several performances of each recording, to choose from.", min=1, max=MOST_TAKES)
]
Style = Annotated[
    Path | None, typer.Option(metavar="FILE.json", help="An actor's way to speak: a file of s2f train style.")
]


def read_style(path: Path | None) -> style.Style | None:
    """The style in the file that an option names, if it names one. Raises UserError that names it."""
    return style.read_file(path) if path is not None else None
