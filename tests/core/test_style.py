"""An actor's style: what it does to a mouth, what it leaves, and its file."""

import json
from pathlib import Path

import numpy as np
import pytest

from s2f_blender_addon.core import codec
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.style import MOUTH, Style, as_text, from_text, read_file, write_file


def style(**changes: object) -> Style:
    mouth = np.eye(len(MOUTH), dtype=np.float32)
    jaw, left = MOUTH.index("jawOpen"), MOUTH.index("mouthSmileLeft")
    mouth[jaw, jaw], mouth[jaw, left] = 0.5, 0.25
    return Style(**({"name": "Ann", "mouth": mouth, "brows": 1.5, "blinks": 0.5} | changes))  # type: ignore[arg-type]


def face(**values: float) -> np.ndarray:
    curves = np.zeros((1, len(CHANNELS)), np.float32)
    for name, value in values.items():
        curves[0, INDEX[name]] = value
    return curves


def test_it_scales_and_mixes_the_mouth_and_leaves_eyes_and_rest() -> None:
    spoken = style().spoken(face(jawOpen=0.4, eyeBlinkLeft=0.7))
    assert spoken[0, INDEX["jawOpen"]] == pytest.approx(0.2)
    assert spoken[0, INDEX["mouthSmileLeft"]] == pytest.approx(0.1)
    assert spoken[0, INDEX["eyeBlinkLeft"]] == np.float32(0.7)
    assert not style().spoken(face()).any()


def test_sealed_lips_stay_shut() -> None:
    shut = face(jawOpen=0.2, mouthClose=0.2)
    open_mouth = np.eye(len(MOUTH), dtype=np.float32)
    open_mouth[MOUTH.index("jawOpen"), MOUTH.index("jawOpen")] = 2
    spoken = style(mouth=open_mouth).spoken(shut)
    assert spoken[0, INDEX["mouthClose"]] == pytest.approx(spoken[0, INDEX["jawOpen"]])


def test_liveliness_becomes_the_actors_within_limits() -> None:
    life = style(head=2.0).lively(Liveliness(brows=1.6, head=1.5))
    assert (life.brows, life.blinks, life.head) == (2.0, 0.5, 2.0)


def test_the_file_gives_it_back(tmp_path: Path) -> None:
    write_file(tmp_path / "ann.json", style(licence_track="research"), {"seconds": 60})
    again = read_file(tmp_path / "ann.json")
    assert again.licence_track == "research"
    assert np.allclose(again.mouth, style().mouth, atol=1e-4)
    assert (again.name, again.brows, again.blinks, again.head) == ("Ann", 1.5, 0.5, 1.0)


WRONG = [{"mouth": 3}, {"brows": 9.0}, {"licence_track": "free"}, {"format": "x"}, {"name": ""}]


@pytest.mark.parametrize("change", WRONG)
def test_what_is_no_style_is_refused_in_a_sentence(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(json.loads(as_text(style())) | change))
    with pytest.raises(UserError, match=r"bad\.json"):
        read_file(path)


def test_a_huge_number_is_refused() -> None:
    with pytest.raises(UserError, match="damaged"):
        from_text(as_text(style()).replace("0.25", "99"))


def test_it_travels_with_a_request() -> None:
    arrays: codec.Arrays = {}
    data = json.loads(json.dumps(codec.dump(Request(style=style()), arrays)))
    again = codec.load(Request, data, arrays).style
    assert again is not None and again.key == style().key
    assert codec.load(Request, json.loads(json.dumps(codec.dump(Request())))).style is None
