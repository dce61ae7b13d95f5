"""When each sentence is said, once its words have been found."""

from collections.abc import Sequence

from model_server.emotion.words import sentences
from model_server.speech.words.script import tokens
from s2f_blender_addon.core.script import SpokenWord

SURE, LEAST = 0.1, 0.5
"""Confidence of a word that was surely heard; share of the words that must be."""


def stretches(text: str, words: Sequence[SpokenWord]) -> list[tuple[float, float]]:
    """(start s, end s) of every sentence of ``text``, whose ``words`` in order have their times.

    None where too few words were found for their times to mean something.
    A sentence of which no word was found is given no time of its own: it begins and ends where the one before ends.
    """
    surely = sum(word.confidence >= SURE for word in words)
    if not surely or surely < LEAST * len(words):
        return []
    found: list[tuple[float, float]] = []
    at, now = 0, 0.0
    for sentence in sentences(text):
        begin = at
        for token in tokens(sentence):
            if at < len(words) and words[at].text == token:
                at += 1
        heard = [word for word in words[begin:at] if word.confidence > 0]
        start, now = (heard[0].start, heard[-1].end) if heard else (now, now)
        found.append((start, now))
    return found
