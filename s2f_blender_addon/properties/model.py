"""Which model speaks: ours, or a file of the user's, and how that acts."""

import json
from functools import lru_cache

from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import PropertyGroup

from ..core.acting import Acting
from ..core.json_object import JsonObject

Item = tuple[str, str, str]

NOTHING: JsonObject = {"levels": [], "persons": [], "identities": []}
"""What is known of a model that nothing can be chosen of."""


@lru_cache(maxsize=16)
def _facts(text: str) -> JsonObject:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return NOTHING
    return {**NOTHING, **found} if isinstance(found, dict) else NOTHING


def facts(settings: PropertyGroup) -> JsonObject:
    """What the model process said of the model file; see ``messages.Described``."""
    return _facts(settings.model_facts)


@lru_cache(maxsize=64)  # Blender does not keep the texts of items, so we do
def _numbered(names: tuple[str, ...]) -> list[Item]:
    shown = (name[:1].upper() + name[1:] for name in names)
    return [(str(number), name, f"Number {number} of the network") for number, name in enumerate(shown)]


@lru_cache(maxsize=64)
def _named(names: tuple[str, ...]) -> list[Item]:
    mixture = ("MIX", "As the File Says", "The mixture of mouths that the model file was saved with")
    return [mixture, *((name, name, f"Speak with the mouth of {name} alone") for name in names)]


_NONE: list[Item] = [("0", "None", "The model has nothing to choose from")]


def _levels(settings: PropertyGroup, _: object) -> list[Item]:
    return _numbered(tuple(facts(settings)["levels"])) or _NONE


def _persons(settings: PropertyGroup, _: object) -> list[Item]:
    return _numbered(tuple(facts(settings)["persons"])) or _NONE


def _identities(settings: PropertyGroup, _: object) -> list[Item]:
    return _named(tuple(facts(settings)["identities"]))


def model_properties() -> dict[str, object]:
    """Annotations of scene.s2f."""
    return {
        "model_path": StringProperty(
            name="Model File", description="A checkpoint of EmoTalk's family or a model of s2f train; empty is ours"
        ),
        "model_facts": StringProperty(description="What the model process said of the model file, as JSON"),
        "model_level": EnumProperty(
            name="Level", description="What the network calls level: how strong, or which emotion it starts from",
            items=_levels,
        ),
        "model_person": EnumProperty(
            name="Person", description="Whose way to speak, of those that the network has seen", items=_persons
        ),
        "model_identity": EnumProperty(
            name="Identity", description="Whose mouth, of those that the model has seen", items=_identities
        ),
        "model_closures": BoolProperty(
            name="Our Lip Closures", default=True,
            description="Lips meet where our ear hears p, b and m; off: only where the network closes them",
        ),
        "model_smoothing": BoolProperty(
            name="Smooth as Published",
            description="The Savitzky-Golay filter of the network's authors; off: only the smoothing that you set",
        ),
        "model_blinks": BoolProperty(
            name="Blinks as Published",
            description="The blinks that the network's authors paste in; off: ours, which follow the speech",
        ),
    }  # fmt: skip


def acting(settings: PropertyGroup) -> Acting:
    """How the settings say that their model acts."""
    if not settings.model_path:
        return Acting()
    found = facts(settings)
    if not found["levels"]:
        identity = settings.model_identity if found["identities"] else "MIX"
        return Acting(identity="" if identity == "MIX" else identity)
    return Acting(
        int(settings.model_level or 0), int(settings.model_person or 0), "", settings.model_closures,
        "theirs" if settings.model_smoothing else "ours", "theirs" if settings.model_blinks else "ours",
    )  # fmt: skip
