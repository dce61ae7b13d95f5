"""Columns and poses of a track mean what keys of these names mean, and nothing that was left out goes unsaid."""

import json

import numpy as np
import pytest

from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import frames_json, livelink
from s2f_blender_addon.core.naming.match import match
from s2f_blender_addon.core.track import FaceTrack

A2F_46 = (
    "browLowerL browLowerR innerBrowRaiserL innerBrowRaiserR outerBrowRaiserL outerBrowRaiserR eyesLookLeft "
    "eyesLookRight eyesLookUp eyesLookDown eyesCloseL eyesCloseR squintL squintR cheekRaiserL cheekRaiserR cheekPuffL "
    "cheekPuffR noseWrinklerL noseWrinklerR jawDrop jawThrust dimplerL dimplerR lipCornerPullerL lipCornerPullerR "
    "lipCornerDepressorL lipCornerDepressorR lipStretcherL lipStretcherR upperLipRaiserL upperLipRaiserR "
    "lowerLipDepressorL lowerLipDepressorR chinRaiser pucker funneler"
).split()


def table(**columns: list[float]) -> FaceTrack:
    names = list(columns)
    rows = [f"{n / 30:.5f}," + ",".join(str(columns[name][n]) for name in names) for n in range(len(columns[names[0]]))]
    return livelink.parse("\n".join(["time," + ",".join(names), *rows]).encode(), "take.csv")


def one(name: str, value: float = 0.6) -> dict[str, float]:
    """The channels that a column of this name moves, beside all the others of an Audio2Face export."""
    names = [name, *(other for other in A2F_46 if other != name)]
    document = {"exportFps": 30, "facsNames": names, "weightMat": [[0] * len(names), [value] + [0] * (len(names) - 1)]}
    track = frames_json.parse(json.dumps(document).encode(), "line.json")
    return {channel: round(float(track.talk[1, i]), 4) for i, channel in enumerate(CHANNELS) if track.talk[1, i]}


@pytest.mark.parametrize("prefix", ["", "blendShapes.", "blendShape1.", "BS_", "CTRL_expressions_", "face_", "Head_"])
def test_prefixes_mean_nothing(prefix: str) -> None:
    values = {f"{prefix}{name[0].upper()}{name[1:]}": [0.0, (i + 1) / 60] for i, name in enumerate(CHANNELS)}
    np.testing.assert_allclose(table(**values).talk[1], (np.arange(52) + 1) / 60, atol=1e-6)


def test_poses_of_the_older_solver_move_what_keys_of_their_names_move() -> None:
    assert one("jawDrop") == {"jawOpen": 0.6}
    assert one("jawDropLipTowards") == {"jawOpen": 0.6, "mouthClose": 0.6}  # drops the jaw behind shut lips
    assert one("lipCornerPullerL") == {"mouthSmileLeft": 0.6}
    assert one("pucker") == {"mouthPucker": 0.6}
    assert one("eyesCloseR") == {"eyeBlinkRight": 0.6}


def test_parts_of_a_channel_are_averaged_and_a_pose_for_both_sides_moves_both() -> None:
    track = table(browRaiseInL=[0.2, 1.0], browRaiseInR=[0.4, 0.0], jawOpen=[0, 0])
    np.testing.assert_allclose(track.talk[:, INDEX["browInnerUp"]], [0.3, 0.5], atol=1e-6)
    track = table(smile=[0.2, 1.0], jawOpen=[0, 0])
    for side in ("Left", "Right"):
        np.testing.assert_allclose(track.talk[:, INDEX[f"mouthSmile{side}"]], [0.2, 1.0], atol=1e-6)


@pytest.mark.parametrize(
    ("writing", "channel"),
    [
        ("eyeBlink_L", "eyeBlinkLeft"), ("CTRL_L_eye_blink", "eyeBlinkLeft"), ("MouthSmile_R", "mouthSmileRight"),
        ("JawDrop", "jawOpen"), ("Fcl_EYE_Close", "eyeBlinkLeft"), ("Eye_Left_Blink", "eyeBlinkLeft"),
        ("LipFunnel", "mouthFunnel"), ("mouthUpperUp_L", "mouthUpperUpLeft"),
    ],
)  # fmt: skip
def test_other_trackers_names_go_through_the_families_of_keys(writing: str, channel: str) -> None:
    assert channel in {entry.source for entry in match((writing,)).active}
    track = table(**{writing: [0.1, 0.9], "CheekPuff": [0, 0]})
    np.testing.assert_allclose(track.talk[:, INDEX[channel]], [0.1, 0.9], atol=1e-6)


def test_mouth_shapes_become_their_poses_where_nothing_else_speaks() -> None:
    oculus = "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()
    shapes = {f"viseme_{name}": [0.0, float(name == "aa")] for name in oculus}
    assert table(**shapes).talk[1, INDEX["jawOpen"]] > 0.4
    both = table(**shapes, **{name: [0.0, 0.1] for name in CHANNELS})
    np.testing.assert_allclose(both.talk[1], 0.1, atol=1e-6)
    assert any("mouth shapes were left out" in note for note in both.provenance.notes)


