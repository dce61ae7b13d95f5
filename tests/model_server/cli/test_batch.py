"""``s2f batch``: many rows, bad ones among them, over crashes and several processes; and many recordings for infer."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import soundfile

from model_server.cli import batch, manifest
from model_server.cli.batch_report import done_before
from model_server.cli.sources import plan, recordings
from model_server.sample import SAMPLE
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError
from tests.model_server.cli import dying
from tests.model_server.cli.killed_batch import killed_batch

from ..audio.films import write_film
from .conftest import S2F, complaint


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    """A folder with eight short pieces of the sample, take0.wav … take7.wav."""
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    for i in range(8):
        soundfile.write(tmp_path / f"take{i}.wav", samples[i * 9000 : i * 9000 + rate // 2], rate)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "lines.csv"
    path.write_text(text, "utf-8")
    return path


def told(folder: Path, report: str = "lines.report.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / report).read_text("utf-8").splitlines()]


MANIFEST = """\
sound;out;words;emotion;seed
take0.wav;out/a.csv;;;
take1.wav;out/b.s2f;;happy=0.8;3
missing.wav;out/c.csv;;;
take2.wav;out/d.csv;;rage=1;
take3.wav;out/e.csv;"Hello; my name";auto;
take0.wav;out/a.csv;;;
"""


def test_bad_rows_stop_nothing_and_what_is_done_is_done_once(takes: Path, s2f: S2F) -> None:
    path = write(takes, MANIFEST)
    done = s2f("batch", path)
    assert done.returncode == 2
    complaints = done.stderr.splitlines()
    assert [line.split(":")[1].strip() for line in complaints[:-1]] == [f"{path}, line {n}" for n in (7, 4, 5)]
    assert complaints[-1].startswith("s2f: 3 of 6 rows were not made")
    assert sorted(p.name for p in (takes / "out").iterdir()) == ["a.csv", "b.s2f", "e.csv"]
    made = formats.read(takes / "out/b.s2f").provenance
    assert (made.emotion, made.seed) == ({"happy": 0.8}, 3)
    states = {row["line"]: row["state"] for row in told(takes)}
    assert states == {2: "done", 3: "done", 4: "failed", 5: "failed", 6: "done", 7: "failed"}

    before = {p: p.stat().st_mtime_ns for p in (takes / "out").iterdir()}
    soundfile.write(takes / "missing.wav", *soundfile.read(takes / "take5.wav"))  # the user mends one row
    (takes / "out/e.csv").write_text("somebody wrote over it")
    again = s2f("batch", path, "--json-progress")
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert next(e for e in events if e["event"] == "note")["done"] == 2
    changed = {p.name for p in (takes / "out").iterdir() if before.get(p) != p.stat().st_mtime_ns}
    assert changed == {"c.csv", "e.csv"}


def test_a_batch_that_is_killed_twice_goes_on_where_it_was(tmp_path: Path) -> None:
    killed_batch(tmp_path, rows=7, kills=2, jobs=2, seed=5)


def test_the_number_of_processes_changes_no_byte(takes: Path, s2f: S2F) -> None:
    for name, jobs in (("two", "2"), ("three", "3")):
        path = takes / f"{name}.csv"
        path.write_text("sound,out,seed\n" + "".join(f"take{i}.wav,{name}/{i}.s2f,{i}\n" for i in range(3)))
        assert s2f("batch", path, "--jobs", jobs).returncode == 0
    for i in range(3):
        assert (takes / f"two/{i}.s2f").read_bytes() == (takes / f"three/{i}.s2f").read_bytes()


def test_shards_share_the_rows_and_know_of_each_other(takes: Path, s2f: S2F) -> None:
    path = write(takes, "sound,out\n" + "".join(f"take{i}.wav,out/{i}.csv\n" for i in range(3)))
    assert s2f("batch", path, "--shard", "2/2").returncode == 0
    assert [p.name for p in (takes / "out").iterdir()] == ["1.csv"]
    assert "1 of 3 rows are done already" in s2f("batch", path).stdout
    assert len(done_before(path)) == 3
    assert "1/8" in complaint(s2f("batch", path, "--shard", "3/2"))


def test_a_row_that_kills_its_process_is_the_only_one_that_is_lost() -> None:
    todo: Any = [*range(6), 13, *range(20, 26)]
    ended = {row: (digest, why) for row, digest, _, why in batch._in_processes(todo, 3, partial(dying.work))}
    assert sorted(ended) == sorted(todo)
    assert {row for row, (_, why) in ended.items() if why} == {4, 13}
    assert "died" in ended[13][1]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sound,words\na.wav,x\n", "'out' is missing"),
        ("sound,out,mood\na.wav,b.csv,x\n", "'mood'"),
        ("sound,out\n", "no rows"),
        ("", "'sound' is missing"),
        ("sound,out,out\na,b,c\n", "twice"),
    ],
)
def test_what_is_no_manifest_is_a_sentence(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=named):
        manifest.read(write(tmp_path, text))


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("a.wav,b.csv,,,,9,", "intensity goes from 0 to 2"),
        ("a.wav,b.csv,,,,,demo", "ends in .blend"),
        ("a.wav,b.blend,,,,,", "needs a rig"),
        ("a.wav,b.csv,happy=1,keys.csv,,,", "exclude each other"),
        ("a.wav,b.csv,,,-1,,", "seed"),
    ],
)
def test_a_row_that_makes_no_sense_is_a_sentence(row: str, named: str, tmp_path: Path) -> None:
    rows, wrong = manifest.read(write(tmp_path, "sound,out,emotion,emotion_track,seed,intensity,rig\n" + row))
    assert not wrong
    with pytest.raises(UserError, match=named):
        rows[0].request(60.0)


def test_the_key_of_a_row_follows_everything_that_decides_its_output(takes: Path) -> None:
    columns = "sound,out,words,emotion,seed,intensity\n"

    def key(row: str, fps: float = 60.0) -> str:
        return manifest.read(write(takes, columns + row))[0][0].key(fps)

    plain = key("take0.wav,a.csv,,,,")
    (takes / "words.txt").write_text("Hello")
    others = [
        key("take1.wav,a.csv,,,,"), key("take0.wav,a.csv,words.txt,,,"), key("take0.wav,a.csv,,sad=1,,"),
        key("take0.wav,a.csv,,,1,"), key("take0.wav,a.csv,,,,0.5"), key("take0.wav,a.csv,,,,", 24.0),
    ]  # fmt: skip
    assert len({plain, *others}) == 7
    assert key("take0.wav,b.csv,,,,") == plain
    (takes / "words.txt").write_text("Hello you")
    assert key("take0.wav,a.csv,words.txt,,,") != others[1]


def test_a_folder_and_a_list_are_recordings_in_their_places(takes: Path) -> None:
    (takes / "deep").mkdir()
    for name in ("take6.wav", "take7.wav"):
        (takes / name).rename(takes / "deep" / name)
    (takes / "deep" / "notes.txt").write_text("no sound")
    (takes / ".hidden.wav").write_bytes(b"")
    found = recordings([str(takes)])
    here = [f"take{i}.wav" for i in range(6)]
    assert [below.as_posix() for _, below in found] == [*here, "deep/take6.wav", "deep/take7.wav"]
    assert plan(found, "out/")[-1] == Path("out/deep/take7.csv")
    listed = takes / "list.txt"
    listed.write_text("# today's\n\ndeep/take7.wav\ntake1.wav\n")
    assert recordings([f"@{listed}"]) == [
        (takes / "deep/take7.wav", Path("deep/take7.wav")),
        (takes / "take1.wav", Path("take1.wav")),
    ]
    for empty in (takes / "nothing", takes / "nothing.txt"):
        empty.mkdir() if not empty.suffix else empty.write_text("\n")
        with pytest.raises(UserError, match="no recording"):
            recordings([str(empty) if not empty.suffix else f"@{empty}"])


def test_infer_takes_a_folder_and_leaves_what_is_there(takes: Path, s2f: S2F) -> None:
    for i in range(2, 8):
        (takes / f"take{i}.wav").unlink()
    samples, rate = soundfile.read(takes / "take1.wav", dtype="float32")
    write_film(takes / "take1.mov", samples, rate)
    (takes / "take1.wav").unlink()
    assert s2f("infer", takes, "-o", f"{takes}/out/").returncode == 0
    before = {p: p.stat().st_mtime_ns for p in (takes / "out").iterdir()}
    assert [p.name for p in sorted(before)] == ["take0.csv", "take1.csv"]
    (takes / "out/take1.csv").unlink()
    done = s2f("infer", takes, "-o", f"{takes}/out/", "--skip-existing")
    assert "1 of 2 are written already" in done.stdout
    assert (takes / "out/take0.csv").stat().st_mtime_ns == before[takes / "out/take0.csv"]
    assert (takes / "out/take1.csv").exists()
