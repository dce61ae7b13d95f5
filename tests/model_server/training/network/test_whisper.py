"""A network that begins as Whisper: its file read, its ears put before ours, what is no Whisper refused."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.audio import features
from model_server.audio.decode import decode
from model_server.sample import SAMPLE
from model_server.speech.network import Shape
from model_server.training.corpus.store import log_power
from model_server.training.network import whisper
from model_server.training.network.augmentation import features as heard
from s2f_blender_addon.core.errors import UserError

from .whisper_file import write_whisper

SHAPE = Shape(44, 16, dilations=(1,), layers=2)


def test_its_layers_are_read_as_they_are(tmp_path: Path) -> None:
    written = write_whisper(tmp_path, states=384)
    network = whisper.started(tmp_path, SHAPE, torch.zeros(80))
    for i, layer in enumerate(network.layers):
        attend, shift = layer.attend.weight.detach().numpy(), layer.widen_norm.bias.detach().numpy()
        assert np.array_equal(attend, written[f"layer_{i}/self_attention/linear_0/weight"])
        assert np.array_equal(shift, written[f"layer_{i}/ffn/layer_norm/beta"])


def test_the_first_convolution_hears_our_bands_as_whisper_hears_its_own(tmp_path: Path) -> None:
    """Whisper's own features of the sample, made by faster-whisper, against ours through the new convolution."""
    extractor = pytest.importorskip("faster_whisper.feature_extractor").FeatureExtractor()
    written = write_whisper(tmp_path, states=384)
    sound = decode(SAMPLE).samples
    mel = torch.from_numpy(log_power(sound).astype(np.float32))[None]
    network = whisper.started(tmp_path, SHAPE, torch.zeros(80))
    with torch.no_grad():
        ours = network.first(heard(mel, network.average).transpose(1, 2))[0].numpy()
        theirs = torch.nn.functional.conv1d(
            torch.from_numpy(extractor(sound))[None], torch.from_numpy(written["conv1/weight"]),
            torch.from_numpy(written["conv1/bias"]), padding=1,
        )[0].numpy()  # fmt: skip
    frames = min(ours.shape[1], theirs.shape[1])
    # Loud moments: what is quiet is cut off at another depth, and a recording's colour is taken out of ours.
    loud = features.loudness(features.mel_power(sound), features.level(features.mel_power(sound)))[:frames] > -1
    one, other = ours[:, :frames][:, loud], theirs[:, :frames][:, loud]
    one, other = one - one.mean(1, keepdims=True), other - other.mean(1, keepdims=True)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9


def test_whispers_bands_of_white_noise_follow_from_ours() -> None:
    shares, wider = whisper.between_filters()
    assert shares.sum(0) == pytest.approx(np.ones(80), abs=1e-5)
    ours = features.mel_filters().sum(0)
    theirs = whisper._slaney().sum(0) * whisper.FFT_THERE / features.FFT
    inside = slice(2, 77)  # ours begin at 50 Hz and end at 7600
    assert (ours @ shares * np.exp(wider))[inside] == pytest.approx(theirs[inside], rel=0.35)


@pytest.mark.parametrize("content", [b"", b"no model", b"\x06\0\0\0\x0c\0WhisperSpec\0\x03\0\0\0\x09\0\0\0"])
def test_what_is_no_whisper_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(UserError, match="no Whisper model"):
        whisper.started(tmp_path, SHAPE, torch.zeros(80))


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no Whisper model"):
        whisper.started(tmp_path / "nowhere", SHAPE, torch.zeros(80))


def test_another_size_is_refused(tmp_path: Path) -> None:
    write_whisper(tmp_path, states=48)
    with pytest.raises(UserError, match="another Whisper than tiny"):
        whisper.started(tmp_path, SHAPE, torch.zeros(80))
