"""A row of a batch may ask for whatever ``s2f infer`` and ``s2f motion`` take, for all rows or in a column."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from model_server.cli import batch_work, manifest
from model_server.cli.batch_report import done_before, is_done
from model_server.cli.commands import app
from model_server.cli.option_records import columns
from model_server.cli.speech import PerformanceOptions, Sampling
from model_server.sample import SAMPLE
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame import EXP
from s2f_blender_addon.core.style import MOUTH, Style, write_file

from ..foreign.published import _encoder, v0002_shapes, weights
from ..test_motion_model import probtalk3d
from .conftest import S2F


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A folder with a sound of a second, a checkpoint of two kinds, and a style that opens the jaw half as far."""
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    soundfile.write(tmp_path / "line.wav", samples[:rate], rate)
    torch.save(weights(v0002_shapes()), tmp_path / "emotalk_finetuned.pth")
    inside = {f"feature_extractor.audiomodel.{name}": shape for name, shape in _encoder("").items()}
    torch.save({"state_dict": weights(probtalk3d() | inside)}, tmp_path / "probtalk3d.ckpt")
    mouth = np.eye(len(MOUTH), dtype=np.float32)
    mouth[MOUTH.index("jawOpen")] *= 0.5
    write_file(tmp_path / "shy.json", Style("Shy", mouth))
    return tmp_path


def row(folder: Path, header: str, cells: str, *defaults: object) -> manifest.Row:
    path = folder / "lines.csv"
    path.write_text(f"{header}\n{cells}\n", "utf-8")
    rows, wrong = manifest.read(path, *defaults)  # type: ignore[arg-type]
    assert not wrong, wrong
    return rows[0]


def test_every_option_of_infer_and_motion_is_an_option_and_a_column() -> None:
    from typer.main import get_command

    commands = get_command(app).commands  # type: ignore[attr-defined]
    options = {name: {p.name for p in commands[name].params} for name in ("infer", "motion", "batch")}
    of_one = {"sources", "out", "rig", "skip_existing", "json_progress"}  # batch has these in another way
    assert (options["infer"] | options["motion"]) - of_one <= options["batch"]
    assert {*columns(PerformanceOptions), *columns(Sampling)} - {"device", "transcript"} <= set(manifest.COLUMNS)


def test_a_cell_is_what_its_option_would_be(shot: Path) -> None:
    usual = PerformanceOptions(style=Path("other.json"), takes=2, emotion="happy=1")
    one = row(
        shot, "sound,out,style,takes,level,closures,reference,words,published-blinks,emotion_track",
        "line.wav,a.csv,shy.json,4,5,no,line.wav | line.wav,Hello,yes,keys.csv", usual,
    ).performance  # fmt: skip
    assert one == PerformanceOptions(
        style=shot / "shy.json", takes=4, level=5, closures=False, reference=[shot / "line.wav", shot / "line.wav"],
        transcript="Hello", published_blinks=True, emotion_track=shot / "keys.csv",
    )  # fmt: skip
    assert row(shot, "sound,out,style", "line.wav,a.csv,", usual).performance == usual


@pytest.mark.parametrize(
    ("header", "cell", "named"),
    [
        ("takes", "40", "takes goes from 1 to 32"), ("temperature", "-1", "temperature goes from 0 to 100"),
        ("level", "-2", "level goes from 0"), ("custom_emotion", "none.json", "none.json"),
        ("style", "no.json", "no.json"),
    ],
)  # fmt: skip
def test_what_an_option_refuses_a_cell_does_too(header: str, cell: str, named: str, shot: Path) -> None:
    with pytest.raises(UserError, match=named):
        row(shot, f"sound,out,{header}", f"line.wav,a.csv,{cell}").request(60.0)


@pytest.mark.parametrize(("header", "cell"), [("published_smoothing", "maybe"), ("takes", "two"), ("level", "1.5")])
def test_cells_of_another_kind_are_told(header: str, cell: str, shot: Path) -> None:
    (shot / "lines.csv").write_text(f"sound,out,{header}\nline.wav,a.csv,{cell}\n")
    ((number, why),) = manifest.read(shot / "lines.csv")[1]
    assert number == 2 and why.startswith(f"{header} is ") and cell in why


