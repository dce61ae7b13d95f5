"""Measures what the mouth does at each kind of phone, in millimetres, on heads with teeth.

.venv/bin/python tools/mouth_shapes.py FOLDER [--rig demo,FILE.glb] [--most 12] [--words]

FOLDER: recordings, each beside its phone labels (.phn). Of every phone the frame at its middle counts, of a closure the
best one. Printed per rig: incisors apart (s, z, sh, zh, ch, jh), lower lip to upper incisors (f, v), the tip of the
tongue against the incisors (th, dh), lips apart (p, b, m; f, v, w and vowels); then how the channels move.
"""

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.evaluation.labels import Label, read_labels
from model_server.in_blender.rig import open_rig
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.naming.names import tokens
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.rigs.character import Character
from s2f_blender_addon.rigs.lay import lay_of
from s2f_blender_addon.rigs.surface import template

Floats = npt.NDArray[np.float64]

SIBILANT, LABIODENTAL, DENTAL = ("s", "z", "sh", "zh", "ch", "jh"), ("f", "v"), ("th", "dh")
BILABIAL = ("p", "b", "m", "pcl", "bcl")
AMID = 5.0
"""Millimetres from the middle of the face within which incisors, lips and the tip of the tongue are measured."""

MOVED = ("jawOpen", "mouthFunnel", "mouthLowerDownLeft", "mouthPucker", "mouthClose", "tongueOut")


@dataclass(frozen=True)
class Points:
    """Some points of a head in mm, x to its left, y to its back, z up; fields (52, N, 3): how each channel moves
    them."""

    rest: Floats
    fields: Floats

    def at(self, values: Floats) -> Floats:
        """(N, 3) where they are under channel ``values`` (52,)."""
        posed: Floats = self.rest + np.tensordot(values, self.fields, 1)
        return posed

    def some(self, chosen: npt.NDArray[np.bool_]) -> "Points":
        return Points(self.rest[chosen], self.fields[:, chosen])


@dataclass(frozen=True)
class Mouth:
    """What is measured of a head: the edges of the middle incisors, the tip of the tongue, the red of both lips."""

    upper_edge: Points
    lower_edge: Points
    tip: Points
    upper_lip: Points
    lower_lip: Points

    def incisors(self, values: Floats) -> float:
        """Millimetres between the biting edges, along the height; negative where they overlap."""
        return float(self.upper_edge.at(values)[:, 2].min() - self.lower_edge.at(values)[:, 2].max())

    def bite(self, values: Floats) -> float:
        """Millimetres from the lower lip up to the edge of the upper incisors; negative where it rests before them."""
        return float(self.upper_edge.at(values)[:, 2].min() - self.lower_lip.at(values)[:, 2].max())

    def tongue(self, values: Floats) -> tuple[float, float]:
        """(mm by which the tip is before the back of the upper incisors' edge, mm by which it is above it)."""
        tip, edge = self.tip.at(values), self.upper_edge.at(values)
        first = tip[np.argmin(tip[:, 1])]
        return float(edge[:, 1].max() - first[1]), float(first[2] - edge[:, 2].min())

    def lips(self, values: Floats) -> float:
        """Millimetres by which the lips are farther apart than at rest, in the middle."""
        gap = np.median(self.upper_lip.at(values)[:, 2]) - np.median(self.lower_lip.at(values)[:, 2])
        return float(gap - np.median(self.upper_lip.rest[:, 2]) + np.median(self.lower_lip.rest[:, 2]))


def mouth_of(character: Character) -> Mouth:
    """The mouth of a character whose teeth and tongue are meshes, or parts of them, with names that say so."""
    teeth, tongue = _named(character, "teeth"), _named(character, "tongue")
    falls = -teeth.fields[INDEX["jawOpen"], :, 2]
    lower = falls > 0.5 * falls.max()
    middle = np.abs(teeth.rest[:, 0]) < AMID
    front = teeth.rest[:, 1] < teeth.rest[middle, 1].min() + 6.0
    upper_edge, lower_edge = teeth.some(~lower & middle & front), teeth.some(lower & middle & front)
    low, high = upper_edge.rest[:, 2].min(), lower_edge.rest[:, 2].max()
    near = tongue.some(tongue.rest[:, 1] < tongue.rest[:, 1].min() + 4.0)
    found = lay_of(character.meshes[0])
    if found is None:
        raise SystemExit(f"{character.name} does not lie under our face.")
    skin = _points(character, 0)
    upper, lips = template().upper, template().lower
    red = np.zeros(len(skin.rest), bool), np.zeros(len(skin.rest), bool)
    red[0][found[1].vertices[upper]] = red[1][found[1].vertices[lips]] = True
    follows = -skin.fields[INDEX["jawOpen"], :, 2] > 0.5 * falls.max()  # where lips touch, names of points mix
    red = red[0] & ~follows, red[1] & follows
    return Mouth(
        upper_edge.some(upper_edge.rest[:, 2] < low + 1.0), lower_edge.some(lower_edge.rest[:, 2] > high - 1.0), near,
        skin.some(red[0]), skin.some(red[1]),
    )  # fmt: skip


def _named(character: Character, word: str) -> Points:
    """The points of all meshes whose names have ``word`` in them, those without keys, which stay, too."""
    found = []
    for candidate in bpy.context.scene.objects:
        if candidate.type == "MESH" and any(word in token for token in tokens(candidate.name)):
            names = [mesh.object for mesh in character.meshes]
            found.append(_points(character, names.index(candidate)) if candidate in names else _still(candidate))
    if not found:
        raise SystemExit(f"No mesh of {character.name} is called {word}.")
    return Points(np.concatenate([p.rest for p in found]), np.concatenate([p.fields for p in found], axis=1))


