"""EmoTalk (Peng et al., ICCV 2023): two wav2vec 2.0, level and person, one biased decoder layer; 30 frames a second.

VERHM's checkpoints are of the same form.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from model_server.foreign.biased_decoder import BiasedDecoder
from model_server.foreign.speech_encoder import SpeechEncoder, at_length, normalised, own_tensors

FPS = 30
ENCODERS = {"audio_encoder_cont": "audio_encoder_cont.", "audio_encoder_emo": "audio_encoder_emo.wav2vec2."}
"""Our module's name, and where its tensors lie in a checkpoint."""


class EmoTalk(nn.Module):
    """Names of modules are those of published files. ``levels`` and ``persons`` are how many one may choose from."""

    name = "EmoTalk"
    level_names: tuple[str, ...] = ("weak", "strong")

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        for module, prefix in ENCODERS.items():
            setattr(self, module, SpeechEncoder(own_tensors(tensors, prefix)))
        content, hidden = tensors["audio_feature_map_cont.weight"].shape
        memory = len(tensors["audio_feature_map_emo.weight"])
        emotion = len(tensors["audio_feature_map_emo2.weight"])
        level, self.levels = tensors["obj_vector_level.weight"].shape
        person, self.persons = tensors["obj_vector_person.weight"].shape
        self.persons_of_corpus = range(1, self.persons + 1)
        self.audio_feature_map_cont = nn.Linear(hidden, content)
        self.audio_feature_map_emo = nn.Linear(hidden, memory)
        self.audio_feature_map_emo2 = nn.Linear(memory, emotion)
        self.obj_vector_level = nn.Linear(self.levels, level)
        self.obj_vector_person = nn.Linear(self.persons, person)
        inner = len(tensors["transformer_decoder.layers.0.linear1.weight"])
        self.transformer_decoder = BiasedDecoder(1, memory, heads=4, inner=inner, period=30)
        self.bs_map_r = nn.Linear(memory, len(tensors["bs_map_r.weight"]))

    def rate(self, count: int, frames: int) -> float:
        """Frames a second of ``frames`` frames that came of ``count`` samples."""
        return float(FPS)

    def heard(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Content (T, 512) and emotion memory (T, 832) of (N,) samples at 16 kHz; T = ceil(N / 16000 * 30)."""
        wave = normalised(samples)
        count = math.ceil(len(samples) / 16000 * FPS)
        encoder, feeling = self.audio_encoder_cont, self.audio_encoder_emo
        assert isinstance(encoder, SpeechEncoder) and isinstance(feeling, SpeechEncoder)
        content = encoder.attended(at_length(encoder.convolved(wave), count))
        convolved = feeling.convolved(wave)
        # The emotion encoder changes its rate twice: to 30 a second before its transformer, to T behind it.
        emotion = feeling.attended(at_length(convolved, math.floor(len(convolved) / 50 * FPS)))
        return self.audio_feature_map_cont(content), self.audio_feature_map_emo(at_length(emotion, count))

    def spoken(self, heard: tuple[Tensor, Tensor], level: Tensor, person: int) -> Tensor:
        """(T, 52) raw curves in alphabetical order. ``level`` (levels,) or (T, levels) are shares that sum to 1."""
        content, memory = heard
        emotion = torch.relu(self.audio_feature_map_emo2(memory))
        who = torch.nn.functional.one_hot(torch.tensor(person, device=level.device), self.persons).to(level)
        feeling, person_ = self.obj_vector_level(level), self.obj_vector_person(who)
        conditions = [part.expand(len(content), -1) for part in (feeling, person_)]
        frames = torch.cat([content, emotion, *conditions], 1)
        result: Tensor = self.bs_map_r(self.transformer_decoder(frames, memory))
        return result
