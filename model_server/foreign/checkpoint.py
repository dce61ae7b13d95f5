"""From a file to a network that runs: which one it is, whether all of it is there, and one way to call each kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.arguments import checked
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.codec import Within, shown
from s2f_blender_addon.core.errors import UserError

try:
    import torch
    from torch import Tensor, nn

    from model_server.foreign.emotalk import EmoTalk
    from model_server.foreign.emotalk_v0002 import EmoTalkV0002
    from model_server.foreign.lsf import Lsf
    from model_server.foreign.probtalk3d import ProbTalk3D
    from model_server.foreign.reader import read_tensors
except ImportError as missing:
    raise UserError(
        "Networks of others need torch, which this Python lacks; set up the GPU runtime in the preferences."
    ) from missing

Array = npt.NDArray[np.float32]

ALPHABETICAL = tuple(sorted(CHANNELS))
"""The order of the 52 columns of EmoTalk's family, and of 3D-ETF's data."""

ENCODERS = ("audio_encoder_cont", "audio_encoder_emo", "extractor", "emo_extractor")
"""Modules that wrap transformers' graph, whose tensors files name without the wrapper."""


SHORTEST = 720
"""Samples of which the convolutions make two frames."""


Temperature = Annotated[float, Within(0.0, 100.0, "A temperature")]
Seed = Annotated[int, Within(0, 2**32 - 1, "A seed")]


@dataclass(frozen=True)
class EncodedSpeech:
    """What encoders made of a sound, in T frames at ``rate`` a second; of use to the network alone."""

    content: Tensor
    emotion: Tensor
    rate: float

    @property
    def bytes(self) -> int:
        """The memory it holds."""
        return self.content.nbytes + self.emotion.nbytes


@dataclass(frozen=True)
class _Kind:
    """``roots``: keys that a file of this kind has; ``make`` builds its graph from the tensors."""

    roots: tuple[str, ...]
    make: Callable[[Mapping[str, Tensor]], nn.Module]
    curves: bool


KINDS = (
    _Kind(("audio_encoder_cont.feature_projection.projection.weight", "audio_feature_map_cont.weight"), EmoTalk, True),
    _Kind(("extractor_proj.weight", "film_gamma.weight", "emo_gru.weight_ih_l0"), EmoTalkV0002, True),
    _Kind(("feature_predictor.fusion_tokens", "motion_prior.quantize.embedding.weight"), Lsf, False),
    _Kind(("feature_predictor.style_embedding.weight", "motion_prior.quantize.embedding.weight"), ProbTalk3D, False),
)


def person_name(actor: int) -> str:
    """Who an actor of RAVDESS is, by number, of whom those with odd ones are men; 0 stands for nobody of them."""
    return f"Actor {actor} of RAVDESS, a {'man' if actor % 2 else 'woman'}" if 0 < actor <= 24 else f"Person {actor}"