def _still(candidate: bpy.types.Object) -> Points:
    rest = np.array([candidate.matrix_world @ vertex.co for vertex in candidate.data.vertices]) * 1000
    return Points(rest, np.zeros((len(CHANNELS), *rest.shape)))


def _points(character: Character, number: int) -> Points:
    mesh = character.meshes[number]
    still = _still(mesh.object)
    turn = np.array(mesh.object.matrix_world.to_3x3())
    for entry in mesh.map.active:
        if entry.source in INDEX:
            block = mesh.key.key_blocks[entry.key]
            moved, base = (np.array([tuple(p.co) for p in key.data]) for key in (block, block.relative_key))
            still.fields[INDEX[entry.source]] += entry.weight * (moved - base) @ turn.T * 1000
    return still


def phones(labels: list[Label]) -> list[tuple[float, float, str]]:
    """Phones that are measured; a stop and its closure before it are one."""
    found: list[tuple[float, float, str]] = []
    for start, end, phone in labels:
        if phone in ("p", "b") and found and found[-1][2] == f"{phone}cl" and abs(found[-1][1] - start) < 0.005:
            continue
        found.append((start, end, phone))
    return found


def spoken(folder: Path, most: int, words: bool, fps: float = 60.0) -> list[tuple[Floats, list[Label]]]:
    """((T, 52) values of neutral speech at ``fps``, labels) of up to ``most`` recordings, spread over the folder."""
    sounds = [path for path in sorted(folder.rglob("*.wav")) if path.with_suffix(".phn").exists()]
    engine = Engine(TalkModel.load())
    result: list[tuple[Floats, list[Label]]] = []
    for sound in sounds[:: max(1, len(sounds) // most)][:most]:
        said = (Cue(sound.with_suffix(".txt").read_text(encoding="utf-8")),) if words else ()
        track = engine.infer(decode(sound), Request(fps=fps, words=said))
        result.append((mixed(track, Mix(intensity=0)).astype(float), read_labels(sound.with_suffix(".phn"))))
    return result


def measured(mouth: Mouth, speech: list[tuple[Floats, list[Label]]], fps: float = 60.0) -> dict[str, list[float]]:
    """What is measured -> millimetres, one a phone."""
    found: dict[str, list[float]] = defaultdict(list)
    for values, labels in speech:
        for start, end, phone in phones(labels):
            at = values[min(round((start + end) / 2 * fps), len(values) - 1)]
            if phone in SIBILANT:
                found[f"{phone} incisors"].append(mouth.incisors(at))
            elif phone in LABIODENTAL:
                found[f"{phone} lip to incisors"].append(mouth.bite(at))
                found[f"{phone} lips"].append(mouth.lips(at))
            elif phone in DENTAL:
                before, above = mouth.tongue(at)
                found[f"{phone} tip before teeth"].append(before)
                found[f"{phone} tip above edge"].append(above)
            elif phone in BILABIAL:
                within = values[round(start * fps) : round(end * fps) + 3]
                found["p b m lips"].append(min(mouth.lips(one) for one in within))
            elif phone in ("w", "uw", "ow", "iy", "aa", "ae"):
                found[f"{phone} lips"].append(mouth.lips(at))
    return found


def moves(speech: list[tuple[Floats, list[Label]]], fps: float = 60.0) -> None:
    """Print how much, how fast and how far from rest the channels move."""
    everything = np.concatenate([values for values, _ in speech])
    print("standard deviation:", "  ".join(f"{name} {everything[:, INDEX[name]].std():.3f}" for name in MOVED))
    shares: list[float] = []
    after: list[float] = []
    before: list[float] = []
    for values, labels in speech:
        jaw = values[:, INDEX["jawOpen"]]
        power = np.abs(np.fft.rfft(np.diff(jaw) * np.hanning(len(jaw) - 1))) ** 2
        high = np.fft.rfftfreq(len(jaw) - 1, 1 / fps) > 9.0
        shares.append(power[high].sum() / power.sum())
        last, first = round(labels[-1][0] * fps), round(labels[0][1] * fps)
        after.append(jaw[last + 3 : last + 10].min() if last + 10 < len(jaw) else np.nan)
        before.append(jaw[max(first - 6, 0) : max(first - 1, 1)].min())
    print(f"share of the jaw's power above 9 Hz: {np.mean(shares):.3f}")
    print(f"least jawOpen 50-170 ms after the last sound: {np.nanmean(after):.3f}, 100-20 ms before the first: "
          f"{np.mean(before):.3f}; frames that are exactly shut: {np.mean(everything[:, INDEX['jawOpen']] == 0):.1%}")


def main() -> None:
    """Print one table a rig."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rig", default="demo", help="rigs, with commas between them")
    parser.add_argument("--most", type=int, default=12)
    parser.add_argument("--words", action="store_true")
    given = parser.parse_args()
    speech = spoken(given.folder, given.most, given.words)
    for rig in given.rig.split(","):
        print(rig)
        for what, values in sorted(measured(mouth_of(open_rig(rig)), speech).items()):
            low, middle, high = np.percentile(values, (10, 50, 90))
            print(f"  {what:22} {len(values):4}   median {middle:5.2f} mm   10-90 %: {low:5.2f} … {high:5.2f}")
    moves(speech)


if __name__ == "__main__":
    main()
