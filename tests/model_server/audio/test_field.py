"""Sound from the field: films, wrong endings, unfinished headers, odd channels, files without an end."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.audio import decode as decode_module
from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE, Sound
from s2f_blender_addon.core import recording
from s2f_blender_addon.core.errors import UserError

from .films import CODECS, write_film

RNG = np.random.default_rng(4)


def speech(rate: int = 48000, seconds: float = 1.5) -> np.ndarray:
    """Noise whose loudness goes up and down as syllables do, smooth enough for any codec."""
    count = int(rate * seconds)
    noise = np.convolve(RNG.standard_normal(count), np.ones(24) / 24, "same")
    times = np.arange(count) / rate
    return (0.5 * noise * (0.1 + np.abs(np.sin(2 * np.pi * 2.3 * times)) ** 2)).astype(np.float32)


SPEECH = speech()


def lag(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """(seconds by which ``other`` comes later, correlation there)."""
    size = min(len(one), len(other))
    a, b = one[:size] - one[:size].mean(), other[:size] - other[:size].mean()
    spectrum = np.fft.irfft(np.conj(np.fft.rfft(a, 2 * size)) * np.fft.rfft(b, 2 * size))
    at = int(spectrum.argmax())
    return (at if at < size else at - 2 * size) / SAMPLE_RATE, float(spectrum[at] / np.sqrt((a @ a) * (b @ b)))


def heard(samples: np.ndarray, tmp_path: Path, name: str = "take.wav") -> Sound:
    path = tmp_path / name
    soundfile.write(path, samples, 48000, subtype="FLOAT")
    return decode(path)


@pytest.mark.parametrize("suffix", CODECS)
def test_every_kind_of_sound_is_read_where_it_lies(suffix: str, tmp_path: Path) -> None:
    whole = heard(SPEECH, tmp_path)
    sound = decode(write_film(tmp_path / f"take{suffix}", SPEECH))
    late, alike = lag(whole.samples, sound.samples)
    codec_delay = {".aac": 1024 / 48000, ".ac3": 256 / 48000, ".mkv": 0.03}.get(suffix, 0.0)
    assert -1e-3 <= late <= codec_delay + 1e-3
    assert alike > 0.9
    assert sound.duration == pytest.approx(1.5, abs=0.06 + codec_delay)


@pytest.mark.parametrize("form", CODECS)
@pytest.mark.parametrize("name", ["take.wav", "take.mp3", "take.flac", "take.xyz", "take", "take.csv.bak"])
def test_the_ending_means_nothing(form: str, name: str, tmp_path: Path) -> None:
    sound = decode(write_film(tmp_path / name, SPEECH[:24000], form=form))
    assert sound.duration == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("sizes", [(0, 0), (36, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0), (0, 0xFFFFFFFF)])
@pytest.mark.parametrize("library", [True, False])
def test_a_header_that_was_never_finished_is_read_to_the_end(
    sizes: tuple[int, int], library: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not library:
        monkeypatch.setattr(decode_module, "soundfile", None)
    path = tmp_path / "take.wav"
    soundfile.write(path, SPEECH, 48000, subtype="PCM_16")
    whole = decode(path)
    data = bytearray(path.read_bytes())
    data[4:8], data[40:44] = struct.pack("<I", sizes[0]), struct.pack("<I", sizes[1])
    path.write_bytes(data)
    assert decode(path).sha256 == whole.sha256


def test_a_film_without_sound_says_so(tmp_path: Path) -> None:
    import av

    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as out:
        picture = out.add_stream("mpeg4", rate=25)
        picture.width = picture.height = 16
        out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")))
        out.mux(picture.encode(None))
    with pytest.raises(UserError, match="silent.mp4"):
        decode(path)


class TestChannels:
    def test_one_that_is_turned_over_does_not_cancel_the_other(self, tmp_path: Path) -> None:
        mono = heard(SPEECH, tmp_path)
        sound = heard(np.stack([SPEECH, -SPEECH], axis=1), tmp_path)
        assert lag(mono.samples, np.abs(lag(mono.samples, sound.samples)[1]) * sound.samples)[0] == 0
        np.testing.assert_allclose(np.abs(sound.samples), np.abs(mono.samples), atol=1e-5)
        assert "opposite" in sound.notes[0]

    @pytest.mark.parametrize("dead", [0, 1])
    @pytest.mark.parametrize("hum", [0.0, 0.005])
    def test_a_dead_one_does_not_halve_the_other(self, dead: int, hum: float, tmp_path: Path) -> None:
        channels = np.stack([SPEECH, SPEECH], axis=1)
        channels[:, dead] = hum * RNG.standard_normal(len(SPEECH)) * SPEECH.std() + 0.01  # and off centre
        sound = heard(channels, tmp_path)
        np.testing.assert_allclose(sound.samples, heard(SPEECH, tmp_path).samples, atol=1e-5)
        assert f"{dead + 1} is silent" in sound.notes[0]

    def test_the_same_twice_needs_no_word(self, tmp_path: Path) -> None:
        sound = heard(np.stack([SPEECH, SPEECH], axis=1), tmp_path)
        np.testing.assert_allclose(sound.samples, heard(SPEECH, tmp_path).samples, atol=1e-6)
        assert not sound.notes

    def test_two_speakers_on_two_channels_are_both_heard(self, tmp_path: Path) -> None:
        other = speech()
        sound = heard(np.stack([SPEECH, 0.4 * other], axis=1), tmp_path)
        np.testing.assert_allclose(sound.samples, heard((SPEECH + 0.4 * other) / 2, tmp_path).samples, atol=1e-5)

    @pytest.mark.parametrize("music", [0.3, 1.0, 5.0])
    def test_in_51_the_centre_speaks(self, music: float, tmp_path: Path) -> None:
        around = [music * speech() for _ in range(5)]
        sound = heard(np.stack([*around[:2], SPEECH, *around[2:]], axis=1), tmp_path)
        mono = heard(SPEECH, tmp_path)
        np.testing.assert_allclose(sound.samples, mono.samples, atol=1e-5)
        assert "centre" in sound.notes[0]

    def test_51_with_a_silent_centre_is_what_is_left_without_the_low_frequencies(self, tmp_path: Path) -> None:
        nothing = np.zeros_like(SPEECH)
        sound = heard(np.stack([SPEECH, SPEECH, nothing, 8 * speech(), nothing, nothing], axis=1), tmp_path)
        np.testing.assert_allclose(sound.samples, heard(SPEECH, tmp_path).samples, atol=1e-5)

    def test_four_of_which_one_is_turned_over(self, tmp_path: Path) -> None:
        sound = heard(np.stack([SPEECH, SPEECH, -SPEECH, SPEECH], axis=1), tmp_path)
        np.testing.assert_allclose(sound.samples, heard(SPEECH, tmp_path).samples, atol=1e-5)

    def test_silence_on_all_of_them_is_silence(self, tmp_path: Path) -> None:
        assert not heard(np.zeros((4800, 2)), tmp_path).samples.any()

    def test_what_was_taken_stands_in_the_track(self, tmp_path: Path) -> None:
        from model_server.engine import Engine
        from model_server.talk_model import TalkModel
        from s2f_blender_addon.core.request import Request

        sound = heard(np.stack([SPEECH, -SPEECH], axis=1), tmp_path)
        assert Engine(TalkModel.load()).infer(sound, Request()).provenance.notes == sound.notes


class TestLength:
    @pytest.fixture(autouse=True)
    def _three_seconds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recording, "LONGEST", 3.0)

    @pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".m4a", ".mkv"])
    def test_too_long_a_recording_is_refused_by_its_name(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"long{suffix}"
        if suffix in (".wav", ".flac"):
            soundfile.write(path, np.zeros(48000 * 4), 48000)
        else:
            write_film(path, np.zeros(48000 * 4, np.float32))
        with pytest.raises(UserError, match=f"long{suffix} is longer"):
            decode(path)

    def test_so_is_one_whose_header_tells_less_than_it_holds(self, tmp_path: Path) -> None:
        path = tmp_path / "long.aac"
        write_film(path, np.zeros(48000 * 4, np.float32))
        with pytest.raises(UserError, match="long.aac is longer"):
            decode(path)