class CurveNetwork:
    """A network of EmoTalk's family: sound to 52 curves in ``ALPHABETICAL`` order."""

    def __init__(self, net: EmoTalk | EmoTalkV0002, device: str) -> None:
        self._net, self._device = net, device
        self.name = net.name
        named = net.level_names[: net.levels]
        self.levels = (*named, *(f"level {k}" for k in range(len(named), net.levels)))
        """What each level means, in the order of its number."""
        self.persons = tuple(person_name(number) for number in net.persons_of_corpus)
        """Who each person is, in the order of its number."""

    @checked
    def curves(self, samples: Array, level: int | Array | Sequence[float] = 1, person: int = 0) -> Array:
        """(T, 52) raw values, which may lie outside of 0-1, of mono 16 kHz ``samples`` (N,).

        ``level`` is a number, or a share for each of ``levels``, which are made to sum to 1.
        Raises UserError for a level or a person that the network does not know, or too short a sound.
        """
        number = int(level) if isinstance(level, int | np.integer) else None
        self.check(number or 0, person)
        shares = np.asarray(level) if number is None else np.eye(len(self.levels))[number]
        return self.spoken(self.heard(samples), shares, person)

    @checked
    def check(self, level: int, person: int) -> None:
        """Raises UserError for a level or a person that this network does not know."""
        if not 0 <= level < len(self.levels):
            known = ", ".join(f"{i} {name}" for i, name in enumerate(self.levels))
            raise UserError(f"{self.name} has no level {shown(level)}; choose from {known}.")
        last = len(self.persons) - 1
        if not 0 <= person <= last:
            raise UserError(f"{self.name} knows persons 0 to {last}, not {shown(person)}; choose one of them.")

    @checked
    def heard(self, samples: Array) -> EncodedSpeech:
        """What the encoders, which take nearly all of the time, make of mono 16 kHz ``samples`` (N,)."""
        samples = np.asarray(samples, np.float32)
        if samples.ndim != 1 or not np.isfinite(samples).all():
            raise UserError(f"{self.name} hears one channel of finite numbers at 16 kHz, not {samples.shape}.")
        if len(samples) < SHORTEST:
            raise UserError(f"This sound is too short for {self.name}; it needs a twentieth of a second at least.")
        with torch.inference_mode():
            content, emotion = self._net.heard(torch.from_numpy(samples.copy()).to(self._device))
        return EncodedSpeech(content, emotion, self._net.rate(len(samples), len(content)))

    @checked
    def spoken(self, heard: EncodedSpeech, shares: npt.NDArray[Any], person: int) -> Array:
        """(T, 52) raw values; ``shares`` (levels,) or (T, levels), 0 or more, are made to sum to 1."""
        self.check(0, person)
        mixed = np.asarray(shares, np.float32)
        total = mixed.sum(-1, keepdims=True)
        some = np.isfinite(mixed).all() and (mixed >= 0).all() and (total > 0).all()
        if mixed.shape[-1:] != (len(self.levels),) or not some:
            raise UserError(f"{self.name} mixes {len(self.levels)} levels by shares of 0 or more; these are others.")
        with torch.inference_mode():
            levels = torch.from_numpy(mixed / total).to(self._device)
            spoken = self._net.spoken((heard.content, heard.emotion), levels, person)
        found: Array = spoken.float().cpu().numpy()
        return found


class MotionNetwork:
    """ProbTalk3D or LSF: features of a voice to FLAME motion (T, 53), 0-1, 25 frames a second."""

    def __init__(self, net: ProbTalk3D | Lsf, device: str) -> None:
        self._net, self._device = net, device
        self.name = net.name
        self.hears_emotion = net.hears_emotion

    @checked
    def motion(
        self, audio: Array, emotion: Array | None, style: Array, temperature: Temperature = 0.0, seed: Seed = 0
    ) -> Array:
        """(T, 53) of HuBERT's and emotion2vec's pairs (1, T, 1536) and a style (1, n).

        At a ``temperature`` above 0 the codes of the motion are drawn, by ``seed``; 0.2 is the published one.
        Raises UserError for shapes that do not fit the network.
        """
        heard, style_ = self._clip(audio), self._tensor(style)
        feeling = None if emotion is None else self._clip(emotion)
        if self.hears_emotion and feeling is None:
            raise UserError(f"{self.name} needs the frames of emotion2vec beside the voice; give them.")
        random = torch.Generator(self._device).manual_seed(seed)
        with torch.inference_mode(), _fitting(self.name):
            latent = self._net.predicted(heard, feeling, style_)
            found = self._net.motion_prior.decoded(latent, temperature, random)
        result: Array = found.cpu().numpy()
        return result

    @checked
    def reconstruct(self, motion: Array, temperature: Temperature = 0.0, seed: Seed = 0) -> Array:
        """(T, 53) of motion (1, T, 53) through the prior: encoder, codebook, decoder."""
        random = torch.Generator(self._device).manual_seed(seed)
        with torch.inference_mode(), _fitting(self.name):
            latent = self._net.motion_prior.motion_encoder(self._clip(motion))
            found = self._net.motion_prior.decoded(latent, temperature, random)
        result: Array = found.cpu().numpy()
        return result

    def _clip(self, array: Array) -> Tensor:
        """As ``_tensor``, of what has frames."""
        found = self._tensor(array)
        if len(found) < 2:
            raise UserError(f"{self.name} compares the frames of a clip, so it needs two at least.")
        return found

    def _tensor(self, array: Array) -> Tensor:
        array = np.asarray(array, np.float32)
        if array.ndim < 2 or len(array) != 1 or not array.size or not np.isfinite(array).all():
            raise UserError(f"{self.name} takes one clip of finite numbers at a time, not {array.shape}.")
        return torch.from_numpy(array[0].copy()).to(self._device)


