"""Model files: what is refused, and that the refusal is one sentence naming the file."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from model_server.slots.model_file import BUNDLED
from model_server.speech.weights import read
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError


def bundled() -> tuple[dict[str, np.ndarray], dict[str, object]]:
    arrays, notes = read(BUNDLED)
    return arrays, json.loads(notes["card"])


def written(path: Path, arrays: dict[str, np.ndarray], card: object) -> Path:
    path.write_bytes(save(arrays, {"card": json.dumps(card)}))
    return path


def test_our_reader_gives_what_safetensors_gives() -> None:
    from safetensors.numpy import load_file

    ours, theirs = read(BUNDLED)[0], load_file(BUNDLED)
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name].astype(np.float32)) for name in ours)


def test_the_bundled_card_names_its_licence_its_data_and_the_canonical_channels() -> None:
    card = TalkModel.load().card
    assert card.licence_track == "product"
    assert card.channels == CHANNELS
    assert card.made


@pytest.mark.parametrize("size", [0, 4, 8, 100, 5000])
def test_a_truncated_model_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(BUNDLED.read_bytes()[:size])
    with pytest.raises(UserError, match=r"broken\.safetensors"):
        TalkModel.load(path)


def test_a_model_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="none.safetensors"):
        TalkModel.load(tmp_path / "none.safetensors")


def test_weights_without_a_card_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.safetensors"
    path.write_bytes(save({"x": np.zeros(3, np.float32)}))
    with pytest.raises(UserError, match="no network that is known here"):
        TalkModel.load(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "another/9"}, "not a model of this program"),
        ({"channels": ["jawOpen"]}, "other channels"),
        ({"classes": ["a", "b"]}, "other channels or phones"),
        ({"licence_track": "unknown"}, "licence track"),
        ({"shape": {"width": 5}}, "another kind"),
        ({"extra": 1}, "not a model of this program"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    arrays, card = bundled()
    path = written(tmp_path / "other.safetensors", arrays, {**card, **change})
    with pytest.raises(UserError, match=sentence):
        TalkModel.load(path)


def test_weights_of_other_names_or_sizes_are_refused(tmp_path: Path) -> None:
    arrays, card = bundled()
    missing = {name: array for name, array in arrays.items() if name != "head.bias"}
    wrong = {**arrays, "head.bias": arrays["head.bias"][:-1]}
    for case in (missing, wrong):
        with pytest.raises(UserError, match="other weights than its card says"):
            TalkModel.load(written(tmp_path / "odd.safetensors", case, card))


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    arrays, card = bundled()
    arrays["head.bias"] = np.full_like(arrays["head.bias"], np.nan)
    with pytest.raises(UserError, match="damaged"):
        TalkModel.load(written(tmp_path / "nan.safetensors", arrays, card))
