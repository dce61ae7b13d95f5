"""espeak-ng as a teacher: speech in a hundred languages together with the times of its phonemes.

Uses the library's phoneme events through ctypes (``speak_lib.h``, API version 12).
"""

import ctypes
import ctypes.util
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.speech.phones import VOICELESS_STOPS, from_ipa
from s2f_blender_addon.core.errors import UserError

Array = npt.NDArray[np.float32]
Segment = tuple[float, float, str]

_RETRIEVAL, _PHONEME_EVENTS, _PHONEME_IPA = 1, 1, 2
_EVENT_END, _EVENT_PHONEME = 0, 7
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1
_IPA_BY_UNDERSCORES = 2 | ord("_") << 8


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p), ("id", _Id),
    ]  # fmt: skip


class _Voice(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("languages", ctypes.c_char_p), ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte), ("age", ctypes.c_ubyte), ("variant", ctypes.c_ubyte), ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int), ("spare", ctypes.c_void_p),
    ]  # fmt: skip


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class SynthesisedSpeech:
    """samples (N,) float32 mono at ``rate`` Hz and its segments (start s, end s, class) without holes."""

    samples: Array
    rate: int
    segments: list[Segment]


class Espeak:
    """The library, once a process. Raises UserError when espeak-ng is not installed."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise UserError("espeak-ng is not installed; install the espeak-ng package to make the training corpus.")
        self._lib = ctypes.CDLL(name)
        self.rate: int = self._lib.espeak_Initialize(_RETRIEVAL, 200, None, _PHONEME_EVENTS | _PHONEME_IPA)
        if self.rate <= 0:
            raise UserError("espeak-ng does not start; its data folder may be missing.")
        self._pieces: list[npt.NDArray[np.int16]] = []
        self._events: list[tuple[float, str]] = []
        self._callback = _CALLBACK(self._take)  # kept: the library holds only a bare pointer
        self._lib.espeak_SetSynthCallback(self._callback)
        self._voices = self._list_voices()

    def _list_voices(self) -> dict[str, str]:
        """Language code -> voice file, which can carry a variant; the first (preferred) voice of a language wins."""
        self._lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        found: dict[str, str] = {}
        listed, i = self._lib.espeak_ListVoices(None), 0
        while listed[i]:
            language = listed[i].contents.languages[1:].split(b"\0")[0].decode()
            found.setdefault(language, listed[i].contents.identifier.decode())
            i += 1
        return found

    def _take(self, wav: Any, count: int, events: Any) -> int:
        if wav and count > 0:
            self._pieces.append(np.ctypeslib.as_array(wav, (count,)).copy())
        i = 0
        while events[i].type != _EVENT_END:
            if events[i].type == _EVENT_PHONEME:
                at = events[i].sample / self.rate
                self._events.append((at, events[i].id.string.decode("utf-8", "ignore")))
            i += 1
        return 0

    def speak(
        self, text: str, voice: str, rate: int = 175, pitch: int = 50, pitch_range: int = 50
    ) -> SynthesisedSpeech:
        """``text`` in ``voice`` ("de", "en-us+f3"); rate in words a minute, pitch and range 0-100.

        Raises UserError for a voice that this espeak-ng does not know.
        """
        language, plus, variant = voice.partition("+")
        if self._lib.espeak_SetVoiceByName((self._voices.get(language, language) + plus + variant).encode()) != 0:
            raise UserError(f"espeak-ng has no voice {voice!r}.")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._lib.espeak_SetParameter(parameter, value, 0)
        self._pieces, self._events = [], []
        data = text.encode()
        self._lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        samples = np.concatenate([np.zeros(0, np.int16), *self._pieces]).astype(np.float32) / 32768
        return SynthesisedSpeech(samples, self.rate, segments(samples, self.rate, self._events))

    def ipa(self, text: str, language: str) -> list[str]:
        """The phonemes of ``text`` in ``language``, stress marks before vowels kept; nothing is said aloud.

        Raises UserError for a language that this espeak-ng does not know.
        """
        if self._lib.espeak_SetVoiceByName(self._voices.get(language, language).encode()) != 0:
            raise UserError(f"espeak-ng has no voice {language!r}.")
        left, found = ctypes.c_char_p(text.encode()), []
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        while left.value is not None:
            clause = self._lib.espeak_TextToPhonemes(ctypes.byref(left), _UTF8, _IPA_BY_UNDERSCORES) or b""
            found += re.split(r"[_\s]+", re.sub(r"\([a-z-]+\)", " ", clause.decode("utf-8", "ignore")))
        return [symbol for symbol in found if symbol]


@lru_cache(maxsize=1)
def library() -> Espeak:
    return Espeak()


def segments(samples: Array, rate: int, events: list[tuple[float, str]]) -> list[Segment]:
    """Phoneme events (start s, IPA) to segments. A diphthong is cut in two; a stop takes the closure before it.

    espeak-ng reports a voiceless stop at its burst and leaves the silent closure with the sound before.
    """
    end = len(samples) / rate
    starts = [at for at, _ in events] + [end]
    found: list[Segment] = []
    if events and starts[0] > 0:
        found.append((0.0, starts[0], "sil"))
    for (start, symbol), stop in zip(events, starts[1:], strict=True):
        if stop <= start:
            continue
        classes = from_ipa(symbol) or ("sil",)
        if classes == ("sil",) and stop - start < _PAUSE and found:  # the release of a stop, no pause
            found[-1] = (found[-1][0], stop, found[-1][2])
            continue
        cuts = np.linspace(start, stop, len(classes) + 1)
        for name, a, b in zip(classes, cuts[:-1], cuts[1:], strict=True):
            if name in VOICELESS_STOPS and found:
                a = _closure_start(samples, rate, found)
            found.append((float(a), float(b), name))
    return found


_PAUSE = 0.06
"""Silence between phonemes that is shorter is articulation (seconds)."""
_CLOSURE = {"sil": 0.07}
"""Of a pause before a stop, only its end belongs to the closure (seconds)."""


def _closure_start(samples: Array, rate: int, found: list[Segment]) -> float:
    """Where the silence that ends the last of ``found`` begins; shortens that segment accordingly."""
    start, stop, name = found[-1]
    if name in VOICELESS_STOPS:
        return stop
    step = max(1, rate // 500)
    piece = np.abs(samples[int(start * rate) : int(stop * rate)])
    limit = max(0.004, 0.03 * float(piece.max(initial=0.0)))
    silent = 0
    while (silent + 1) * step <= len(piece) and piece[len(piece) - (silent + 1) * step :][:step].max() < limit:
        silent += 1
    closed = max(start if name == "sil" else start + 0.02, stop - min(silent * step / rate, _CLOSURE.get(name, 0.12)))
    found[-1] = (start, closed, name)
    if closed <= start:
        found.pop()
    return closed
