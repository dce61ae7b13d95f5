"""Mouth cues for drawn characters: the right drawings, and each form of them as its readers expect it."""

import csv
import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats.cues import SHAPES, MouthCue, cues
from s2f_blender_addon.core.naming.visemes import SETS
from s2f_blender_addon.core.track import FaceTrack, Provenance

FPS = 60.0


def spoken(shapes: str, frames: int = 12, size: float = 1.0, start: float = 0.0) -> FaceTrack:
    """A mouth that shows each of ``shapes`` for ``frames`` frames, with soft ways between, as mouths move."""
    poses = np.zeros((len(shapes), len(CHANNELS)), np.float32)
    for row, shape in zip(poses, shapes, strict=True):
        for channel, value in SETS["rhubarb"].poses[shape].items():
            row[INDEX[channel]] = value * size
    values = np.repeat(poses, frames, axis=0)
    soft = np.stack([np.convolve(np.pad(v, 2, "edge"), np.ones(5) / 5, "valid") for v in values.T], axis=1)
    close = [INDEX["mouthClose"], INDEX["jawOpen"]]
    soft[:, close] = values[:, close]
    nothing = np.zeros_like(soft)
    return FaceTrack(soft.astype(np.float32), nothing, FPS, start, Provenance(source="Zoë & <1>.wav"))


@pytest.mark.parametrize("size", [1.0, 0.6])
def test_each_shape_is_drawn_when_it_is_shown_loud_or_soft(size: float) -> None:
    found = cues(spoken("XXXXBADAFCEGXXXX", size=size), Mix())
    assert "".join(cue.shape for cue in found) == "XBADAFCEGX"


def test_cues_leave_no_gap_and_differ_from_their_neighbours() -> None:
    found = cues(spoken("XXABCDEFGHXX"), Mix())
    assert found[0].start == 0 and found[-1].end == pytest.approx(12 * 12 / FPS)
    for one, other in pairwise(found):
        assert one.end == other.start and one.shape != other.shape


def test_lips_that_pass_through_a_shape_do_not_flicker() -> None:
    track = spoken("DDDD")
    track.talk[20:22, INDEX["jawOpen"]] = 0.3
    assert [cue.shape for cue in cues(track, Mix())] == ["D"]


def test_a_short_seal_is_always_drawn() -> None:
    talk = spoken("DDDD").talk.copy()
    pose = spoken("A", 1).talk[0]
    talk[20:23] = pose
    assert [cue.shape for cue in cues(FaceTrack(talk, talk * 0, FPS), Mix())] == ["D", "A", "D"]


def test_a_mood_changes_no_drawing() -> None:
    track = spoken("XXBADEXX")
    smiling = np.zeros_like(track.talk)
    smiling[:, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]] = 0.9
    assert cues(FaceTrack(track.talk, smiling, FPS), Mix(2.0)) == cues(track, Mix(2.0))


class TestForms:
    @pytest.fixture
    def track(self) -> FaceTrack:
        return spoken("XXXBADAFCEGXXX")

    @pytest.fixture
    def wanted(self, track: FaceTrack) -> list[MouthCue]:
        return cues(track, Mix())

    def test_tsv_is_a_start_and_a_shape_a_line_with_the_end_at_rest(
        self, track: FaceTrack, wanted: list[MouthCue], tmp_path: Path
    ) -> None:
        formats.write(tmp_path / "a.tsv", track)
        *rows, last = csv.reader((tmp_path / "a.tsv").open(), delimiter="\t")
        assert [(float(at), shape) for at, shape in rows] == [(round(c.start, 2), c.shape) for c in wanted]
        assert last == [f"{wanted[-1].end:.2f}", "X"]

    def test_xml_has_start_end_and_the_sound(self, track: FaceTrack, wanted: list[MouthCue], tmp_path: Path) -> None:
        formats.write(tmp_path / "a.xml", track)
        root = Xml.parse(tmp_path / "a.xml").getroot()
        found = [(float(c.get("start", "")), float(c.get("end", "")), c.text) for c in root.iter("mouthCue")]
        assert root.tag == "rhubarbResult" and root.findtext("metadata/soundFile") == "Zoë & <1>.wav"
        assert found == [(round(c.start, 2), round(c.end, 2), c.shape) for c in wanted]

    def test_json_has_the_same_under_an_ending_of_its_own(
        self, track: FaceTrack, wanted: list[MouthCue], tmp_path: Path
    ) -> None:
        formats.write(tmp_path / "a.rhubarb.json", track)
        document = json.loads((tmp_path / "a.rhubarb.json").read_text("utf-8"))
        found = [(c["start"], c["end"], c["value"]) for c in document["mouthCues"]]
        assert found == [(round(c.start, 2), round(c.end, 2), c.shape) for c in wanted]
        assert document["metadata"]["duration"] == round(wanted[-1].end, 2)
        formats.write(tmp_path / "a.json", track)
        assert "facsNames" in json.loads((tmp_path / "a.json").read_text())

    def test_moho_counts_frames_of_the_track_from_1_and_names_preston_blairs_shapes(
        self, track: FaceTrack, wanted: list[MouthCue], tmp_path: Path
    ) -> None:
        formats.write(tmp_path / "a.dat", track)
        head, *rows = (tmp_path / "a.dat").read_text().splitlines()
        names = [row.split()[1] for row in rows]
        assert head == "MohoSwitch1" and rows[0] == "1 rest" and names[-1] == "rest"
        assert [int(row.split()[0]) for row in rows[:-1]] == [1 + round(c.start * FPS) for c in wanted]
        assert names[1:4] == ["etc", "MBP", "AI"]

    @pytest.mark.parametrize("suffix", [".tsv", ".xml", ".rhubarb.json", ".dat"])
    def test_a_track_that_begins_late_or_early_keeps_the_time_of_its_sound(self, suffix: str, tmp_path: Path) -> None:
        for start in (0.5, -0.1):
            path = tmp_path / f"a{suffix}"
            formats.write(path, spoken("DDAA", start=start))
            assert path.read_bytes()
        with pytest.raises(UserError, match="ends before its sound"):
            formats.write(tmp_path / f"b{suffix}", spoken("DD", start=-9.0))
        assert not (tmp_path / f"b{suffix}").exists()


