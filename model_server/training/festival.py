"""Festival as a teacher: English in a diphone voice with the end times of its phones, at any pitch and pace."""

import subprocess
import tempfile
from pathlib import Path

import soundfile

from model_server.speech.phones import from_arpabet
from model_server.training.espeak import Segment, Spoken
from s2f_blender_addon.core.errors import UserError

VOICES = ("kal_diphone",)

_SCRIPT = """
(voice_{voice})
(Parameter.set 'Duration_Stretch {stretch:.3f})
(set! int_lr_params '((target_f0_mean {pitch:.1f}) (target_f0_std {swing:.1f}) (model_f0_mean 170) (model_f0_std 34)))
(set! spoken (utt.synth (Utterance Text "{text}")))
(utt.save.segs spoken "{segments}")
(utt.save.wave spoken "{wave}" 'riff)
"""


def speak(text: str, voice: str, stretch: float = 1.0, pitch: float = 105.0) -> Spoken:
    """``text`` in ``voice``, ``stretch`` > 1 slower, at a mean ``pitch`` in Hz.

    Raises UserError when festival or the voice is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        script, segments, wave = (Path(folder) / name for name in ("say.scm", "phones", "spoken.wav"))
        quoted = text.replace("\\", " ").replace('"', " ")
        script.write_text(
            _SCRIPT.format(
                voice=voice, stretch=stretch, pitch=pitch, swing=pitch / 8, text=quoted, segments=segments, wave=wave
            ),
            "utf-8",
        )
        try:
            done = subprocess.run(["festival", "-b", str(script)], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise UserError("festival is not installed; install it and festvox-kallpc16k to make the corpus.") from None
        if not wave.exists():
            reason = (done.stderr.strip() or "no reason given").splitlines()[0]
            raise UserError(f"festival could not speak with {voice} ({reason}); install festvox-kallpc16k.")
        samples, rate = soundfile.read(wave, dtype="float32")
        rows = segments.read_text("ascii").splitlines()
    return Spoken(samples, rate, phones(rows))


def phones(rows: list[str]) -> list[Segment]:
    """Segments of festival's lines (end s, a colour, phone) behind the header; diphthongs are cut in two."""
    found: list[Segment] = []
    start = 0.0
    for row in rows:
        fields = row.split()
        if len(fields) != 3:
            continue
        stop = float(fields[0])
        classes = from_arpabet(fields[2])
        for i, name in enumerate(classes):
            a = start + (stop - start) * i / len(classes)
            found.append((a, start + (stop - start) * (i + 1) / len(classes), name))
        start = stop
    return found
