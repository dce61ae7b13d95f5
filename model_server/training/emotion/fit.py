"""From what was heard in the corpora to the heads of the voice model, and what they are worth on people never heard."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from model_server.emotion.description import mean_of
from model_server.emotion.listener import CLASSES, EVENTS, levels, scaled
from model_server.speech.layers import softmax
from model_server.training.emotion.heads import LinearHead, discriminant, ridge
from model_server.training.emotion.hearing import DescribedClips
from s2f_blender_addon.core.emotions import RECORDS

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

COUNTS = {"crema": 1.0, "emogator": 0.02, "marco": 0.02, "neutral": 1.0, "neutral2": 1.0}
"""What the whole of each set counts beside CREMA-D: bursts are no speech, and Marco's is synthetic."""
WHOLE = 6000
"""Stretches that CREMA-D counts as."""
FALSE = 0.06
"""Share of neutral reading, of sets that taught nothing, that may pass for an emotion."""
PARTS = 4
"""Parts into which the sets of neutral sentences fall, one of which at a time teaches nothing."""
MICROPHONES, ELSEWHERE, ELSEWHERE_KNOWN = 1.0, 0.5, 0.1
"""What differences between the sets' microphones, and between a clip and the same one through another microphone,
count beside those within a class, without and with a reference."""
CALM_FALSE, CALM_KNOWN = 0.03, 0.2
"""Share of neutral speech that is quiet enough to pass for calm, without and with a reference."""
LOUD = 10.0
"""dB above the usual level that are great effort."""
EVENT_FALSE = 0.002
NEUTRAL = ("neutral", "neutral2")
_ACTED = ("crema", "marco")
"""Sets whose people also speak ordinarily."""
_SINGLE_WORDS = ("arabic-speech-commands", "picovoice-wake-words", "precise-community")
_LEAST_ALIKE = 2.0
"""Power to which the votes are raised: clips that listeners agree on teach more."""


@dataclass(frozen=True)
class Fitted:
    """centre: of the population. alone, known: heads without and with a reference, and their effort (D,) and bias.

    false: share of neutral sentences in which an emotion was heard, by set, each set by heads that it taught nothing.
    """

    centre: Floats
    alone: LinearHead
    known: LinearHead
    event: LinearHead
    efforts: dict[str, tuple[Floats, float]]
    calm: dict[str, float]
    sure: float
    false: dict[str, float]

    def arrays(self) -> dict[str, Floats]:
        """As ``emotion.listener`` reads them."""
        found = {"centre": self.centre}
        for name, head in (("alone", self.alone), ("known", self.known), ("event", self.event)):
            found |= {f"{name}.spread": head.spread, f"{name}.weight": head.weight, f"{name}.bias": head.bias}
        for name, (weight, bias) in self.efforts.items():
            found |= {f"{name}.effort": weight, f"{name}.effort_bias": np.array([bias], np.float32)}
        return {name: np.ascontiguousarray(array, np.float32) for name, array in found.items()}


def fitted(sets: Mapping[str, DescribedClips], events: bool = True) -> Fitted:
    """The heads that ``sets`` teach; without ``events`` that head is empty."""
    centre = population(sets)
    alone, away, counts, effort = _alone(sets, centre)
    missing, group = _on_the_unheard(sets)
    amount = float(np.quantile(missing, 1 - FALSE))
    alone = alone.favouring(0, amount)
    false = {str(name): round(float((missing[group == name] > amount).mean()), 3) for name in np.unique(group)}
    neutral = np.concatenate([apart(sentences_of(sets[name]), centre) for name in NEUTRAL])
    near, target2, counts2, effort2 = _joined(sets, centre, True)
    acted = [sets[name] for name in _ACTED if name in sets]
    near_neutral = np.concatenate([(told.descriptions - ordinary_of(told))[told.ordinary] for told in acted])
    moved = [(ELSEWHERE_KNOWN, moves(sets))]
    known = discriminant(near, target2, counts2 * _rarity(target2, counts2), spread_of(near_neutral), moved)
    known = known.softened(near, target2, counts2)
    known = _careful(known, near_neutral)
    efforts = {
        "alone": ridge(away, effort, counts, alone.spread, [(ELSEWHERE, moves(sets))]),
        "known": ridge(near, effort2, counts2, known.spread, moved),
    }
    calm = {
        name: float(np.quantile(np.tanh(scaled(away, head.spread) @ efforts[name][0] + efforts[name][1]), false))
        for name, head, away, false in (
            ("alone", alone, neutral, CALM_FALSE),
            ("known", known, near_neutral, CALM_KNOWN),
        )
    }
    nothing = LinearHead(alone.spread, alone.weight[:, :1] * 0, alone.bias[:1])
    event, sure = events_head(sets, centre) if events else (nothing, 1.0)
    return Fitted(centre, alone, known, event, efforts, calm, sure, false)


