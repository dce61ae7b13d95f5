"""ProbTalk3D and LSF-Animation at work: sound in, a FLAME track out, as many samples of it as are wanted.

HuBERT and emotion2vec are those inside of the checkpoint; where it lacks them, those in folders of the user's. All of
it is licence track research. Needs torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from model_server.audio.sound import Sound
from model_server.cancel import Progress, silent
from s2f_blender_addon.core import codec
from s2f_blender_addon.core.arguments import checked
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame import EXP, JAW
from s2f_blender_addon.core.formats.npy import track_of
from s2f_blender_addon.core.track import FLAME_COLUMNS, Array, FaceTrack, Provenance

if TYPE_CHECKING:
    from torch import Tensor

    from model_server.emotion.emotion2vec_net import Emotion2vec
    from model_server.foreign import MotionNetwork
    from model_server.foreign.speech_encoder import SpeechEncoder

FPS = 25.0
SHORTEST = 0.2
"""Seconds of sound from which on there is motion."""
LONGEST_PIECE = 30 * 16000
"""Samples that emotion2vec hears at once: its attention takes memory that grows with the square."""
SHAPE = 300
_HUBERT, _EMOTION2VEC = "feature_extractor.audiomodel.", "modality_encoders.AUDIO."
_WEIGHTS = ("model.safetensors", "pytorch_model.bin", "model.pt")
_LOWEST, _SPAN = np.array([-3.0] * 50 + [-0.1] * 3), np.array([6.0] * 50 + [0.6] * 3)
"""What 0 stands for and how far 1 is from it: standard deviations of FLAME's expression, radians of its jaw."""


@dataclass(frozen=True)
class MotionOptions:
    """person: of ProbTalk3D's 32. emotion: sliders by our names. intensity: 0-2, from low over medium to high.

    shape: FLAME's identity (300,), of which LSF makes whose way to speak it is; zeros are the mean face.
    """

    person: int = 0
    emotion: Mapping[str, float] | None = None
    intensity: float = 1.0
    shape: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        codec.check(self)


