"""Gated cross-attention of voice and words: tiny trained weights, read back in numpy, in the place of late fusion."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from model_server.audio.decode import decode
from model_server.emotion import listener, word_model
from model_server.emotion.feel import feel
from model_server.emotion.fusion import FusionCard, GatedFusion
from model_server.emotion.mixer import Recipe
from model_server.emotion.voice import Heard
from model_server.emotion.words import Sentence
from model_server.sample import SAMPLE
from model_server.training.emotion.fusion import GatedNet, batch, compared, fit
from model_server.training.emotion.pairs import LabelledPair, target_of
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError


def pair(rng: np.random.Generator, seconds: float = 8.0) -> LabelledPair:
    """Two sentences; a voice that is a little sure of its class and words that are very sure of theirs."""
    times = np.arange(0.2, seconds, 0.4)
    half = seconds / 2
    said, target, sliders = [], [], np.full((len(times), len(EMOTIONS)), 0.04, np.float32)
    for start in (0.0, half):
        voice, words = (int(rng.integers(9)) for _ in range(2))
        if rng.random() < 0.5:
            words = voice
        scores = np.zeros(len(EMOTIONS), np.float32)
        if words:
            scores[words - 1] = 0.7
        said.append(Sentence("x", start, start + half, scores))
        during = (times >= start) & (times < start + half)
        if voice:
            sliders[during, voice - 1] = 0.4
        target += [target_of(voice, words)] * int(during.sum())
    return LabelledPair(Heard(times, sliders), said, np.array(target, np.float32))


def write(net: GatedNet, path: Path, voice: str = "", words: str = "") -> Path:
    card = FusionCard(
        "tiny", "product", "GPL-3.0-or-later", {}, voice or listener.bundled().id, words or word_model.bundled().id
    )
    path.write_bytes(save(net.arrays(), {"card": card.to_json()}))
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[LabelledPair], list[LabelledPair]]:
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    taught, held = [pair(rng) for _ in range(200)], [pair(rng) for _ in range(40)]
    return write(fit(taught, 0, 12), tmp_path_factory.mktemp("fusion") / "tiny.safetensors"), taught, held


def test_numpy_says_what_torch_says(tmp_path: Path) -> None:
    torch.manual_seed(2)
    net, rng = GatedNet().eval(), np.random.default_rng(3)
    model = GatedFusion(write(net, tmp_path / "random.safetensors"))
    pairs = [pair(rng), pair(rng, 4.0)]
    with torch.inference_mode():
        wanted = net(*batch(pairs)[:4]).softmax(-1).numpy()
    for one, shares in zip(pairs, wanted, strict=True):
        found = model.judge(one.heard.sliders, one.heard.times, one.said)
        assert found == pytest.approx(shares[: len(found)], abs=1e-5)


def test_it_learns_which_of_the_two_to_believe(trained: tuple[Path, list[LabelledPair], list[LabelledPair]]) -> None:
    path, taught, held = trained
    table = compared(GatedFusion(path), held, taught)
    assert table["gated"]["recall"] > 0.85
    assert table["gated"]["recall"] >= table["late, default weights"]["recall"]
    assert table["gated"]["recall"] > table["words alone"]["recall"] + 0.1


def test_each_sentence_counts_where_it_is_said(trained: tuple[Path, list[LabelledPair], list[LabelledPair]]) -> None:
    times = np.arange(0.2, 8, 0.4)
    voice = np.full((len(times), len(EMOTIONS)), 0.04, np.float32)
    joy, grief = np.zeros((2, len(EMOTIONS)), np.float32)
    joy[0], grief[1] = 0.7, 0.7
    said = [Sentence("a", 0.0, 4.0, joy), Sentence("b", 4.0, 8.0, grief)]
    shares = GatedFusion(trained[0]).judge(voice, times, said)
    assert shares[:8, 1].mean() > 0.5 > shares[12:, 1].mean()
    assert shares[12:, 2].mean() > 0.5 > shares[:8, 2].mean()


def test_without_words_the_voice_is_heard(trained: tuple[Path, list[LabelledPair], list[LabelledPair]]) -> None:
    times = np.arange(0.2, 8, 0.4)
    angry = np.full((len(times), len(EMOTIONS)), 0.04, np.float32)
    angry[:, EMOTIONS.index("angry")] = 0.4
    shares = GatedFusion(trained[0]).judge(angry, times, [])
    assert shares.sum(1) == pytest.approx(1, abs=1e-5)
    assert (shares.argmax(1) == 1 + EMOTIONS.index("angry")).all()


def test_it_takes_the_place_of_the_weights_when_it_is_chosen(
    trained: tuple[Path, list[LabelledPair], list[LabelledPair]],
) -> None:
    sound, text = decode(SAMPLE), "I am so happy, this is wonderful! I love it."
    fusion = GatedFusion(trained[0])
    everything = Recipe(weights={"voice": 0.5, "words": 0.3}, smoothing=0.0, most=len(EMOTIONS))
    felt, late = feel(sound, 24.0, text, everything, fusion=fusion), feel(sound, 24.0, text, everything)
    heard = listener.bundled().hear(sound.samples)
    assert felt.sliders == pytest.approx(fusion.over_time(heard, felt.sentences, len(late.sliders), 24.0), abs=1e-6)
    assert np.abs(felt.sliders - late.sliders).max() > 0.05
    assert [s.text for s in felt.sentences] == [s.text for s in late.sentences]


def test_it_is_for_the_models_that_it_was_trained_with(tmp_path: Path) -> None:
    fusion = GatedFusion(write(GatedNet(), tmp_path / "other.safetensors", voice="another voice"))
    with pytest.raises(UserError, match="another voice"):
        feel(decode(SAMPLE), 24.0, fusion=fusion)


def test_what_is_no_fusion_gets_a_sentence(tmp_path: Path) -> None:
    net = GatedNet().arrays()
    card = {"card": FusionCard("x", "", "", {}, "", "").to_json()}
    half = save({name: array for name, array in net.items() if name != "gate.weight"}, card)
    cases = {"junk": b"nothing", "no card": save(net), "half": half}
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=name):
            GatedFusion(tmp_path / name)
