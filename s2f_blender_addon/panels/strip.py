"""The strip in timeline and sequencer: what the sliders feel in colours, the words below, what the face looks like."""

from collections.abc import Sequence

import blf
import bpy
import gpu
import numpy as np
from bpy.types import Object, Region, Space
from gpu_extras.batch import batch_for_shader

from .. import session
from ..emotion import strip
from ..emotion.colours import Colour, colour_of
from ..emotion.heard import HeardEvent
from ..emotion.sliders import owner_of
from ..emotion.told import sounds_of
from ..operators.read_face import seen_of
from ..operators.readiness import target_of
from ..session import strip_view
from ..session.shown import Looks
from ..session.strip_view import PixelSpan
from .bars import Bars, KeptBars, pixel

_ROWS = {"felt": 20.0, "sounds": 16.0, "words": 16.0, "looks": 16.0}
_GAP, _TEXT, _RULER, _SCROLLER, _MARKERS = 2.0, 11.0, 24.0, 18.0, 42.0
"""Heights of rows, of what is between two of them, of letters, of what the editors draw above and below; unscaled."""
_FAINTEST = 0.25
_INK: Colour = (1.0, 1.0, 1.0)
_handles: list[tuple[type[Space], object]] = []


class _Cache:
    """The shot as it was read last: keys are compared, which costs microseconds, before curves are evaluated."""

    def __init__(self) -> None:
        self._known: object = None
        self._shot = strip.EMPTY

    def shot(self, owner: Object) -> strip.ShotEmotion:
        found = strip.animated(owner)
        now = strip.signature(owner, found)
        if now != self._known:
            self._shot, self._known = strip.shot(found), now
        return self._shot


_cache = _Cache()
_bars = KeptBars()


def draw_strip() -> None:
    """Called by Blender for every drawing of a timeline or sequencer."""
    context = bpy.context
    region, scene = context.region, context.scene
    owner = owner_of(target_of(context)) if scene is not None and scene.s2f.show_strip else None
    if owner is None:
        strip_view.draw_at(region, {})
        return
    looks, shot, sounds = looks_of(owner), _cache.shot(owner), sounds_of(owner)
    scale = context.preferences.system.ui_scale
    wanted = {
        "felt": len(shot.frames), "sounds": len(sounds), "words": len(owner.s2f_character.sentences),
        "looks": len(looks),
    }  # fmt: skip
    marked = bool(scene.timeline_markers) and context.space_data.show_markers
    below = _MARKERS if marked else _SCROLLER
    rows = rows_in(region.height / scale, [name for name, there in wanted.items() if there], below)
    gpu.state.blend_set("ALPHA")
    for name, (bottom, height) in rows.items():
        low, tall = bottom * scale, height * scale
        if name == "felt":
            _draw_felt(region, shot, low, tall, scale)
            _caption("Feels", low, tall, scale)
        elif name == "sounds":
            _draw_sounds(region, sounds, low, tall, scale)
            _caption("Heard", low, tall, scale)
        elif name == "words":
            _draw_words(region, owner, low, scale)
        else:
            for number, one in enumerate(looks):
                _draw_looks(region, one, number, low, tall)
            _caption("Looks", low, tall, scale)
    gpu.state.blend_set("NONE")
    drawn = {name: PixelSpan(low * scale, (low + tall) * scale) for name, (low, tall) in rows.items()}
    strip_view.draw_at(region, drawn)


def rows_in(height: float, wanted: Sequence[str], below: float = _SCROLLER) -> dict[str, tuple[float, float]]:
    """Bottom and height of each row of ``wanted``, the most important first, that fits into an editor of ``height``
    unscaled pixels between its ruler and what is ``below``, scroll bar or markers; in a low one the first covers that
    rather than nothing.
    """
    room = max(height - _RULER - below, _ROWS["felt"])
    shown: list[str] = []
    for name in wanted:
        if sum(_ROWS[other] for other in (*shown, name)) > room:
            break
        shown.append(name)
    low = max(0.0, min(below, height - _RULER - sum(_ROWS[name] for name in shown)))
    found = {}
    for name in reversed(shown):
        found[name] = (low, _ROWS[name] - _GAP)
        low += _ROWS[name]
    return found


def looks_of(owner: Object) -> list[Looks]:
    """What the face of ``owner`` was read as: the whole of it, else line by line."""
    shown = session.current.shown
    whole = shown.looks(seen_of(owner))
    if whole is not None:
        return [whole]
    return [one for line in owner.s2f_character.lines if (one := shown.looks(line.ident)) is not None]