def sentences_of(told: DescribedClips) -> DescribedClips:
    """Without the sets of single words."""
    return told.where(np.array([clip.group not in _SINGLE_WORDS for clip in told.clips]))


def population(sets: Mapping[str, DescribedClips]) -> Floats:
    """(D,) the mean of what is ordinary in each set, every set alike."""
    return np.asarray(np.mean(ordinary_by_set(sets), axis=0), np.float32)


def ordinary_by_set(sets: Mapping[str, DescribedClips]) -> Floats:
    """(g, D) the mean of what is ordinary in each set: they differ by microphones and rooms."""
    means = []
    for told in sets.values():
        groups = np.array([clip.group for clip in told.clips])
        for group in np.unique(groups[told.ordinary]):
            means.append(mean_of(told.descriptions[told.ordinary & (groups == group)]))
    return np.array(means, np.float32)


def apart(told: DescribedClips, centre: Floats) -> Floats:
    """Descriptions less ``centre``, level against that of the recording itself, as where nobody knows the speaker."""
    away: Floats = told.descriptions - centre
    places = levels(told.descriptions)
    away[:, places] = told.descriptions[:, places] - told.descriptions[:, places[2:3]]
    return away


def ordinary_of(told: DescribedClips) -> Floats:
    """(n, D) what is ordinary for the speaker of each clip, or for the set where that speaker has nothing ordinary."""
    whole = told.descriptions[told.ordinary] if told.ordinary.any() else told.descriptions
    found = np.repeat(mean_of(whole)[None], len(told), axis=0)
    for speaker in np.unique(told.speakers):
        own = told.speakers == speaker
        if (own & told.ordinary).any():
            found[own] = mean_of(told.descriptions[own & told.ordinary])
    return found


def _joined(sets: Mapping[str, DescribedClips], centre: Floats, known: bool) -> tuple[Floats, Floats, Floats, Floats]:
    """Descriptions less what is ordinary, shares of CLASSES, what each clip counts, and its effort -1 … 1."""
    parts = []
    for name, told in sets.items():
        target = told.shares(CLASSES)
        usable = target.sum(1) > 0
        own = ordinary_of(told)
        places = levels(told.descriptions)
        louder = told.descriptions[:, places[0]] - own[:, places[0]]
        if name == "crema":
            count = target.max(1) ** (_LEAST_ALIKE - 1)
            target = target**_LEAST_ALIKE / np.maximum((target**_LEAST_ALIKE).sum(1, keepdims=True), 1e-6)
        else:
            louder, count = np.zeros(len(told), np.float32), np.ones(len(told))
        if known:
            away = told.descriptions - own
            if name == "emogator":  # peaks are normalised, and nobody knows how loud they were
                away[:, places] = 0
        elif name in ("neutral", "neutral2"):
            away = apart(told, centre)
        else:  # the colour of a set's microphone is no emotion
            whole = told.descriptions[told.ordinary] if told.ordinary.any() else told.descriptions
            away = apart(told, mean_of(whole))
        arousal = target @ np.array([0.0, *(RECORDS[name].arousal for name in CLASSES[1:])], np.float32)
        effort = np.clip(0.6 * arousal + 0.6 * np.tanh(louder / LOUD), -0.95, 0.95)
        parts.append([x[usable] for x in (away, target, count * COUNTS[name] * WHOLE / len(told), effort)])
    away, target, counts, effort = (np.concatenate(column).astype(np.float32) for column in zip(*parts, strict=True))
    return away, target, counts, effort


def _rarity(target: Floats, counts: Floats) -> Floats:
    """(n,) what makes all classes count alike."""
    total = (target * counts[:, None]).sum(0) + 20
    return np.asarray(target @ (total.sum() / total), np.float32)


