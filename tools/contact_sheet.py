"""Draws ``docs/emotions.png``: the demo head saying one vowel in all eight emotions at three intensities.

.venv/bin/python tools/contact_sheet.py      (the Python with bpy that the README's second command sets up)
"""

import tempfile
from pathlib import Path

import bpy
import matplotlib
import numpy as np
import numpy.typing as npt
from PIL import Image  # comes with matplotlib

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.demo_head import build
from s2f_blender_addon.demo_head.stage import stage

ROOT = Path(__file__).resolve().parents[1]
INTENSITIES = (0.5, 1.0, 1.5)
WIDTH, HEIGHT = 190, 220
SAMPLES = 24


def poses() -> dict[str, list[npt.NDArray[np.float32]]]:
    """For every emotion its (52,) values at each intensity, at the widest vowel of the sample without a blink."""
    engine, sound = Engine(TalkModel.load()), decode(SAMPLE)
    neutral = mixed(engine.infer(sound, Request()), Mix())
    awake = neutral[:, INDEX["eyeBlinkLeft"]] < 0.1
    frame = int(np.argmax(neutral[:, INDEX["jawOpen"]] * awake))
    found = {}
    for name in EMOTIONS:
        track = engine.infer(sound, Request(emotion={name: 1.0}))
        found[name] = [mixed(track, Mix(intensity=k))[frame] for k in INTENSITIES]
    return found


def set_up() -> bpy.types.Scene:
    """An empty file with the demo head, close enough for its face to fill the picture."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    build()
    stage(scene)
    scene.camera.data.lens *= 1.55
    scene.camera.data.shift_y = -0.04
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = SAMPLES, True
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.resolution_percentage = 100
    return scene


def picture(scene: bpy.types.Scene, values: npt.NDArray[np.float32], path: Path) -> Path:
    """The head with ``values`` on all its keys, rendered to ``path``."""
    for mesh in bpy.data.meshes:
        for key in mesh.shape_keys.key_blocks if mesh.shape_keys else ():
            if key.name in INDEX:
                key.value = float(values[CHANNELS.index(key.name)])
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return path


def main() -> None:
    """Render all tiles and put them on one sheet."""
    matplotlib.use("agg")
    from matplotlib import pyplot

    scene = set_up()
    figure, axes = pyplot.subplots(
        len(INTENSITIES), len(EMOTIONS), figsize=(len(EMOTIONS) * 1.3, len(INTENSITIES) * 1.5), layout="constrained"
    )
    with tempfile.TemporaryDirectory() as folder:
        for column, (name, rows) in enumerate(poses().items()):
            for row, values in enumerate(rows):
                axis = axes[row, column]
                axis.imshow(pyplot.imread(picture(scene, values, Path(folder) / "tile.png")))
                axis.set(xticks=[], yticks=[])
                axis.spines[:].set_visible(False)
                if not row:
                    axis.set_title(name, fontsize=9)
                if not column:
                    axis.set_ylabel(f"intensity {INTENSITIES[row]:g}", fontsize=8)
    out = ROOT / "docs" / "emotions.png"
    figure.savefig(out, dpi=120)
    Image.open(out).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(out, optimize=True)
    print(f"{out.relative_to(ROOT)}: {out.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
