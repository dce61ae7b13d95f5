"""An hour of speech to a file: bounded memory, and the same mouth as its last minutes alone."""

import json
import subprocess
import sys
from pathlib import Path

from model_server.benchmark.speech import write_speech

_RUN = """
import json, sys
import numpy as np
from pathlib import Path
from model_server.audio.decode import decode
from model_server.benchmark.memory import own_peak
from model_server.engine import Engine
from model_server.talk_model import TalkModel
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.request import Request
sound, engine = decode(Path(sys.argv[1])), Engine(TalkModel.load())
request = Request(emotion={"happy": 0.5, "angry": 0.5}, liveliness=Liveliness(effort=0.0))
track = engine.infer(sound, request)
formats.write(sys.argv[2], track, Mix(smoothing=0.02))
peak = own_peak()
start = 3420
talk = engine.performance(sound, request).talk  # it remembers
last = engine.model.run(sound.samples[16000 * start :], 60.0)
known = slice(60 * 15, -60 * 15)  # phrases at the cut are others
apart = float(np.abs(talk.curves[60 * start :][known] - last.curves[known]).mean())
print(json.dumps({"peak": peak, "apart": apart, "frames": len(track.talk), "moves": float(np.ptp(track.talk))}))
"""


def test_an_hour_takes_less_than_a_gigabyte_to_its_file_and_moves_as_its_last_minutes_do(tmp_path: Path) -> None:
    write_speech(tmp_path / "hour.wav", 3600)
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path / "hour.wav"), str(tmp_path / "hour.csv")],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["frames"] == 3600 * 60 + 1
    assert found["moves"] > 0.3
    assert found["peak"] < 1000
    assert found["apart"] < 2e-3