def _draw_felt(region: Region, shot: strip.ShotEmotion, bottom: float, height: float, scale: float) -> None:
    """A colour for the strongest slider of each frame, the stronger the higher and the more solid."""
    _bars.draw(region, "felt", bottom, height, shot, lambda: _felt(shot))
    for one in shot.stretches:
        left, right = pixel(region, one.first), pixel(region, one.last)
        room = right - left - 6 * scale
        if room < 2 * _TEXT * scale or right < 0 or left > region.width:
            continue
        name = bpy.app.translations.pgettext_iface(one.name.capitalize())
        text = next((text for text in (f"{name} {one.strength:.0%}", name) if _width(text, scale) <= room), "")
        _label(text, left + 3 * scale, right, bottom + 4 * scale, scale)


def _felt(shot: strip.ShotEmotion) -> Bars:
    strongest, strength = shot.values.argmax(1), shot.values.max(1)
    colours = np.array([colour_of(name) for name in shot.names])[strongest]
    seen = np.where(strength > 0.02, _FAINTEST + (1 - _FAINTEST) * strength, 0)
    edges = np.append(shot.frames, shot.frames[-1] + 1)
    return Bars(edges, 0.3 + 0.7 * np.clip(strength, 0, 1), colours, seen)


def _draw_sounds(region: Region, sounds: Sequence[HeardEvent], bottom: float, height: float, scale: float) -> None:
    """A bar with its name for each laugh, sigh, gasp and sob; one that the face does not act is faint."""
    for one in sounds:
        left, right = pixel(region, one.first), pixel(region, one.last)
        _plate(left, right, bottom, height, (*one.colour, 0.95 if one.acted else _FAINTEST))
        text = bpy.app.translations.pgettext_iface(one.kind.capitalize())
        _label(text, left + 3 * scale, max(right, left + _width(text, scale) + 6 * scale), bottom + 3 * scale, scale)


def _draw_looks(region: Region, looks: Looks, number: int, bottom: float, height: float) -> None:
    if len(looks.shares):
        _bars.draw(region, f"looks {number}", bottom, height, looks, lambda: _looks(looks))


def _looks(looks: Looks) -> Bars:
    colours = np.array([colour_of(name) for name in looks.names])[looks.shares.argmax(1)]
    middles = looks.first + looks.every * np.arange(len(looks.shares) + 1)
    return Bars(middles - looks.every / 2, np.ones(len(colours)), colours, looks.shares.max(1))


def _draw_words(region: Region, owner: Object, bottom: float, scale: float) -> None:
    """Every sentence from where it is said to where the next one begins."""
    said = sorted(((one.frame, one.text) for one in owner.s2f_character.sentences), key=lambda pair: pair[0])
    for k, (frame, text) in enumerate(said):
        stop = pixel(region, said[k + 1][0]) - 6 * scale if k + 1 < len(said) else float(region.width)
        _label(text, pixel(region, frame), stop, bottom + 4 * scale, scale)


def _label(text: str, left: float, right: float, bottom: float, scale: float) -> None:
    """``text`` from ``left`` on, cut at ``right``, readable on any colour; nothing where less than a letter fits."""
    if right - left < 2 * _TEXT * scale:
        return
    blf.size(0, _TEXT * scale)
    blf.color(0, *_INK, 1.0)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 5, 0.0, 0.0, 0.0, 1.0)
    blf.shadow_offset(0, 0, 0)
    blf.enable(0, blf.CLIPPING)
    blf.clipping(0, left, bottom - 6 * scale, right, bottom + 2 * _TEXT * scale)
    blf.position(0, left, bottom, 0)
    blf.draw(0, text)
    blf.disable(0, blf.CLIPPING)
    blf.disable(0, blf.SHADOW)


def _width(text: str, scale: float) -> float:
    blf.size(0, _TEXT * scale)
    return float(blf.dimensions(0, text)[0])


def _caption(text: str, bottom: float, height: float, scale: float) -> None:
    """What a row is, at the left edge of the editor, over whatever colour is there."""
    text = bpy.app.translations.pgettext_iface(text)
    _plate(0.0, _width(text, scale) + 8 * scale, bottom, height, (0.1, 0.1, 0.1, 0.7))
    blf.color(0, *_INK, 0.8)
    blf.position(0, 4 * scale, bottom + (height - 0.7 * _TEXT * scale) / 2, 0)
    blf.draw(0, text)


def _plate(left: float, right: float, bottom: float, height: float, colour: tuple[float, float, float, float]) -> None:
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    corners = [(left, bottom), (right, bottom), (right, bottom + height), (left, bottom + height)]
    shader.uniform_float("color", colour)
    batch_for_shader(shader, "TRIS", {"pos": corners}, indices=[(0, 1, 2), (0, 2, 3)]).draw(shader)


def add_strip() -> None:
    """Have Blender draw it."""
    if bpy.app.background:
        return
    for space in (bpy.types.SpaceDopeSheetEditor, bpy.types.SpaceSequenceEditor):
        _handles.append((space, space.draw_handler_add(draw_strip, (), "WINDOW", "POST_PIXEL")))


def remove_strip() -> None:
    """Undo ``add_strip``."""
    for space, handle in _handles:
        space.draw_handler_remove(handle, "WINDOW")
    _handles.clear()
