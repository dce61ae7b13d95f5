"""Kokoro as a teacher: a neural synthesiser with the voices of dozens of people (hexgrad, Kokoro-82M, Apache-2.0).

It reads IPA, so what is said is known to the phone; when, the network so far finds out, as in real recordings. A folder
of the user's holds ``model.onnx``, ``vocab.json`` {"vocab": {IPA letter: token}} and ``voices/NAME.bin`` (float32,
(510, 256): a style for every number of tokens). OpenVINO runs it in bfloat16 where the processor multiplies that.
"""

import json
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.errors import UserError

Array = npt.NDArray[np.float32]

RATE = 24000
MOST_TOKENS = 500
ALONE = {"INFERENCE_NUM_THREADS": 1, "ENABLE_CPU_PINNING": False}
"""One thread a process; pinned, all processes would sit on the same core."""
HELD_OUT = ("af_kore", "am_puck", "bf_lily", "bm_fable", "zf_xiaoyi", "zm_yunxia")
"""Voices that only development parts hear."""


class Kokoro:
    """The synthesiser in ``folder``. Raises UserError when it is incomplete or OpenVINO is not installed."""

    def __init__(self, folder: Path) -> None:
        try:
            import openvino
        except ImportError:
            raise UserError("Kokoro is run by OpenVINO; install this project with its train extra.") from None
        files = [folder / "model.onnx", folder / "vocab.json"]
        missing = [path.name for path in files if not path.is_file()]
        self._voices = {path.stem: path for path in sorted((folder / "voices").glob("*.bin"))}
        if missing or not self._voices:
            raise UserError(f"{folder} holds no Kokoro: {', '.join(missing) or 'voices/*.bin'} is not there.")
        self.vocabulary: dict[str, int] = json.loads(files[1].read_text(encoding="utf-8"))["vocab"]
        self._path, self._openvino = files[0], openvino
        self._styles: dict[str, Array] = {}

    @cached_property
    def _model(self) -> Any:
        return self._openvino.Core().compile_model(str(self._path), "CPU", ALONE)

    def voices(self, held_out: bool) -> list[str]:
        """The names of the voices that development parts hear, or of all others."""
        return [name for name in self._voices if (name in HELD_OUT) == held_out]

    def style(self, voice: str) -> Array:
        """(510, 256) of a voice."""
        if voice not in self._styles:
            self._styles[voice] = np.fromfile(self._voices[voice], "<f4").reshape(-1, 256)
        return self._styles[voice]

    def speak(self, ipa: str, style: Array, speed: float) -> Array:
        """(N,) samples at ``RATE`` of ``ipa`` in a voice's (510, 256) ``style``; no letter may be unknown."""
        tokens = [self.vocabulary[letter] for letter in ipa][:MOST_TOKENS]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[[len(tokens) - 1]],
            "speed": np.array([speed], np.float32),
        }
        found: Array = np.ravel(self._model(inputs)[0]).astype(np.float32)
        return found


def somebody(kokoro: Kokoro, random: Random, of: str, held_out: bool) -> tuple[str, Array]:
    """Name and style of a voice whose name begins with one of the letters ``of``, or of any where there is none such.

    Half of them lie between two voices.
    """
    names = [name for name in kokoro.voices(held_out) if name[0] in of] or kokoro.voices(held_out)
    first = random.choice(names)
    if held_out or random.random() < 0.5:
        return first, kokoro.style(first)
    second, share = random.choice(names), random.uniform(0.25, 0.75)
    return f"{first}+{second}", share * kokoro.style(first) + (1 - share) * kokoro.style(second)