@contextmanager
def _fitting(name: str) -> Iterator[None]:
    """Turns torch's complaint about shapes into a sentence."""
    try:
        yield
    except (RuntimeError, ValueError) as reason:
        raise UserError(f"These features do not fit {name} ({str(reason).splitlines()[0]}).") from None


@checked
def open_checkpoint(path: str | Path, device: str = "cpu") -> CurveNetwork | MotionNetwork:
    """The network that a checkpoint holds: EmoTalk, EmoTalk_v0002, EmoTalkUpgrade, VERHM, ProbTalk3D or LSF.

    Nothing in the file is run. Raises UserError that names the file, for one that is no such network, or what it
    lacks or has in another size.
    """
    path = Path(path)
    tensors = tensors_of(path)
    kind = _kind(tensors)
    if kind is None:
        raise UserError(
            f"{path} is no network that is known here; it may be EmoTalk, EmoTalk_v0002, EmoTalkUpgrade, ProbTalk3D or "
            "LSF-Animation."
        )
    try:
        net = kind.make(tensors)
    except KeyError as key:
        raise UserError(f"{path} lacks {key.args[0]}; get the whole file from the network's authors.") from None
    except (ValueError, IndexError, TypeError, RuntimeError, AssertionError) as reason:
        why = (str(reason).splitlines() or ["its sizes do not fit together"])[0]
        raise UserError(f"{path} cannot be built: {why.rstrip('.')}.") from None
    _fill(net, tensors, path)
    net.eval().requires_grad_(False).to(device)
    return CurveNetwork(net, device) if kind.curves else MotionNetwork(net, device)  # type: ignore[arg-type]


def moves_flame(path: Path) -> bool:
    """Whether a checkpoint holds a ``MotionNetwork``. Raises UserError that names the file where it cannot be read."""
    kind = _kind(tensors_of(path))
    return kind is not None and not kind.curves


def tensors_of(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint by their published names, whatever its trainer put before these. Raises UserError."""
    tensors = read_tensors(path)
    for kind in KINDS:
        for key in (key for key in tensors if key.endswith(kind.roots[0])):
            prefix = key.removesuffix(kind.roots[0])
            if prefix[-1:] in ("", ".") and all(prefix + root in tensors for root in kind.roots):
                return {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors


def _kind(tensors: Mapping[str, Tensor]) -> _Kind | None:
    """Which network these are; one that lacks a root is still told by the others, so that what is missing is named."""
    shares = [sum(root in tensors for root in kind.roots) / len(kind.roots) for kind in KINDS]
    best = max(shares)
    return KINDS[shares.index(best)] if best == 1 or (best > 0 and shares.count(best) == 1) else None


def _fill(net: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Put ``tensors`` where they belong. Raises UserError for the first that is missing or of another size."""
    for name, place in net.state_dict().items():
        found = next((tensors[key] for key in _published(name) if key in tensors), None)
        if found is None:
            raise UserError(f"{path} lacks {_published(name)[0]}; get the whole file from the network's authors.")
        if found.shape != place.shape:
            raise UserError(
                f"{path}: {_published(name)[0]} is {tuple(found.shape)} instead of {tuple(place.shape)}; this is "
                "another kind of network."
            )
        if not torch.isfinite(found).all():
            raise UserError(f"{path}: {_published(name)[0]} holds numbers that are none; get the file again.")
        place.copy_(found)


def _published(name: str) -> list[str]:
    """The names that files may have for our tensor ``name``."""
    keys = [name.replace(".net.", ".", 1) if name.split(".")[0] in ENCODERS else name]
    if keys[0].startswith("audio_encoder_emo."):
        keys = [keys[0].replace("audio_encoder_emo.", "audio_encoder_emo.wav2vec2.", 1)]
    old = keys[0].replace("parametrizations.weight.original0", "weight_g")
    return [*keys, old.replace("parametrizations.weight.original1", "weight_v")]
