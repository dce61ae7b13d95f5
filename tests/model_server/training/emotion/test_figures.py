"""The figures of the voice model: who is left out teaches nothing, and every clip is counted where it belongs."""

from collections.abc import Mapping

import numpy as np
import pytest

from model_server.emotion.description import PROSODY
from model_server.training.emotion.corpora import EmotionClip
from model_server.training.emotion.figures import confusions, measured
from model_server.training.emotion.fit import fitted
from model_server.training.emotion.hearing import DescribedClips
from model_server.training.emotion.measure import EIGHT, SAID, SIX, Judged, people_left_out
from s2f_blender_addon.core.errors import UserError

SIZE = 12 + len(PROSODY)
"""Numbers of a description: twelve that the layers would hear, then prosody."""
NOBODY = DescribedClips(np.zeros((0, SIZE), np.float32), [])
COLOUR = {name: k for k, name in enumerate(EIGHT)}


def clips(name: str, people: int, each: int, seed: int, voted: bool = False) -> DescribedClips:
    """People who show every emotion of SIX by one number each; the first quarter of them speaks backwards."""
    rng = np.random.default_rng(seed)
    rows, found = [], []
    for person in range(people):
        for emotion in SIX:
            for _ in range(each):
                x = rng.normal(size=SIZE).astype(np.float32)
                x[COLOUR[emotion]] += 5
                rows.append(x)
                heard = {emotion: 1.0} if name != "ravdess" else {}
                acted = emotion if voted else f"{emotion} strong"
                found.append(EmotionClip("", f"{name} {person}", heard, emotion == "neutral", acted=acted))
    return DescribedClips(np.array(rows), found)


def readers(groups: tuple[str, str], people: int, seed: int) -> DescribedClips:
    x = np.random.default_rng(seed).normal(size=(people * 4, SIZE)).astype(np.float32)
    x[:, COLOUR["neutral"]] += 5
    names = [groups[i // 4 % 2] for i in range(len(x))]
    return DescribedClips(
        x, [EmotionClip("", f"{group} {i // 4}", {"neutral": 1.0}, True, group=group) for i, group in enumerate(names)]
    )


def bursts(people: int, seed: int) -> DescribedClips:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(people * 4, SIZE)).astype(np.float32)
    kinds = ("laugh", "sigh", "gasp", "sob")
    for i in range(len(x)):
        x[i, 8 + i % 4] += 8
    emotions = ("happy", "calm", "surprise", "sad")
    found = []
    for i in range(len(x)):
        heard = {"happy": 1.0} if i % 4 == 0 else {}
        found.append(EmotionClip("", f"burst {i // 4}", heard, acted=emotions[i % 4], burst=kinds[i % 4]))
    return DescribedClips(x, found)


@pytest.fixture(scope="module")
def sets() -> Mapping[str, DescribedClips]:
    return {
        "crema": clips("crema", 8, 6, 0, voted=True), "marco": clips("marco", 4, 4, 1),
        "neutral": readers(("librispeech", "coffee-orders"), 12, 2),
        "neutral2": readers(("kerstin-de", "asterisk-ru"), 12, 3), "emogator": bursts(24, 4),
    }  # fmt: skip


def test_what_differs_is_told_apart_by_people_and_by_sets(sets: Mapping[str, DescribedClips]) -> None:
    found = measured(sets, clips("ravdess", 4, 3, 5))
    assert len(found) == 8
    for on in ("CREMA-D, a quarter of its actors left out at a time", "Marco-Voice, taught by the others"):
        assert found[on]["without a reference"]["six"] > 0.8
        assert found[on]["with one"]["arousal"] > 0.5
    acted = found["RAVDESS, which taught nothing"]["with one"]
    assert acted["clips"] == 4 * 3 * len(SIX) and 0 < acted["sliders of strong lines"][1] <= 0.9
    assert set(found["an emotion heard in neutral sentences, by set, taught by the others"]) == {
        "librispeech", "coffee-orders", "kerstin-de", "asterisk-ru",
    }  # fmt: skip
    titles = [title for title, _, _ in confusions(found)]
    assert len(titles) == 2 * 5 + 1
    for title, columns, rows in confusions(found):
        assert all(sum(row[column] for column in columns) == sum(row.values()) for row in rows.values()), title


def test_clips_heard_through_other_microphones_teach_what_means_nothing(sets: Mapping[str, DescribedClips]) -> None:
    """Half of the clips are heard again where two numbers hum, which nobody else does."""
    crema = sets["crema"]
    moved = np.where(np.arange(len(crema))[:, None] % 2, crema.descriptions, np.nan)
    moved[:, 10:12] += np.random.default_rng(0).normal(size=(len(crema), 2)) * 6
    heard = dict(sets) | {"crema": DescribedClips(crema.descriptions, crema.clips, moved.astype(np.float32))}
    found = people_left_out(heard, "crema")
    assert len(found["alone, elsewhere"].truth) == len(crema) // 2 == len(found["known, elsewhere"].truth)
    assert found["alone, elsewhere"].recall(SIX) > 0.7
    weight = np.abs(fitted(heard).alone.weight).sum(1)
    assert weight[10:12].max() < 0.5 * np.abs(fitted(sets).alone.weight).sum(1)[10:12].max()


def test_a_set_that_is_left_out_has_taught_nothing(sets: Mapping[str, DescribedClips]) -> None:
    """Where Marco's voices alone call black white, those who are judged on them hear no black."""
    crema = sets["crema"]
    clips = [EmotionClip(**vars(clip) | {"heard": {"sad": 1.0}}) for clip in crema.clips]
    turned = DescribedClips(crema.descriptions, clips)
    (found,) = measured({**sets, "crema": turned}, NOBODY, ["crema"]).values()
    assert set(found["without a reference"]["confusion"]) == {"sad"}
    assert found["without a reference"]["six"] < 0.5


def test_an_unknown_corpus_gets_a_sentence(sets: Mapping[str, DescribedClips]) -> None:
    with pytest.raises(UserError, match=r"no corpus nobody.*crema"):
        measured(sets, NOBODY, ["nobody"])


def test_recall_counts_classes_alike_and_calm_as_neutral_among_six() -> None:
    truth = np.array([SAID.index(name) for name in ("neutral", "neutral", "neutral", "angry")])
    shares = np.zeros((4, len(SAID)), np.float32)
    shares[0, 0] = shares[1, SAID.index("calm")] = shares[2, SAID.index("sad")] = shares[3, SAID.index("contempt")] = 1
    judged = Judged(truth, shares, np.array([0.0, 0.0, 0.0, 1.0], np.float32), np.ones(4, bool))
    assert judged.recall(EIGHT) == pytest.approx((1 / 3 + 0) / 2)
    assert judged.recall(SIX) == pytest.approx((2 / 3 + 0) / 2)
    assert judged.arousal() == 1.0
    assert judged.confusion()[SAID.index("angry"), SAID.index("contempt")] == 1