def _alone(sets: Mapping[str, DescribedClips], centre: Floats) -> tuple[LinearHead, Floats, Floats, Floats]:
    """The head without a reference, and the descriptions, counts and efforts that taught it."""
    away, target, counts, effort = _joined(sets, centre, False)
    nothing = [(MICROPHONES, _microphones(sets)), (ELSEWHERE, moves(sets))]
    head = discriminant(away, target, counts * _rarity(target, counts), spread_of(away), nothing)
    return head.softened(away, target, counts), away, counts, effort


def _microphones(sets: Mapping[str, DescribedClips]) -> Floats:
    """(g, D) by how much what is ordinary differs between the sets, but for the level, which is a recording's own."""
    found = ordinary_by_set(sets)
    found = found - found.mean(0)
    found[:, levels(found)] = 0
    return np.asarray(found, np.float32)


def moves(sets: Mapping[str, DescribedClips]) -> Floats:
    """(n, D) by how much descriptions move when the same clip is heard through another microphone."""
    found = []
    for told in sets.values():
        if told.elsewhere is not None:
            moved: Floats = told.elsewhere - told.descriptions
            places = levels(moved)
            moved[:, places] -= moved[:, places[2:3]]
            found.append(moved[told.is_moved])
    return np.concatenate(found) if found else np.zeros((0, 0), np.float32)


def spread_of(away: Floats) -> Floats:
    """(D,) how far the numbers of descriptions ``away`` (n, D) go."""
    return np.asarray(np.nanstd(away, axis=0) + 1e-3, np.float32)


def _on_the_unheard(sets: Mapping[str, DescribedClips]) -> tuple[Floats, npt.NDArray[np.str_]]:
    """(n,) logits that neutral lacks in neutral sentences of sets that were left out of the training, and their sets.

    On those that were not, a thousand numbers a sentence remember the microphone, and who read it.
    """
    missing, group = [], []
    names = np.unique([clip.group for name in NEUTRAL for clip in sentences_of(sets[name]).clips])
    for part in np.array_split(names, min(PARTS, len(names))):
        taught, unheard = dict(sets), []
        for name in NEUTRAL:
            taught[name], out = without(sets[name], np.isin([clip.group for clip in sets[name].clips], part))
            unheard.append(out)
        taught = {name: told for name, told in taught.items() if len(told)}
        centre = population(taught)
        head = _alone(taught, centre)[0]
        for out in unheard:
            logits = head.logits(apart(out, centre))
            missing.append(logits[:, 1:].max(1) - logits[:, 0])
            group.append(np.array([clip.group for clip in out.clips], np.str_))
    return np.concatenate(missing), np.concatenate(group)


def _careful(head: LinearHead, neutral: Floats) -> LinearHead:
    """``head``, favouring neutral just so much that no more than FALSE of ``neutral`` descriptions are an emotion."""
    logits = head.logits(neutral)
    return head.favouring(0, float(np.quantile(logits[:, 1:].max(1) - logits[:, 0], 1 - FALSE)))


def events_head(sets: Mapping[str, DescribedClips], centre: Floats) -> tuple[LinearHead, float]:
    """What tells bursts from speech, and how sure it must be."""
    bursts = sets["emogator"]
    kinds = np.array([EVENTS.index(clip.burst) if clip.burst else 0 for clip in bursts.clips])
    chosen = bursts.where(kinds > 0)
    speech = [apart(told, centre) for name, told in sets.items() if name != "emogator"]
    away = np.concatenate([apart(chosen, centre), *speech])
    target = np.zeros((len(away), len(EVENTS)), np.float32)
    target[np.arange(len(chosen)), kinds[kinds > 0]] = 1
    target[len(chosen) :, 0] = 1
    counts = np.ones(len(away), np.float32)
    head = discriminant(away, target, counts * _rarity(target, counts), spread_of(away))
    head = head.softened(away, target, counts)
    shares = softmax(head.logits(np.concatenate(speech)))[:, 1:].max(1)
    return head, float(np.clip(np.quantile(shares, 1 - EVENT_FALSE), 0.7, 0.95))


def without(told: DescribedClips, speakers: Bools) -> tuple[DescribedClips, DescribedClips]:
    """(``told`` without those speakers, only those)."""
    return told.where(~speakers), replace(told.where(speakers))