class MotionModel:
    """The network in a checkpoint, with what it hears through."""

    def __init__(
        self,
        net: "MotionNetwork",
        voice: "SpeechEncoder",
        feeling: "Emotion2vec | None",
        identity: Mapping[str, "Tensor"],
        device: str,
    ) -> None:
        self.net, self.notes = net, list[str]()
        self._voice, self._feeling, self._identity, self._device = voice, feeling, identity, device

    @classmethod
    @checked
    def open(
        cls, path: Path, hubert: Path | None = None, emotion2vec: Path | None = None, device: str = "cpu"
    ) -> "MotionModel":
        """Raises UserError that names the file or folder that is none, or says which folder is needed."""
        from model_server.emotion.emotion2vec import network
        from model_server.foreign import MotionNetwork, open_checkpoint
        from model_server.foreign.checkpoint import tensors_of
        from model_server.foreign.reader import read_tensors

        net = open_checkpoint(path, device)
        if not isinstance(net, MotionNetwork):
            raise UserError(f"{path} holds {net.name}, which makes 52 curves; use s2f infer --model {path}.")
        tensors = tensors_of(path)
        inside = {key: value for key, value in tensors.items() if key.startswith(_HUBERT)}
        if not inside and hubert is None:
            raise UserError(f"{path} brings no HuBERT; name the folder of HuBERT-base with --hubert.")
        voice = _encoder(inside or read_tensors(_weights(hubert or path)), _HUBERT if inside else "", hubert or path)
        feeling = None
        if net.hears_emotion:
            own = any(_EMOTION2VEC in key for key in tensors)
            if not own and emotion2vec is None:
                raise UserError(f"{path} brings no emotion2vec; name the folder of its base with --emotion2vec.")
            feeling = network(tensors if own or emotion2vec is None else read_tensors(_weights(emotion2vec)), path)
        made = cls(net, voice.to(device), feeling.to(device) if feeling is not None else None, tensors, device)
        if inside and hubert is not None:
            made.notes.append("The checkpoint brings its own HuBERT, which was heard through.")
        return made

    @checked
    def track(
        self, sound: Sound, manner: MotionOptions, temperature: float, seed: int, progress: Progress = silent
    ) -> FaceTrack:
        """A FLAME track at 25 frames a second; at a ``temperature`` above 0 another one for every ``seed``.

        Raises UserError for too short a sound, or a manner that the network does not know.
        """
        if sound.duration < SHORTEST:
            raise UserError(f"This sound is too short for {self.net.name}; it needs {SHORTEST:g} s at least.")
        style, told = self._style(manner)
        progress(0.0, f"Listening with {self.net.name}")
        voice, emotion = self._heard(sound.samples)
        progress(0.7, "Moving the face")
        unit = self.net.motion(voice, emotion, style, temperature, seed)
        motion = _LOWEST + unit * _SPAN
        rows = np.zeros((len(motion), FLAME_COLUMNS), np.float32)
        rows[:, EXP.start : EXP.start + 50], rows[:, JAW] = motion[:, :50], motion[:, 50:]
        track = track_of(rows, FPS, "", list(sound.notes) + self.notes)
        felt = {name: value for name, value in (manner.emotion or {}).items() if value}
        made_by = Provenance(
            f"{self.net.name}, {told}", sound.sha256, felt, seed, "research", notes=track.provenance.notes
        )
        progress(1.0, "Done")
        return FaceTrack(track.talk, track.mood, track.fps, 0.0, made_by, track.head, track.flame)

    def _heard(self, samples: Array) -> tuple[Array, Array | None]:
        """HuBERT's and emotion2vec's frames in pairs, (1, T, 1536) at 25 a second each."""
        import torch

        from model_server.foreign.speech_encoder import normalised

        wave = torch.from_numpy(np.array(samples, np.float32)).to(self._device)
        span = wave.max() - wave.min()
        with torch.inference_mode():
            voice = self._voice(normalised((wave - wave.min()) / span.clamp_min(1e-9) * 2 - 1))
            feeling = self._felt(wave) if self._feeling is not None else None
        count = min(len(part) for part in (voice, feeling) if part is not None) // 2
        pairs = [None if part is None else part[: 2 * count].reshape(1, count, -1) for part in (voice, feeling)]
        heard, felt = (None if part is None else np.asarray(part.cpu().numpy(), np.float32) for part in pairs)
        assert heard is not None, "there is a voice"
        return heard, felt

    def _felt(self, wave: "Tensor") -> "Tensor":
        import torch

        assert self._feeling is not None, "the network hears emotion"
        pieces = [wave[first : first + LONGEST_PIECE] for first in range(0, len(wave), LONGEST_PIECE)]
        if len(pieces) > 1 and len(pieces[-1]) < 16000:  # too little to hear anything in
            pieces[-2:] = [torch.cat(pieces[-2:])]
        return torch.cat([self._feeling(piece[None])[0] for piece in pieces])

    def _style(self, manner: MotionOptions) -> tuple[Array, str]:
        """(1, n) what the network is told besides the sound, and the same in words."""
        if self.net.hears_emotion:
            if any((manner.emotion or {}).values()):
                raise UserError(f"{self.net.name} hears the emotion in the voice; leave --emotion out.")
            shape = np.zeros(SHAPE, np.float32) if manner.shape is None else manner.shape
            return self._identity_of(shape), "the mean face" if manner.shape is None else "a shape of its own"
        if manner.shape is not None:
            raise UserError(f"{self.net.name} knows persons by number; leave --shape out.")
        return spoken_as(manner)

    def _identity_of(self, shape: npt.NDArray[np.float32]) -> Array:
        """(1, 32) shares: three layers over FLAME's shape, ReLU between, softmax behind."""
        if shape.shape != (SHAPE,):
            raise UserError(f"A FLAME shape has {SHAPE} coefficients, not {shape.shape}.")
        x = shape.astype(np.float64)
        try:
            for layer in (0, 2, 4):
                weight, bias = (self._identity[f"identity_extractor.{layer}.{part}"] for part in ("weight", "bias"))
                x = weight.double().numpy() @ x + bias.double().numpy()
                x = np.maximum(x, 0) if layer < 4 else np.exp(x - x.max())
        except KeyError as key:
            raise UserError(f"The checkpoint lacks {key.args[0]}; get the whole file from its authors.") from None
        return np.asarray(x / x.sum(), np.float32)[None]


