"""What is said in a recording, and when each word of it was heard."""

from dataclasses import dataclass

from .subtitles import Cue

ENGLISH = "en"
_MARKS = '.,;:!?…¿¡"“”„«»‹›()[]{}*_–—'


@dataclass(frozen=True)
class Script:
    """cues: plain text is a single one without times. language: a code such as ``en`` or ``de``."""

    cues: tuple[Cue, ...] = ()
    language: str = ENGLISH

    def __bool__(self) -> bool:
        return any(cue.text.strip() for cue in self.cues)

    @property
    def text(self) -> str:
        """All that is said, a line for each cue."""
        return "\n".join(cue.text for cue in self.cues)

    def between(self, start: float, end: float) -> "Script":
        """The script of that stretch of the recording, in seconds from ``start``; ``end`` 0 is the recording's."""
        if not start and not end:
            return self
        kept = []
        for cue in self.cues:
            if not cue.end:
                kept.append(cue)
            elif cue.end > start and (not end or cue.start < end):
                kept.append(Cue(cue.text, max(0.0, cue.start - start), cue.end - start))
        return Script(tuple(kept), self.language)


@dataclass(frozen=True)
class SpokenWord:
    """When a word is said (seconds) and how surely, 0-1; one that was not found has 0 and two equal times."""

    text: str
    start: float
    end: float
    confidence: float

    def told(self, since: float = 0.0) -> "SpokenWord":
        """What a user is shown: the bare word, times from ``since`` on, all rounded to thousandths."""
        start, end = round(self.start + since, 3), round(self.end + since, 3)
        return SpokenWord(self.text.strip(_MARKS) or self.text, start, end, round(self.confidence, 3))
