"""What was made and can be written any number of times. Blender objects are remembered by identity and name."""

from dataclasses import dataclass, replace

import bpy
from bpy.types import ID, Object, Scene

from ..core.drive import Drive
from ..core.errors import UserError
from ..core.licence import Maker, signed
from ..core.messages import Felt
from ..core.script import SpokenWord
from ..core.track import FaceTrack

_KEPT = 8


@dataclass(frozen=True)
class Destination:
    """Where a track goes: names of scene and target, the frame of second 0, the recording for the sequencer or ''.

    felt_by: who filled the sliders' keys, where a model did. line: the line that it is of, empty where the start and
    the sound decide. identities: those of scene and target, which stay when they are renamed; names alone count where
    they are 0. shift: frames after the start frame at which second 0 is heard, less than one as a rule. asked: the line
    that was chosen when it was asked for, empty where there was none, None where it is written at once; settings: what
    scene.s2f said then.
    """

    scene: str
    target: str
    start_frame: int
    sound: str
    name: str
    felt_by: Maker | None = None
    line: str = ""
    identities: tuple[int, int] = (0, 0)
    shift: float = 0.0
    asked: str | None = None
    settings: str = ""

    @property
    def start(self) -> float:
        """The frame, whole or not, of second 0."""
        return self.start_frame + self.shift

    def find(self) -> tuple[Scene, Object]:
        """(scene, target), whatever they are called by now. Raises UserError where one is no longer there."""
        scene = _identified(bpy.data.scenes, self.scene, self.identities[0])
        target = _identified(bpy.data.objects, self.target, self.identities[1])
        if scene is None:
            raise UserError(f"The scene {self.scene} is no longer there; open the one that is meant and bake.")
        if target is None:
            raise UserError(f"{self.target} is no longer there; choose a character and press Bake again.")
        return scene, target

    def signed(self, track: FaceTrack) -> FaceTrack:
        """``track`` with a model of the research track in its provenance, where one heard its emotion."""
        return replace(track, provenance=signed(track.provenance, [self.felt_by] if self.felt_by else []))


def _identified(blocks: "bpy.types.bpy_prop_collection", name: str, identity: int) -> ID | None:
    """The data-block with this session identity, which undo and renaming leave as it is; by name where that is 0."""
    if not identity:
        return blocks.get(name)
    return next((block for block in blocks if block.session_uid == identity), None)


@dataclass(frozen=True)
class Made:
    """A track that can be mixed and written any number of times.

    words: that were heard in it; notice: what the user should know of how it was made, mostly nothing. takes: the
    performances of the line, of which it is one; None where those that the line keeps stay. drives: of each take, what
    another mood needs.
    """

    track: FaceTrack
    to: Destination
    words: tuple[SpokenWord, ...] = ()
    notice: str = ""
    takes: tuple[FaceTrack, ...] | None = ()
    drives: tuple[Drive, ...] = ()


@dataclass(frozen=True)
class Feeling:
    """What a recording felt like, for the scene and the character of these names, second 0 being at ``start_frame``.

    line: whose emotion it is. replace: whether keys that the animator has set give way. own: whether an action that
    moves somebody else, too, is copied first.
    """

    felt: Felt
    scene: str
    target: str
    start_frame: float
    line: str = ""
    replace: bool = False
    own: bool = True


class Memory:
    """Owns the last tracks, and what the last recording felt like."""

    def __init__(self) -> None:
        self._made: dict[int, Made] = {}
        self._feeling: Feeling | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no track to write."""
        return not self._made

    @property
    def feeling(self) -> Feeling | None:
        """What the last recording felt like, where one was asked for that."""
        return self._feeling

    def keep(self, made: Made, together: int = 1) -> int:
        """Keep ``made`` for the redo panel; returns the number under which ``recall`` finds it.

        ``together``: how many are written in one step, and have to be kept together.
        """
        token = max(self._made, default=0) + 1
        self._made[token] = made
        for old in sorted(self._made)[: -max(_KEPT, together)]:
            del self._made[old]
        return token

    def recall(self, token: int = 0) -> Made:
        """What was kept under ``token``; 0 is the newest. Raises UserError when it is gone."""
        made = self._made.get(token or max(self._made, default=0))
        if made is None:
            raise UserError("There is no speech in memory to write; press Bake or import a track.")
        return made

    def keep_feeling(self, feeling: Feeling) -> None:
        """In place of the last one."""
        self._feeling = feeling
