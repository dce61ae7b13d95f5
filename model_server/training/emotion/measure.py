"""What the heads are worth on people, sets and languages that taught them nothing: who was taken for whom, and how far.

People are left out a quarter at a time (``people_left_out``); a whole set is left out and judged by what the others
taught (``set_left_out``); RAVDESS teaches nothing anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.emotion.listener import EVENTS, judged, levels, shown
from model_server.speech.layers import softmax
from model_server.training.emotion.fit import (
    NEUTRAL,
    Fitted,
    apart,
    events_head,
    fitted,
    ordinary_of,
    population,
    sentences_of,
    without,
)
from model_server.training.emotion.heads import LinearHead, ranking, recall
from model_server.training.emotion.hearing import DescribedClips
from s2f_blender_addon.core.emotions import EMOTIONS

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

EIGHT = ("neutral", "calm", "happy", "sad", "angry", "fear", "disgust", "surprise")
SIX = tuple(name for name in EIGHT if name not in ("calm", "surprise"))
SAID = ("neutral", *EMOTIONS)
HIGH, LOW = ("happy", "angry", "fear", "surprise"), ("neutral", "calm", "sad")
AGREED, CLEAR = 0.6, 0.9
"""Share of the listeners from which a clip of CREMA-D has one truth, and from which it is a strong one."""
FOLDS = 4
WAYS = ("alone", "known")
"""Without and with a reference."""
ELSEWHERE = {way: f"{way}, elsewhere" for way in WAYS}
"""The same through microphones that taught nobody."""
_VOTED = ("crema",)


@dataclass(frozen=True)
class Judged:
    """What was said of clips. truth (n,): places in SAID; shares (n, len(SAID)); effort (n,) -1 … 1; strong (n,)."""

    truth: Ints
    shares: Floats
    effort: Floats
    strong: Bools

    def recall(self, among: Sequence[str]) -> float:
        """Unweighted, of the classes in ``among``; six classes are told apart among themselves, eight among all."""
        rows = np.isin(self.truth, _places(among))
        if len(among) == len(EIGHT):
            return recall(self.truth[rows], self.shares[rows].argmax(1))
        places = np.array(_places(among))
        return recall(self.truth[rows], places[self._without_calm()[rows][:, places].argmax(1)])

    def arousal(self) -> float:
        """Area under the curve of effort, HIGH against LOW; not a number where one of them is missing."""
        high, low = (self.effort[np.isin(self.truth, _places(names))] for names in (HIGH, LOW))
        return ranking(high, low) if len(high) and len(low) else float("nan")

    def confusion(self) -> Ints:
        """(len(SAID), len(SAID)) clips that were the row and were taken for the column."""
        found = np.zeros((len(SAID), len(SAID)), np.int64)
        np.add.at(found, (self.truth, self.shares.argmax(1)), 1)
        return found

    def filled(self) -> Floats:
        """(n,) the slider that strong lines fill, each that of its own emotion."""
        chosen = self.strong & (self.truth > 0)
        sliders = shown(self.shares[:, 1:])
        return np.asarray(sliders[chosen, self.truth[chosen] - 1], np.float32)

    def _without_calm(self) -> Floats:
        shares = self.shares.copy()
        shares[:, 0] += shares[:, SAID.index("calm")]
        return shares


def people_left_out(sets: Mapping[str, DescribedClips], name: str) -> dict[str, Judged]:
    """By way: every person of ``name`` judged by heads that the others, a quarter at a time left out, have taught.

    ``ELSEWHERE``: what was heard of them through other microphones, the reference through the usual one.
    """
    told = sets[name]
    people = np.unique(told.speakers)
    parts = []
    for fold in range(FOLDS):
        taught, unknown = without(told, np.isin(told.speakers, people[fold::FOLDS]))
        heads = fitted(dict(sets) | {name: taught}, events=False)
        moved, heard = unknown.moved(), unknown.is_moved
        there = judge(name, moved, heads, moved.descriptions - ordinary_of(unknown)[heard]) if len(moved) else {}
        parts.append(judge(name, unknown, heads) | {ELSEWHERE[way]: one for way, one in there.items()})
    return {way: _joined([one[way] for one in parts]) for way in parts[0]}


def set_left_out(sets: Mapping[str, DescribedClips], name: str) -> dict[str, Judged]:
    """By way: the clips of ``name``, judged by heads that the other sets have taught."""
    others = {other: one for other, one in sets.items() if other != name}
    return judge(name, sets[name], fitted(others, events=False))


def judge(name: str, told: DescribedClips, heads: Fitted, near: Floats | None = None) -> dict[str, Judged]:
    """By way: what ``heads`` say of those clips of the set ``name`` that have one truth.

    near: descriptions less what is ordinary for their speakers, where clips of ``told`` do not say that.
    """
    truth, strong = _voted(told) if name in _VOTED else _acted(told)
    clear = truth >= 0
    arrays = heads.arrays()
    found = {}
    for way, away in (("alone", apart(told, heads.centre)), ("known", _near(told) if near is None else near)):
        shares, effort = judged(away[clear], arrays, way, heads.calm[way])
        neutral = np.maximum(1 - shares.sum(1, keepdims=True), 0)
        found[way] = Judged(truth[clear], np.concatenate([neutral, shares], 1), effort, strong[clear])
    return found


def false_in_sets(sets: Mapping[str, DescribedClips]) -> dict[str, float]:
    """By set of neutral sentences: the share in which heads that the other sets have taught hear an emotion."""
    groups = {clip.group for name in NEUTRAL for clip in sentences_of(sets[name]).clips}
    found = {}
    for group in sorted(groups):
        inside = {name: np.array([clip.group == group for clip in told.clips]) for name, told in sets.items()}
        heads = fitted({name: told.where(~inside[name]) for name, told in sets.items()}, events=False)
        unheard = [told.where(inside[name]) for name, told in sets.items()]
        away = np.concatenate([apart(told, heads.centre) for told in unheard if len(told)])
        found[group] = round(float((heads.alone.logits(away).argmax(1) > 0).mean()), 3)
    return found


def events_of_people_left_out(sets: Mapping[str, DescribedClips]) -> tuple[Ints, float]:
    """(K, K) bursts that were the row of EVENTS and were taken for the column, and the share of speech that passes for
    one; taught by half of the people, bursts and speech alike, and judged on the others.
    """
    taught, unheard = {}, {}
    for name, told in sets.items():
        taught[name], unheard[name] = without(told, np.isin(told.speakers, np.unique(told.speakers)[1::2]))
    centre = population(taught)
    head, sure = events_head(taught, centre)
    bursts = unheard.pop("emogator")
    kinds = np.array([EVENTS.index(clip.burst) if clip.burst else 0 for clip in bursts.clips])
    counts = np.zeros((len(EVENTS), len(EVENTS)), np.int64)
    np.add.at(counts, (kinds, _sure_events(head, apart(bursts, centre), sure)), 1)
    speech = np.concatenate([_sure_events(head, apart(told, centre), sure) for told in unheard.values()])
    return counts, float((speech > 0).mean())


def _sure_events(head: LinearHead, away: Floats, sure: float) -> Ints:
    """(n,) places in EVENTS of what is said of each, 0 where no event is sure enough."""
    shares = softmax(head.logits(away))
    return np.where(shares.max(1) >= sure, shares.argmax(1), 0).astype(np.int64)


def _voted(told: DescribedClips) -> tuple[Ints, Bools]:
    """(n,) places in SAID of what most listeners heard, -1 where they disagree, and which they all but agree on."""
    votes = told.shares(SAID)
    return np.where(votes.max(1) >= AGREED, votes.argmax(1), -1), votes.max(1) >= CLEAR


def _acted(told: DescribedClips) -> tuple[Ints, Bools]:
    """(n,) places in SAID of what clips were acted as, -1 where it is none of EIGHT, and which were acted strongly."""
    names = [clip.acted.partition(" ") for clip in told.clips]
    truth = [SAID.index(name) if name in EIGHT else -1 for name, _, _ in names]
    return np.array(truth, np.int64), np.array([how == "strong" for _, _, how in names], bool)


def _near(told: DescribedClips) -> Floats:
    """Descriptions less what is ordinary for their speakers."""
    near = told.descriptions - ordinary_of(told)
    if not told.ordinary.any():  # bursts, whose peaks are normalised: no level that means anything
        near[:, levels(told.descriptions)] = 0
    return np.asarray(near, np.float32)


def _joined(parts: Sequence[Judged]) -> Judged:
    return Judged(*(np.concatenate([getattr(one, name) for one in parts]) for name in Judged.__dataclass_fields__))


def _places(names: Sequence[str]) -> list[int]:
    return [SAID.index(name) for name in names]
