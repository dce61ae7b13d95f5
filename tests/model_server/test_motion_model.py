"""ProbTalk3D and LSF from the terminal: small checkpoints in published form, FLAME tracks out, samples by the seed."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.emotion.emotion2vec_net import Emotion2vec
from model_server.motion_model import MotionModel, MotionOptions, spoken_as
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import read

from .emotion.test_emotion2vec import TINY, published
from .foreign.published import _encoder, weights

ROOT = Path(__file__).parents[2]
HELLO = ROOT / "model_server" / "sample" / "hello.wav"
WIDTH, INNER, LENGTH = 32, 16, 300


def transformer(prefix: str, depth: int) -> dict[str, list[int]]:
    shapes: dict[str, list[int]] = {}
    for k in range(depth):
        at = f"{prefix}net.{2 * k}.fn."
        shapes |= {f"{at}norm.weight": [WIDTH], f"{at}norm.bias": [WIDTH], f"{at}fn.to_qkv.weight": [3 * WIDTH, WIDTH]}
        shapes |= {f"{at}fn.to_out.weight": [WIDTH, WIDTH], f"{at}fn.to_out.bias": [WIDTH]}
        at = f"{prefix}net.{2 * k + 1}.fn."
        shapes |= {f"{at}norm.weight": [WIDTH], f"{at}norm.bias": [WIDTH], f"{at}fn.l1.weight": [INNER, WIDTH]}
        shapes |= {f"{at}fn.l1.bias": [INNER], f"{at}fn.l2.weight": [WIDTH, INNER], f"{at}fn.l2.bias": [WIDTH]}
    return shapes


def linear(name: str, out: int, into: int, bias: bool = True) -> dict[str, list[int]]:
    return {f"{name}.weight": [out, into], **({f"{name}.bias": [out]} if bias else {})}


def prior() -> dict[str, list[int]]:
    encoder, decoder = "motion_prior.motion_encoder.", "motion_prior.motion_decoder."
    shapes = linear(encoder + "feature_mapping.0", WIDTH, 53) | {"motion_prior.quantize.embedding.weight": [16, 8]}
    for side, first, name in ((encoder, "squasher", "encoder"), (decoder, "expander", "decoder")):
        shapes |= {f"{side}{first}.0.0.weight": [WIDTH, WIDTH, 5], f"{side}{first}.0.0.bias": [WIDTH]}
        shapes |= linear(f"{side}{name}_linear_embedding.net", WIDTH, WIDTH)
        shapes |= {f"{side}{name}_pos_embedding.pe": [LENGTH, 1, WIDTH]}
        shapes |= transformer(f"{side}{name}_transformer.", 1)
    return shapes | linear(decoder + "feature_mapping_reverse", 53, WIDTH, bias=False)


def probtalk3d() -> dict[str, list[int]]:
    at = "feature_predictor."
    shapes = prior() | linear(at + "audio_feature_map", WIDTH, 128)
    shapes |= linear(at + "style_embedding", WIDTH, 43, bias=False) | linear(
        at + "encoder_linear_embedding.net", WIDTH, WIDTH
    )
    shapes |= {at + "squasher.0.0.weight": [WIDTH, WIDTH, 5], at + "squasher.0.0.bias": [WIDTH]}
    shapes |= {at + "encoder_pos_embedding.pe": [LENGTH, 1, WIDTH]}
    return shapes | transformer(at + "encoder_transformer.", 1)


def lsf() -> dict[str, list[int]]:
    at = "feature_predictor."
    shapes = prior() | {at + "fusion_tokens": [1, 4, WIDTH], at + "pos_enc.pe": [LENGTH, 1, WIDTH]}
    shapes |= linear(at + "audio_feat", WIDTH, 128) | linear(at + "emo_feat", WIDTH, 128)
    shapes |= linear(at + "style_proj", WIDTH, 32, bias=False) | linear(at + "lin_embed.net", WIDTH, WIDTH)
    for squash in ("squash_a", "squash_e"):
        shapes |= {f"{at}{squash}.0.weight": [WIDTH, WIDTH, 5], f"{at}{squash}.0.bias": [WIDTH]}
    shapes |= transformer(at + "audio_blocks.0.", 1) | transformer(at + "emo_blocks.0.", 1)
    fusion = at + "fusion_blocks.0."
    for norm in ("norm_mm", "norm_a", "norm_v", "norm_mlp"):
        shapes |= {f"{fusion}{norm}.weight": [WIDTH], f"{fusion}{norm}.bias": [WIDTH]}
    shapes |= linear(fusion + "attn.q", 8, WIDTH, bias=False) | linear(fusion + "attn.kv", 16, 2 * WIDTH, bias=False)
    shapes |= linear(fusion + "attn.proj", WIDTH, 8) | linear(fusion + "mlp.fc1", 2 * WIDTH, WIDTH)
    shapes |= linear(fusion + "mlp.fc2", WIDTH, 2 * WIDTH)
    shapes |= {at + "out_norm.weight": [WIDTH], at + "out_norm.bias": [WIDTH]}
    for layer, (out, into) in {0: (16, 300), 2: (16, 16), 4: (32, 16)}.items():
        shapes |= linear(f"identity_extractor.{layer}", out, into)
    return shapes


class Settings:
    """What Lightning files hold beside their tensors; reading them must not need the class."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ProbTalk3D with HuBERT inside, as Lightning writes it."""
    path = tmp_path_factory.mktemp("motion") / "probtalk3d.ckpt"
    tensors = weights(probtalk3d() | _encoder("feature_extractor.audiomodel."))
    torch.save({"state_dict": tensors, "hyper_parameters": Settings()}, path)
    return path


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> MotionModel:
    return MotionModel.open(checkpoint)


