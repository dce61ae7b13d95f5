"""What the model process answers over its pipes, spoken to as Blender does."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from s2f_blender_addon.core.blend import blend
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.messages import (
    Failure,
    Felt,
    Progress,
    Read,
    Reads,
    Result,
)  # fmt: skip
from s2f_blender_addon.core.request import Hearing
from s2f_blender_addon.core.subtitles import Cue

from .conftest import SAMPLE, Child, feel, request, sent_as_pcm


def test_a_recording_becomes_a_track(child: Child) -> None:
    child.say(request(7, emotion={"happy": 0.8}, seed=3))
    told = child.hear(Progress)
    assert told.id == 7
    result = child.answer()
    assert isinstance(result, Result)
    assert result.id == 7
    track = result.track
    assert len(track.talk) == int(soundfile.info(SAMPLE).duration * 60) + 1
    assert track.talk.max() > 0.2
    assert track.mood.max() > 0.2
    assert track.provenance.emotion == {"happy": 0.8}
    assert track.provenance.seed == 3
    assert len(track.provenance.audio_sha256) == 64


def test_sound_that_blender_decoded_gives_the_same_track_as_the_file(child: Child) -> None:
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    child.say(request(1), *sent_as_pcm(2, samples, rate))
    file, pcm = child.answer(), child.answer()
    assert (file.id, pcm.id) == (1, 2)
    assert file.track.provenance == pcm.track.provenance
    np.testing.assert_array_equal(file.track.talk, pcm.track.talk)


def test_a_range_starts_at_its_own_second(child: Child) -> None:
    child.say(request(1, start=1.0, end=2.5))
    track = child.answer().track
    assert track.start == 1.0
    assert track.duration == pytest.approx(1.5)


def test_a_recording_can_be_asked_what_it_feels_like(child: Child) -> None:
    text = "What a wonderful day, I am so happy! The chair is brown."
    child.say(feel(1, text, start=1.0), feel(2), feel(3, audio="none.wav"))
    felt, voice, failure = child.hear(Felt), child.hear(Felt), child.hear(Failure)
    assert (felt.id, voice.id, failure.id) == (1, 2, 3)
    assert len(voice.sliders) == int(soundfile.info(SAMPLE).duration * 24) + 1
    assert (felt.start, felt.fps) == (1.0, 24.0)
    assert [sentence.text for sentence in felt.sentences] == [
        "What a wonderful day, I am so happy!",
        "The chair is brown.",
    ]
    assert felt.sentences[0].start >= 1.0
    assert felt.sentences[0].emotion["happy"] > 0.3
    assert not voice.sentences


def test_the_mixer_of_what_is_felt_is_the_caller_s(child: Child) -> None:
    text = "What a wonderful day, I am so happy!"
    strong, weak = Hearing(most=8, smoothing=0.0), Hearing(most=1, contrast=0.5)
    child.say(feel(1, text, hear=strong), feel(2, text, hear=weak))
    one, other = child.hear(Felt), child.hear(Felt)
    assert (one.model, one.licence_track) == ("voice emotion 4 + words 4", "product")
    assert (one.sliders > 0.01).sum(1).max() > (other.sliders > 0.01).sum(1).max()
    child.say(
        feel(4, hear=Hearing(voice_model="/nowhere.safetensors")), feel(5, text, hear=Hearing(text_model="/nowhere"))
    )
    sentences = [child.hear(Failure).sentence for _ in range(2)]
    assert "/nowhere.safetensors" in sentences[0]
    assert "/nowhere" in sentences[1]


def test_any_face_can_be_asked_what_it_reads_as(child: Child) -> None:
    child.say(request(1, emotion={"angry": 1.0}))
    track = child.answer().track
    values = blend(track.talk, track.mood)[::2]
    child.say(Read(2, 30.0, values), Read(3, 30.0, blend(track.talk, track.mood, 0.0)[::2]))
    angry, neutral = child.hear(Reads), child.hear(Reads)
    assert (angry.id, neutral.id) == (2, 3)
    assert max(angry.shares, key=angry.shares.__getitem__) == "angry"
    assert max(neutral.shares, key=neutral.shares.__getitem__) == "neutral"
    assert sum(angry.shares.values()) == pytest.approx(1, abs=1e-3)


def test_emotions_of_the_users_own_and_the_side_of_contempt_are_obeyed(child: Child) -> None:
    own = (CustomEmotion("Smirk", {"mouthDimpleRight": 0.9}),)
    child.say(
        request(1, emotion={"Smirk": 1.0}, custom_emotions=own),
        request(2, emotion={"contempt": 1.0}),
        request(3, emotion={"contempt": 1.0}, contempt_side="right"),
    )
    smirk, left, right = (child.answer().track for _ in range(3))
    assert smirk.provenance.emotion == {"Smirk": 1.0}
    assert smirk.mood[:, INDEX["mouthDimpleRight"]].mean() > 0.4
    for track, side, other in ((left, "Left", "Right"), (right, "Right", "Left")):
        mean = track.mood.mean(0)
        assert mean[INDEX["mouthDimple" + side]] > 4 * mean[INDEX["mouthDimple" + other]]


def test_liveliness_is_obeyed(child: Child) -> None:
    still = Liveliness(0, 0, 0, 0, 0)
    child.say(
        request(1), request(2, liveliness=Liveliness(blinks=0)), request(3, liveliness=still),
    )  # fmt: skip
    lively, staring, still_face = (child.answer().track for _ in range(3))
    blink = INDEX["eyeBlinkLeft"]
    assert lively.talk[:, blink].max() > 0.9 > 0.3 > staring.talk[:, blink].max()
    np.testing.assert_array_equal(lively.head, staring.head)
    assert not still_face.head.any()


def test_felt_sliders_are_keys_that_a_bake_takes(child: Child) -> None:
    child.say(feel(1, "I am so happy!", fps=60.0))
    sliders = child.hear(Felt).sliders
    child.say(request(2, emotion_track=sliders))
    assert child.answer().track.mood.any()


def test_any_path_will_do(child: Child, tmp_path: Path) -> None:
    path = tmp_path / "Szene 1 – Zoë's take 日本語 💬.wav"
    shutil.copy(SAMPLE, path)
    child.say(request(1, path))
    assert isinstance(child.answer(), Result)


def test_words_are_found_in_a_stretch_of_the_recording_at_the_recordings_own_times(child: Child) -> None:
    said = (Cue("Hello!", 0.0, 0.9), Cue("My name is Poppy.", 0.9, 2.4))
    child.say(request(1, words=said))
    whole = child.answer()
    child.say(request(2, words=said, start=0.8))
    part = child.answer()
    assert isinstance(whole, Result) and isinstance(part, Result)
    assert [word.text for word in whole.words] == ["Hello", "My", "name", "is", "Poppy"]
    assert [word.text for word in part.words if word.confidence][-4:] == ["My", "name", "is", "Poppy"]
    assert part.words[-1].start == pytest.approx(whole.words[-1].start, abs=0.03)


def test_felt_sentences_come_when_they_are_said(child: Child) -> None:
    text = "Hello! My name is Poppy. Give me a voice, and I move my lips. Oh, wow! What a beautiful morning for a film."
    child.say(request(1, words=(Cue(text),)))
    words = child.answer()
    child.say(feel(2, text))
    felt = child.hear(Felt)
    assert isinstance(words, Result)
    starts = {word.text: word.start for word in words.words}
    assert [sentence.start for sentence in felt.sentences] == pytest.approx(
        [starts[word] for word in ("Hello", "My", "Give", "Oh", "What")], abs=0.02
    )
