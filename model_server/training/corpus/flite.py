"""flite as a teacher: English in recorded voices with the end times of its phones."""

import re
import subprocess
import tempfile
from pathlib import Path

import soundfile

from model_server.speech.phones import from_arpabet
from model_server.training.corpus.espeak import Segment, SynthesisedSpeech
from s2f_blender_addon.core.errors import UserError

VOICES = ("slt", "rms", "awb", "kal16")
MISSING = "flite is not installed; install the flite package to make the training corpus."


def speak(text: str, voice: str, stretch: float = 1.0) -> SynthesisedSpeech:
    """``text`` in ``voice``; ``stretch`` > 1 speaks slower. Raises UserError when flite is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "spoken.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text]
        try:
            done = subprocess.run([*command, "-o", str(wav)], capture_output=True, text=True, check=True)
        except FileNotFoundError:
            raise UserError(MISSING) from None
        samples, rate = soundfile.read(wav, dtype="float32")
    found: list[Segment] = []
    start = 0.0
    for symbol, end in re.findall(r"(\S+?):([\d.]+)", done.stdout):
        stop = float(end)
        classes = from_arpabet(symbol)
        for i, name in enumerate(classes):
            a = start + (stop - start) * i / len(classes)
            found.append((a, start + (stop - start) * (i + 1) / len(classes), name))
        start = stop
    return SynthesisedSpeech(samples, rate, found)
