"""How lively a face is: settings of the scene that the model process gets with the sound."""

import warnings

import bpy
from bpy.props import FloatProperty
from bpy.types import Context, PropertyGroup

from .. import session
from ..core import codec
from ..core.liveliness import PARTS, STRONGEST, Liveliness

FORMER = {
    f"life_{word}": f"liveliness_{codec.formerly(Liveliness).get(word, word)}"
    for word in (*PARTS, *codec.formerly(Liveliness))
}
"""The settings by what the version before called them: scripts and files that say so are still understood."""


def liveliness_properties() -> dict[str, object]:
    """Annotations of scene.s2f."""
    sliders = {
        f"liveliness_{name}": FloatProperty(
            name=part.title, description=f"{part.about}; 0 is none", min=0.0, max=STRONGEST, default=1.0
        )
        for name, part in PARTS.items()
    }
    former = {
        word: FloatProperty(
            name=word, description=f"What {now} was called", min=0.0, max=STRONGEST, default=1.0, options={"HIDDEN"},
            update=_set_by_former_word(word, now),
        )
        for word, now in FORMER.items()
    }  # fmt: skip
    return sliders | former


def liveliness(settings: PropertyGroup) -> Liveliness:
    """What the sliders say."""
    return Liveliness(**{name: round(float(getattr(settings, f"liveliness_{name}")), 4) for name in PARTS})


def _set_by_former_word(word: str, now: str) -> object:
    def update(settings: PropertyGroup, _: Context) -> None:
        warnings.warn(codec.renamed(f"scene.s2f.{word}", f"scene.s2f.{now}"), FutureWarning, stacklevel=2)
        setattr(settings, now, getattr(settings, word))

    return update


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def adopt_former_words(*_: object) -> None:
    """After loading: strengths that a file of the version before holds go where they are looked for now."""
    adopted = False
    for scene in bpy.data.scenes:
        for word in FORMER if scene.is_editable else ():
            if scene.s2f.is_property_set(word):
                setattr(scene.s2f, FORMER[word], getattr(scene.s2f, word))
                scene.s2f.property_unset(word)
                adopted = True
    if adopted:
        session.current.shown.tell("This file names Liveliness as an older version does; save it for the next one.")
