"""Two people in one recording are told apart, by channels and by voices; one alone is not."""

from pathlib import Path

import numpy as np
import pytest

from model_server.answers import diarized
from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE, Sound
from model_server.voice.turns import LEFT, RIGHT, by_channels, by_voices
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import Diarize
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.speaker_turns import Turn, from_text, merged, speakers, to_text

SAMPLE = Path(__file__).parents[3] / "model_server/sample/hello.wav"


@pytest.fixture(scope="module")
def voice():
    return decode(SAMPLE).samples


def pieces(voice, pattern):
    """(N, 2): a second and a half of ``voice`` for each letter, left, right or both; the other side hears a tenth."""
    length = int(1.5 * SAMPLE_RATE)
    blocks = []
    for k, who in enumerate(pattern):
        sound = voice[k * length : (k + 1) * length]
        left, right = {"l": (1.0, 0.1), "r": (0.1, 1.0), "b": (1.0, 0.9)}[who]
        blocks.append(np.stack([left * sound, right * sound], axis=1))
    return np.concatenate(blocks).astype(np.float32)


def test_each_channel_is_a_speaker(voice):
    stereo = pieces(voice, "llrr")
    parted = by_channels(stereo[:, 0].copy(), stereo[:, 1].copy())
    assert parted is not None and parted.by == "channels"
    own = speakers(parted.turns)
    assert max(turn.end for turn in own[LEFT]) < 3.5 and min(turn.start for turn in own[RIGHT]) > 2.5


def test_the_same_sound_on_both_sides_is_no_dialogue(voice):
    assert by_channels(voice, 0.7 * voice) is None


def test_a_voice_and_a_much_higher_one_are_two(voice):
    faster = np.interp(np.arange(0, len(voice), 1.6), np.arange(len(voice)), voice).astype(np.float32)
    length, pause = 2 * SAMPLE_RATE, np.zeros(SAMPLE_RATE // 4, np.float32)
    blocks = [one[k * length : (k + 1) * length] for k in (0, 1) for one in (voice, faster)]
    parted = by_voices(np.concatenate([part for block in blocks for part in (block, pause)]))
    assert parted is not None and parted.by == "voices"
    right = sum(
        turn.end - turn.start
        for turn in parted.turns
        if ("Voice A", "Voice B")[int((turn.start + turn.end) / 2 / 2.25) % 2] == turn.speaker
    )
    assert right > 0.85 * sum(turn.end - turn.start for turn in parted.turns)
    assert by_voices(voice) is None


def test_a_file_is_asked_for_both_its_channels(voice, tmp_path):
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / "Gespräch.wav"
    soundfile.write(path, pieces(voice, "llrr"), SAMPLE_RATE)
    answer = diarized(Diarize(1, Request(str(path))), None)
    assert answer.by == "channels" and set(speakers(answer.turns)) == {LEFT, RIGHT}
    assert diarized(Diarize(2, Request(str(SAMPLE))), None).turns == ()


@pytest.mark.parametrize("ear", ["left", "right", "louder"])
def test_one_ear_listens_to_one_channel(voice, tmp_path, ear):
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / "stereo.wav"
    stereo = np.stack([voice, 0.5 * voice[::-1]], axis=1)
    soundfile.write(path, stereo, SAMPLE_RATE, subtype="FLOAT")
    wanted = stereo[:, 1] if ear == "right" else stereo[:, 0]
    assert decode(path, ear=ear).samples == pytest.approx(wanted, abs=1e-6)


def test_one_channel_has_no_left(voice, tmp_path):
    assert any("one channel" in note for note in decode(SAMPLE, ear="left").notes)
    assert decode(SAMPLE, ear="louder").notes == ()


def test_what_lies_outside_of_the_turns_is_silent(voice):
    sound = Sound(voice)
    only = sound.only((Turn(1.0, 2.0), Turn(3.0, 3.5)))
    at = {second: int(second * SAMPLE_RATE) for second in (0.9, 1.5, 2.5, 3.25, 4.0)}
    assert not only.samples[: at[0.9]].any() and not only.samples[at[4.0] :].any()
    assert np.array_equal(only.samples[at[1.5] : at[1.5] + 100], voice[at[1.5] : at[1.5] + 100])
    assert only.duration == sound.duration and only.sha256 != sound.sha256
    assert sound.only(()) is sound
    with pytest.raises(UserError, match="beyond the end"):
        sound.only((Turn(100.0, 101.0),))


def test_turns_are_written_as_people_write_times():
    assert from_text("0-3.2, 1:05.5 - 1:09; 1:00:00–1:00:05") == (
        Turn(0, 3.2), Turn(65.5, 69), Turn(3600, 3605),
    )  # fmt: skip
    assert to_text(from_text("3-4.25, 70-75")) == "3-4.25, 1:10-1:15"
    assert from_text("  ") == ()
    for wrong in ("3", "a-b", "5-4", "1-2 and 3"):
        with pytest.raises(UserError, match="stretch"):
            from_text(wrong)


def test_near_turns_of_one_speaker_are_one():
    turns = (Turn(0, 1, "A"), Turn(1.2, 2, "A"), Turn(1.9, 3, "B"), Turn(5, 6, "A"))
    assert merged(turns, 0.5) == (Turn(0, 2, "A"), Turn(1.9, 3, "B"), Turn(5, 6, "A"))
