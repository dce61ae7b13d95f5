"""The landmarks that a mesh object carries: stored with it, shown as empties, read from a file."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from bpy.types import Collection, Object

from ..core import plain_file
from ..core.errors import UserError
from ..demo_head.curves import Floats
from .landmarks import NAMES, other_side

if TYPE_CHECKING:
    from mathutils import Vector

MARK = "s2f_landmark"
"""Custom property of an empty: the name of the landmark that it shows."""

Places = dict[str, tuple[float, float, float]]
"""Names to places in the world."""


def places_of(face: Object) -> Places:
    """The landmarks of ``face``, in the world; where an empty shows one, the empty's place."""
    stored = {item.name: face.matrix_world @ item.co for item in face.s2f_landmarks.items if item.name in NAMES}
    shown = {empty[MARK]: empty.matrix_world.translation for empty in empties(face)}
    both = stored | shown
    return {name: tuple(both[name]) for name in NAMES if name in both}


def empties(face: Object) -> list[Object]:
    """The empties that show the landmarks of ``face``."""
    return [child for child in face.children if child.get(MARK) in NAMES]


def store(face: Object, places: Mapping[str, tuple[float, float, float]], seen: bool) -> None:
    """Keep ``places`` in the world with ``face``; those that it has and that are not named stay. Empties follow."""
    items, back = face.s2f_landmarks.items, face.matrix_world.inverted()
    for name, place in places.items():
        item = items.get(name) or items.add()
        item.name, item.co, item.seen = name, back @ _vector(place), seen
    for empty in empties(face):
        if empty[MARK] in places:
            empty.matrix_world.translation = _vector(places[empty[MARK]])


def forget(face: Object) -> None:
    """Drop all landmarks of ``face``, and their empties."""
    hide(face, keep=False)
    face.s2f_landmarks.items.clear()


def show(face: Object, collection: Collection) -> None:
    """Make an empty of every stored landmark, in ``collection``, to be moved by hand."""
    import bpy

    there = {empty[MARK] for empty in empties(face)}
    places = places_of(face)
    size = _extent(face) * 0.012
    for name, place in places.items():
        if name in there:
            continue
        empty = bpy.data.objects.new(f"Landmark {name}", None)
        empty[MARK] = name
        empty.empty_display_type, empty.empty_display_size, empty.show_in_front = "SPHERE", size, True
        collection.objects.link(empty)
        empty.parent = face
        empty.matrix_parent_inverse = face.matrix_world.inverted()
        empty.location = place


def hide(face: Object, keep: bool = True) -> None:
    """Remove the empties; where they stand is stored if ``keep``."""
    import bpy

    found = empties(face)
    if keep and found:
        moved = {empty[MARK]: tuple(empty.matrix_world.translation) for empty in found}
        store(face, moved, seen=True)
    for empty in found:
        bpy.data.objects.remove(empty)


def snapped(face: Object, place: tuple[float, float, float]) -> tuple[float, float, float]:
    """The point of the surface of ``face`` nearest to ``place``, both in the world."""
    found, at, _, _ = face.closest_point_on_mesh(face.matrix_world.inverted() @ _vector(place))
    return tuple(face.matrix_world @ at) if found else place


def mirrored(face: Object, name: str, place: tuple[float, float, float]) -> tuple[str, tuple[float, float, float]]:
    """The landmark of the other side, on the surface, and in the middle a landmark that belongs there itself."""
    at = face.matrix_world.inverted() @ _vector(place)
    twin = other_side(name)
    at.x = 0.0 if twin == name else -at.x
    return twin, snapped(face, tuple(face.matrix_world @ at))


def read(path: str, face_points: Floats) -> Places:
    """Landmarks of a JSON file: each name with a place in the world, or with the number of a vertex of the face.

    face_points (V, 3): the vertices of the face in the world. Raises UserError that names the file.
    """
    name = Path(path).name
    try:
        document = json.loads(plain_file.text(path))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is no JSON file; it holds names of landmarks with places, see the README.") from error
    if not isinstance(document, dict) or not document:
        raise UserError(f"{name} holds no landmarks; it needs an object like {{\"nose_tip\": [x, y, z], …}}.")
    return {str(key): _place(name, str(key), value, face_points) for key, value in document.items()}


def _place(file: str, name: str, value: Any, points: Floats) -> tuple[float, float, float]:
    if name not in NAMES:
        raise UserError(f"{file}: there is no landmark {name}; the names are {', '.join(NAMES)}.")
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < len(points):
            raise UserError(f"{file}: {name} is vertex {value}, but the face has {len(points)} vertices.")
        x, y, z = points[value]
        return float(x), float(y), float(z)
    try:
        x, y, z = (float(number) for number in value)
    except (TypeError, ValueError) as error:
        raise UserError(f"{file}: {name} has to be three numbers or the number of a vertex.") from error
    if not np.isfinite((x, y, z)).all():
        raise UserError(f"{file}: {name} has to be three finite numbers.")
    return x, y, z


def _vector(place: Iterable[float]) -> "Vector":
    from mathutils import Vector

    return Vector(tuple(place))


def _extent(face: Object) -> float:
    world = [face.matrix_world @ _vector(corner) for corner in face.bound_box]
    return float(min(np.ptp(np.array([tuple(corner) for corner in world]), axis=0)[:2]))
