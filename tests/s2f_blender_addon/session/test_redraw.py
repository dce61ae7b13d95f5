"""While something runs, Blender's windows are drawn anew for news alone."""

import time
from itertools import pairwise
from pathlib import Path


def test_what_has_not_changed_is_not_drawn_again(blender, addon, face, load, monkeypatch):
    settings, session, drawn = blender.context.scene.s2f, load("session"), list[tuple[object, ...]]()
    settings.target = face()
    settings.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    monkeypatch.setattr(load("window"), "redraw", lambda: drawn.append(session._told()))
    blender.ops.s2f.bake()
    ticks, limit = 1, time.monotonic() + 90
    while session._tick() is not None:
        assert time.monotonic() < limit
        ticks += 1
        time.sleep(0.005)
    work = [told[0] for told in drawn]
    assert len(drawn) < ticks / 2 and any(work), "something is said meanwhile"
    assert all(one != other for one, other in pairwise(drawn[:-1]))
    assert work[-1] is None and drawn[-1][1].baked is not None, "the last drawing shows what came of it"
