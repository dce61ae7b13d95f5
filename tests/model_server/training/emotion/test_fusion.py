"""Training a fusion of voice and words end to end, on speech made here."""

from pathlib import Path

import numpy as np
import torch

from model_server.emotion.fusion import GatedFusion
from model_server.training.emotion.fusion import fit, train_fusion
from model_server.training.emotion.pairs import synthetic, target_of


def test_a_pair_means_what_its_rule_says() -> None:
    assert target_of(0, 0)[0] == 1
    assert target_of(3, 3)[3] == target_of(3, 0)[3] == target_of(0, 3)[3] == 1
    assert (target_of(3, 5)[3], round(float(target_of(3, 5)[5]), 3)) == (np.float32(0.7), 0.3)


def test_pairs_are_spoken_and_read() -> None:
    pairs = synthetic(3, 0)
    for pair in pairs:
        assert len(pair.heard.times) == len(pair.target)
        assert 2 <= len(pair.said) <= 3
        assert (np.diff([sentence.start for sentence in pair.said]) > 0).all()
    known = {word for pair in pairs for sentence in pair.said for word in sentence.text.split()}
    held = {word for pair in synthetic(3, 0, held=True) for sentence in pair.said for word in sentence.text.split()}
    assert known != held


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    figures = train_fusion(tmp_path / "fusion.safetensors", count=10, epochs=2)
    assert set(figures) == {"synthetic"}
    assert {"gated", "late, default weights", "late, best weights"} <= set(figures["synthetic"])
    card = GatedFusion(tmp_path / "fusion.safetensors").card
    assert (card.licence_track, card.voice, card.words) == ("product", "voice emotion 4", "words 4")


def test_the_same_pairs_and_seed_give_the_same_weights() -> None:
    torch.set_num_threads(1)
    pairs = synthetic(8, 4)
    one, other = (fit(pairs, 4, 2).arrays() for _ in range(2))
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
