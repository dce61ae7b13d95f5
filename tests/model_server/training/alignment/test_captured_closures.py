"""A captured face overrules the network about closures."""

import numpy as np

from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.training.alignment.captured_closures import overruled
from model_server.training.corpus.store import UNKNOWN


def heard(*stretches: tuple[int, str, float, str]) -> np.ndarray:
    """(frames, best class, its share, second class) stretches as posteriors."""
    rows = []
    for frames, best, share, second in stretches:
        row = np.zeros(len(CLASSES), np.float32)
        row[CLASS_INDEX[best]], row[CLASS_INDEX[second]] = share, 1 - share
        rows += [row] * frames
    return np.stack(rows)


def test_no_bilabial_where_the_lips_stand_apart() -> None:
    label = overruled(heard((20, "a", 0.9, "e"), (10, "m", 0.7, "n"), (20, "a", 0.9, "e")), np.full(50, 6.0))
    assert (label[20:30] == CLASS_INDEX["n"]).all()
    assert (label[:20] == CLASS_INDEX["a"]).all()


def test_a_bilabial_where_they_meet_and_the_network_half_heard_it() -> None:
    gap = np.full(50, 6.0)
    gap[20:30] = 0.0
    label = overruled(heard((20, "a", 0.9, "e"), (10, "n", 0.7, "m"), (20, "a", 0.9, "e")), gap)
    assert (label[20:30] == CLASS_INDEX["m"]).all()


def test_nothing_is_claimed_where_face_and_voice_disagree_or_neither_knows() -> None:
    gap = np.full(50, 6.0)
    gap[20:30] = 0.0
    label = overruled(heard((20, "a", 0.4, "e"), (10, "s", 0.95, "z"), (20, "a", 0.9, "e")), gap)
    assert (label[20:30] == UNKNOWN).all()


def test_rest_is_no_bilabial() -> None:
    label = overruled(heard((50, "sil", 0.95, "m")), np.zeros(50))
    assert (label == CLASS_INDEX["sil"]).all()