def test_every_shape_has_a_name_in_moho() -> None:
    assert set(formats.moho.NAMES) == set(SHAPES)


class TestPlayed:
    """Cues that are read: what Rhubarb or Papagayo found becomes a track, and is drawn as the same cues again."""

    @pytest.mark.parametrize("suffix", [".tsv", ".xml", ".rhubarb.json", ".dat"])
    def test_what_was_written_is_read_and_drawn_the_same(self, suffix: str, tmp_path: Path) -> None:
        wanted = "XBADAFCEGX"
        formats.write(tmp_path / f"a{suffix}", spoken("XXXBADAFCEGXXX"))
        rate = FPS if suffix == ".dat" else None
        track = formats.read(tmp_path / f"a{suffix}", rate)
        assert "".join(cue.shape for cue in cues(track, Mix())) == wanted
        assert len(track.talk) / track.fps == pytest.approx(14 * 12 / FPS, abs=0.05)
        assert "mouth cues" in track.provenance.notes[0]

    def test_every_pose_is_reached_however_short_its_cue(self, tmp_path: Path) -> None:
        (tmp_path / "a.tsv").write_text("0.00\tD\n0.50\tA\n0.55\tD\n1.00\tX\n")
        track = formats.read(tmp_path / "a.tsv")
        shut = SETS["rhubarb"].poses["A"]
        at = track.talk[round(0.525 * track.fps)]
        assert all(abs(at[INDEX[name]] - value) < 0.1 for name, value in shut.items())
        steps = np.abs(np.diff(track.talk, axis=0)).max()
        assert steps < 0.5, "no pose jumps in within a frame"

    def test_a_switch_file_tells_no_rate_and_that_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "a.dat").write_text("MohoSwitch1\n1 rest\n25 AI\n49 MBP\n73 rest\n")
        track = formats.read(tmp_path / "a.dat")
        assert track.talk[round(1.5 * track.fps), INDEX["jawOpen"]] > 0.4
        assert "24 frames a second" in " ".join(track.provenance.notes)
        assert "24" not in " ".join(formats.read(tmp_path / "a.dat", 30.0).provenance.notes)

    @pytest.mark.parametrize(("name", "text"), [
        ("a.tsv", "0.00\tX\n0.5\tQ\n"), ("a.xml", "<rhubarbResult/>"),
        ("a.xml", "<mouthCue start='a' end='b'>X</mouthCue>"),
        ("a.dat", "MohoSwitch1\n1 nose\n"), ("a.dat", "hello"), ("a.json", '{"mouthCues": []}'),
        ("a.json", '{"mouthCues": [{"start": 0, "end": 1e300, "value": "X"}]}'), ("a.json", '{"mouthCues": 3}'),
    ])  # fmt: skip
    def test_what_is_no_list_of_cues_gets_a_sentence(self, name: str, text: str, tmp_path: Path) -> None:
        (tmp_path / name).write_text(text)
        with pytest.raises(UserError, match=name):
            formats.read(tmp_path / name)
