"""How well a fusion does on speakers and takes that training never saw, and whether it keeps what any must."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.emotion.perceived import perceive
from model_server.evaluation import capture
from model_server.evaluation.head import LandmarkHead, opening
from model_server.face.life import live
from model_server.face.mood import mood
from model_server.slots.fused import LEVELS, RATE, Fused, content
from model_server.slots.model_file import open_model
from model_server.slots.registry import Fusion
from model_server.slots.rules import Rules
from model_server.speech.talk import Talk, talk_of
from model_server.training.slots.fusion_set import RULES, Performed
from s2f_blender_addon.core.blend import blend
from s2f_blender_addon.core.channels import EMOTIONS

Array = npt.NDArray[np.float32]
CLOSED_MM = 0.5
FAINT = 0.35


def measure(path: Path | None, held: list[Performed], seed: int) -> dict[str, Any]:
    """Figures of the fusion in the model file ``path`` (the plain one without) on ``held`` speakers."""
    fusion = open_model(path).fusion if path else Rules()
    return {
        **_size(fusion),
        **_captures(fusion, held),
        **_emotion(fusion, [who for who in held if who.identity == RULES], seed),
        **_onsets(fusion, [who for who in held if who.identity == RULES], seed),
        **(_levels(fusion, held) if isinstance(fusion, Fused) else {}),
    }


def _size(fusion: Fusion) -> dict[str, Any]:
    """Parameters, and multiplications and additions a second of sound of one pass."""
    if not isinstance(fusion, Fused):
        return {"parameters": 0}
    sizes = fusion.shape.tensors()
    tables = ("level", "identity")
    matrices = {n: int(np.prod(s)) for n, s in sizes.items() if n.endswith("weight") and n not in tables}
    per_frame = sum(count / 2 if name.startswith("gru") else count for name, count in matrices.items())
    return {
        "parameters": sum(int(np.prod(shape)) for shape in sizes.values()),
        "gflop_per_second": round(2 * per_frame * RATE / 1e9, 4),
    }


def _mouth(who: Performed, fusion: Fusion) -> Talk:
    """What the product makes of what ``who`` was heard to say."""
    talk = who.talking.talk
    return talk_of(talk.phones, talk.loudness, (len(talk.phones) - 1) / RATE, RATE, shapes=fusion.shapes, rate=RATE)


def _captures(fusion: Fusion, held: list[Performed]) -> dict[str, float]:
    """Neutral speech against the captured mouths, mean of the pieces."""
    rows = []
    for who in (w for w in held if w.identity != RULES):
        truth, made = who.talking.talk.curves, _mouth(who, fusion).curves
        times = np.arange(len(truth)) / RATE
        rows.append(capture.compare(times, truth, times, made))
    names = ("lip_gap_r", "lve_mm", "lve_of_mean_face_mm", "mve_mm", "amplitude_ratio")
    return {name: round(float(np.mean([row[name] for row in rows])), 3) for name in names if rows}  # type: ignore[arg-type]


def _emotion(fusion: Fusion, speakers: list[Performed], seed: int) -> dict[str, float]:
    """Against the expressions of the table on voices never taught, every emotion at slider 1 and intensities 1 and 2.

    mood_mae: of channels that the table moves. lips_shut: share of sealed frames that stay shut. opened: share of
    frames where the lips are apart in neutral speech and stay so. zero_is_neutral: whether intensity 0 gives the
    neutral track to the bit. reads_as_meant: share of tracks that the classifier of ``emotion.perceived`` names right;
    reads_faint: the same at intensity 0.35. sure: mean share that it gives to what is meant.
    """
    errors, shut, apart, meant, faint, sure, exact = [], [], [], [], [], [], True
    head = LandmarkHead.load()
    for who in speakers:
        talk, voice = _mouth(who, fusion), who.talking.prosody
        talk = replace(talk, curves=np.clip(talk.curves, 0, 1))
        performance = live(talk, voice, seed)
        gap = opening(head.landmarks(talk.curves))
        sealed, wide = talk.seal > 0.99, (gap > 2 * CLOSED_MM) & (talk.speech > 0.9)
        for k in range(len(EMOTIONS)):
            sliders = np.zeros((len(talk.curves), len(EMOTIONS)), np.float32)
            sliders[:, k] = 1
            added, truth = fusion.mood(sliders, performance), mood(sliders, performance)
            moved = np.abs(truth).max(0) > 0.02
            errors.append(np.abs(added - truth)[:, moved].mean())
            exact &= np.array_equal(blend(talk.curves, added, 0.0), blend(talk.curves, np.zeros_like(added)))
            read = perceive(blend(talk.curves, added), RATE)
            meant.append(read.emotion == EMOTIONS[k])
            sure.append(read.shares[1 + k])
            faint.append(perceive(blend(talk.curves, added, FAINT), RATE).emotion == EMOTIONS[k])
            for intensity in (1.0, 2.0):
                lips = opening(head.landmarks(blend(talk.curves, added, intensity)))
                shut.append((lips[sealed] <= CLOSED_MM).mean() if sealed.any() else np.nan)
                apart.append((lips[wide] > CLOSED_MM).mean() if wide.any() else np.nan)
    return {
        "mood_mae": round(float(np.mean(errors)), 4),
        "reads_as_meant": round(float(np.mean(meant)), 3),
        "reads_faint": round(float(np.mean(faint)), 3),
        "sure": round(float(np.mean(sure)), 3),
        "sealed_frames_shut": round(float(np.nanmean(shut)), 4),
        "open_frames_open": round(float(np.nanmean(apart)), 4),
        "zero_is_neutral": exact,
    }


def _onsets(fusion: Fusion, speakers: list[Performed], seed: int) -> dict[str, float]:
    """Error as ``mood_mae`` from half a second before to 0.8 s after a slider jumps from 0 to 1."""
    random, errors = np.random.default_rng(seed), []
    for who in speakers:
        talk = _mouth(who, fusion)
        performance = live(talk, who.talking.prosody, seed)
        for k in range(len(EMOTIONS)):
            start = int(random.integers(len(talk.curves) // 4, 3 * len(talk.curves) // 4))
            sliders = np.zeros((len(talk.curves), len(EMOTIONS)), np.float32)
            sliders[start:, k] = 1
            truth = mood(sliders, performance)
            moved, near = np.abs(truth).max(0) > 0.02, slice(max(0, start - 25), start + 40)
            errors.append(np.abs(fusion.mood(sliders, performance) - truth)[near][:, moved].mean())
    return {"onset_mae": round(float(np.mean(errors)), 4)}


def _levels(fusion: Fused, held: list[Performed]) -> dict[str, Any]:
    """The network by itself: how far each level is from neutral, and whether more level is never less face."""
    rising, distance = [], np.zeros(len(LEVELS))
    for who in held[:8]:
        talk = who.talking.talk
        heard = content(talk.phones, talk.loudness, RATE)
        neutral = fusion.run(heard, None)
        for k in range(len(EMOTIONS)):
            sliders = np.zeros((len(heard), len(EMOTIONS)), np.float32)
            sliders[:, k] = 1
            away = [float(np.abs(fusion.run(heard, sliders, level) - neutral).mean()) for level in LEVELS]
            rising.append(bool((np.diff(away) > 0).all()))
            distance += np.array(away) / (8 * len(EMOTIONS))
    return {"levels_monotone": round(float(np.mean(rising)), 3), "level_distance": [round(d, 4) for d in distance]}
