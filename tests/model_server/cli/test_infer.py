"""``s2f infer``: recordings in, track files out, one line for what is no recording."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.cli.sources import plan
from model_server.sample import SAMPLE
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.custom_emotion import write_file
from s2f_blender_addon.core.errors import UserError

from ..recordings import BAD, GOOD
from .conftest import S2F, Refused, complaint


@pytest.mark.parametrize("suffix", [".csv", ".json", ".s2f", ".osc"])
def test_a_recording_becomes_a_track_in_the_form_that_the_name_asks_for(suffix: str, s2f: S2F, tmp_path: Path) -> None:
    out = tmp_path / "Zoë's take" / f"track{suffix}"
    done = s2f("infer", SAMPLE, "-o", out, "--emotion", "happy=0.8")
    assert (done.returncode, done.stderr) == (0, "")
    track = formats.read(out)
    assert track.fps == pytest.approx(60)
    assert track.duration == pytest.approx(soundfile.info(SAMPLE).duration, abs=1 / 60)
    assert track.talk[:, INDEX["jawOpen"]].max() > 0.1
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_drawn_mouths_get_cues_and_takes_keep_their_ending(s2f: S2F, tmp_path: Path) -> None:
    done = s2f("infer", SAMPLE, "-o", tmp_path / "film.rhubarb.json", "--takes", "2")
    assert done.returncode == 0, done.stderr
    for name in ("film_take1.rhubarb.json", "film_take2.rhubarb.json"):
        found = json.loads((tmp_path / name).read_text("utf-8"))
        assert found["metadata"]["soundFile"] == SAMPLE.name
        assert {cue["value"] for cue in found["mouthCues"]} >= set("ABCEFGX")


def test_an_emotion_that_blender_exported_has_a_slider_too(s2f: S2F, refused: Refused, tmp_path: Path) -> None:
    smirk, out = tmp_path / "smirk.json", tmp_path / "track.s2f"
    write_file(smirk, "Smirk", {"mouthDimpleRight": 0.9})
    done = s2f("infer", SAMPLE, "-o", out, "--custom-emotion", smirk, "--emotion", "Smirk=1,sad=0.2")
    assert done.returncode == 0, done.stderr
    track = formats.read(out)
    assert track.mood[:, INDEX["mouthDimpleRight"]].mean() > 0.4
    assert track.provenance.emotion == {"Smirk": 1.0, "sad": 0.2}
    assert "Smirk" in refused("infer", SAMPLE, "-o", out, "--emotion", "Smirk=1")
    assert "--custom-emotion" in refused("infer", SAMPLE, "-o", out, "--custom-emotion", smirk)
    smirk.write_text("{}")
    assert "smirk.json" in refused("infer", SAMPLE, "-o", out, "--custom-emotion", smirk, "--emotion", "Smirk=1")


def test_the_options_reach_the_face(s2f: S2F, tmp_path: Path) -> None:
    def smile(*options: str) -> float:
        out = tmp_path / "track.csv"
        assert s2f("infer", SAMPLE, "-o", out, *options).returncode == 0
        return float(formats.read(out).talk[:, INDEX["mouthSmileLeft"]].mean())

    neutral, half, full = smile(), smile("--emotion", "happy=1", "--intensity", "0.5"), smile("--emotion", "happy=1")
    assert neutral < half < full
    assert smile("--emotion", "happy=1", "--intensity", "0") == neutral


def test_the_same_command_writes_the_same_bytes_and_a_seed_other_ones(s2f: S2F, tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.csv" for n in range(3)]
    for path, seed in zip(files, ("1", "1", "2"), strict=True):
        assert s2f("infer", SAMPLE, "-o", path, "--seed", seed).returncode == 0
    one, same, other = (path.read_bytes() for path in files)
    assert one == same
    assert one != other


def test_liveliness_changes_what_it_names(s2f: S2F, tmp_path: Path) -> None:
    def made(*options: str) -> np.ndarray:
        out = tmp_path / "track.s2f"
        assert s2f("infer", SAMPLE, "-o", out, *options).returncode == 0
        return formats.read(out).talk

    plain, staring = made(), made("--life", "blinks=0, gaze=1")
    changed = {name for name, i in INDEX.items() if (plain[:, i] != staring[:, i]).any()}
    assert changed
    assert all(name.startswith(("eyeBlink", "eyeWide", "eyeSquint")) for name in changed)


def test_options_of_the_version_before_are_taken_with_a_note(s2f: S2F, tmp_path: Path) -> None:
    now, before, smirk = tmp_path / "now.s2f", tmp_path / "before.s2f", tmp_path / "smirk.json"
    write_file(smirk, "Smirk", {"mouthDimpleRight": 0.9})
    felt = ("--emotion", "Smirk=1")
    assert s2f("infer", SAMPLE, "-o", now, "--life", "breath=0", "--custom-emotion", smirk, *felt).returncode == 0
    done = s2f("infer", SAMPLE, "-o", before, "--life=flesh=0", f"--own-emotion={smirk}", *felt)
    assert done.returncode == 0
    for word, called in (("--own-emotion", "--custom-emotion"), ("flesh", "breath")):
        assert f"“{word}” is called “{called}” now" in done.stderr
    assert before.read_bytes() == now.read_bytes()


@pytest.mark.parametrize(("given", "named"), [("ears=1", "ears"), ("blinks=3", "0 to 2"), ("gaze=much", "a number")])
def test_liveliness_that_does_not_exist_is_one_line(given: str, named: str, refused: Refused, tmp_path: Path) -> None:
    assert named in refused("infer", SAMPLE, "-o", tmp_path / "out.csv", "--life", given)


def test_fps_is_the_rate_of_the_frames(s2f: S2F, tmp_path: Path) -> None:
    out = tmp_path / "track.s2f"
    assert s2f("infer", SAMPLE, "-o", out, "--fps", "23.976").returncode == 0
    assert formats.read(out).fps == pytest.approx(23.976)


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_line_that_names_the_file_and_no_output(kind: str, refused: Refused, tmp_path: Path) -> None:
    path, out = tmp_path / "Take 1 ü.wav", tmp_path / "out.csv"
    BAD[kind](path)
    assert str(path) in refused("infer", path, "-o", out)
    assert not out.exists()


def test_many_recordings_go_into_a_folder_in_one_process(s2f: S2F, tmp_path: Path) -> None:
    sources = []
    for name, (samples, rate, _) in GOOD.items():
        sources.append(tmp_path / name)
        soundfile.write(sources[-1], samples, rate)
    out = tmp_path / "tracks"
    done = s2f("infer", *sources, "-o", f"{out}/")
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in out.iterdir()} == {f"{source.stem}.csv" for source in sources}


def test_one_bad_file_among_many_stops_only_itself(s2f: S2F, tmp_path: Path) -> None:
    bad = tmp_path / "notes.txt"
    bad.write_text("no sound")
    done = s2f("infer", SAMPLE, bad, "-o", f"{tmp_path}/tracks/")
    assert "notes.txt" in complaint(done)
    assert [path.name for path in (tmp_path / "tracks").iterdir()] == ["hello.csv"]


def test_json_progress_is_one_object_a_line_from_0_to_1(s2f: S2F, tmp_path: Path) -> None:
    out = tmp_path / "track.csv"
    done = s2f("infer", SAMPLE, "-o", out, "--json-progress")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert fractions == sorted(fractions)
    assert events[-1] == {"event": "wrote", "path": str(out)}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--emotion", "rage=1"), "rage"),
        (("--emotion", "happy=2"), "happy=2"),
        (("--device", "abacus"), "abacus"),
        (("--model", "none.safetensors"), "none.safetensors"),
        (("--fps", "0"), "--fps"),
        (("--intensity", "3"), "--intensity"),
    ],
)
def test_an_option_that_cannot_be_met_is_one_line(
    options: tuple[str, ...], named: str, refused: Refused, tmp_path: Path
) -> None:
    assert named in refused("infer", SAMPLE, "-o", tmp_path / "track.csv", *options)
    assert not list(tmp_path.iterdir())


def test_auto_feels_the_voice_and_the_words(s2f: S2F, tmp_path: Path) -> None:
    out = tmp_path / "track.s2f"

    def mood(*options: str) -> np.ndarray:
        assert s2f("infer", SAMPLE, "-o", out, *options).returncode == 0
        return formats.read(out).mood

    words = tmp_path / "words.txt"
    words.write_text("I am so happy! What a wonderful day, I love it!", "utf-8")
    voice, both, file = (
        mood("--emotion", "auto"),
        mood("--emotion", "auto", "--transcript", words.read_text()),
        mood("--emotion", "auto", "--transcript", str(words)),
    )
    smile = INDEX["mouthSmileLeft"]
    assert voice.any()
    assert both[:, smile].mean() > voice[:, smile].mean()
    np.testing.assert_array_equal(both, file)


def test_sentences_are_shown_with_what_they_gave(s2f: S2F, tmp_path: Path) -> None:
    done = s2f(
        "infer",
        SAMPLE,
        "-o",
        tmp_path / "t.csv",
        "--emotion",
        "auto",
        "--transcript",
        "I am happy. The meeting is at ten.",
        "--json-progress",
    )
    told = json.loads(done.stdout.splitlines()[-1])["sentences"]
    assert [sentence["text"] for sentence in told] == ["I am happy.", "The meeting is at ten."]
    assert told[0]["emotion"]["happy"] > 0.3
    assert told[1]["emotion"] == {}


def test_words_of_another_language_are_said_to_have_no_say(s2f: S2F, tmp_path: Path) -> None:
    def felt(name: str, *options: str) -> dict[str, float]:
        done = s2f("infer", SAMPLE, "-o", tmp_path / name, "--emotion", "auto", *options)
        assert ("words not known" in done.stdout + done.stderr) == ("Ich" in " ".join(options))
        return dict(formats.read(tmp_path / name).provenance.emotion)

    alone = felt("alone.s2f")
    assert felt("german.s2f", "--transcript", "Ich bin so glücklich, das ist wunderbar!") == alone
    joy = felt("joy.s2f", "--transcript", "I am so happy, this is wonderful!")
    assert joy["happy"] > alone.get("happy", 0.0) + 0.3


def test_many_recordings_take_their_transcripts_from_a_folder(s2f: S2F, refused: Refused, tmp_path: Path) -> None:
    takes = [tmp_path / "one.wav", tmp_path / "two.wav"]
    texts = tmp_path / "texts"
    texts.mkdir()
    for take in takes:
        shutil.copy(SAMPLE, take)
        (texts / f"{take.stem}.txt").write_text("I am happy.")
    command = ("infer", *takes, "-o", f"{tmp_path}/out/", "--emotion", "auto", "--transcript")
    assert s2f(*command, f"{texts}/").returncode == 0
    assert "folder" in refused(*command, "I am happy.")
    (texts / "two.txt").unlink()
    assert "two.txt" in refused(*command, f"{texts}/")


def test_sliders_over_time_come_from_a_file(s2f: S2F, refused: Refused, tmp_path: Path) -> None:
    keys, out = tmp_path / "keys.csv", tmp_path / "track.s2f"
    keys.write_text("time,happy\n2,0\n3,1\n")
    assert s2f("infer", SAMPLE, "-o", out, "--emotion-track", keys).returncode == 0
    track = formats.read(out)
    moved = np.abs(track.mood).sum(axis=1)
    assert moved[:60].max() < 0.01 * moved[240:].max()
    assert track.provenance.emotion["happy"] > 0.3
    assert "exclude" in refused("infer", SAMPLE, "-o", out, "--emotion-track", keys, "--emotion", "sad=1")
    keys.write_text("time,rage\n0,1\n")
    assert "keys.csv" in refused("infer", SAMPLE, "-o", out, "--emotion-track", keys)


def test_an_output_that_no_format_has_is_one_line(refused: Refused, tmp_path: Path) -> None:
    assert "track.bvh" in refused("infer", SAMPLE, "-o", tmp_path / "track.bvh")


def test_several_recordings_need_a_folder_and_names_of_their_own(tmp_path: Path) -> None:
    one, other = (Path("a/take.wav"), Path("take.wav")), (Path("b/take.flac"), Path("take.flac"))
    with pytest.raises(UserError, match="folder"):
        plan([one, other], "out.csv")
    with pytest.raises(UserError, match="both become"):
        plan([one, other], "out/")
    assert plan([one], "out/") == [Path("out/take.csv")]
    assert plan([one], str(tmp_path)) == [tmp_path / "take.csv"]


def test_a_cold_start_on_ten_seconds_is_short(s2f: S2F, tmp_path: Path) -> None:
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    soundfile.write(tmp_path / "ten.wav", np.resize(samples, 10 * rate), rate)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        assert s2f("infer", tmp_path / "ten.wav", "-o", tmp_path / "ten.csv").returncode == 0
        times.append(time.perf_counter() - start)
    assert min(times) < 4


def test_a_disk_that_refuses_is_one_line_and_no_output(refused: Refused, tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "take.wav")
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    assert "blocked" in refused("infer", tmp_path / "take.wav", "-o", blocked / "track.csv")


WORDS = "Hello! My name is Poppy. Give me a voice, and I move my lips. Oh, wow! What a beautiful morning for a film."


def test_lips_follow_the_words_that_are_given(s2f: S2F, tmp_path: Path) -> None:
    plain, worded = tmp_path / "plain.s2f", tmp_path / "worded.s2f"
    assert s2f("infer", SAMPLE, "-o", plain).returncode == 0
    done = s2f("infer", SAMPLE, "-o", worded, "--transcript", WORDS + " Bamboozled!", "--json-progress")
    assert done.returncode == 0, done.stderr
    note = json.loads(done.stdout.splitlines()[-1])
    assert note["text"] == "23 of 24 words found; not heard: Bamboozled"
    poppy = next(word for word in note["words"] if word["text"] == "Poppy")
    lips = formats.read(worded).talk[:, INDEX["mouthClose"]]
    during = lips[round(poppy["start"] * 60) : round(poppy["end"] * 60) + 1] > 0.03
    assert np.diff(during.astype(int)).clip(0).sum() + during[0] == 2  # the lips meet twice in Poppy
    assert (formats.read(plain).talk != formats.read(worded).talk).any()


def test_subtitles_bind_words_to_their_times(s2f: S2F, refused: Refused, tmp_path: Path) -> None:
    folder, out = tmp_path / "said", tmp_path / "out"
    folder.mkdir()
    path = folder / f"{SAMPLE.stem}.srt"
    path.write_text("1\n00:00:00,000 --> 00:00:02,200\nHello!\nMy name is Poppy.\n", "utf-8")
    done = s2f("infer", SAMPLE, "-o", f"{out}/", "--transcript", f"{folder}/")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "5 of 5 words found"), done.stderr
    path.write_text("1\n00:00:02,000 --> 00:00:01,000\nHello!\n", "utf-8")
    assert "hello.srt, line 2" in refused("infer", SAMPLE, "-o", f"{out}/", "--transcript", f"{folder}/")


def test_a_language_that_nothing_speaks_is_one_line(s2f: S2F, refused: Refused, tmp_path: Path) -> None:
    command = ("infer", SAMPLE, "-o", tmp_path / "t.csv", "--transcript", "Hallo", "--language", "zz")
    assert "espeak-ng" in refused(*command)
    assert "install espeak-ng" in complaint(s2f(*command, PATH=str(tmp_path)))


def test_a_sound_in_which_nobody_speaks_is_told_so(s2f: S2F, tmp_path: Path) -> None:
    tone, silent = tmp_path / "tone.wav", tmp_path / "silent.wav"
    soundfile.write(tone, np.sin(np.arange(16000) * 0.2) * 0.3, 16000)
    soundfile.write(silent, np.zeros(16000), 16000)
    done = s2f("infer", tone, silent, SAMPLE, "-o", f"{tmp_path}/")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Nobody is heard to speak") == 2
    assert "“tone.wav”" in done.stdout
    assert done.stdout.count("It is silent from beginning to end.") == 1
