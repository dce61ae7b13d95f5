"""Stills and films of talking faces under eight emotions, shuffled and without names, for somebody to judge.

.venv/bin/python tools/judged_sheet.py make FOLDER --rigs demo,FILE.glb,… [--seed 1] [--sound FILE]
.venv/bin/python tools/judged_sheet.py score FOLDER ANSWERS.txt [-o RESULT.json]

``make`` draws every emotion at intensity 0.5, 1 and 1.5 on every rig, each in a frame chosen by chance in which
somebody speaks and does not blink, as numbered pictures on sheets of twelve, and a film of every emotion on the first
rig as eight frames, an eighth of a second apart. ``key.json`` in the folder says what is what: do not look at it before
the answers are written. ANSWERS.txt has a line for each: a number, or "film" and a number, and the emotion.
"""

import argparse
import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
from drawn_rig import DrawnRig
from PIL import Image, ImageDraw  # comes with matplotlib

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import EMOTIONS, INDEX
from s2f_blender_addon.core.request import Request

INTENSITIES = (0.5, 1.0, 1.5)
SIZE, COLUMNS, ON_SHEET = 300, 4, 12
FPS, FILM_FRAMES, FILM_STEP = 30.0, 8, 4
_SPEAKS, _OPEN = 0.05, 0.55
"""jawOpen of the talking mouth within a quarter of a second, and the blink below which eyes are open under any mood."""


class Performances:
    """What the faces of one recording show: values (T, 52) by emotion and intensity."""

    def __init__(self, sound: Path) -> None:
        engine, samples = Engine(TalkModel.load()), decode(sound)
        self._tracks = {name: engine.infer(samples, Request(emotion={name: 1.0}, fps=FPS)) for name in EMOTIONS}
        neutral = mixed(engine.infer(samples, Request(fps=FPS)), Mix())
        jaw, near = neutral[:, INDEX["jawOpen"]], round(FPS / 4)
        moving = np.array([jaw[max(0, k - near) : k + near].max() for k in range(len(jaw))]) > _SPEAKS
        blinking = [neutral, *(self.values(name, INTENSITIES[-1]) for name in EMOTIONS)]
        awake = np.max([one[:, INDEX["eyeBlinkLeft"]] for one in blinking], axis=0) < _OPEN
        self.frames: list[int] = np.flatnonzero(moving & awake).tolist()

    def values(self, emotion: str, intensity: float) -> npt.NDArray[np.float32]:
        return np.asarray(mixed(self._tracks[emotion], Mix(intensity=intensity)), np.float32)


def make(folder: Path, rigs: list[str], seed: int, sound: Path) -> None:
    """Draw everything into ``folder`` and write the key."""
    folder.mkdir(parents=True, exist_ok=True)
    chance, acted = random.Random(seed), Performances(sound)
    cells = [(rig, name, intensity) for rig in rigs for name in EMOTIONS for intensity in INTENSITIES]
    numbers = chance.sample(range(1, len(cells) + 1), len(cells))
    films = dict(zip(EMOTIONS, chance.sample(range(1, len(EMOTIONS) + 1), len(EMOTIONS)), strict=True))
    starts = {name: chance.choice(acted.frames) for name in EMOTIONS}
    key = []
    for rig in rigs:
        drawn = DrawnRig(rig, SIZE)
        for number, (of, name, intensity) in zip(numbers, cells, strict=True):
            if of == rig:
                frame = chance.choice(acted.frames)
                drawn.draw(acted.values(name, intensity)[frame], _still(folder, number))
                key.append({"number": number, "rig": Path(rig).stem, "emotion": name, "intensity": intensity})
        for name in EMOTIONS if rig == rigs[0] else ():
            values = acted.values(name, 1.0)
            for k in range(FILM_FRAMES):
                at = min(starts[name] + FILM_STEP * k, len(values) - 1)
                drawn.draw(values[at], folder / f"film-{films[name]}-{k:02d}.png")
    for first in range(1, len(cells) + 1, ON_SHEET):
        several = range(first, min(first + ON_SHEET, len(cells) + 1))
        _sheet([_still(folder, number) for number in several], [str(number) for number in several],
               folder / f"sheet-{(first - 1) // ON_SHEET + 1}.png")  # fmt: skip
    for number in sorted(films.values()):
        tiles = [folder / f"film-{number}-{k:02d}.png" for k in range(FILM_FRAMES)]
        _sheet(tiles, [""] * len(tiles), folder / f"film-{number}.png")
    written = {"seed": seed, "stills": sorted(key, key=lambda row: str(row["number"])), "films": films}
    (folder / "key.json").write_text(json.dumps(written), encoding="utf-8")


def _still(folder: Path, number: int) -> Path:
    return folder / f"still-{number:03d}.png"


def _sheet(tiles: list[Path], labels: list[str], out: Path) -> None:
    rows = -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SIZE, rows * SIZE))
    for k, (tile, label) in enumerate(zip(tiles, labels, strict=True)):
        corner = (k % COLUMNS * SIZE, k // COLUMNS * SIZE)
        sheet.paste(Image.open(tile).convert("RGB"), corner)
        ImageDraw.Draw(sheet).text((corner[0] + 8, corner[1] + 4), label, fill="white", font_size=28)
    sheet.save(out)


def score(folder: Path, answers: Path, out: Path | None) -> None:
    """Compare the file of answers with the key of ``folder``; print shares and confusions, write them to ``out``."""
    key = json.loads((folder / "key.json").read_text(encoding="utf-8"))
    given: dict[str, str] = dict(line.rsplit(maxsplit=1) for line in answers.read_text().splitlines() if line.strip())
    rows = [{**row, "answer": given.get(str(row["number"]), "")} for row in key["stills"]]
    films = {name: given.get(f"film {number}", "") for name, number in key["films"].items()}
    right = Counter()
    count = Counter()
    for row in rows:
        for group in ("all", f"intensity {row['intensity']:g}", f"rig {row['rig']}", row["emotion"]):
            count[group] += 1
            right[group] += row["answer"] == row["emotion"]
    shares = {group: f"{right[group]}/{count[group]}" for group in sorted(count)}
    shares["films"] = f"{sum(name == answer for name, answer in films.items())}/{len(films)}"
    wrong = Counter(f"{r['emotion']} taken for {r['answer'] or 'nothing'}" for r in rows if r["answer"] != r["emotion"])
    for group, share in shares.items():
        print(f"{group:24} {share}")
    for what, times in wrong.most_common():
        print(f"  {times} x {what}")
    if out is not None:
        result = {"seed": key["seed"], "right": shares, "confused": dict(wrong.most_common()), "films": films}
        lines = ",\n    ".join(json.dumps(row) for row in sorted(rows, key=lambda row: row["number"]))
        text = json.dumps(result, indent=2)[:-2] + f',\n  "stills": [\n    {lines}\n  ]\n}}\n'
        out.write_text(text, encoding="utf-8")


def main() -> None:
    """Make or score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    todo = parser.add_subparsers(dest="todo", required=True)
    making, scoring = todo.add_parser("make"), todo.add_parser("score")
    making.add_argument("folder", type=Path)
    making.add_argument("--rigs", default="demo")
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--sound", type=Path, default=SAMPLE)
    scoring.add_argument("folder", type=Path)
    scoring.add_argument("answers", type=Path)
    scoring.add_argument("-o", "--out", type=Path)
    given = parser.parse_args()
    if given.todo == "make":
        make(given.folder, given.rigs.split(","), given.seed, given.sound)
    else:
        score(given.folder, given.answers, given.out)


if __name__ == "__main__":
    main()