def spoken_as(manner: MotionOptions) -> tuple[Array, str]:
    """(1, 43) ProbTalk3D's style: who, shares of its eight emotions, shares of its three strengths; and in words.

    What sliders leave over is neutral, as is calm; intensity 0, 1, 2 are low, medium, high. Raises UserError for a
    person that is none.
    """
    from model_server.foreign.probtalk3d import EMOTIONS as THEIRS
    from model_server.foreign.probtalk3d import PERSONS, STRENGTHS

    if not 0 <= manner.person < len(PERSONS):
        person, last = codec.shown(manner.person), len(PERSONS) - 1
        raise UserError(f"ProbTalk3D knows persons 0 to {last}, not {person}; choose one of them.")
    sliders = {name: value for name, value in (manner.emotion or {}).items() if name in EMOTIONS and name in THEIRS}
    total = max(sum(sliders.values()), 1.0)
    feelings = np.array([sliders.get(name, 0.0) / total for name in THEIRS])
    feelings[THEIRS.index("neutral")] = 1 - feelings.sum()
    at = float(np.clip(manner.intensity, 0, 2)) if sum(sliders.values()) > 0 else 0.0  # neutral has one strength alone
    strengths = np.maximum(1 - np.abs(np.arange(len(STRENGTHS)) - at), 0)
    who = np.arange(len(PERSONS)) == manner.person
    told = ", ".join(f"{name} {share:.2g}" for name, share in zip(THEIRS, feelings, strict=True) if share > 0)
    return np.concatenate([who, feelings, strengths]).astype(np.float32)[None], f"{PERSONS[manner.person]}, {told}"


def _weights(folder: Path) -> Path:
    """The file with the tensors of a published model in ``folder``, or that file itself."""
    if folder.is_file():
        return folder
    found = [folder / name for name in _WEIGHTS if (folder / name).is_file()] or sorted(folder.glob("*.pt"))
    if not found:
        raise UserError(f"{folder} holds none of {', '.join(_WEIGHTS)}; choose the folder of the published model.")
    return found[0]


def _encoder(tensors: Mapping[str, "Tensor"], prefix: str, where: Path) -> "SpeechEncoder":
    """HuBERT of ``tensors`` below ``prefix``. Raises UserError that names ``where`` they are from."""
    from model_server.foreign.speech_encoder import SpeechEncoder, own_tensors

    roots = ("hubert.", "wav2vec2.")
    prefix = prefix or next((root for root in roots if f"{root}encoder.layer_norm.weight" in tensors), "")
    parts = ("feature_extractor.", "feature_projection.", "encoder.")
    own = {key: value for key, value in own_tensors(tensors, prefix).items() if key.startswith(parts)}
    try:
        made = SpeechEncoder(own)
        lacking, _ = made.net.load_state_dict(own, strict=False)
    except (KeyError, ValueError, RuntimeError) as reason:
        raise UserError(f"{where} holds no HuBERT ({str(reason).splitlines()[0]}); choose HuBERT-base.") from None
    lacking = [key for key in lacking if key != "masked_spec_embed"]
    if lacking:
        raise UserError(f"{where} lacks {lacking[0]} of HuBERT; get the whole file.")
    return made.eval().requires_grad_(False)
