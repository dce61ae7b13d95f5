"""What ``s2f bake`` asks Blender for: the lines of a character, the rig, and the files that become of them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ShotLine:
    """One sound on the character.

    track: a track file or a vertex sequence, made of the recording ``sound``, which is empty for none. fps: the rate of
    a sequence that tells none, 0 where nobody knows. start: the scene frame of its second
    0; None follows the line before, the first begins with the scene. emotion: sliders by name, for the panel.
    """

    track: str
    name: str
    sound: str = ""
    start: int | None = None
    emotion: dict[str, float] = field(default_factory=dict)
    intensity: float = 1.0
    seed: int = 0
    fps: float = 0.0


@dataclass(frozen=True)
class KeyOptions:
    """How lines are written: where keys lie, what reduced curves may miss, and whether the head bone turns."""

    keys: str = "CURVES"
    error: float = 0.005
    head: bool = False


@dataclass(frozen=True)
class Shot:
    """rig: a file or ``demo``. fps 0 keeps the rig's own. append: earlier lines of the character stay.

    out: the .blend file, empty for none. exports: files of other kinds; see ``s2f_blender_addon.export``.
    """

    lines: tuple[ShotLine, ...]
    rig: str
    out: str = ""
    exports: tuple[str, ...] = ()
    fps: float = 0.0
    append: bool = False
    manner: KeyOptions = field(default_factory=KeyOptions)
