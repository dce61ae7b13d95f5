"""Fusions: the torch network and the numpy one agree, it learns, and its file speaks through the whole path."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from model_server.audio.decode import decode
from model_server.cancel import silent
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.slots.fused import Fused, FusionShape
from model_server.slots.model_file import open_model
from model_server.talk_model import TalkModel
from model_server.training.actor.captures import pairs
from model_server.training.corpus.features import Features
from model_server.training.network.plan import FitPlan
from model_server.training.slots import fusion_fit, fusion_measure, fusion_recipe, fusion_set, own_set
from model_server.training.slots.fusion_net import FusionNet, exported, loss_of
from model_server.training.slots.read_back import ReadBack, shares
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.track import FaceTrack

SHAPES = [FusionShape(temporal, ("rules", "take"), 16, (1, 2), 8, 4) for temporal in (False, True)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four recordings of real speech: pieces of the sample; training may hear two of the speakers."""
    folder, sound = tmp_path_factory.mktemp("data"), decode(SAMPLE).samples
    (folder / "speech").mkdir()
    for i, name in enumerate(("speaker0", "speaker1", "speaker16", "speaker21")):
        soundfile.write(folder / "speech" / f"{name}.wav", sound[16000 * (i + 1) :][:20000], 16000)
    return folder


@pytest.fixture(scope="module")
def found(data: Path) -> fusion_set.FusionSet:
    speakers = fusion_set.performed(data, 3, 0, False, silent)
    fusion_set.make(speakers, 2, 0, data / "set", silent)
    return fusion_set.FusionSet(data / "set")


def test_the_set_is_seeded_and_holds_neutral_and_felt_faces(data: Path, found: fusion_set.FusionSet) -> None:
    speakers = fusion_set.performed(data, 3, 0, False, silent)
    one, other = (next(fusion_set.tracks(speakers, 1, 5)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one[1:], other[1:], strict=True))
    felt = [bool(found.felt[first : first + n, :8].any()) for first, n, _ in found.clips]
    assert any(felt)
    assert found.face.min() >= 0 and found.face.max() <= 1
    assert found.identities == ("rules",)