def test_openface_intensities_go_up_to_5_and_its_presence_columns_say_nothing() -> None:
    header = "frame, face_id, timestamp, confidence, success, pose_Tx, AU12_r, AU26_r, AU45_r, AU12_c, AU26_c"
    rows = [f"{n + 1}, 0, {n / 30:.3f}, 0.98, 1, 3.0, {n / 10:.2f}, 2.5, 0.0, 1, 1" for n in range(30)]
    track = livelink.parse("\n".join([header, *rows]).encode(), "openface.csv")
    assert track.fps == 30
    np.testing.assert_allclose(track.talk[:, INDEX["mouthSmileLeft"]], np.arange(30) / 50, atol=1e-5)
    np.testing.assert_allclose(track.talk[:, INDEX["mouthSmileRight"]], np.arange(30) / 50, atol=1e-5)
    np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], 0.5, atol=1e-5)
    assert any("pose_Tx" in note for note in track.provenance.notes)
    assert not any("AU12_c" in note for note in track.provenance.notes)


def test_a_name_that_stands_twice_is_read_once_and_said() -> None:
    track = livelink.parse(b"time,jawOpen,jawOpen\n0,0.1,0.9\n0.1,0.2,0.9\n", "take.csv")
    np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.2], atol=1e-6)
    assert any("more than once" in note for note in track.provenance.notes)
    track = livelink.parse(b"time,jawOpen,HeadYaw,HeadYaw\n0,0.1,0.2,0.9\n0.1,0.2,0.2,0.9\n", "take.csv")
    np.testing.assert_allclose(track.head[:, 0], 0.2, atol=1e-6)
    assert "HeadYaw stands in it more than once; the first is read." in track.provenance.notes


def test_a_misspelling_is_said() -> None:
    track = livelink.parse(b"time,mouthPuker,jawOpen\n0,0.1,0\n0.1,0.2,0\n", "take.csv")
    assert any("mouthPuker as mouthPucker" in note for note in track.provenance.notes)


NAMED = [{"jawOpen": v, "mouthClose": 0} for v in (0.1, 0.2, 0.3)]
SCORED = [
    [{"index": 0, "categoryName": "_neutral", "score": 0}, {"index": 25, "categoryName": "jawOpen", "score": v}]
    for v in (0.1, 0.2, 0.3)
]
FORMS = {
    "frames with names": [{"time": n / 30, **frame} for n, frame in enumerate(NAMED)],
    "frames in an object": {"fps": 30, "frames": NAMED},
    "frames with blendshapes": {"fps": 30, "frames": [{"frame": n, "blendShapes": f} for n, f in enumerate(NAMED)]},
    "names beside rows": {"names": ["jawOpen"], "metadata": {"fps": 30}, "frames": [[0.1], [0.2], [0.3]]},
    "names beside weights": {
        "names": ["mouthClose", "jawOpen"],
        "metadata": {"fps": 30.0, "frame_count": 3},
        "frames": [{"weights": [0, v], "time": n / 30, "rotation": []} for n, v in enumerate((0.1, 0.2, 0.3))],
    },
    "scores by category": [{"timestamp_ms": n * 1000 / 30, "faceBlendshapes": [{"categories": s}]}
                           for n, s in enumerate(SCORED)],
    "curves": {"fps": 30, "jawOpen": [0.1, 0.2, 0.3], "mouthClose": [0, 0, 0]},
}  # fmt: skip


class TestJson:
    """Every form holds a jaw that opens to 0.1, 0.2 and 0.3 at 30 frames a second or as its service sends it."""

    @pytest.mark.parametrize("form", FORMS)
    def test_frames_of_other_programs(self, form: str) -> None:
        track = frames_json.parse(json.dumps(FORMS[form]).encode(), "take.json")
        assert track.fps == pytest.approx(30)
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.2, 0.3], atol=1e-6)

    @pytest.mark.parametrize("one_a_line", [False, True])
    def test_chunks_of_a_speech_service_are_put_in_order(self, one_a_line: bool) -> None:
        def frame(value: float) -> list[float]:
            row = [0.0] * 55
            row[INDEX["jawOpen"]] = value
            return row

        first = {"FrameIndex": 0, "BlendShapes": [frame(0.1), frame(0.2)]}
        second = {"FrameIndex": 2, "BlendShapes": [frame(0.3)]}
        chunks = [second, first]
        text = "\n".join(map(json.dumps, chunks)) if one_a_line else json.dumps(chunks)
        track = frames_json.parse(text.encode(), "viseme.json")
        assert track.fps == 60
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.2, 0.3], atol=1e-6)

    def test_a_rate_that_is_not_told_is_assumed_and_said_and_can_be_given(self) -> None:
        data = json.dumps({"facsNames": ["jawOpen"], "weightMat": [[0], [1]]}).encode()
        assert frames_json.parse(data, "a.json", 24.0).fps == 24
        assumed = frames_json.parse(data, "a.json")
        assert assumed.fps == 30
        assert any("30 frames a second were taken" in note for note in assumed.provenance.notes)

    @pytest.mark.parametrize("text", ['{"a": [1, 2]}', "[1, 2, 3]", '"jawOpen"', "null", '[{"time": 0}]', "{}"])
    def test_json_of_something_else_gets_a_sentence(self, text: str) -> None:
        with pytest.raises(UserError, match="no frames with names"):
            frames_json.parse(text.encode(), "a.json")
