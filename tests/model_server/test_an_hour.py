"""An hour of speech: bounded memory, and the same curves as without chunks."""

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
from model_server.speech.talk import TalkModel
model = TalkModel.load()
sound = decode(Path(sys.argv[1]))
track = Engine(model).infer(sound, {"happy": 0.5, "angry": 0.5})
peak = own_peak()
talk = model.run(sound.samples, 60.0)
whole = model.run(sound.samples, 60.0, chunk=len(sound.samples))
apart = max(float(np.abs(talk.curves - whole.curves).max()), float(np.abs(talk.phones - whole.phones).max()))
print(json.dumps({"peak": peak, "apart": apart, "frames": len(track.talk), "moves": float(np.ptp(track.talk))}))
"""


def test_an_hour_takes_less_than_1500_mb_and_equals_the_unchunked_result(tmp_path: Path) -> None:
    write_speech(tmp_path / "hour.wav", 3600)
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path / "hour.wav")], capture_output=True, encoding="utf-8", check=True
    )
    found = json.loads(done.stdout)
    assert found["frames"] == 3600 * 60 + 1
    assert found["moves"] > 0.3
    assert found["peak"] < 1500
    assert found["apart"] < 1e-3
