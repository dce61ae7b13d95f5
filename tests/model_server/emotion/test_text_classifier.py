"""A real transformers classifier from a local folder, small and untrained, through the whole path of the words."""

from pathlib import Path

import numpy as np
import pytest

from model_server.emotion.text_classifier import TransformersTextModel
from model_server.emotion.words import over_time, read
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

SEVEN = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


def make_classifier(folder: Path, labels: tuple[str, ...], problem: str) -> Path:
    """A two-layer BERT whose last layer answers with fixed scores: 3 for its first label, 0 for the others."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "am", "you", "so", "hate", "love", ".", "!"]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
        problem_type=problem,
    )
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.zero_()
        model.classifier.bias[0] = 3.0
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> TransformersTextModel:
    return TransformersTextModel(
        make_classifier(tmp_path_factory.mktemp("models") / "seven 你好", SEVEN, "single_label_classification")
    )


def test_classes_that_exclude_one_another_share_one(seven: TransformersTextModel) -> None:
    scores = seven.score("I hate you.")
    share = np.exp(3) / (np.exp(3) + 6)
    assert scores[EMOTIONS.index("angry")] == pytest.approx(share, abs=1e-4)
    assert scores.sum() == pytest.approx(share + 5 * np.exp(0) / (np.exp(3) + 6), abs=1e-4)


def test_independent_classes_stand_alone(tmp_path: Path) -> None:
    folder = make_classifier(tmp_path / "many", ("annoyance", "joy", "neutral"), "multi_label_classification")
    scores = TransformersTextModel(folder).score("I am so")
    yes = 1 / (1 + np.exp(-3))
    assert scores[EMOTIONS.index("angry")] == pytest.approx(0.5 * yes, abs=1e-4)
    assert scores[EMOTIONS.index("happy")] == pytest.approx(0.5, abs=1e-4)


def test_it_takes_the_place_of_ours_sentence_by_sentence(seven: TransformersTextModel) -> None:
    said = read("I hate you! I love you.", seven, [(0.5, 1.5), (2.0, 3.0)])
    track = over_time(said, 100, 30.0)
    assert track[20:80, EMOTIONS.index("angry")].min() > 0.5
    assert not track[:10].any()


def test_a_folder_without_a_model_or_without_emotions_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty"):
        TransformersTextModel(tmp_path / "empty")
    folder = make_classifier(tmp_path / "topics", ("sports", "politics"), "single_label_classification")
    with pytest.raises(UserError, match="sports"):
        TransformersTextModel(folder)
