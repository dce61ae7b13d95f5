"""A stand-in for whisper.cpp's program: its options and files, without a network behind them."""

import sys
from pathlib import Path

_PROGRAM = """#!{python}
import json, sys, wave
options = dict(zip(sys.argv[1::1], sys.argv[2::1]))
if {fails}:
    sys.exit("error: invalid model file")
with wave.open(options["-f"]) as heard:
    assert (heard.getnchannels(), heard.getsampwidth(), heard.getframerate()) == (1, 2, 16000)
    seconds = heard.getnframes() / 16000
print("progress =  40%\\nprogress = 100%", file=sys.stderr)
pieces = [
    dict(offsets={{"from": 100, "to": 2400}}, text=" Hello! My name is Poppy."),
    dict(offsets={{"from": 2500, "to": round(seconds, 1) * 1000}}, text=f" {{seconds:.1f}} s were heard."),
]
with open(options["-of"] + ".json", "w") as told:
    json.dump(dict(result=dict(language="en"), transcription=pieces), told)
"""


def stand_in(folder: Path, fails: bool = False) -> Path:
    """Put the program beside a model in ``folder``; returns the model."""
    folder.mkdir(parents=True, exist_ok=True)
    program, model = folder / "whisper-cli", folder / "ggml-tiny.bin"
    program.write_text(_PROGRAM.format(python=sys.executable, fails=fails))
    program.chmod(0o755)
    model.touch()
    return model