@pytest.mark.parametrize("shape", SHAPES)
def test_numpy_computes_what_torch_trained(shape: FusionShape) -> None:
    torch.manual_seed(0)
    network = FusionNet(shape).eval()
    for tensor in network.parameters():  # nothing that starts at zero may hide a mistake
        torch.nn.init.normal_(tensor, std=0.2)
    random = np.random.default_rng(0)
    heard, felt = (random.random((60, n)).astype(np.float32) for n in (45, len(EMOTIONS)))
    for who in range(2):
        ours = Fused(shape, exported(network), np.eye(2, dtype=np.float32)[who]).run(heard, felt, 1.3)
        with torch.no_grad():
            theirs = network(
                *(torch.from_numpy(a)[None] for a in (heard, felt)), torch.full((1, 60), 1.3), torch.tensor([who])
            )
        assert ours == pytest.approx(theirs[0].numpy(), abs=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_it_learns(shape: FusionShape, found: fusion_set.FusionSet, tmp_path: Path) -> None:
    b = next(fusion_fit.batches(found, 8, 60, 3))
    torch.manual_seed(0)
    before = float(loss_of(FusionNet(shape)(b.heard, b.sliders, b.level, b.identity), b.face).detach())
    network = fusion_fit.fit(found, shape, FitPlan(steps=40, batch=8, frames=60, rate=1e-2), tmp_path / "run", silent)
    after = float(loss_of(network(b.heard, b.sliders, b.level, b.identity), b.face).detach())
    assert after < 0.5 * before


def test_a_classifier_reads_the_emotion_back_and_bends_the_curves(
    found: fusion_set.FusionSet, tmp_path: Path
) -> None:
    felt = shares(torch.tensor([[[0.5] + [0.0] * 7, [1.0, 1.0] + [0.0] * 6]]), torch.tensor([[1.0, 2.0]]))
    assert felt[0].tolist() == [[0.5, 0.5] + [0.0] * 7, [0.0, 0.5, 0.5] + [0.0] * 6]
    plan, fits = FitPlan(steps=40, batch=8, frames=60, rate=1e-2), {}
    for share in (0.0, 1.0):
        fits[share] = fusion_fit.fit(found, SHAPES[0], plan, tmp_path / f"run{share}", silent, read_back=share)
    b = next(fusion_fit.batches(found, 8, 60, 9))
    heard = {share: net(b.heard, b.sliders, b.level, b.identity).detach() for share, net in fits.items()}
    assert not torch.allclose(heard[0.0], heard[1.0], atol=1e-3)
    read = {}
    for share, curves in heard.items():  # a classifier of its own finds more in curves that were made to be read
        torch.manual_seed(1)
        judge = ReadBack(torch.nn.Identity())
        descent = torch.optim.Adam(judge.parameters(), 1e-2)
        for _ in range(120):
            descent.zero_grad()
            loss = judge.loss(curves, b.sliders, b.level)
            loss.backward()
            descent.step()
        read[share] = float(loss.detach())
    assert read[1.0] < read[0.0]


@pytest.mark.parametrize("entry", fusion_recipe.ENTRIES)
def test_a_trained_fusion_is_a_model_that_speaks(entry: str, data: Path, tmp_path: Path) -> None:
    plan = FitPlan(steps=2, batch=2, frames=60)
    source = fusion_recipe.SpeakerSource(str(data), 2)
    figures = fusion_recipe.train(entry, source, tmp_path, tmp_path / "f.safetensors", "tiny", 1, plan, silent)
    assert figures["zero_is_neutral"] is True
    assert figures["parameters"] == sum(a.size for n, a in read_back(tmp_path / "f.safetensors").items())
    model = TalkModel.load(tmp_path / "f.safetensors")
    assert model.card.fusion == entry
    assert model.card.licence_track == "product"
    assert model.card.made["figures"] == figures
    track = Engine(model).infer(decode(SAMPLE), Request(emotion={"happy": 1.0}))
    assert track.talk.max() > 0 and np.abs(track.mood).max() > 0


def read_back(path: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(path)


def test_the_plain_fusion_is_measured_by_the_same_rule(data: Path) -> None:
    held = fusion_set.performed(data, 2, 0, True, silent)
    figures = fusion_measure.measure(None, held, 0)
    assert figures["mood_mae"] == 0
    assert figures["zero_is_neutral"] is True


def test_an_unknown_entry_and_a_folder_without_speech_get_a_sentence(tmp_path: Path) -> None:
    source = fusion_recipe.SpeakerSource(str(tmp_path), 2)
    with pytest.raises(UserError, match="no fusion 'vq'"):
        fusion_recipe.train("vq", source, tmp_path, tmp_path / "x", "x", 1, FitPlan(), silent)
    with pytest.raises(UserError, match="holds no recordings"):
        fusion_set.performed(tmp_path, 2, 0, False, silent)


def test_the_bundled_model_is_plain() -> None:
    assert open_model().card.fusion == "rules"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three actors with a recording each, one of whom hardly opens the mouth."""
    folder, sound = tmp_path_factory.mktemp("own"), decode(SAMPLE).samples
    mouth = TalkModel.load().run(sound[:20000], 60.0).curves
    for actor, share in (("ann", 1.0), ("bob", 0.2), ("cho", 0.8)):
        (folder / actor).mkdir()
        soundfile.write(folder / actor / "one.wav", sound[:20000], 16000)
        formats.write(folder / actor / "one.csv", FaceTrack.captured(share * mouth, 60.0))
    return folder


def test_a_folder_of_ones_own_gives_a_model_of_its_actors(own: Path, tmp_path: Path) -> None:
    plan = FitPlan(steps=2, batch=2, frames=20)
    source, out = fusion_recipe.SpeakerSource(str(own), 2), tmp_path / "f.safetensors"
    fusion_recipe.train("concat", source, tmp_path, out, "mine", 1, plan, silent)
    model = TalkModel.load(out)
    assert model.card.licence_track == "research"
    assert len(model.can.identities) == 3 and model.can.identities[0] == "rules"  # two actors, one is kept out
    actor = model.can.identities[1]
    track = Engine(model).infer(decode(SAMPLE).between(0, 1), Request(acting=Acting(identity=actor)))
    assert track.provenance.model.startswith("mine") and track.provenance.model.endswith(f", {actor}")
    with pytest.raises(UserError, match=f"choose from rules, {actor}"):
        Engine(model).infer(decode(SAMPLE).between(0, 1), Request(acting=Acting(identity="nobody")))


def test_what_was_heard_is_kept_and_another_folder_wants_another_place(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = pairs(own)
    first = own_set.performed(found, Features(), silent)
    assert {who.identity for who in first} == {"rules", "ann", "bob", "cho"}
    monkeypatch.setattr(TalkModel, "run", lambda *_: pytest.fail("it listened again"))
    again = own_set.performed(found, Features(), silent)
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.talking.talk.curves, other.talking.talk.curves)
    (tmp_path / "fusion-set").mkdir()
    (tmp_path / "fusion-set" / "index.json").write_text("{}")
    (tmp_path / "fusion-set" / "data.txt").write_text("elsewhere")
    source = fusion_recipe.SpeakerSource(str(own), 2)
    with pytest.raises(UserError, match="the set of elsewhere"):
        fusion_recipe.train("concat", source, tmp_path, tmp_path / "x", "x", 1, FitPlan(), silent)
