"""What people say when they order a coffee: a small language model for aligning that corpus.

Written from listening to it: a sentence maker, and its bigrams in ARPA form (absolute discounting with back-off,
Ney, Essen and Kneser 1994), which pocketsphinx reads.
"""

from collections import Counter
from itertools import pairwise
from math import log10
from pathlib import Path
from random import Random

from s2f_blender_addon.core.whole_file import whole_file

_ASK = """can i get|can i have|could i get|could i have|may i have|may i get|can you make|can you get|can you make me|
can you get me|could you make me|could you get me|get me|give me|make me|make|get|bring me|brew me|brew|i want|i'd like|
i would like|i'd like to have|i'd like to get|i'd like to order|i want to get|i want to have|i need|let me have|
let me get|i'll have|i'll get|i'll take|please make me|please get me|order me|hi can i get|hey can i have|
i'm going to have|let's get"""
_SIZE = """small|medium|large|extra large|eight ounce|ten ounce|twelve ounce|sixteen ounce|twenty ounce|
twenty four ounce|six ounce|four ounce|tall|regular|big"""
_SHOTS = "single shot|double shot|triple shot|single shot|double shot|triple shot|single|double|triple"
_ROAST = "light roast|medium roast|dark roast|light roasted|medium roasted|dark roasted"
_DRINK = """coffee|house coffee|iced coffee|black coffee|latte|iced latte|cappuccino|americano|iced americano|mocha|
iced mocha|espresso|iced espresso|coffee|americano|espresso|cappuccino"""
_AMOUNT = """a bit of|a little bit of|a little|little bit of|some|lots of|a lot of|extra|bit of|lot of|no|||"""
_ADD = """milk|whole milk|skim milk|soy milk|almond milk|coconut milk|two percent milk|half and half|cream|sugar|
brown sugar|sweetener|honey|vanilla|caramel|cinnamon|syrup|skim milk|soy milk|almond milk|whole milk|brown sugar|
sugar|cream|milk|sweetener"""
_DISCOUNT = 0.5


def _pick(random: Random, choices: str) -> str:
    return random.choice(choices.replace("\n", "").split("|"))


def sentence(random: Random) -> str:
    """One order."""
    parts = [_pick(random, _ASK), random.choice(["a", "a", "a", "an", "one", "the", "some", "my", ""])]
    attributes = [_pick(random, kind) for kind in (_SIZE, _SHOTS, _ROAST) if random.random() < 0.6]
    random.shuffle(attributes)
    parts += [*attributes, _pick(random, _DRINK)]
    for i in range(random.choice([0, 1, 1, 2, 2])):
        parts += ["with" if i == 0 else random.choice(["and", "and", "and", "with"])]
        parts += [_pick(random, _AMOUNT), _pick(random, _ADD)]
    parts.append(random.choice(["", "", "", "", "please", "thank you", "thanks"]))
    return " ".join(" ".join(parts).split())


def write_language_model(path: Path, sentences: int = 20000, seed: int = 0) -> None:
    """A bigram model of ``sentences`` made-up orders, in ARPA form."""
    random = Random(seed)
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for _ in range(sentences):
        words = ["<s>", *sentence(random).split(), "</s>"]
        single.update(words)
        pairs.update(pairwise(words))
    total = sum(n for word, n in single.items() if word != "<s>")
    followers = Counter(first for first, _ in pairs)
    lines = ["\\data\\", f"ngram 1={len(single)}", f"ngram 2={len(pairs)}", "", "\\1-grams:"]
    for word, n in sorted(single.items()):
        probability = -99.0 if word == "<s>" else log10(n / total)
        back_off = log10(max(1e-3, _DISCOUNT * followers[word] / n)) if word != "</s>" else 0.0
        lines.append(f"{probability:.4f} {word} {back_off:.4f}")
    lines += ["", "\\2-grams:"]
    lines += [f"{log10((n - _DISCOUNT) / single[a]):.4f} {a} {b}" for (a, b), n in sorted(pairs.items())]
    with whole_file(path) as temporary:
        temporary.write_text("\n".join([*lines, "", "\\end\\", ""]), encoding="utf-8")
