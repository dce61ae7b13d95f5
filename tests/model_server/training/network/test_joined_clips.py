"""Joined clips: what a frame is of, at which level, and what it has to be heard as belong together."""

import pytest
import torch

from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.training.alignment import pseudo_labels
from model_server.training.network import joined_clips
from s2f_blender_addon.core.errors import UserError


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(3)


def test_clips_go_on_as_others_at_other_levels_and_one_part_of_each_is_loud() -> None:
    origin, gain, silent = joined_clips.plan(64, 400)
    joined = (origin != origin[:, :1]).any(1)
    assert 0.4 < joined.float().mean() < 0.9
    assert torch.equal(origin[:, 0], torch.arange(64))
    assert gain.min() >= joined_clips.SOFTEST and gain.max() == 0 and gain[joined].min() < -2
    alone = ~joined & ~silent.any(1)
    assert (gain[alone] == gain[alone][:, :1]).all()
    assert 0.01 < silent.float().mean() < 0.3


def test_labels_and_the_teachers_posteriors_go_with_their_frames_and_pauses_are_silence() -> None:
    batch, frames = 16, 300
    label = torch.arange(1, batch + 1)[:, None].expand(-1, frames).clone()
    teacher = torch.nn.functional.one_hot(label, len(CLASSES)).float()
    mel = torch.zeros(batch, frames, 80)
    heard, (labels, posteriors) = joined_clips.augmented(mel, torch.zeros(80), (label, teacher))
    assert heard.shape == (batch, frames, 80) and torch.isfinite(heard).all()
    assert torch.equal(posteriors.argmax(2), labels)
    assert (labels == CLASS_INDEX["sil"]).any() and len(labels.unique()) > 10


def test_actors_are_told_by_the_codes_of_their_sentences_and_held_out_speakers_never_teach(tmp_path) -> None:
    folder = pseudo_labels.Folder("told", "clips")
    (tmp_path / "clips" / "audio").mkdir(parents=True)
    for actor in range(1001, 1092):
        (tmp_path / "clips" / "audio" / f"{actor}_DFA_ANG_XX.opus").touch()
    found = folder.recordings(tmp_path)
    assert {one.script.text for one in found} == {"Don't forget a jacket."}
    assert 60 < len(found) < 91


def test_a_folder_without_recordings_says_so(tmp_path) -> None:
    with pytest.raises(UserError, match="holds no recordings"):
        pseudo_labels.Folder("told", "nowhere").recordings(tmp_path)
