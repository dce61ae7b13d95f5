"""Blender lives on while threads of Python compute: ours, another add-on's."""

import threading
import time
from pathlib import Path


def test_faces_are_written_while_another_thread_computes(addon, load, blender, face):
    """Blender up to 5.0 died here when the operator was called below a context override."""
    settings = blender.context.scene.s2f
    settings.target = face(["jawOpen", "mouthClose", "mouthFunnel", "eyeBlinkLeft"])
    settings.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    blender.ops.s2f.bake("EXEC_DEFAULT")
    while not addon.poll():
        pass
    over = threading.Event()

    def compute():
        while not over.is_set():
            sum(range(20))
            time.sleep(0)  # lets the lock of Python go, and takes it again

    others = [threading.Thread(target=compute) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(100):
            load("session").carry_out(blender.ops.s2f.apply)
    finally:
        over.set()
        for other in others:
            other.join()
    assert load("session").current.shown.outcome.error == ""
