"""All that ``s2f train all`` hears, in miniature: the sample as every recording, a Whisper that knows nothing."""

import json
from pathlib import Path

import numpy as np
import soundfile

from model_server.sample import SAMPLE
from model_server.training.alignment.forced_alignment import held_out_speaker
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.track import FaceTrack
from tests.model_server.training.network.whisper_file import write_whisper

TEXT = "Hello! My name is Poppy. Give me a voice, and I move my lips. Oh, wow! What a beautiful morning for a film."
GIVEN = ("speech/kathleen-en/audio", "speech/kerstin-de/audio", "speech/speechocean762/audio",
         "speech/fleurs-du-mal-fr/audio")  # fmt: skip


def write_data(folder: Path, seconds: float = 3.0) -> None:
    """Every set below ``folder``/data, a recording or two each, and ``folder``/whisper."""
    data, speech = folder / "data", soundfile.read(SAMPLE, dtype="float32")[0][: round(seconds * 16000)]

    def write(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, speech, 16000, format="OGG" if path.suffix == ".opus" else None,
                        subtype="OPUS" if path.suffix == ".opus" else None)  # fmt: skip

    trained = [str(i) for i in range(9) if not held_out_speaker(str(i))][:1]
    held = [str(i) for i in range(99) if held_out_speaker(str(i))][:1]
    for part, names in (
        ("speech/librispeech", [f"{speaker}-1-1.opus" for speaker in (*trained, *held)]),
        ("speech/coffee-orders", ["speech_0.opus", "speech_1.opus"]),
    ):
        for name in names:
            write(data / part / name)
        rows = [json.dumps({"file": name, "text": TEXT, "language": "en", "speaker": name}) for name in names]
        (data / part / "words.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    for part in GIVEN:
        write(data / part / "one.opus")
    for actor in ("1001", "1002", "1003"):
        write(data / "emotional/crema-d" / "audio" / f"{actor}_IEO_ANG_HI.opus")
    write(data / "pairs/facegood" / "1114_2_01.flac")
    shut = np.zeros((round(seconds * 30) + 1, 52), np.float32)
    formats.write(data / "pairs/facegood" / "1114_2_01.csv", FaceTrack(shut, shut, 30.0))
    write_whisper(folder / "whisper", states=384)
