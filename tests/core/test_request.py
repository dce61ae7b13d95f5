"""The one request: the same from JSON, from a frame and from options, with a sentence for whatever makes no sense."""

import json
from dataclasses import fields

import numpy as np
import pytest

from s2f_blender_addon.core import codec
from s2f_blender_addon.core.codec import Misfit
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.licence import Maker, signed, together
from s2f_blender_addon.core.liveliness import PARTS, Liveliness
from s2f_blender_addon.core.request import Hearing, Request
from s2f_blender_addon.core.schema import schema
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.core.track import Provenance

FULL = Request(
    "", {"happy": 0.5, "Smirk": 1.0}, 7, 24.0, 1.0, 3.5, (Cue("Hello!", 1.0, 2.0), Cue("You.")), "de",
    custom_emotions=(CustomEmotion("Smirk", {"mouthSmileLeft": 0.8}),), contempt_side="right",
    liveliness=Liveliness(blinks=0.5), name="take.wav", hear=Hearing(0.1, 0.9, 2.0, 0.0, 1),
)  # fmt: skip


def test_a_request_survives_json() -> None:
    assert codec.load(Request, json.loads(json.dumps(codec.dump(FULL))), strict=True) == FULL


def test_what_is_left_out_of_json_has_its_default() -> None:
    assert codec.load(Request, {}, strict=True) == Request()
    assert codec.load(Request, {"liveliness": {"gaze": 0}}).liveliness == Liveliness(gaze=0)


FORMER = {"said": [{"text": "Hi"}], "side": "right", "life": {"flesh": 0.5}}


@pytest.mark.parametrize("strict", [True, False])
def test_words_of_the_version_before_are_taken_for_what_they_are_called_now(strict: bool) -> None:
    now = Request(words=(Cue("Hi"),), contempt_side="right", liveliness=Liveliness(breath=0.5))
    assert codec.load(Request, FORMER, strict=strict) == now
    keyed = np.ones((2, len(EMOTIONS)), np.float32)
    assert codec.load(Request, {}, {"keyed": keyed}).emotion_track is keyed


def test_they_are_told_apart_and_never_given_beside_those_of_now() -> None:
    told = dict(codec.outdated(Request, FORMER))
    assert told == {"said": "words", "side": "contempt_side", "life": "liveliness", "flesh": "breath"}
    assert not list(codec.outdated(Request, codec.dump(FULL)))
    for twice in ({"side": "left", "contempt_side": "right"}, {"life": {"flesh": 1, "breath": 1}}):
        with pytest.raises(Misfit, match="leave one of them out"):
            codec.load(Request, twice, strict=True)


def test_keyed_sliders_are_rows_of_numbers_in_json() -> None:
    keyed = [[0.0] * len(EMOTIONS), [1.0] * len(EMOTIONS)]
    request = codec.load(Request, {"emotion_track": keyed}, strict=True)
    np.testing.assert_array_equal(request.emotion_track, keyed)
    np.testing.assert_array_equal(request.sliders(3)[:, 0], [0, 1, 1])


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"emotoin": {}}, "emotoin"),
        ({"liveliness": {"ears": 1}}, "liveliness.ears"),
        ({"seed": "three"}, "seed"),
        ({"seed": True}, "seed"),
        ({"fps": 10**400}, "fps"),
        ({"contempt_side": "below"}, "contempt_side is none of left, right"),
        ({"words": [{"start": 0}]}, "words.0.text is missing"),
        ({"words": "Hello"}, "words"),
        ({"emotion_track": [[0.0], "x"]}, "emotion_track"),
        ({"emotion": {"happy": None}}, "emotion.happy"),
        ({"hear": 3}, "hear"),
        ([], "no object"),
    ],
)
def test_json_of_another_form_is_a_misfit_that_names_the_field(data: object, named: str) -> None:
    with pytest.raises(Misfit, match=named):
        codec.load(Request, data, strict=True)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"fps": 0.0}, "frames a second goes from 1 to 1000"),
        ({"fps": float("nan")}, "frames a second"),
        ({"seed": -1}, "seed"),
        ({"start": -1.0}, "start"),
        ({"emotion": {"happy": 1.5}}, "happy"),
        ({"emotion_track": np.full((2, len(EMOTIONS)), 1.5, np.float32)}, "0 to 1"),
        ({"emotion_track": np.zeros((2, 2), np.float32)}, f"{len(EMOTIONS)} sliders"),
        ({"contempt_side": "below"}, "left, right"),
        ({"language": "x" * 21}, "language"),
        ({"custom_emotions": (CustomEmotion("happy", {"jawOpen": 1.0}),)}, "two emotions"),
    ],
)
def test_a_value_that_makes_no_sense_is_a_sentence(values: dict[str, object], named: str) -> None:
    with pytest.raises(UserError, match=named):
        Request(**values)


@pytest.mark.parametrize("values", [{"most": 0}, {"contrast": 5.0}, {"voice": 1.1}, {"smoothing": -1.0}])
def test_hearing_has_its_limits(values: dict[str, float]) -> None:
    with pytest.raises(UserError, match="goes from"):
        Hearing(**values)


def test_only_the_script_of_the_stretch_is_asked_for() -> None:
    assert FULL.script.cues == (Cue("Hello!", 0.0, 1.0), Cue("You."))
    assert FULL.script.language == "de"
    assert not Request(words=(Cue(" \n"),)).script


def test_the_schema_says_what_a_client_may_send_and_names_no_file() -> None:
    written = json.loads(json.dumps(schema(Request)))["properties"]
    assert set(written) == {f.name for f in fields(Request)} - {"audio", "model"}
    assert (written["fps"]["minimum"], written["fps"]["maximum"], written["fps"]["default"]) == (1, 1000, 60)
    assert set(written["liveliness"]["properties"]) == set(written["liveliness"]["default"]) == set(PARTS)
    assert not [name for name in written["hear"]["properties"] if name.endswith("_model")]
    assert written["words"]["items"]["required"] == ["text"]
    assert written["emotion_track"]["items"]["items"] == {"type": "number"}


def test_files_that_a_request_names_are_found_wherever_they_stand() -> None:
    request = Request("a.wav", hear=Hearing(voice_model="b", fusion_model="c"))
    assert list(codec.files(request)) == [("audio", "a.wav"), ("voice_model", "b"), ("fusion_model", "c")]


def test_research_taints_whatever_it_has_a_share_in() -> None:
    ours, theirs = Maker("ours"), Maker("theirs", "research")
    assert together([ours, theirs]) == Maker("ours + theirs", "research")
    assert together([ours, Maker("somebody's", "yours")]).licence_track == "research"
    made = signed(Provenance("talk"), [ours, theirs])
    assert (made.model, made.licence_track) == ("talk + theirs", "research")
    assert signed(Provenance("talk"), [ours]) == Provenance("talk")
    assert signed(Provenance("talk", licence_track="research"), [ours]).licence_track == "research"
