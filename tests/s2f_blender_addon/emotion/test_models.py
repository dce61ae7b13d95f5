"""Who listens: ours, or what the user has, with its licence said plainly and a way back."""

import json
import struct

import numpy as np
import pytest

pytestmark = pytest.mark.one_blender


def safetensors(path, metadata):
    header = json.dumps({"__metadata__": metadata}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    return path


CARD = {"format": "speech2face-voice-emotion/1", "id": "acted 1", "licence_track": "research", "licence": "CC BY-NC-SA"}


@pytest.fixture
def models(addon, load):
    models = load("emotion.models")
    yield models
    for slot in models.CHOICES:
        models.choose(slot, "")


def test_research_weights_are_chosen_and_given_up(blender, scene, models, tmp_path):
    path = safetensors(tmp_path / "voice ü.safetensors", {"card": json.dumps(CARD)})
    blender.ops.s2f.load_research(filepath=str(path))
    assert models.chosen().voice == str(path)
    choice = models.voice_choice(models.chosen().voice)
    assert (choice.title, choice.track, choice.licence) == ("acted 1", "research", "CC BY-NC-SA")
    blender.ops.s2f.shipped_emotion_model(slot="VOICE")
    assert models.chosen().voice == ""
    assert models.voice_choice("").track == "product"


@pytest.mark.parametrize("content", [b"", b"junk that is no model", None])
def test_a_wrong_file_gets_a_sentence_and_changes_nothing(blender, scene, models, tmp_path, content):
    path = tmp_path / "wrong.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RuntimeError, match="wrong.safetensors"):
        blender.ops.s2f.load_research(filepath=str(path))
    assert models.chosen().voice == ""


def test_another_kind_of_weights_is_named(blender, scene, models, tmp_path):
    path = safetensors(tmp_path / "talk.safetensors", {"card": json.dumps({"format": "something"})})
    with pytest.raises(RuntimeError, match="no voice emotion model"):
        blender.ops.s2f.load_research(filepath=str(path))


def test_a_trained_fusion_is_chosen_and_given_up(blender, scene, models, tmp_path):
    card = CARD | {"format": "speech2face-emotion-fusion/1", "id": "gated 1", "licence_track": "product"}
    path = safetensors(tmp_path / "fusion.safetensors", {"card": json.dumps(card)})
    with pytest.raises(RuntimeError, match="no voice emotion model"):
        blender.ops.s2f.load_research(slot="VOICE", filepath=str(path))
    blender.ops.s2f.load_research(slot="FUSION", filepath=str(path))
    assert models.chosen().fusion == str(path)
    assert models.fusion_choice(str(path)).title == "gated 1"
    blender.ops.s2f.shipped_emotion_model(slot="FUSION")
    assert models.chosen().fusion == ""


def test_folders_are_looked_into(blender, scene, models, tmp_path):
    with pytest.raises(RuntimeError, match="neither model.safetensors nor model.pt"):
        blender.ops.s2f.choose_emotion_folder(slot="VOICE", directory=str(tmp_path))
    with pytest.raises(RuntimeError, match="no config.json"):
        blender.ops.s2f.choose_emotion_folder(slot="TEXT", directory=str(tmp_path))
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')
    with pytest.raises(RuntimeError, match="no text classifier"):
        blender.ops.s2f.choose_emotion_folder(slot="TEXT", directory=str(tmp_path))
    (tmp_path / "config.json").write_text('{"architectures": ["BertForSequenceClassification"]}')
    (tmp_path / "model.pt").write_bytes(b"")
    blender.ops.s2f.choose_emotion_folder(slot="TEXT", directory=str(tmp_path) + "/")
    blender.ops.s2f.choose_emotion_folder(slot="VOICE", directory=str(tmp_path))
    chosen = models.chosen()
    assert (chosen.voice, chosen.text) == (str(tmp_path), str(tmp_path))
    assert models.voice_choice(chosen.voice).torch
    assert models.voice_choice(chosen.voice).track == "research"


def test_a_file_that_has_gone_is_said_before_anything_starts(blender, scene, models, tmp_path):
    path = safetensors(tmp_path / "voice.safetensors", {"card": json.dumps(CARD)})
    blender.ops.s2f.load_research(filepath=str(path))
    path.unlink()
    with pytest.raises(RuntimeError, match="voice.safetensors cannot be read"):
        blender.ops.s2f.feel()


def acted_model(path, width=4, classes=8):
    """A file as ``s2f train emotion-voice`` writes them, of random weights."""
    rng = np.random.default_rng(0)
    shapes = {"mean": (82,), "sd": (82,), "linear.mean": (184,), "linear.sd": (184,), "linear.weight": (184, classes),
              "linear.bias": (classes,), "net0.stem.weight": (5, 82, width), "net0.stem.bias": (width,),
              "net0.attention.weight": (width,), "net0.attention.bias": (1,), "net0.out.weight": (2 * width, classes),
              "net0.out.bias": (classes,)}  # fmt: skip
    for layer in ("stem", "block0", "block1", "block2", "block3"):
        shapes |= {f"net0.{layer}.scale": (width,), f"net0.{layer}.shift": (width,)}
        if layer != "stem":
            shapes |= {f"net0.{layer}.weight": (5, width, width), f"net0.{layer}.bias": (width,)}
    labels = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
    card = CARD | {"labels": labels, "nets": 1, "share": 0.5, "made": {}}
    header, body = {"__metadata__": {"card": json.dumps(card)}}, b""
    for name, shape in shapes.items():
        array = np.abs(rng.normal(1, 0.3, shape)).astype("<f4")
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(body), len(body) + array.nbytes]}
        body += array.tobytes()
    encoded = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + body)
    return path


def test_what_research_weights_felt_is_research_wherever_it_goes(blender, scene, models, wait, load, tmp_path):
    session = load("session")
    blender.ops.s2f.load_research(filepath=str(acted_model(tmp_path / "acted.safetensors")))
    blender.ops.s2f.feel()
    wait()
    assert session.current.shown.outcome.error == ""
    assert (scene.character.felt_by, scene.character.felt_track) == ("acted 1", "research")
    blender.ops.s2f.bake()
    wait()
    made_by = session.current.memory.recall().track.provenance
    assert made_by.licence_track == "research"
    assert made_by.model.endswith(" + acted 1")
    action = blender.data.actions[session.current.shown.outcome.baked.actions[0]]
    assert action["s2f_model"].endswith(" + acted 1")
    assert action["s2f_licence_track"] == "research"
    blender.ops.s2f.shipped_emotion_model(slot="VOICE")
    blender.ops.s2f.feel()
    wait()
    blender.ops.s2f.bake()
    wait()
    assert session.current.memory.recall().track.provenance.licence_track == "product"
