"""emotion2vec as a voice model, from a folder that a user has: published key names in, judgements out. Needs torch.

A folder holds ``model.safetensors`` or ``model.pt`` (read without pickled code) and, for emotion2vec+, ``tokens.txt``
with a label a line. Its weights are not ours to ship: the licence track is research.
"""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from model_server.audio.prosody import prosody
from model_server.audio.sound import SAMPLE_RATE
from model_server.cancel import Progress, part, silent
from model_server.emotion.emotion2vec_net import Emotion2vec, Size
from model_server.emotion.functionals import RATE
from model_server.emotion.labels import to_sliders
from model_server.emotion.voice import Heard, windows
from model_server.foreign.reader import read_tensors
from model_server.slots.on_device import OnDevice
from model_server.voice.reference import VoiceReference
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]

_AUDIO = "modality_encoders.AUDIO."
_KNOWN = _AUDIO + "project_features.1.weight"
_RULES = (
    (_AUDIO + r"local_encoder\.conv_layers\.(\d+)\.0\.weight", r"convolutions.\1.weight"),
    (_AUDIO + r"local_encoder\.conv_layers\.(\d+)\.2\.1\.(weight|bias)", r"convolution_norms.\1.\2"),
    (_AUDIO + r"project_features\.1\.(weight|bias)", r"feature_norm.\1"),
    (_AUDIO + r"project_features\.2\.(weight|bias)", r"feature.\1"),
    (_AUDIO + r"extra_tokens", r"tokens"),
    (_AUDIO + r"alibi_scale", r"distance_scale"),
    (_AUDIO + r"context_encoder\.norm\.(weight|bias)", r"norm.\1"),
    (r"proj\.(weight|bias)", r"classifier.\1"),
)
_INSIDE_BLOCK = {
    "norm1": "after_attention", "norm2": "after_mlp", "attn.qkv": "qkv", "attn.proj": "mix",
    "mlp.fc1": "up", "mlp.fc2": "down",
}  # fmt: skip


class Emotion2vecModel:
    """The VoiceModel in ``folder``. Raises UserError that names what is missing or unknown."""

    id = "emotion2vec"
    licence_track = "research"

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self.net = network(_tensors(folder), folder)
        self._on = OnDevice(self.net, device)
        self._sliders = to_sliders(_labels(folder, self.net.size.classes))

    def hear(self, samples: Floats, progress: Progress = silent, reference: VoiceReference | None = None) -> Heard:
        """Judgements on 16 kHz mono ``samples`` (N,); it has no use for a reference."""
        speech = prosody(samples, RATE, part(progress, 0.0, 0.2)).speech
        times, rows = [], []
        spans = windows(speech, RATE)
        for i, (first, last) in enumerate(spans):
            progress(0.2 + 0.8 * i / len(spans), "judging the voice")
            piece = samples[int(first / RATE * SAMPLE_RATE) : int(last / RATE * SAMPLE_RATE)]
            if len(piece) >= 400:
                times.append((first + last) / 2 / RATE)
                with self._on.inference():
                    shares = self.net.classify(torch.from_numpy(piece)[None].to(self._on.device))[0].float()
                rows.append(shares.cpu().numpy() @ self._sliders)
        if not rows:
            return Heard(np.zeros(0), np.zeros((0, len(EMOTIONS)), np.float32))
        return Heard(np.array(times), np.array(rows, np.float32))


def network(published: dict[str, torch.Tensor], where: Path) -> Emotion2vec:
    """The network of a published checkpoint's tensors, which are from ``where``; its base has no classifier.

    Raises UserError when it is no emotion2vec, or another kind.
    """
    tensors = renamed(published)
    net = Emotion2vec(size_of(tensors)).eval()
    try:
        net.load_state_dict(tensors)
    except RuntimeError as reason:
        first = str(reason).splitlines()[1:2] or [str(reason)]
        raise UserError(f"{where} is another kind of emotion2vec ({first[0].strip()}); choose its base.") from None
    return net.requires_grad_(False)


def renamed(published: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Our names for the tensors of a published checkpoint; its pre-training decoder is left out.

    Raises UserError when it is no emotion2vec.
    """
    prefix = next((key[: -len(_KNOWN)] for key in published if key.endswith(_KNOWN)), None)
    if prefix is None:
        raise UserError("This checkpoint is no emotion2vec: it has no AUDIO encoder; choose another folder.")
    found: dict[str, torch.Tensor] = {}
    depth = 1 + max(
        int(match[1]) for key in published if (match := re.search(r"context_encoder\.blocks\.(\d+)\.", key))
    )
    for key, tensor in published.items():
        if key.startswith(prefix) and (name := _our_name(key[len(prefix) :], depth)) is not None:
            found[name] = tensor.float()
    scale = found["distance_scale"]
    found["distance_scale"] = scale if scale.dim() == 5 else scale[None]
    return found


def _our_name(key: str, first_blocks: int) -> str | None:
    for rule, name in _RULES:
        if re.fullmatch(rule, key):
            return re.sub(rule, name, key)
    if match := re.fullmatch(_AUDIO + r"relative_positional_encoder\.(\d+)\.0\.(weight|bias)", key):
        return f"positions.{int(match[1]) - 1}.{match[2]}"
    if match := re.fullmatch(rf"({_AUDIO}context_encoder\.)?blocks\.(\d+)\.(.+)\.(weight|bias)", key):
        number = int(match[2]) + (0 if match[1] else first_blocks)
        return f"blocks.{number}.{_INSIDE_BLOCK[match[3]]}.{match[4]}" if match[3] in _INSIDE_BLOCK else None
    return None


def size_of(tensors: dict[str, torch.Tensor]) -> Size:
    """The sizes of a network with these (renamed) tensors."""
    blocks = 1 + max(int(key.split(".")[1]) for key in tensors if key.startswith("blocks."))
    positions = sum(key.startswith("positions.") and key.endswith("weight") for key in tensors)
    position = tensors["positions.0.weight"]
    width, channels = tensors["feature.weight"].shape
    classifier = tensors.get("classifier.weight")
    return Size(
        width=width,
        heads=tensors["distance_scale"].shape[2],
        channels=channels,
        hidden=len(tensors["blocks.0.up.weight"]),
        first_blocks=0,
        blocks=blocks,
        positions=positions,
        kernel=position.shape[2],
        groups=width // position.shape[1],
        tokens=tensors["tokens"].shape[1],
        classes=0 if classifier is None else len(classifier),
    )


def _tensors(folder: Path) -> dict[str, torch.Tensor]:
    found = [path for name in ("model.safetensors", "model.pt", "*_base.pt") for path in sorted(folder.glob(name))]
    if not found:
        raise UserError(f"{folder} holds neither model.safetensors nor model.pt; choose the folder of emotion2vec.")
    return read_tensors(found[0])


def _labels(folder: Path, classes: int) -> tuple[str, ...]:
    path = folder / "tokens.txt"
    if not classes or not path.is_file():
        raise UserError(
            f"{folder} has no classifier with a tokens.txt, so it names no emotions; choose an emotion2vec+ folder. "
            "(s2f motion takes the base.)"
        )
    labels = tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())
    if len(labels) != classes:
        raise UserError(f"{path} lists {len(labels)} labels for {classes} classes; get the folder again.")
    return labels
