"""An emotion is one record: what sliders, eyes, voices and strips ask of it is there and makes sense."""

import pytest

from s2f_blender_addon.core.emotions import EMOTIONS, RECORDS, Emotion


@pytest.mark.parametrize("record", RECORDS.values(), ids=EMOTIONS)
def test_a_record_is_whole(record: Emotion) -> None:
    assert record.about and record.words
    assert len(record.colour) == 3 and all(0 <= part <= 1 for part in record.colour)
    assert -1 <= record.arousal <= 1 and -1 <= record.valence <= 1
    assert list(record.voice) == ["pitch", "range", "loudness", "brightness", "rate"]


def test_no_two_share_a_name_or_a_colour() -> None:
    names = [name for record in RECORDS.values() for name in record.names]
    assert len(set(names)) == len(names)
    assert len({record.colour for record in RECORDS.values()}) == len(RECORDS)
