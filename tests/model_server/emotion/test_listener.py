"""What the voice model that ships hears in voices whose pitch, loudness and colour are known, and in real speech."""

from pathlib import Path

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.emotion.listener import BUNDLED, CLASSES, Listener, bundled, scaled
from model_server.sample import SAMPLE
from model_server.voice.reference import VoiceReference, population
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

Array = np.ndarray


@pytest.fixture(scope="module")
def hello() -> Array:
    return decode(SAMPLE).samples


def test_a_higher_and_faster_voice_is_more_effort(hello: Array) -> None:
    """The sample a fifth higher, as a tape that runs faster."""
    n = len(hello)
    fast = np.interp(np.arange(0, n - 1, 1.4), np.arange(n), hello).astype(np.float32)
    assert bundled().hear(fast).arousal.mean() > bundled().hear(hello).arousal.mean()


def test_the_gain_of_a_recording_does_not_matter(hello: Array) -> None:
    soft, loud = (bundled().hear(gain * hello) for gain in (np.float32(0.25), np.float32(1.0)))
    assert soft.sliders == pytest.approx(loud.sliders, abs=0.08)
    assert soft.arousal == pytest.approx(loud.arousal, abs=0.08)


def test_a_passage_louder_than_the_rest_is_more_effort_than_the_same_passage_alone(hello: Array) -> None:
    quiet = np.float32(0.1) * hello
    three = np.concatenate([quiet, hello, quiet])
    heard = bundled().hear(three)
    middle = (heard.times > len(hello) / 16000 + 1.6) & (heard.times < 2 * len(hello) / 16000 - 1.6)
    assert heard.arousal[middle].mean() > bundled().hear(np.tile(hello, 3)).arousal.mean()


def test_louder_than_ones_own_ordinary_speech_is_effort(hello: Array) -> None:
    model = bundled()
    known = model.know([np.float32(0.2) * hello])
    assert (
        model.hear(hello, reference=known).arousal.mean()
        > model.hear(np.float32(0.2) * hello, reference=known).arousal.mean() + 0.1
    )


def test_ones_own_ordinary_speech_is_neutral(hello: Array) -> None:
    model = bundled()
    heard = model.hear(hello, reference=model.know([hello]))
    assert 1 - heard.sliders.sum(1).mean() > 0.5


def test_a_reference_is_kept_as_json_and_names_its_model(hello: Array) -> None:
    known = bundled().know([hello])
    assert known.features_of == bundled().id
    again = VoiceReference.from_json(known.to_json())
    assert np.array_equal(
        bundled().hear(hello, reference=again).sliders, bundled().hear(hello, reference=known).sliders
    )


def test_a_reference_of_another_model_is_as_none(hello: Array) -> None:
    with_it, without = bundled().hear(hello, reference=population()), bundled().hear(hello)
    assert np.array_equal(with_it.sliders, without.sliders)


def test_a_whisper_has_no_pitch_and_is_judged_all_the_same() -> None:
    """Breath whose colour goes to and fro between two vowels."""
    rng = np.random.default_rng(0)
    t = np.arange(3 * 16000) / 16000
    to_and_fro = np.clip(np.sin(2 * np.pi * 2 * t), 0, None), np.clip(-np.sin(2 * np.pi * 2 * t), 0, None)
    hertz = np.fft.rfftfreq(len(t), 1 / 16000)
    breath = np.zeros(len(t))
    for middle, swell in zip((500, 2000), to_and_fro, strict=True):
        spectrum = np.fft.rfft(rng.normal(size=len(t))) * np.exp(-0.5 * ((hertz - middle) / 300) ** 2)
        breath += 0.1 * swell * np.fft.irfft(spectrum, len(t))
    heard = bundled().hear(breath.astype(np.float32))
    assert len(heard.times) == 1
    assert np.isfinite(heard.sliders).all() and np.isfinite(heard.arousal).all()


def test_where_nobody_speaks_there_is_no_judgement() -> None:
    for samples in (np.zeros(64000, np.float32), np.zeros(0, np.float32), np.zeros(10, np.float32)):
        heard = bundled().hear(samples)
        assert len(heard.times) == 0 and heard.events == ()
        assert not heard.over_time(100, 30.0).any()
    with pytest.raises(UserError, match="speech"):
        bundled().know([np.zeros(64000, np.float32)])


def test_sliders_and_neutral_are_shares_of_one(hello: Array) -> None:
    sliders = bundled().hear(np.concatenate([hello, hello])).sliders
    assert sliders.min() >= 0
    assert sliders.sum(1).max() <= 1 + 1e-5


def test_the_same_sound_is_heard_the_same(hello: Array) -> None:
    one, other = bundled().hear(hello), bundled().hear(hello)
    assert one.sliders.tobytes() == other.sliders.tobytes()


def test_contempt_stays_low(hello: Array) -> None:
    heard = bundled().hear(hello)
    assert heard.sliders[:, EMOTIONS.index("contempt")].max() < 0.4


def test_the_card_says_whose_data_it_has() -> None:
    card = bundled().card
    assert card.licence_track == "product"
    assert any("Contains information from CREMA-D, which is made available under the ODbL" in c
               for c in card.made["credits"])  # fmt: skip
    assert BUNDLED.stat().st_size < 8_000_000
    assert "calm" not in CLASSES


def test_what_cannot_be_measured_is_ordinary() -> None:
    assert scaled(np.array([np.nan, 100.0], np.float32), np.ones(2, np.float32)).tolist() == [0.0, 4.0]


def test_a_file_that_is_no_model_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "junk.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"junk\.safetensors"):
        Listener(tmp_path / "junk.safetensors")
    with pytest.raises(UserError, match="no emotion listener"):
        Listener(BUNDLED.with_name("talk.safetensors"))
