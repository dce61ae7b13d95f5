"""Lines that are written elsewhere than before: what the animator has made on their frames goes along."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from bpy.types import ID, Object, PropertyGroup, Scene

from .. import lines
from ..bake import lift
from ..bake.bake import ALL, MOUTH_ONLY
from ..bake.channels import MOUTH
from ..bake.erase import groups_of
from ..bake.frames import frame_rate
from ..bake.moved import Moved
from ..bake.rollback import all_or_nothing
from ..bake.shifted import shifted_along
from ..bake.stretch import Span
from ..core.errors import UserError
from ..emotion.follow import as_if_followed, follow
from ..emotion.home import make_room
from ..rigs import Character, find_character
from ..session.made import Made
from ..words import heard


@dataclass(eq=False)
class Writing:
    """A line that is about to be written. ident: its name in records; span: the scene frames that it will fill;
    everywhere: whether on all of them, whatever the frame range says; region: of the face, where another one than the
    scene says; notes: what there is to say of it.
    """

    made: Made
    scene: Scene
    target: Object
    owner: Object
    ident: str
    span: Span
    everywhere: bool = False
    region: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def line(self) -> PropertyGroup:
        """The line itself, which Blender may keep elsewhere at every moment."""
        return next(line for line in self.owner.s2f_character.lines if line.ident == self.ident)


@contextmanager
def moving(written: Sequence[Writing]) -> Iterator[list[Writing]]:
    """For the block, which writes the lines, their characters feel as if everything had gone along; afterwards it has,
    as far as the lines were written. Where the block raises, all is as it was. Yields lines that are seen from now on
    where others were, and are to be written first.
    """
    moves = {one.ident: move for one in written if (move := _moved(one)) is not None}
    gone = [one for one in written if one.ident in moves]
    with ExitStack() as stack:
        for scene, own in _grouped(gone, lambda one: one.scene):
            owners = [owner for one in own for owner in animated(find_character(one.target))]
            stack.enter_context(all_or_nothing(scene, owners))
            stack.enter_context(heard.followed(scene, [moves[one.ident] for one in own]))
        along = [one for one in gone if not _is_shifted(one, moves[one.ident])]
        for owner, own in _grouped(along, lambda one: one.owner):
            _make_room(own[0].target)
            felt = stack.enter_context(as_if_followed(owner, [moves[one.ident] for one in own]))
            own[0].notes.append(felt.told)
        stack.enter_context(_taken_off(gone))
        for one in gone:
            one.region = whole_region(one)
            lift(find_character(one.target), one.ident)
            one.notes.insert(0, _told(one, moves[one.ident], one in along))
        yield _left_to_others(gone, {one.ident for one in written}, moves)
    for owner, own in _grouped([one for one in along if one.line.baked], lambda one: one.owner):
        follow(owner, [moves[one.ident] for one in own])


@contextmanager
def _taken_off(gone: Sequence[Writing]) -> Iterator[None]:
    """The lines count as not baked until they are written, and as before where the block raises."""
    before = {one.ident: one.line.baked for one in gone}
    for one in gone:
        one.line.baked = False
    try:
        yield
    except BaseException:
        for one in gone:
            one.line.baked = before[one.ident]
        raise


def _left_to_others(gone: Sequence[Writing], names: set[str], moves: Mapping[str, Moved]) -> list[Writing]:
    """The lines beside ``names`` on the frames that those that have ``gone`` have left."""
    found: dict[str, Writing] = {}
    for one in gone:
        move = moves[one.ident]
        for line in lines.laid_open(one.owner, (move.first, move.last), names):
            with suppress(UserError):  # it has no speech of its own to be written from
                made = lines.made_again(one.scene, one.target, line)
                other = Writing(made, one.scene, one.target, one.owner, line.ident, (line.first, line.last), True)
                other.region = whole_region(other)
                found[line.ident] = other
    return list(found.values())


def whole_region(one: Writing) -> str:
    """ALL where the line has keys that the region of the scene leaves out, so that they come along; else ""."""
    region = one.scene.s2f.region
    if region == ALL:
        return ""
    outside = [g for g in groups_of(find_character(one.target), one.ident) if (g in MOUTH) != (region == MOUTH_ONLY)]
    return ALL if outside else ""


def animated(character: Character) -> list[ID]:
    """The data-blocks whose animation a bake may change."""
    owners = [owner for mesh in character.meshes for owner in (mesh.key, mesh.object)]
    rigs = (character.rig, character.bones.armature if character.bones is not None else None)
    return owners + [rig for rig in rigs if rig is not None]


def _make_room(target: Object) -> None:
    character = find_character(target)
    if character.bones is not None:
        make_room(character.bones.armature)


def _moved(one: Writing) -> Moved | None:
    return lines.moved(one.owner, one.line, one.made.to.start, frame_rate(one.scene))


def _is_shifted(one: Writing, move: Moved) -> bool:
    """Whether the animator has moved the keys of the line along by hand."""
    return move.stretched == 1 and shifted_along(find_character(one.target), one.ident, move.frame(0.0))


def _grouped(some: Sequence[Writing], of: Callable[[Writing], ID]) -> Iterator[tuple[ID, list[Writing]]]:
    """Those of each scene or character."""
    found: dict[ID, list[Writing]] = {}
    for one in some:
        found.setdefault(of(one), []).append(one)
    yield from found.items()


def _told(one: Writing, move: Moved, along: bool) -> str:
    """A sentence about what becomes of the line."""
    name = one.line.name
    if move.stretched != 1:
        rates = f"{move.to_rate:g} frames a second, not {move.rate:g}"
        return f"“{name}” has {rates}, so its frames are others."
    begin, by = lines.placed(one.line), move.frame(0.0)
    if not by:
        return ""
    said = f"“{name}” went from frame {begin} to {begin + by:g}."
    return said if along else f"{said} Its keys had been moved there already."
