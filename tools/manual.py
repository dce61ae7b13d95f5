"""Takes the manual's pictures (``docs/manual``) in the window of a real Blender, with the zip as a user installs it.

blender --python tools/manual.py -- dist/s2f_blender_addon-VERSION.zip docs/manual [FLOW…]

Every flow below is a page of the manual; it presses what the page says and yields the name of a picture when there is
something to see. Blender closes by itself at the end, with status 1 if a flow failed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import traceback
import wave
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

ZIP, PAGES, *CHOSEN = sys.argv[sys.argv.index("--") + 1 :]
ADDON = "bl_ext.user_default.s2f_blender_addon"
WIDTH = 1200
SETTLE = 1.5
"""Seconds that Blender gets to draw before a picture is taken."""


def first_minute() -> Iterator[str]:
    """Install, add the demo head, choose a sound, bake, play."""
    yield "installed"
    bpy.ops.s2f.add_demo_head("INVOKE_DEFAULT")
    bpy.ops.s2f.choose_sound(filepath=str(sample()))
    yield "chosen"
    bpy.ops.s2f.bake()
    yield from frame("baked", 25)


def emotion() -> Iterator[str]:
    """Sliders act at once."""
    yield from spoken()
    settings().emotion_happy = 0.9
    yield from frame("happy", 160)
    settings().emotion_happy, settings().emotion_angry = 0.0, 0.9
    yield from frame("angry", 160)


def lines() -> Iterator[str]:
    """A second line on the same character, with a mood of its own."""
    unfold("lines")
    yield from spoken()
    bpy.context.scene.frame_set(bpy.context.scene.frame_end + 12)
    bpy.ops.s2f.line_add()
    bpy.ops.s2f.choose_sound(filepath=str(sample()))
    settings().emotion_sad = 0.7
    bpy.ops.s2f.bake()
    yield from frame("lines", 330)


def takes() -> Iterator[str]:
    """Three performances of one line."""
    bpy.ops.s2f.add_demo_head("INVOKE_DEFAULT")
    bpy.ops.s2f.choose_sound(filepath=str(sample()))
    settings().takes = 3
    bpy.ops.s2f.bake()
    yield from frame("takes", 60)


def felt() -> Iterator[str]:
    """What the voice was heard to feel, over the timeline."""
    yield from spoken(words_line=SAID)
    timeline_grows()
    yield ""
    bpy.ops.s2f.feel("EXEC_DEFAULT")
    yield from frame("felt", 60)


def character() -> Iterator[str]:
    """What the panel says of a character."""
    bpy.ops.s2f.add_demo_head("INVOKE_DEFAULT")
    yield "character"


def bare() -> Iterator[str]:
    """A head that has no keys, its landmarks, and the keys that are made."""
    bpy.ops.s2f.add_demo_head("INVOKE_DEFAULT")
    for mesh in (settings().target, *settings().target.children):
        if mesh.type == "MESH" and mesh.data.shape_keys is not None:
            mesh.shape_key_clear()
    settings().target = None
    bpy.ops.s2f.propose_landmarks()
    yield "landmarks"
    bpy.ops.s2f.add_keys("INVOKE_DEFAULT")
    yield ""
    for key in ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "browInnerUp"):
        bpy.context.active_object.data.shape_keys.key_blocks[key].value = 0.6
    yield "keys"


def words() -> Iterator[str]:
    """The words of the line as markers, one of which is dragged."""
    unfold("words")
    yield from spoken(words_line=SAID)
    bpy.ops.s2f.words_mark()
    timeline_grows()
    yield ""
    first = min(bpy.context.scene.timeline_markers, key=lambda marker: marker.frame)
    first.frame += 6
    bpy.ops.s2f.words_realign()
    yield from frame("words", 40)


def eyes() -> Iterator[str]:
    """A blink by hand, and a look at an object that is keyed."""
    unfold("liveliness")
    yield from spoken()
    bpy.context.scene.frame_set(100)
    bpy.ops.s2f.blink_add()
    owner = speaker(settings().target)
    corners = [settings().target.matrix_world @ Vector(corner) for corner in settings().target.bound_box]
    middle = sum(corners, Vector()) / len(corners)
    bpy.ops.object.empty_add(type="SPHERE", radius=0.03, location=middle + Vector((-0.13, -0.3, 0.03)))
    owner.s2f_character.gaze_mode, owner.s2f_character.gaze_at = "OBJECT", bpy.context.active_object
    for at, amount in ((1, 0.0), (40, 0.0), (50, 1.0), (110, 1.0), (120, 0.0)):
        owner.s2f_character.gaze_amount = amount
        owner.keyframe_insert("s2f_character.gaze_amount", frame=at)
    bpy.ops.s2f.bake()
    yield from frame("eyes", 80)


def cast() -> Iterator[str]:
    """Strips of the sequencer, each for a character, and one recording in which two speak."""
    unfold("lines", "cast")
    with tempfile.TemporaryDirectory() as folder:
        two = dialogue(Path(folder))
        bpy.ops.s2f.add_demo_head("INVOKE_DEFAULT")
        bpy.ops.s2f.add_demo_head("INVOKE_DEFAULT")
        heads = [thing for thing in bpy.context.scene.objects if thing.name.startswith("Demo face")]
        bpy.ops.s2f.choose_sound(filepath=str(two))
        bpy.ops.s2f.find_speakers()
        yield ""
        for voice, head in zip(settings().voices, heads, strict=True):
            voice.speaker = head
        bpy.ops.s2f.voices_to_lines()
        bpy.ops.s2f.bake_all()
        for thing in bpy.context.scene.objects:
            thing.select_set(thing in heads)
        bpy.ops.view3d.view_selected()
        yield from frame("cast", 30)


def edits() -> Iterator[str]:
    """Keys that were moved stay over a second bake, which says so."""
    unfold("lines")
    yield from spoken()
    keys = settings().target.data.shape_keys
    for at in (40, 46, 52):
        keys.key_blocks["jawOpen"].value = 0.8
        keys.key_blocks["jawOpen"].keyframe_insert("value", frame=at)
    settings().emotion_happy = 0.6
    bpy.ops.s2f.bake()
    yield from frame("edits", 46)


FLOWS = (first_minute, emotion, lines, takes, felt, character, bare, words, eyes, cast, edits)
SAID = "Hello! My name is Poppy. Give me a voice, and I move my lips. Oh, wow! What a beautiful morning for a film."


def settings() -> bpy.types.PropertyGroup:
    return bpy.context.scene.s2f


def sample() -> Path:
    return Path(sys.modules[ADDON].__file__).parent / "model_server/sample/hello.wav"


def speaker(target: bpy.types.Object) -> bpy.types.Object:
    """The object of the character ``target`` that has its lines and sliders."""
    owner: bpy.types.Object = sys.modules[f"{ADDON}.s2f_blender_addon.emotion.sliders"].owner_of(target)
    return owner


def dialogue(folder: Path) -> Path:
    """The sample on the left, then on the right: one recording of two people."""
    with wave.open(str(sample())) as heard:
        rate, mono = heard.getframerate(), np.frombuffer(heard.readframes(heard.getnframes()), np.int16)
    both = np.zeros((2 * len(mono), 2), np.int16)
    both[: len(mono), 0] = both[len(mono) :, 1] = mono
    path = folder / "dialogue.wav"
    with wave.open(str(path), "wb") as said:
        said.setnchannels(2)
        said.setsampwidth(2)
        said.setframerate(rate)
        said.writeframes(both.tobytes())
    return path


class Folded:
    """A layout whose foldable parts are open or closed at first as the manual wants it."""

    def __init__(self, layout: bpy.types.UILayout, is_open: bool) -> None:
        self.layout, self.is_open = layout, is_open

    def __getattr__(self, name: str) -> Any:
        return getattr(self.layout, name)

    def panel(self, name: str, **_: bool) -> Any:
        return self.layout.panel(f"{name}_{self.is_open}", default_closed=not self.is_open)


PARTS = {"lines": "main", "words": "main", "emotion": "main", "liveliness": "main", "cast": "lines"}
"""Foldable parts of the panel, and which file of ``panels`` draws each."""


def unfold(*parts: str) -> None:
    """Have the panel draw these ``PARTS`` open and the others closed; none is all as they are in a new file."""
    panels = f"{ADDON}.s2f_blender_addon.panels"
    for part, place in PARTS.items():
        drawing, draw = sys.modules[f"{panels}.{place}"], getattr(sys.modules[f"{panels}.{part}"], f"draw_{part}")
        setattr(drawing, draw.__name__, partial(folded, draw, part in parts) if parts else draw)


def folded(draw: Callable[..., None], is_open: bool, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    draw(Folded(layout, is_open), context)


def timeline_grows() -> None:
    """Room for markers and the strip of emotions below the view."""
    low = next(area for area in bpy.context.window.screen.areas if area.ui_type == "TIMELINE")
    bpy.ops.screen.area_split(direction="HORIZONTAL", factor=0.2)
    area = min((area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D"), key=lambda area: area.y)
    area.ui_type = "TIMELINE"
    with bpy.context.temp_override(area=low):
        bpy.ops.screen.area_close()


def spoken(**said: str) -> Iterator[str]:
    """The demo head says the sample; no picture."""
    bpy.ops.s2f.add_demo_head("INVOKE_DEFAULT")
    bpy.ops.s2f.choose_sound(filepath=str(sample()))
    for name, value in said.items():
        setattr(settings(), name, value)
    bpy.ops.s2f.bake()
    yield ""


def frame(name: str, number: int) -> Iterator[str]:
    """A picture of frame ``number``, once all that runs has ended."""
    yield ""
    bpy.context.scene.frame_set(number)
    yield name


def busy() -> bool:
    inside = f"{ADDON}.s2f_blender_addon"
    making = sys.modules[f"{inside}.operators.add_keys"].running is not None
    return making or bool(sys.modules[f"{inside}.session"].current.jobs.busy)


def pressed(flow: Iterator[str]) -> Iterator[str]:
    """The steps of ``flow`` as they are when a button of the view's sidebar is pressed."""
    while True:
        area = view()
        region = next(region for region in area.regions if region.type == "WINDOW")
        with bpy.context.temp_override(window=bpy.context.window, area=area, region=region):
            name = next(flow, None)
        if name is None:
            return
        yield name


