"""What the heads are worth on people, sets and languages that taught them nothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.emotion.listener import CLASSES, EVENTS, SHARPNESS, levels, scaled
from model_server.speech.layers import softmax
from model_server.training.emotion.fit import Fitted, apart, events_head, fitted, ordinary_of, population, without
from model_server.training.emotion.heads import LinearHead, ranking, recall
from model_server.training.emotion.hearing import DescribedClips

Floats = npt.NDArray[np.float32]

EIGHT = ("neutral", "calm", "happy", "sad", "angry", "fear", "disgust", "surprise")
SIX = tuple(name for name in EIGHT if name not in ("calm", "surprise"))
HIGH, LOW = ("happy", "angry", "fear", "surprise"), ("neutral", "calm", "sad")
AGREED = 0.6
"""Share of the listeners from which a clip of CREMA-D has one truth."""


def figures(sets: Mapping[str, DescribedClips], heads: Fitted, research: DescribedClips) -> dict[str, Any]:
    """By name: CREMA-D with every fourth actor held out, each set without itself, false alarms, and ``research``."""
    found: dict[str, Any] = {"CREMA-D, every fourth actor held out": _held_actors(sets)}
    found["an emotion heard in neutral sentences of people left out"] = heads.false
    found["events, of people left out"] = _events_of_the_unheard(sets)
    for name in ("marco", "emogator"):
        others = fitted({other: one for other, one in sets.items() if other != name}, events=False)
        found[f"{name}, taught by the others"] = _acted(sets[name], others)
    if len(research):
        found["RAVDESS, which taught nothing"] = _acted(research, heads) | {"arousal": _arousal(research, heads)}
    return found


def _events_of_the_unheard(sets: Mapping[str, DescribedClips]) -> dict[str, Any]:
    """Taught by half of the people, bursts and speech alike: how many of each event are found in the other half, how
    often it is another one that is said, and how often speech passes for one.
    """
    taught, unheard = {}, {}
    for name, told in sets.items():
        people = set(np.unique(told.speakers)[::2])
        taught[name], unheard[name] = without(told, np.array([one in people for one in told.speakers]))
    centre = population(taught)
    head, sure = events_head(taught, centre)
    bursts = unheard.pop("emogator")
    kinds = np.array([EVENTS.index(clip.burst) if clip.burst else 0 for clip in bursts.clips])
    said = _sure_events(head, apart(bursts, centre), sure)
    speech = np.concatenate([_sure_events(head, apart(told, centre), sure) for told in unheard.values()])
    found: dict[str, Any] = {
        EVENTS[k]: {
            "clips": int((kinds == k).sum()), "found": round(float((said[kinds == k] == k).mean()), 3),
            "taken for": {EVENTS[j]: round(float((said[kinds == k] == j).mean()), 3) for j in range(1, len(EVENTS))},
        }
        for k in range(1, len(EVENTS))
    }  # fmt: skip
    return found | {"speech that passes for one": round(float((speech > 0).mean()), 4)}


def _sure_events(head: LinearHead, away: Floats, sure: float) -> npt.NDArray[np.int64]:
    """(n,) places in EVENTS of what is said of each, 0 where no event is sure enough."""
    shares = softmax(head.logits(away))
    kinds = shares.argmax(1)
    return np.where(shares.max(1) >= sure, kinds, 0)


def _held_actors(sets: Mapping[str, DescribedClips]) -> dict[str, float]:
    crema = sets["crema"]
    held = np.array([int(speaker) % 4 == 0 for speaker in crema.speakers])
    taught, unknown = without(crema, held)
    heads = fitted(dict(sets) | {"crema": taught}, events=False)
    votes = unknown.shares(CLASSES)
    sure = votes.max(1) >= AGREED
    truth = votes[sure].argmax(1)
    found = {}
    for how, away, head in _ways(unknown, heads):
        found[how] = round(recall(truth, softmax(head.logits(away[sure])).argmax(1)), 3)
    return found


def _acted(told: DescribedClips, heads: Fitted) -> dict[str, Any]:
    """Recall of the classes that clips were acted as, without and with a reference, and who was taken for whom."""
    meant = np.array([clip.acted.split()[0] if clip.acted else "" for clip in told.clips])
    found: dict[str, Any] = {}
    for how, away, head in _ways(told, heads):
        known = "known" if head is heads.known else "alone"
        rows = np.isin(meant, EIGHT)
        truth = np.array([EIGHT.index(name) for name in meant[rows]])
        said = _said(heads, known, away[rows])
        places = [CLASSES.index(name) for name in SIX]
        some = np.isin(meant, SIX)
        of_six = softmax(head.logits(away[some]))[:, places].argmax(1)
        found[how] = {
            "eight": round(recall(truth, said), 3),
            "six": round(recall(np.array([SIX.index(name) for name in meant[some]]), of_six), 3),
            "confusion": [[int(((truth == i) & (said == j)).sum()) for j in (*range(len(EIGHT)), -1)]
                          for i in range(len(EIGHT))],
        }  # fmt: skip
    return found


def _arousal(told: DescribedClips, heads: Fitted) -> dict[str, float]:
    """Area under the curve, HIGH against LOW."""
    meant = np.array([clip.acted.split()[0] for clip in told.clips])
    found = {}
    for how, away, head in _ways(told, heads):
        effort = _effort(heads, "known" if head is heads.known else "alone", away)
        found[how] = round(ranking(effort[np.isin(meant, HIGH)], effort[np.isin(meant, LOW)]), 3)
    return found


def _ways(told: DescribedClips, heads: Fitted) -> list[tuple[str, Floats, LinearHead]]:
    near = told.descriptions - ordinary_of(told)
    if all(clip.burst or not clip.ordinary for clip in told.clips):  # no level that means anything
        near[:, levels(told.descriptions)] = 0
    return [
        ("without a reference", apart(told, heads.centre), heads.alone),
        ("with a reference", near, heads.known),
    ]


def _effort(heads: Fitted, name: str, away: Floats) -> Floats:
    weight, bias = heads.efforts[name]
    spread = heads.alone.spread if name == "alone" else heads.known.spread
    return np.asarray(np.tanh(scaled(away, spread) @ weight + bias), np.float32)


def _said(heads: Fitted, name: str, away: Floats) -> npt.NDArray[np.int64]:
    """Places in EIGHT of what is said of each, -1 for contempt."""
    head = heads.alone if name == "alone" else heads.known
    shares = softmax(head.logits(away))
    quiet = 1 / (1 + np.exp(np.clip((_effort(heads, name, away) - heads.calm[name]) * SHARPNESS, -30, 30)))
    every = np.concatenate([shares, (shares[:, 0] * quiet)[:, None]], 1)
    every[:, 0] *= 1 - quiet
    places = np.array([EIGHT.index(one) if one in EIGHT else -1 for one in (*CLASSES, "calm")])
    return np.asarray(places[every.argmax(1)], np.int64)
