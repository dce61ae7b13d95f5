"""When each sentence is said, once its words have been found."""

from collections.abc import Sequence

from model_server.emotion.words import sentences
from model_server.speech.words.align import SpokenWord
from model_server.speech.words.script import tokens


def stretches(text: str, words: Sequence[SpokenWord]) -> list[tuple[float, float]]:
    """(start s, end s) of every sentence of ``text``, whose ``words`` in order have their times; none for no words.

    A sentence of which no word was found is given no time of its own: it begins and ends where the one before ends.
    """
    if not any(word.confidence > 0 for word in words):
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