def view() -> bpy.types.Area:
    return next(area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D")


def open_tab() -> None:
    region = next(region for region in view().regions if region.type == "UI")
    region.active_panel_category = "Speech2Face"


def picture(name: str) -> None:
    """The whole window, made narrower, as ``name``.webp."""
    with tempfile.TemporaryDirectory() as folder:
        full = os.path.join(folder, "full.png")
        if shutil.which("import"):  # ImageMagick sees a virtual screen, too, of which Blender's own picture is black
            subprocess.run(["import", "-window", "root", full], check=True)
        else:
            bpy.ops.screen.screenshot(filepath=full)
        image = bpy.data.images.load(full)
        _ = image.pixels[0]  # a file is read when it is needed, which scaling alone does not count as
        image.scale(WIDTH, round(image.size[1] * WIDTH / image.size[0]))
        image.file_format = "WEBP"
        image.save(filepath=os.path.join(os.path.abspath(PAGES), f"{name}.webp"), quality=80)
        bpy.data.images.remove(image)


def film() -> Iterator[float]:
    """Every flow; yields seconds to wait."""
    bpy.context.preferences.view.show_splash = False
    bpy.ops.extensions.package_install_files(
        filepath=os.path.abspath(ZIP), repo="user_default", enable_on_install=True, overwrite=True
    )
    os.makedirs(PAGES, exist_ok=True)
    for flow in (flow for flow in FLOWS if not CHOSEN or flow.__name__ in CHOSEN):
        bpy.ops.wm.read_homefile()
        unfold()
        yield SETTLE
        view().spaces.active.show_region_ui = True
        yield SETTLE
        open_tab()
        for name in pressed(flow()):
            yield SETTLE
            while busy():
                yield 0.2
            if name:
                open_tab()
                yield SETTLE
                picture(name)
                print(f"{flow.__name__}: {name}", flush=True)


def step(reel: Iterator[float]) -> float | None:
    try:
        return next(reel)
    except StopIteration:
        status = 0
    except Exception:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    os._exit(status)


reel = film()
bpy.app.timers.register(lambda: step(reel), first_interval=1.0, persistent=True)
