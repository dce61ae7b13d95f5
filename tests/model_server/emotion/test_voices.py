"""The voice slot: the shipped model, a trained file or a folder of emotion2vec, chosen by one path."""

from pathlib import Path

import numpy as np
import pytest

from model_server.emotion.labels import RAVDESS
from model_server.emotion.voices import voice_model
from model_server.training.emotion.acted import train_acted
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from tests.model_server.training.emotion.test_acted import acted, folder

__all__ = ["folder"]  # a fixture


def test_nothing_means_the_model_that_ships() -> None:
    assert voice_model().licence_track == "product"


def test_a_trained_file_is_a_research_model(folder: Path, tmp_path: Path) -> None:
    train_acted(folder, tmp_path / "mine.safetensors", range(3, 4), nets=1, epochs=1)
    model = voice_model(str(tmp_path / "mine.safetensors"))
    assert model.licence_track == "research"
    heard = model.hear(np.concatenate([acted(RAVDESS.index("angry"), 1, k) for k in range(4)]))
    assert heard.sliders.shape[1] == len(EMOTIONS)


def test_a_path_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.safetensors"):
        voice_model(str(tmp_path / "nowhere.safetensors"))
    with pytest.raises(UserError, match=r"model\.pt"):
        voice_model(str(tmp_path))
