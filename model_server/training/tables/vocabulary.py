"""The English words that the zip knows, from a language model in ARPA form and the pronouncing dictionary.

What ships is made from the model of CMU Sphinx, which pocketsphinx brings along: ``pocketsphinx.NGramModel(...).write``
makes an ARPA file of it (release 5.1.1 dies at its trigrams, which nobody needs here; 35 of its pairs are lost).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, silent
from model_server.speech.phones import CLASS_INDEX
from model_server.speech.words.english import ways
from model_server.speech.words.vocabulary import FILE, STEP
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

WORDS, BIGRAMS, WAYS = 20_000, 400_000, 4
"""The likeliest words, the pairs that tell most, and how many ways to say a word are kept."""
START = "<s>"
"""What a language model calls the start of a sentence."""
NEVER = -99.0
"""What stands for no probability at all."""
_LN10 = float(np.log(10))
Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bigrams:
    """names (V,), the start of a sentence last; unigram (V,); before, word, chance (B,): natural logs."""

    names: list[str]
    unigram: Floats
    before: Whole
    word: Whole
    chance: Floats


def read(arpa: Path, most: int = WORDS) -> Bigrams:
    """The ``most`` likeliest words of an ARPA file that the dictionary can say, and all pairs of them.

    A file that was cut short is read as far as it goes. Raises UserError when it holds no pairs of such words.
    """
    if not arpa.is_file():
        raise UserError(f"{arpa} is not there; give a language model in ARPA form with --arpa.")
    single: dict[str, float] = {START: NEVER}
    pairs: list[tuple[int, int, float]] = []
    number: dict[str, int] = {}
    section = ""
    with arpa.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            cells = line.split()
            if line.startswith("\\"):
                section = line.strip()
                number = number or (_likeliest(single, most) if section == "\\2-grams:" else {})
            elif section == "\\1-grams:" and len(cells) >= 2:
                single[cells[1]] = _natural(cells[0], arpa)
            elif section == "\\2-grams:" and len(cells) >= 3 and cells[1] in number and cells[2] in number:
                pairs.append((number[cells[1]], number[cells[2]], _natural(cells[0], arpa)))
    if not pairs:
        raise UserError(f"{arpa} holds no pairs of English words; give a bigram or trigram model in ARPA form.")
    before, word, chance = (np.array(column) for column in zip(*pairs, strict=True))
    return Bigrams(list(number), np.array([single[name] for name in number]), before, word, chance)


def _natural(log10: str, arpa: Path) -> float:
    try:
        return float(log10) * _LN10
    except ValueError:
        raise UserError(f"{arpa} is no ARPA file: {log10} should be a number.") from None


def _likeliest(single: dict[str, float], most: int) -> dict[str, int]:
    known = [word for word in sorted(single, key=lambda w: (-single[w], w)) if word[:1] != "<" and ways(word)]
    return {word: i for i, word in enumerate([*known[:most], START])}


def pruned(model: Bigrams, most: int = BIGRAMS) -> tuple[Bigrams, Floats]:
    """The ``most`` pairs whose loss would change the model most (Seymore and Rosenfeld 1996), and what every word
    leaves to pairs that it does not know: (V,) natural logs."""
    gain = np.exp(model.unigram[model.before] + model.chance) * (
        model.chance - model.unigram[model.word] - _backoff(model)[model.before]
    )
    kept = np.sort(np.argsort(-gain, kind="stable")[:most])
    fewer = Bigrams(model.names, model.unigram, model.before[kept], model.word[kept], model.chance[kept])
    return fewer, _backoff(fewer)


def _backoff(model: Bigrams) -> Floats:
    count, single = len(model.names), np.exp(model.unigram)
    known = np.bincount(model.before, np.exp(model.chance), count)
    covered = np.bincount(model.before, single[model.word], count)
    left: Floats = np.log(np.maximum(1 - known, 1e-3) / np.maximum(single.sum() - covered, 1e-3))
    return left


def packed(model: Bigrams, backoff: Floats) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays that ``speech.words.vocabulary.unpacked`` reads."""
    classes, below, ends, words = _tree(model.names)
    order = np.lexsort([model.word, model.before])
    unigram = np.append(model.unigram[:-1], 0.0)  # a pause has costs of its own
    return {
        "classes": np.array(classes, np.uint8), "below": np.array(below, np.uint16), "ends": np.array(ends, np.uint8),
        "words": np.array(words, np.uint16), "unigram": _byte(unigram), "backoff": backoff.astype(np.float16),
        "followers": np.bincount(model.before, minlength=len(model.names)).astype(np.uint16),
        "following": model.word[order].astype(np.uint16), "bigram": _byte(model.chance[order]),
    }  # fmt: skip


def _byte(logs: Floats) -> npt.NDArray[np.uint8]:
    found: npt.NDArray[np.uint8] = np.clip(np.round(-logs / STEP), 0, 255).astype(np.uint8)
    return found


def _tree(names: list[str]) -> tuple[list[int], list[int], list[int], list[int]]:
    """Class of every node, how many lie below the top and each node, how many words end with each, and these words."""
    said = [ways(name)[:WAYS] for name in names[:-1]] + [(("sil",),)]
    level: list[list[tuple[tuple[int, ...], int]]] = [
        [(tuple(CLASS_INDEX[c] for c in way), w) for w, known in enumerate(said) for way in known]
    ]
    classes: list[int] = []
    below: list[int] = []
    ends: list[int] = []
    words: list[int] = []
    while level:
        following = []
        for group in level:
            going_on: dict[int, list[tuple[tuple[int, ...], int]]] = {}
            for way, word in group:
                if way:
                    going_on.setdefault(way[0], []).append((way[1:], word))
            below.append(len(going_on))
            for first in sorted(going_on):
                classes.append(first)
                here = sorted({word for way, word in going_on[first] if not way})
                ends.append(len(here))
                words.extend(here)
                following.append([entry for entry in going_on[first] if entry[0]])
        level = following
    return classes, below, ends, words


def make(arpa: Path, folder: Path, progress: Progress = silent) -> dict[str, int]:
    """Write ``vocabulary.npz`` into ``folder``, whole or not at all; how much is in it.

    Raises UserError where ``arpa`` is no language model.
    """
    progress(0.0, f"Reading {arpa.name}")
    model, backoff = pruned(read(arpa))
    progress(0.6, "Planting the tree of words")
    arrays = packed(model, backoff)
    with whole_file(folder / FILE.name) as path, path.open("wb") as out:
        np.savez_compressed(out, **arrays)
    return {"words": len(model.names) - 1, "pairs": len(model.before), "nodes": len(arrays["classes"])}
