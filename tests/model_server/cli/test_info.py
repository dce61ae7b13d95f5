"""``s2f info`` says what a file is, what was found in it and what would be done with it; in one object for programs."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model_server.cli.info import described
from model_server.slots.model_file import BUNDLED
from s2f_blender_addon.core import custom_emotion, formats
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack

HELLO = Path(__file__).parents[3] / "model_server" / "sample" / "hello.wav"


def test_a_sound(tmp_path: Path) -> None:
    found = described(HELLO)
    assert found["kind"] == "sound"
    assert 0.3 < found["speech"] <= 1
    assert not found["notes"]


def test_a_silent_sound_is_said_to_be_silent(tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "quiet.wav"), "wb") as quiet:
        quiet.setparams((1, 2, 16000, 0, "NONE", ""))
        quiet.writeframes(bytes(32000))
    assert "Nobody speaks" in described(tmp_path / "quiet.wav")["notes"][0]


def test_a_track(tmp_path: Path) -> None:
    values = np.zeros((90, 52), np.float32)
    values[:, INDEX["jawOpen"]] = np.linspace(0, 1, 90)
    formats.write(tmp_path / "take.csv", FaceTrack.captured(values, 30.0))
    found = described(tmp_path / "take.csv")
    assert (found["kind"], found["frames"], found["fps"], found["moving"]) == ("track", 90, 30.0, 1)
    assert "jawOpen" not in found["still"]


def test_words(tmp_path: Path) -> None:
    (tmp_path / "take.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello there\n", "utf-8")
    found = described(tmp_path / "take.srt")
    assert (found["kind"], found["words"], found["timed"]) == ("words", 2, 1)


def test_a_text_that_could_be_a_track_by_its_ending(tmp_path: Path) -> None:
    (tmp_path / "take.txt").write_text("Hello there, how are you?", "utf-8")
    assert described(tmp_path / "take.txt")["kind"] == "words"


def test_a_table_of_words_is_no_track(tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("word,start,end\nhello,0.1,0.4\nworld,0.5,0.9\n")
    found = described(tmp_path / "words.csv")
    assert (found["kind"], found["words"], found["timed"]) == ("words", 2, 2)
    (tmp_path / "sums.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="no track"):
        described(tmp_path / "sums.csv")


def test_our_own_model() -> None:
    found = described(BUNDLED)
    assert (found["kind"], found["licence_track"]) == ("model", "product")
    assert found["parameters"] > 1_000_000


def test_what_is_none_gets_a_sentence(tmp_path: Path) -> None:
    for path, sentence in ((tmp_path / "no.wav", "no such file"), (tmp_path, "folder")):
        with pytest.raises(UserError, match=sentence):
            described(path)
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(UserError, match=r"x\.csv"):
        described(tmp_path / "x.csv")


def test_a_rig_and_one_object_for_programs(tmp_path: Path) -> None:
    pytest.importorskip("bpy", reason="looking at a rig needs Blender's module")
    blend = tmp_path / "head.blend"
    command = [sys.executable, "-m", "model_server"]
    subprocess.run([*command, "bake", str(HELLO), "--rig", "demo", "-o", str(blend)], check=True, capture_output=True)
    told = subprocess.run([*command, "info", str(blend), "--json"], check=True, capture_output=True, text=True).stdout
    found = json.loads(told)
    assert found["kind"] == "rig"
    assert found["coverage"].startswith("52 of 52 channels")
    assert found["file"] == str(blend)


def test_files_that_steer_the_program_are_known_by_their_content(tmp_path: Path) -> None:
    from model_server.cli.info_files import known

    (tmp_path / "lines.csv").write_text("sound;out;seed\na.wav;a.csv;1\n;b.csv;2\n")
    found = described(tmp_path / "lines.csv")
    assert (found["kind"], found["rows"]) == ("manifest", 2) and "sound is empty" in found["notes"][0]
    (tmp_path / "mood.csv").write_text("time,happy,sad\n0,0,0.4\n2,0.8,0\n")
    assert described(tmp_path / "mood.csv")["sliders"] == ["happy", "sad"]
    custom_emotion.write_file(tmp_path / "smirk.json", "Smirk", {"mouthDimpleRight": 0.9})
    assert described(tmp_path / "smirk.json")["name"] == "Smirk"
    np.save(tmp_path / "points.npy", np.zeros((7, 12, 3), np.float32))
    found = described(tmp_path / "points.npy")
    assert (found["kind"], found["frames"], found["points"]) == ("points", 7, 12)
    values = np.zeros((9, 52), np.float32)
    for name in ("take.csv", "take.json"):
        formats.write(tmp_path / name, FaceTrack.captured(values, 30.0))
        assert known(tmp_path / name) is None


@pytest.mark.parametrize(("encoding", "newline"), [("utf-16", "\n"), ("utf-8-sig", "\r\n"), ("utf-8", "\r")])
def test_a_track_that_a_spreadsheet_has_saved(encoding: str, newline: str, tmp_path: Path) -> None:
    rows = [f"{i / 30:.4f}\t{i / 90:.3f}" for i in range(90)]
    (tmp_path / "take.csv").write_bytes(newline.join(["time\tjawOpen", *rows]).encode(encoding))
    found = described(tmp_path / "take.csv")
    assert (found["kind"], found["frames"], found["fps"]) == ("track", 90, 30)
