"""The options that decide how a recording is spoken, which ``infer`` and ``bake`` have alike."""

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.request import Hearing, Request

from .options import (
    ContemptSide,
    Device,
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
    Transcript,
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
        return replace(request, contempt_side=side_of(self.contempt_side), acting=acting, style=read_style(self.style))


def with_speech(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with the fields of Speech as options in place of its argument ``speech``."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        speech = Speech(**{field.name: given.pop(field.name) for field in fields(Speech)})
        command(speech=speech, **given)

    hints = get_type_hints(Speech, include_extras=True)
    keyword = inspect.Parameter.KEYWORD_ONLY
    options = [inspect.Parameter(f.name, keyword, default=f.default, annotation=hints[f.name]) for f in fields(Speech)]
    signature = inspect.signature(command)
    given = list(signature.parameters.values())
    at = next(i for i, parameter in enumerate(given) if parameter.name == "speech")
    listed = [one.replace(kind=keyword) for one in given[:at]] + options + given[at + 1 :]
    run.__signature__ = signature.replace(parameters=listed)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in listed}
    return run
