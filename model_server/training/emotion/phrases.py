"""Sentences of our own that teach the words what news, threats, pleas, irony, negation and "but" do to a feeling.

The sets of others hold comments and film lines, of which few are like that; these are made of phrases that were written
for this project (``phrases.json``).
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from s2f_blender_addon.core.emotions import RECORDS

Shares = dict[str, float]
"""Classes (neutral or an emotion) to shares that sum to 1."""

NEGATIVE: Shares = {"sad": 0.5, "angry": 0.3, "neutral": 0.2}
POSITIVE: Shares = {"happy": 0.6, "calm": 0.2, "neutral": 0.2}
SOOTHED: Shares = {"calm": 0.6, "neutral": 0.4}
SCORNED: Shares = {"angry": 0.6, "contempt": 0.4}

_PLAIN: dict[str, Shares] = {
    "annoyances": {"angry": 0.5, "sad": 0.5}, "losses": {"sad": 1}, "dangers": {"fear": 1}, "joys": {"happy": 1},
    "foul": {"disgust": 1}, "astonishing": {"surprise": 1}, "peaceful": {"calm": 1}, "facts": {"neutral": 1},
    "orders": {"neutral": 1}, "rude": {"angry": 1}, "threats": {"angry": 1}, "pleas": {"fear": 0.8, "sad": 0.2},
    "sorrows": {"sad": 1}, "scorn": {"contempt": 0.7, "angry": 0.3}, "ironic": SCORNED,
}  # fmt: skip
_ASKED: dict[str, Shares] = {
    "outrage": {"angry": 0.9, "contempt": 0.1}, "wonder": {"surprise": 1}, "dread": {"fear": 1},
    "plain questions": {"neutral": 1},
}  # fmt: skip
_SOOTHING = ("sad", "angry", "fear", "disgust")


@cache
def phrases() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(__file__).with_name("phrases.json").read_text("utf-8"))
    return found


def sentences(seed: int) -> list[tuple[str, Shares]]:
    """Every sentence that ``phrases`` make, with its shares; endings and openings are drawn by ``seed``."""
    rng = np.random.default_rng(seed)
    made = [*_plain(rng), *_asked(rng), *_felt(), *_negated(rng), *_ironic(rng), *_turned(rng)]
    return [(_written(text), shares) for text, shares in made]


def _written(text: str) -> str:
    """With a capital letter and an end."""
    return text[:1].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def _plain(rng: np.random.Generator) -> Iterator[tuple[str, Shares]]:
    openers = {
        "losses": ("I can't believe that {}", "they told me that {}", "{} and I don't know what to do"),
        "dangers": ("run, {}", "oh my God, {}", "hurry, {}", "we must leave, {}"),
        "joys": ("I'm so happy, {}", "hooray, {}", "guess what, {}", "can you believe it, {}", "thank God, {}"),
        "astonishing": ("wow, {}", "I had no idea that {}", "no way, {}", "I can't believe it, {}", "what, {}?"),
        "foul": ("ew, {}", "yuck, {}", "that is disgusting, {}", "I feel sick, {}"),
        "annoyances": ("damn, {}", "I can't stand it, {}", "why is it that {}?", "of course {}"),
        "peaceful": ("don't worry, {}", "relax, {}", "hush now, {}", "it's all right, {}"),
        "facts": ("I think {}", "well, {}", "as far as I know {}", "yes, {}", "then {}", "in fact {}"),
        "orders": ("please {}", "{}, please", "now {}", "first {} and then wait"),
        "rude": ("I said {}", "{}, now", "for God's sake, {}", "{}, you idiot"),
        "threats": ("I swear {}", "believe me, {}", "listen, {}", "I promise you, {}"),
        "scorn": ("honestly, {}", "look at you, {}"),
    }
    for name, shares in _PLAIN.items():
        for phrase in phrases()[name]:
            yield phrase + str(rng.choice([".", ".", "!", "…" if name in ("losses", "sorrows") else "!"])), shares
            for opener in openers.get(name, ()):
                yield opener.format(phrase) + str(rng.choice([".", "!"])) * (not opener.endswith("?")), shares


def _asked(rng: np.random.Generator) -> Iterator[tuple[str, Shares]]:
    before = {"outrage": ("seriously, ", "tell me, "), "wonder": ("wait, ", "oh, "), "dread": ("oh no, ", "listen, ")}
    for name, shares in _ASKED.items():
        for phrase in phrases()[name]:
            yield phrase + str(rng.choice(["?", "?!"] if name in ("outrage", "wonder") else ["?"])), shares
            yield from ((opener + phrase + "?", shares) for opener in before.get(name, ("excuse me, ", "and ")))


def _felt() -> Iterator[tuple[str, Shares]]:
    frames = ("I am {}", "I feel {}", "we were so {}", "that made me {}", "never in my life was I so {}", "he looks {}",
              "I'm really {} today", "you must be {}", "it left me {}", "why am I so {}?")  # fmt: skip
    for name, record in RECORDS.items():
        yield from ((frame.format(word), {name: 1.0}) for word in record.words for frame in frames)
    for thing in phrases()["subjects"]:
        yield from ((f"{thing} was {good}", {"happy": 0.8, "neutral": 0.2}) for good in phrases()["good things"][::3])
        yield from ((f"{thing} was {bad}", {"sad": 0.6, "angry": 0.4}) for bad in phrases()["bad things"][::3])


def _negated(rng: np.random.Generator) -> Iterator[tuple[str, Shares]]:
    frames = ("I am not {} today", "I'm not {} about it", "we weren't {}", "I don't feel {}", "nobody was {}",
              "I was never {}", "you are not {}, are you", "I'm not {} at all", "she isn't {} any more")  # fmt: skip
    lulls = ("don't be {}", "there is no need to be {}", "you needn't be {}", "nothing to be {} about")
    for emotion, record in RECORDS.items():
        soothes = emotion in _SOOTHING
        for word in record.words:
            shares = SOOTHED if soothes else {"neutral": 1.0} if emotion in ("surprise", "contempt") else NEGATIVE
            if emotion == "calm":
                shares = {"fear": 0.4, "angry": 0.3, "neutral": 0.3}
            yield from ((frame.format(word), shares) for frame in frames)
            if soothes:
                yield from ((frame.format(word), SOOTHED) for frame in lulls)
            if emotion in ("happy", "sad"):
                yield f"I couldn't be more {word}", {emotion: 1.0}
    for thing in phrases()["subjects"]:
        good, bad = str(rng.choice(phrases()["good things"])), str(rng.choice(phrases()["bad things"]))
        for frame in ("{0} was not {1}", "{0} isn't {1}", "there is nothing {1} about {0}", "{0} was never {1}"):
            yield frame.format(thing, good), NEGATIVE
            yield frame.format(thing, bad), POSITIVE
        yield from ((f"I don't {verb} {thing}", NEGATIVE) for verb in ("like", "love", "enjoy", "trust", "want"))
        yield from ((f"I don't {verb} {thing}", SOOTHED) for verb in ("hate", "mind", "fear"))
        yield f"I never liked {thing}", NEGATIVE
        yield f"{thing} was not bad, not bad at all", POSITIVE


def _ironic(rng: np.random.Generator) -> Iterator[tuple[str, Shares]]:
    openers = phrases()["ironic openers"]
    for name in ("annoyances", "losses", "foul"):
        for phrase in phrases()[name]:
            for opener in rng.choice(openers, 6 if name == "annoyances" else 1, replace=False):
                joint = str(rng.choice([", ", ", now ", ". ", "! ", ", and "] if name == "annoyances" else [", "]))
                yield f"{opener}{joint}{phrase}", SCORNED
    for opener in openers:
        for phrase in rng.choice(phrases()["joys"], 9, replace=False):
            if not opener.startswith(("oh", "just", "thanks")):
                yield f"{opener}, {phrase}!", {"happy": 1.0}


def _turned(rng: np.random.Generator) -> Iterator[tuple[str, Shares]]:
    """What follows "but" counts."""
    sides = {"joys": {"happy": 1.0}, "losses": {"sad": 1.0}, "annoyances": NEGATIVE, "peaceful": {"calm": 1.0}}
    for first in sides:
        for last, shares in sides.items():
            if first != last:
                for _ in range(25):
                    a, b = str(rng.choice(phrases()[first])), str(rng.choice(phrases()[last]))
                    yield f"{a}{rng.choice([', but ', ', yet ', ', and yet ', ', but still '])}{b}", shares
    for thing in phrases()["subjects"]:
        for _ in range(4):
            good, bad = str(rng.choice(phrases()["good things"])), str(rng.choice(phrases()["bad things"]))
            turn = str(rng.choice(["but", "but then", "yet"]))
            yield f"{thing} was {good}, {turn} {rng.choice(phrases()['subjects'])} was {bad}", NEGATIVE
            yield f"{thing} was {bad}, {turn} {rng.choice(phrases()['subjects'])} was {good}", POSITIVE
