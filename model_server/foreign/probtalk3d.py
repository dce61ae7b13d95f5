"""ProbTalk3D (Wu et al., MIG 2024): HuBERT and a style (who, which emotion, how strong) to a motion prior's latents."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from model_server.foreign.motion_prior import MotionPrior, layers
from model_server.foreign.transformer import Named, Positions, Squasher, Transformer

PERSONS = tuple(
    "M003 M005 M007 M009 M011 M012 M013 M019 M022 M023 M024 M025 M026 M027 M028 M029 M030 M031 "
    "W009 W011 W014 W015 W016 W018 W019 W021 W023 W024 W025 W026 W028 W029".split()
)
EMOTIONS = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt")
STRENGTHS = ("low", "medium", "high")


class ProbTalk3DPredictor(nn.Module):
    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        width, heard = tensors["feature_predictor.audio_feature_map.weight"].shape
        self.styles = tensors["feature_predictor.style_embedding.weight"].shape[1]
        inner = len(tensors["feature_predictor.encoder_transformer.net.1.fn.fn.l1.weight"])
        self.audio_feature_map = nn.Linear(heard, width)
        self.style_embedding = nn.Linear(self.styles, width, bias=False)
        self.squasher = Squasher(width, 2)
        self.encoder_linear_embedding = Named(width)
        self.encoder_pos_embedding = Positions(width, len(tensors["feature_predictor.encoder_pos_embedding.pe"]))
        self.encoder_transformer = Transformer(
            width, inner, layers(tensors, "feature_predictor.encoder_transformer.net.")
        )

    def forward(self, audio: Tensor, style: Tensor) -> Tensor:
        """(T, width) of (T, 1536) and a style (n,)."""
        x = self.squasher(self.audio_feature_map(audio) * self.style_embedding(style))
        result: Tensor = self.encoder_transformer(self.encoder_pos_embedding(self.encoder_linear_embedding(x)))
        return result


class ProbTalk3D(nn.Module):
    """The style is a one-hot of who, one of eight emotions and one of three strengths, 43 numbers in all."""

    name = "ProbTalk3D"
    hears_emotion = False

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.motion_prior = MotionPrior(tensors)
        self.feature_predictor = ProbTalk3DPredictor(tensors)

    def predicted(self, audio: Tensor, emotion: Tensor | None, style: Tensor) -> Tensor:
        """(T, width) latents of HuBERT's pairs (T, 1536); ``emotion`` is not heard by this network."""
        result: Tensor = self.feature_predictor(audio, style)
        return result


def style_of(person: int, emotion: Tensor, strength: int) -> Tensor:
    """(43,) of a person 0-31, shares (8,) of the emotions and a strength 0-2."""
    who = torch.nn.functional.one_hot(torch.tensor(person), len(PERSONS)).float()
    how = torch.nn.functional.one_hot(torch.tensor(strength), len(STRENGTHS)).float()
    return torch.cat([who, emotion, how])
