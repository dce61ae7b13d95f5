"""The sound of the scene's settings: which it is, and hearing it ahead of Bake, which then finds it heard."""

import contextlib
from pathlib import Path

from bpy.types import PropertyGroup, Scene

from .. import session, workplace
from ..core.acting import USUAL
from ..core.errors import UserError
from ..core.messages import Infer
from ..core.request import Request
from ..core.speaker_turns import from_text
from ..packed_sound import unpacked
from ..properties.liveliness import liveliness
from ..properties.model import acting
from ..properties.style import style_of
from ..user_path import absolute, answers, is_far, kind_of
from ..words.script import said


def sound_path(settings: PropertyGroup) -> str:
    """The absolute path of the recording, or of a copy where it is packed in the .blend alone.

    Raises UserError when there is no such file.
    """
    path = absolute(settings.audio_path)
    kind = kind_of(path)
    if kind != "file":
        if copy := unpacked(path):
            return copy
        is_what = "is a folder" if kind else "does not exist"
        raise UserError(f"The sound {path} {is_what}; choose a sound file.")
    return path


def neutral_request(settings: PropertyGroup) -> Request:
    """What ``settings`` ask for, whoever speaks and whatever is felt. Raises UserError when the sound is not there."""
    path = sound_path(settings)
    return Request(
        path, seed=settings.seed, start=settings.sound_start, end=settings.sound_end, words=said(settings),
        ear=settings.ear, turns=from_text(settings.turns),
        language=settings.words_language, liveliness=liveliness(settings), name=Path(path).name,
        model=settings.model_path if workplace.is_here() else "",
        acting=acting(settings) if workplace.is_here() else USUAL, style=style_of(settings),
    )  # fmt: skip


def topic(request: Request) -> str:
    """Equal for requests that hear the same: a mood on top of it costs nearly nothing."""
    heard = request.audio, request.start, request.end, request.seed, request.liveliness, request.words, request.language
    style = hash(request.style.key) if request.style is not None else 0
    return repr((*heard, request.ear, request.turns, request.model, request.acting, style))


def listen(scene: Scene) -> None:
    """Begin to hear the sound that was just chosen, on this computer only: nothing leaves it before Bake is pressed.

    Where that is impossible, Bake will say why.
    """
    if not workplace.is_here() or session.current.jobs.busy:
        return
    with contextlib.suppress(UserError):
        needed = [absolute(scene.s2f.audio_path)]
        if scene.s2f.words_from == "FILE" and scene.s2f.words_file:
            needed.append(absolute(scene.s2f.words_file))
        if any(is_far(path) or not answers(path) for path in needed):
            return
        request = neutral_request(scene.s2f)
        session.current.link.ready()
        session.aside(Infer(0, request), lambda _: None, topic(request))
