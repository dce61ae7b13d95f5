"""``s2f feel``: a list in the order of the input, sliders over time, a sentence for what is no speech."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.audio.decode import decode
from model_server.emotion.keys_file import read_keys
from model_server.sample import SAMPLE
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import EMOTIONS

from .conftest import S2F, Refused, complaint


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder, samples = tmp_path_factory.mktemp("takes"), decode(SAMPLE).samples
    for name, gain in (("soft", 0.1), ("loud", 0.9)):
        soundfile.write(folder / f"{name}.wav", np.float32(gain) * samples, 16000)
    return [str(folder / "soft.wav"), str(folder / "loud.wav")]


def test_a_list_in_the_order_of_the_input(s2f: S2F, takes: list[str]) -> None:
    found = json.loads(s2f("feel", *takes, str(SAMPLE), "--json").stdout)
    assert [one["file"] for one in found] == [*takes, str(SAMPLE)]
    for one in found:
        assert set(one) == {"file", "emotion", "scores", "arousal", "valence", "events"}
        assert set(one["scores"]) == {"neutral", *EMOTIONS}
        assert sum(one["scores"].values()) == pytest.approx(1, abs=0.01)
        assert one["emotion"] == max(one["scores"], key=one["scores"].get)
        assert -1 <= one["arousal"] <= 1 and -1 <= one["valence"] <= 1
        assert isinstance(one["events"], list)


def test_a_reader_feels_nothing(s2f: S2F) -> None:
    """Calm is how neutral speech of little effort is called."""
    (one,) = json.loads(s2f("feel", str(SAMPLE), "--json").stdout)
    assert one["emotion"] in ("neutral", "calm")
    assert one["scores"]["neutral"] + one["scores"]["calm"] > 0.9


def test_a_reference_tells_the_loud_from_the_ordinary(s2f: S2F, takes: list[str]) -> None:
    soft, loud = json.loads(s2f("feel", *takes, "--json", "--reference", takes[0]).stdout)
    assert loud["arousal"] > soft["arousal"] + 0.1
    assert soft["emotion"] == "neutral"


def test_a_folder_of_ordinary_speech_is_a_reference(
    s2f: S2F, refused: Refused, takes: list[str], tmp_path: Path
) -> None:
    (tmp_path / "ordinary").mkdir()
    (tmp_path / "ordinary" / "soft.wav").write_bytes(Path(takes[0]).read_bytes())
    references = (takes[0], f"{tmp_path}/ordinary")
    named, inside = (s2f("feel", takes[1], "--json", "--reference", one) for one in references)
    assert json.loads(named.stdout) == json.loads(inside.stdout)
    (tmp_path / "none").mkdir()
    assert "none" in refused("feel", takes[1], "--reference", f"{tmp_path}/none")


def test_infer_hears_emotion_against_a_reference_too(s2f: S2F, takes: list[str], tmp_path: Path) -> None:
    """The same recording, ten times as loud as the speaker is known to be, is no ordinary one."""

    def felt(*options: str) -> np.ndarray:
        out = tmp_path / f"{len(options)}.s2f"
        assert s2f("infer", takes[1], "-o", str(out), "--emotion", "auto", *options).returncode == 0
        return formats.read(out).mood

    assert np.abs(felt("--reference", takes[0]) - felt()).max() > 0.02
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(32000, np.float32), 16000)
    refused = s2f("infer", takes[1], "-o", f"{tmp_path}/x.s2f", "--emotion", "auto", "--reference", str(silent))
    assert "--reference" in complaint(refused) and "silent.wav" in refused.stderr


def test_infer_says_where_nothing_sounds_like_a_voice(s2f: S2F, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "buzz.wav", 0.3 * np.sign(np.sin(np.arange(32000) / 20)), 16000)
    out = tmp_path / "buzz.s2f"
    said = s2f("infer", str(tmp_path / "buzz.wav"), "-o", str(out), "--emotion", "auto").stdout
    assert "no emotion was heard" in said
    assert any("no emotion was heard" in note for note in formats.read(out).provenance.notes)


def test_folders_and_lists_are_felt_as_infer_takes_them(s2f: S2F, takes: list[str], tmp_path: Path) -> None:
    folder = Path(takes[0]).parent
    assert s2f("feel", str(folder), "-o", f"{tmp_path}/out/").returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["loud.csv", "soft.csv"]
    (tmp_path / "list.txt").write_text("\n".join(takes))
    found = json.loads(s2f("feel", f"@{tmp_path}/list.txt", "--json").stdout)
    assert [Path(one["file"]).name for one in found] == ["soft.wav", "loud.wav"]


def test_words_decide_what_is_pleasant(s2f: S2F) -> None:
    def valence(text: str) -> float:
        (one,) = json.loads(s2f("feel", str(SAMPLE), "--json", "--transcript", text).stdout)
        return float(one["valence"])

    assert valence("I am so happy, this is wonderful!") > valence("My father died and I miss him so much.") + 0.3


def test_what_is_written_is_what_the_emotion_track_reads(s2f: S2F, tmp_path: Path) -> None:
    s2f("feel", str(SAMPLE), "-o", str(tmp_path / "felt.csv"))
    duration = soundfile.info(SAMPLE).duration
    sliders = read_keys(tmp_path / "felt.csv", duration, 30.0)
    assert sliders.shape == (int(duration * 30) + 1, len(EMOTIONS))
    s2f("infer", str(SAMPLE), "-o", str(tmp_path / "track.csv"), "--emotion-track", str(tmp_path / "felt.csv"))
    assert (tmp_path / "track.csv").is_file()


def test_many_recordings_go_into_a_folder(s2f: S2F, refused: Refused, takes: list[str], tmp_path: Path) -> None:
    assert s2f("feel", *takes, "-o", f"{tmp_path}/out/").returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["loud.csv", "soft.csv"]
    assert "need a folder" in refused("feel", *takes, "-o", str(tmp_path / "one.csv"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("silent.wav", np.zeros(16000, np.float32), "voice"),
        ("tiny.wav", np.full(3, 0.1, np.float32), "voice"),
        ("buzz.wav", np.float32(0.3) * np.sign(np.sin(np.arange(64000) / 20)).astype(np.float32), "voice"),
        ("broken.wav", b"RIFF", "broken.wav"),
        ("absent.wav", None, "no file"),
    ],
)
def test_what_is_no_speech_gets_one_sentence(
    refused: Refused, tmp_path: Path, name: str, content: np.ndarray | bytes | None, says: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        soundfile.write(path, content, 16000)
    said = refused("feel", str(path), "--json")
    assert says in said and name in said
    assert name in refused("feel", str(SAMPLE), "--reference", str(path))


def test_one_bad_file_does_not_stop_the_others(s2f: S2F, tmp_path: Path) -> None:
    failed = s2f("feel", str(tmp_path / "absent.wav"), str(SAMPLE), "--json")
    assert "absent.wav" in complaint(failed)
    assert [one["file"] for one in json.loads(failed.stdout)] == [str(SAMPLE)]
