"""A speech encoder from the user's own folder: wav2vec 2.0, HuBERT, WavLM and their kin, through ``transformers``.

Nothing is ever downloaded, and no code of the folder runs. Two numbers at 100 Hz stand for one at 50 Hz, as two mel
frames do for our own encoder: hidden states (T, D) are read as (2 T, D / 2), so that one network serves both.
torch and transformers are imported when an encoder is opened, not before.
"""

import hashlib
import json
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.cancel import Progress, part, silent
from model_server.slots.on_device import OnDevice
from model_server.speech import acoustics
from s2f_blender_addon.core.errors import UserError

Array = npt.NDArray[np.float32]

KINDS = ("wav2vec2", "hubert", "wavlm", "data2vec-audio", "unispeech", "unispeech-sat")
STRIDE, WINDOW = 320, 400
"""Samples from one hidden state to the next, and how many the first convolutions see."""
CHUNK, CONTEXT = 20 * 50, 2 * 50
"""Hidden states that are made at a time, and those of the neighbours on both sides that attention also sees."""
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


class HiddenStates:
    """Entry ``transformers``. settings: ``folder``, ``sha256`` of its weights, ``normalise``, ``size`` D."""

    def __init__(self, model: OnDevice, settings: dict[str, Any]) -> None:
        self.model, self.settings = model, settings

    @property
    def notice(self) -> str:
        """What the user should know about how it runs; mostly nothing."""
        return self.model.notice

    @classmethod
    def open(cls, settings: dict[str, Any], device: str) -> "HiddenStates":
        """Raises UserError when the folder has gone or holds another encoder than the head was trained on."""
        folder = Path(settings["folder"])
        found = described(folder)
        if found["sha256"] != settings["sha256"]:
            raise UserError(f"{folder} holds another encoder than this model was trained on; train its head again.")
        return cls(OnDevice(_load(folder), device), found)

    @classmethod
    def from_folder(cls, folder: Path, device: str = "cpu") -> "HiddenStates":
        """Raises UserError, naming the folder, when it holds no encoder that can be used."""
        return cls(OnDevice(_load(folder), device), described(folder))

    def __call__(self, samples: Array, average: Array, progress: Progress) -> tuple[Array, Array]:
        """As ``acoustics.heard``, with (T, D / 2) hidden states less ``average``."""
        _, loudness = acoustics.heard(samples, np.zeros(features.BANDS, np.float32), part(progress, 0.0, 0.1))
        states = self.states(samples, part(progress, 0.1, 1.0))
        return states.reshape(-1, states.shape[1] // 2)[: len(loudness)] - average, loudness

    def states(self, samples: Array, progress: Progress = silent) -> Array:
        """(T, D) at 50 Hz, enough for every feature frame of ``samples`` (N,)."""
        self.model.begin()
        if self.settings["normalise"]:
            samples = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
        total = (features.frame_count(len(samples)) + 1) // 2
        padded = np.pad(samples, (0, max(0, STRIDE * (total - 1) + WINDOW - len(samples))))
        found = np.empty((total, self.settings["size"]), np.float32)
        spans = [_Span.at(start, total) for start in range(0, total, CHUNK)]
        while spans:
            progress(spans[0].start / total, "Listening with the encoder")
            length = spans[0].last - spans[0].first
            alike = list(takewhile(lambda span: span.last - span.first == length, spans))  # noqa: B023  # used at once
            now = alike[: self.model.at_once()]
            pieces = [padded[STRIDE * span.first : STRIDE * (span.last - 1) + WINDOW] for span in now]
            for span, heard in zip(now, self.model.run(pieces, lambda said: said.last_hidden_state), strict=True):
                found[span.start : span.stop] = heard[span.start - span.first : span.stop - span.first]
            del spans[: len(now)]
        return found


@dataclass(frozen=True)
class _Span:
    """Hidden states ``start`` to ``stop`` of a recording, made from those of ``first`` to ``last``."""

    start: int
    stop: int
    first: int
    last: int

    @staticmethod
    def at(start: int, total: int) -> "_Span":
        stop = min(start + CHUNK, total)
        return _Span(start, stop, max(0, start - CONTEXT), min(total, stop + CONTEXT))


def described(folder: Path) -> dict[str, Any]:
    """What a card says of the encoder in ``folder``. Raises UserError when it is none."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        kind, size = str(config["model_type"]), int(config["hidden_size"])
        strides = int(np.prod(config.get("conv_stride", (5, 2, 2, 2, 2, 2, 2))))
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"{folder} holds no speech encoder; choose a folder with its config.json and weights."
        ) from None
    if kind not in KINDS or size % 2 or strides != STRIDE:
        raise UserError(f"{folder} holds a {kind}, which cannot hear here; choose a {', '.join(KINDS[:3])} model.")
    weights = next((folder / name for name in _WEIGHTS if (folder / name).exists()), None)
    if weights is None:
        raise UserError(f"{folder} holds no weights; put {_WEIGHTS[0]} beside its config.json.")
    with weights.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    return {
        "folder": str(folder.resolve()), "sha256": sha256, "kind": kind, "size": size, "normalise": _normalises(folder)
    }  # fmt: skip


def _normalises(folder: Path) -> bool:
    """Whether the encoder wants zero mean and unit variance; most that say nothing do."""
    try:
        return bool(json.loads((folder / "preprocessor_config.json").read_text("utf-8")).get("do_normalize", True))
    except (OSError, ValueError, AttributeError):
        return True


def _load(folder: Path) -> Any:
    try:
        from transformers import AutoModel
        from transformers.utils import logging
    except ImportError:
        raise UserError("This Python has no torch or no transformers; an encoder from a folder needs both.") from None
    described(folder)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return AutoModel.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False).eval()
    except Exception as error:  # whatever a damaged folder makes of transformers, torch and safetensors
        reason = str(error).strip().split("\n")[0]
        raise UserError(f"The encoder in {folder} does not load ({reason}); get its files again.") from None
