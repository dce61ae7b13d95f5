"""Breaths that are heard before a phrase: lips part for them, the wider the louder they are.

In LibriSpeech's pauses they last 0.15 to 0.4 s, end up to a third of a second before the phrase, are 7 to 23 dB above
the quiet of the pause and 17 to 40 below the voice, and are strongest between 1 and 2 kHz; rumble and mains hum lie far
below.
"""

import numpy as np
import numpy.typing as npt

from model_server.audio.prosody import Prosody, gaussian
from model_server.face.streams import Floats
from s2f_blender_addon.core.runs import true_runs

LEAST, LOUDEST = 0.019, 0.023
"""jawOpen for a breath that is hardly heard, and for a loud one: less than the millimetre that counts as open."""
HEARD_DB, FULL_DB = 6.0, 24.0
"""Above the quiet of the recording's pauses: where a breath begins to be heard, and where it is as deep as it gets."""
BELOW_DB = 50.0
"""Under the voice from which on nothing is heard as breath."""
AIRY_DB = -13.0
"""Power of the sound's first difference over its own: white noise has 3 dB, a breath about -5, a rumble below -20."""
SHORT, LONG, BEFORE = 0.12, 1.2, 0.5
"""Seconds: least and most that a breath lasts, and how long before the phrase it ends at most."""
SOFT = 0.045
"""Seconds, standard deviation of the time in which lips part for it."""
_QUIET_FRAMES = 10


def parting(prosody: Prosody, speech: Floats) -> Floats:
    """(T,) jawOpen of lips that part for the breaths in ``prosody``, which are heard where ``speech`` (T,) is 0."""
    still = np.zeros(len(speech), np.float32)
    pause = speech < 0.05
    if len(prosody.air_db) != len(speech) or pause.sum() < _QUIET_FRAMES:
        return still
    quiet, voice = np.percentile(prosody.air_db[pause], 10), np.percentile(prosody.air_db, 95)
    above = prosody.air_db - max(quiet, voice - BELOW_DB)
    airy = prosody.air_db - prosody.loudness_db > AIRY_DB
    begins = np.flatnonzero(~pause[1:] & pause[:-1]) + 1
    for first, end in true_runs(_joined(pause & airy & (above > HEARD_DB), prosody.fps)):
        phrase = begins[np.searchsorted(begins, end) :][:1]
        lasts = (end - first) / prosody.fps
        if not len(phrase) or not SHORT <= lasts <= LONG or phrase[0] - end > BEFORE * prosody.fps:
            continue
        depth = np.clip((np.percentile(above[first:end], 75) - HEARD_DB) / (FULL_DB - HEARD_DB), 0, 1)
        still[first : phrase[0]] = LEAST + (LOUDEST - LEAST) * depth
    return gaussian(still, SOFT * prosody.fps) if still.any() else still


def _joined(mask: npt.NDArray[np.bool_], fps: float) -> npt.NDArray[np.bool_]:
    """``mask`` (T,) with gaps of less than 50 ms bridged: noise is rough."""
    found = mask.copy()
    for first, end in true_runs(~mask):
        if first > 0 and end < len(mask) and end - first < 0.05 * fps:
            found[first:end] = True
    return found
