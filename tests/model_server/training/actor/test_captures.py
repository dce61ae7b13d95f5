"""Recordings with captures in any folder: found, whose they are, split by actor, read by name."""

from pathlib import Path

import numpy as np
import pytest

from model_server.training.actor.captures import pairs, read_capture, split
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import write


def lay(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_captures_lie_beside_their_sound_and_words_are_none(tmp_path: Path) -> None:
    lay(tmp_path, "a.wav", "a.csv", "b.wav", "b.json", "c.flac", "c.npy", "d.wav", "d.txt", "e.csv")
    assert [(p.sound.name, p.capture.name) for p in pairs(tmp_path)] == [
        ("a.wav", "a.csv"), ("b.wav", "b.json"), ("c.flac", "c.npy"),
    ]  # fmt: skip


def test_3d_etf_keeps_faces_beside_the_audio_folder(tmp_path: Path) -> None:
    clip = "03-01-05-02-01-01-{}"
    for actor in ("07", "12"):
        name = clip.format(actor)
        lay(tmp_path, f"RAVDESS/audio/{name}.wav", f"RAVDESS/blendshape/{name}.npy")
    lay(tmp_path, "HDTF/audio/WDA_BobbyScott_000.wav", "HDTF/blendshape/WDA_BobbyScott_000.npy")
    assert {pair.actor for pair in pairs(tmp_path)} == {"07", "12", "WDA_BobbyScott"}


def test_folders_are_actors_where_there_are_several(tmp_path: Path) -> None:
    lay(tmp_path, "ann/1.wav", "ann/1.csv", "bob/1.wav", "bob/1.csv")
    assert [pair.actor for pair in pairs(tmp_path)] == ["ann", "bob"]


def test_a_list_names_sounds_captures_and_actors(tmp_path: Path) -> None:
    lay(tmp_path, "x/a.wav", "x/a.csv", "y/b.wav", "z/face.json")
    (tmp_path / "list.txt").write_text("# mine\nx/a.wav\ny/b.wav, z/face.json, ann\n")
    found = pairs(f"@{tmp_path / 'list.txt'}")
    assert [(p.capture.name, p.actor) for p in found] == [("a.csv", "x"), ("face.json", "ann")]
    (tmp_path / "list.txt").write_text("y/b.wav\n")
    with pytest.raises(UserError, match=r"line 1: there is no capture of b\.wav"):
        pairs(f"@{tmp_path / 'list.txt'}")


def test_whole_actors_are_kept_out_by_the_seed(tmp_path: Path) -> None:
    for actor in "abcde":
        lay(tmp_path, *(f"{actor}/{k}{end}" for k in range(4) for end in (".wav", ".csv")))
    found = pairs(tmp_path)
    learn, held = split(found, seed=1)
    assert {p.actor for p in learn} | {p.actor for p in held} == set("abcde")
    assert len({p.actor for p in held}) == 1 and not {p.actor for p in learn} & {p.actor for p in held}
    assert split(found, seed=1) == (learn, held)
    assert len({split(found, seed)[1][0].actor for seed in range(9)}) > 1


def test_recordings_of_one_actor_are_split_and_a_single_one_is_not(tmp_path: Path) -> None:
    lay(tmp_path, *(f"{k}{end}" for k in range(5) for end in (".wav", ".csv")))
    learn, held = split(pairs(tmp_path), seed=0)
    assert (len(learn), len(held)) == (4, 1)
    assert split(learn[:1], seed=0) == (learn[:1], [])


def test_arrays_of_3d_etf_are_alphabetical_at_30_frames(tmp_path: Path) -> None:
    values = np.zeros((7, 52), np.float64)
    values[:, sorted(CHANNELS).index("jawOpen")] = 0.5
    np.save(tmp_path / "a.npy", values)
    track = read_capture(tmp_path / "a.npy")
    assert (track.fps, len(track.talk)) == (30.0, 7)
    assert track.talk[:, INDEX["jawOpen"]].tolist() == [0.5] * 7 and track.talk.sum() == pytest.approx(3.5)
    write(tmp_path / "b.csv", track)
    assert np.allclose(read_capture(tmp_path / "b.csv").talk[0], track.talk[0], atol=1e-3)


def test_a_folder_without_pairs_and_an_array_of_objects_are_refused(tmp_path: Path) -> None:
    lay(tmp_path, "a.wav")
    with pytest.raises(UserError, match="no recording beside a capture"):
        pairs(tmp_path)
    np.save(tmp_path / "a.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(UserError, match=r"a\.npy"):
        read_capture(tmp_path / "a.npy")