def test_takes_and_styles_are_made_and_known_again(shot: Path, s2f: S2F) -> None:
    path = shot / "lines.csv"
    path.write_text("sound,out,style,takes\nline.wav,plain.s2f,,\nline.wav,shy.s2f,shy.json,3\n")
    done = s2f("batch", path, "--seed", "4")
    assert done.returncode == 0, done.stderr
    made = [shot / f"shy_take{n}.s2f" for n in (1, 2, 3)]
    told = [json.loads(line) for line in (shot / "lines.report.jsonl").read_text().splitlines()]
    assert told[1]["takes"] == [str(one) for one in made]
    assert any("takes differ" in note for note in told[1]["notes"])
    jaw = INDEX["jawOpen"]
    plain, shy = formats.read(shot / "plain.s2f").talk, formats.read(made[0]).talk
    assert plain[:, jaw].max() > 0.1 and shy[:, jaw] == pytest.approx(0.5 * plain[:, jaw], abs=0.01)
    alone = shot / "alone_take2.s2f"
    options = ("--takes", "3", "--style", shot / "shy.json", "--seed", "4")
    s2f("infer", shot / "line.wav", "-o", shot / "alone.s2f", *options)
    assert alone.read_bytes() == made[1].read_bytes()
    one = manifest.read(path, PerformanceOptions(seed=4))[0][1]
    assert is_done(one.key(60.0), one.outs, done_before(path))
    made[1].unlink()
    assert "1 of 2 rows are done already" in s2f("batch", path, "--seed", "4").stdout
    assert made[1].exists()


def test_networks_of_others_make_rows_each_in_its_own_form(shot: Path) -> None:
    header = "sound,out,model,level,person,takes,temperature,seed"
    curves = row(shot, header, "line.wav,a.csv,emotalk_finetuned.pth,2,5,1,,")
    batch_work.make(curves, 60.0)
    assert formats.read(shot / "a.csv").talk.any()
    motion = row(shot, header, "line.wav,x.npy,probtalk3d.ckpt,,7,3,0.9,5")
    _, notes = batch_work.make(motion, 60.0)
    assert "research" in notes[-1]
    faces = [formats.read(shot / f"x_take{n}.npy").flame[:, EXP] for n in (1, 2, 3)]
    assert not np.array_equal(faces[0], faces[1]) and not np.array_equal(faces[1], faces[2])
    for cells, complaint in (
        ("line.wav,x.csv,probtalk3d.ckpt,,,1,,", "end in .npy"), ("line.wav,y.npy,probtalk3d.ckpt,3,,1,,", "level"),
        ("line.wav,b.csv,emotalk_finetuned.pth,9,,1,,", "no level 9"), ("line.wav,b.csv,none.pth,,,1,,", "none.pth"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=complaint):
            batch_work.make(row(shot, header, cells), 60.0)


def test_the_key_follows_every_option_and_the_content_of_its_files(shot: Path) -> None:
    given = {
        "style": "shy.json", "takes": "3", "level": "2", "person": "4", "model": "probtalk3d.ckpt",
        "published_smoothing": "yes", "closures": "no", "reference": "line.wav", "temperature": "0.5",
        "hubert": ".", "life": "gaze=0",
        "identity": "me", "contempt_side": "right", "voice_model": "shy.json",
    }  # fmt: skip
    keys = {name: row(shot, f"sound,out,{name}", f"line.wav,a.csv,{cell}").key(60.0) for name, cell in given.items()}
    keys["none"] = row(shot, "sound,out", "line.wav,a.csv").key(60.0)
    assert len(set(keys.values())) == len(given) + 1
    assert row(shot, "sound,out", "line.wav,a.csv", PerformanceOptions(device="cuda")).key(60.0) == keys["none"]
    (shot / "shy.json").write_text((shot / "shy.json").read_text() + "\n")
    assert row(shot, "sound,out,style", "line.wav,a.csv,shy.json").key(60.0) != keys["style"]
