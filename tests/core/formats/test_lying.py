"""However a program lays them out, the same curves are read: names in rows, one value a line, keys by name."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import frames_json, livelink
from s2f_blender_addon.core.track import FaceTrack

FPS, COUNT = 30, 60
JAW = [round(0.5 - 0.5 * float(np.cos(2 * np.pi * i / FPS)), 4) for i in range(COUNT)]
SMILE = [round(0.3 + 0.2 * float(np.sin(i / 7)), 4) for i in range(COUNT)]
CURVES = {"jawOpen": JAW, "mouthSmileLeft": SMILE}
TIMES = [round(i / FPS, 4) for i in range(COUNT)]


def are_the_curves(track: FaceTrack) -> None:
    assert (len(track.talk), round(track.fps, 3)) == (COUNT, FPS)
    for name, values in CURVES.items():
        np.testing.assert_allclose(track.talk[:, INDEX[name]], values, atol=1e-4)


def line(sep: str, *cells: object) -> str:
    return sep.join(map(str, cells)) + "\n"


class TestTables:
    @pytest.mark.parametrize("sep", [",", ";", "\t"])
    @pytest.mark.parametrize("corner", ["---", "", "name", "Time"])
    def test_names_below_each_other_with_a_column_for_each_time(self, corner: str, sep: str) -> None:
        text = line(sep, corner, *TIMES) + "".join(line(sep, name, *values) for name, values in CURVES.items())
        track = livelink.parse(text.encode(), "curves.csv")
        are_the_curves(track)
        assert "turned" in " ".join(track.provenance.notes)

    def test_a_column_for_each_frame_and_no_clock_at_all(self) -> None:
        numbered = line(",", "frame", *range(COUNT))
        for head in (numbered, ""):
            text = head + "".join(line(",", name, *values) for name, values in CURVES.items())
            track = livelink.parse(text.encode(), "curves.csv")
            are_the_curves(track)
            assert "30" in " ".join(track.provenance.notes), "the rate was assumed, and is told"

    @pytest.mark.parametrize("head", ["time,name,value\n", "seconds,blendshape,weight\n", ""])
    def test_a_line_for_each_value(self, head: str) -> None:
        body = "".join(line(",", TIMES[i], name, values[i]) for i in range(COUNT) for name, values in CURVES.items())
        track = livelink.parse((head + body).encode(), "long.csv")
        are_the_curves(track)
        assert "put together" in " ".join(track.provenance.notes)

    def test_lines_of_one_value_beside_more_than_a_time_are_asked_about(self) -> None:
        body = "".join(line(",", TIMES[i], "jawOpen", JAW[i], i * 3) for i in range(COUNT))
        with pytest.raises(UserError, match="a time, a name and a value"):
            livelink.parse(body.encode(), "long.csv")

    def test_a_lost_cell_is_bridged_in_a_turned_table_too(self) -> None:
        jaw = [str(value) for value in JAW]
        jaw[20] = ""
        text = line(",", "---", *TIMES) + line(",", "jawOpen", *jaw) + line(",", "mouthSmileLeft", *SMILE)
        track = livelink.parse(text.encode(), "curves.csv")
        assert track.talk[20, INDEX["jawOpen"]] == pytest.approx((JAW[19] + JAW[21]) / 2, abs=1e-3)


def pairs(name: str) -> list[list[float]]:
    return [[t, v] for t, v in zip(TIMES, CURVES[name], strict=True)]


def keys(name: str, time: str, value: str, times: Any = TIMES) -> list[dict[str, float]]:
    return [{time: t, value: v} for t, v in zip(times, CURVES[name], strict=True)]


FORMS: dict[str, Any] = {
    "three.js": {"name": "speak", "fps": 30, "tracks": [
        {"name": f"Head.morphTargetInfluences[{name}]", "type": "number", "times": TIMES, "values": values}
        for name, values in CURVES.items()
    ]},
    "Unreal's curves": {"Curves": [{"Name": name, "Keys": keys(name, "Time", "Value")} for name in CURVES]},
    "Unreal's curve table": [
        {"Name": name, **{f"{t:.4f}": v for t, v in zip(TIMES, values, strict=True)}} for name, values in CURVES.items()
    ],
    "pairs": {name: pairs(name) for name in CURVES},
    "keys by frame": {name: keys(name, "frame", "value", range(COUNT)) for name in CURVES},
    "values by frame": {name: {str(i): v for i, v in enumerate(values)} for name, values in CURVES.items()},
    "frames by number": {"frames": {str(i): {n: v[i] for n, v in CURVES.items()} for i in range(COUNT)}},
    "deep inside": {"result": {"animation": {"fps": 30, "blendshapes": CURVES}}},
    "under another word": [{"t": TIMES[i], "bs": {n: v[i] for n, v in CURVES.items()}} for i in range(COUNT)],
}  # fmt: skip


class TestJson:
    @pytest.mark.parametrize("form", FORMS)
    def test_curves_are_found_wherever_they_stand(self, form: str) -> None:
        are_the_curves(frames_json.parse(json.dumps(FORMS[form]).encode(), "curves.json"))

    @pytest.mark.parametrize("scale", [1, 1000])
    def test_a_few_keys_are_joined_by_straight_lines_and_that_is_told(self, scale: int) -> None:
        document = {"jawOpen": [[0, 0], [0.5 * scale, 1], [1.25 * scale, 0]], "mouthSmileLeft": [[0, 0.5]]}
        track = frames_json.parse(json.dumps(document).encode(), "keys.json")
        at = np.arange(len(track.talk)) / track.fps
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], np.interp(at, [0, 0.5, 1.25], [0, 1, 0]), atol=1e-3)
        np.testing.assert_allclose(track.talk[:, INDEX["mouthSmileLeft"]], 0.5, atol=1e-6)
        assert at[-1] == pytest.approx(1.25, abs=0.01)
        assert "straight lines" in " ".join(track.provenance.notes)

    @pytest.mark.parametrize("document", [
        {"jawOpen": [[0, 0], [1e9, 1]]}, {"jawOpen": {"0": 0.1, "99999999": 0.2}},
        {"jawOpen": []}, {"tracks": [{"name": "a.position", "times": [0, 1], "values": [0, 1]}]},
    ])  # fmt: skip
    def test_what_is_no_animation_of_a_face_gets_a_sentence(self, document: Any) -> None:
        with pytest.raises(UserError, match=r"track|frames"):
            frames_json.parse(json.dumps(document).encode(), "keys.json")


@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.floats(0, 1)), min_size=2, max_size=12, unique_by=lambda key: round(key[0], 2)
    ),
    st.sampled_from([
        lambda k: {"jawOpen": [list(key) for key in k]},
        lambda k: {"curves": [{"name": "jawOpen", "keys": [{"time": t, "value": v} for t, v in k]}]},
        lambda k: [{"name": "morph[jawOpen]", "times": [t for t, _ in k], "values": [v for _, v in k]}],
    ]),
)  # fmt: skip
def test_keys_at_any_times_in_any_order_stay_within_their_values(
    drawn: list[tuple[float, float]], form: Callable[[list[tuple[float, float]]], Any]
) -> None:
    try:
        track = frames_json.parse(json.dumps(form(drawn)).encode(), "keys.json")
    except UserError:
        return
    jaw = track.talk[:, INDEX["jawOpen"]]
    assert jaw.min() >= min(v for _, v in drawn) - 1e-5 and jaw.max() <= max(v for _, v in drawn) + 1e-5