@pytest.fixture(scope="module")
def hello() -> Sound:
    return decode(HELLO).between(0.0, 1.0)


def test_a_flame_track_at_25_frames_says_what_made_it(model: MotionModel, hello: Sound) -> None:
    track = model.track(hello, MotionOptions(2, {"angry": 0.5}), 0.0, 0)
    assert (track.fps, track.flame.shape) == (25.0, (24, 112))  # 49 frames of HuBERT, in pairs
    assert np.abs(track.flame[:, :50]).max() > 0.1 and not track.flame[:, 50:100].any()
    assert track.provenance.licence_track == "research"
    assert track.provenance.model == "ProbTalk3D, M007, neutral 0.5, angry 0.5"


def test_samples_differ_by_the_seed_and_come_again(model: MotionModel, hello: Sound) -> None:
    one, again, other = (model.track(hello, MotionOptions(), 0.2, seed).flame for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    likeliest = [model.track(hello, MotionOptions(), 0.0, seed).flame for seed in (1, 2)]
    assert np.array_equal(*likeliest)


def test_a_style_is_who_what_and_how_strong() -> None:
    style, told = spoken_as(MotionOptions(31, {"happy": 0.6, "calm": 0.2}, intensity=1.5))
    assert style.shape == (1, 43) and style[0, 31] == 1 and style[0, :32].sum() == 1
    assert style[0, 32:40].tolist() == pytest.approx([0.4, 0.6, 0, 0, 0, 0, 0, 0])
    assert style[0, 40:].tolist() == [0, 0.5, 0.5]
    assert told == "W029, neutral 0.4, happy 0.6"
    assert spoken_as(MotionOptions(intensity=2.0))[0][0, 40:].tolist() == [1, 0, 0]  # neutral has one strength
    with pytest.raises(UserError, match="persons 0 to 31"):
        spoken_as(MotionOptions(32))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LSF without its encoders, and these in folders: HuBERT, and emotion2vec's base in fairseq's form."""


    folder = tmp_path_factory.mktemp("lsf")
    torch.save({"state_dict": weights(lsf())}, folder / "lsf.ckpt")
    for name in ("hubert", "emotion2vec"):
        (folder / name).mkdir()
    torch.save(weights(_encoder("")), folder / "hubert" / "pytorch_model.bin")
    torch.manual_seed(0)
    net = Emotion2vec(replace(TINY, width=64, classes=0))
    torch.save({"cfg": Settings(), "model": published(net)}, folder / "emotion2vec" / "emotion2vec_base.pt")
    return folder


def test_lsf_hears_through_the_users_folders_and_a_face_is_whose_way_it_is(folders: Path, hello: Sound) -> None:
    model = MotionModel.open(folders / "lsf.ckpt", folders / "hubert", folders / "emotion2vec")
    shape = np.random.default_rng(0).normal(size=300).astype(np.float32)
    mean, other = (model.track(hello, MotionOptions(shape=one), 0.0, 0) for one in (None, 3 * shape))
    assert mean.flame.shape == (24, 112)
    assert not np.array_equal(mean.flame, other.flame)
    with pytest.raises(UserError, match="leave --emotion out"):
        model.track(hello, MotionOptions(emotion={"happy": 1.0}), 0.0, 0)


def test_what_is_missing_is_named_with_its_option(folders: Path, checkpoint: Path, tmp_path: Path) -> None:
    lsf, hubert = folders / "lsf.ckpt", folders / "hubert"
    for given, complaint in (((lsf,), "--hubert"), ((lsf, hubert), "--emotion2vec"), ((lsf, tmp_path), "none of")):
        with pytest.raises(UserError, match=complaint):
            MotionModel.open(*given)
    with pytest.raises(UserError, match="no HuBERT"):
        MotionModel.open(lsf, folders / "emotion2vec", folders / "emotion2vec")


def test_a_long_sound_is_felt_in_pieces(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_server.motion_model.LONGEST_PIECE", 16000)
    model = MotionModel.open(folders / "lsf.ckpt", folders / "hubert", folders / "emotion2vec")
    sound = decode(HELLO).between(0.0, 2.5)
    assert len(model.track(sound, MotionOptions(), 0.0, 0).flame) >= 60


def test_the_terminal_writes_samples_that_the_program_reads(checkpoint: Path, tmp_path: Path) -> None:
    command = ["motion", HELLO, "-o", tmp_path / "x.npy", "--model", checkpoint, "--emotion", "sad=1", "--takes", "2"]
    done = s2f(*command)
    assert done.returncode == 0, done.stderr
    assert "research, not for commercial use" in done.stdout
    tracks = [read(tmp_path / f"x_take{take}.npy") for take in (1, 2)]
    assert tracks[0].flame.shape == tracks[1].flame.shape
    assert not np.array_equal(tracks[0].flame, tracks[1].flame)
    assert "end in .npy" in s2f("motion", HELLO, "-o", tmp_path / "x.csv", "--model", checkpoint).stderr
    assert "s2f motion" in s2f("infer", HELLO, "-o", tmp_path / "x.csv", "--model", checkpoint).stderr


def s2f(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_server", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize("frames", [0, 1, 2, 7])
def test_a_clip_of_hardly_a_frame_is_told_and_others_move(frames: int, checkpoint: Path) -> None:
    from model_server.foreign import MotionNetwork, open_checkpoint

    net = open_checkpoint(checkpoint)
    assert isinstance(net, MotionNetwork)
    audio, style, motion = np.ones((1, frames, 128)), np.ones((1, 43)), np.ones((1, frames, 53))
    if frames < 2:
        with pytest.raises(UserError, match="ProbTalk3D"):
            net.motion(audio, None, style)
        with pytest.raises(UserError, match="ProbTalk3D"):
            net.reconstruct(motion)
        return
    assert net.motion(audio, None, style).shape == net.reconstruct(motion).shape == (frames, 53)
