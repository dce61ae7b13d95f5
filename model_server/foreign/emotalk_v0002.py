"""EmoTalk_v0002 and its kin (Upgrade, v0003): FiLM by a recurrent emotion encoding; the level is one of eight emotions.

FiLM: Perez et al., AAAI 2018; here without the added 1.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from model_server.foreign.biased_decoder import BiasedDecoder
from model_server.foreign.speech_encoder import SpeechEncoder, normalised, own_tensors

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
ENCODERS = {"extractor": "extractor.", "emo_extractor": "emo_extractor."}


class EmoTalkV0002(nn.Module):
    """Names of modules are those of published files; the head is ``linear``, in an Upgrade ``bs_map_r``."""

    level_names = EMOTIONS

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        upgrade = "bs_map_r.weight" in tensors
        self.name = "EmoTalkUpgrade" if upgrade else "EmoTalk_v0002"
        for module, prefix in ENCODERS.items():
            setattr(self, module, SpeechEncoder(own_tensors(tensors, prefix)))
        content, hidden = tensors["extractor_proj.weight"].shape
        emotion = tensors["emo_gru.weight_hh_l0"].shape[1]
        depth = sum(key.startswith("emo_gru.weight_hh_l") and "reverse" not in key for key in tensors)
        self.extractor_proj = nn.Linear(hidden, content)
        self.audio_feature_map_emo = nn.Linear(hidden, len(tensors["audio_feature_map_emo.weight"]))
        self.emo_gru = nn.GRU(
            len(tensors["audio_feature_map_emo.weight"]), emotion, depth, batch_first=True, bidirectional=True
        )
        self.film_gamma, self.film_beta = nn.Linear(2 * emotion, content), nn.Linear(2 * emotion, content)
        self._condition(tensors)
        width = len(tensors["emo_memory_proj.weight"])
        self.emo_memory_proj = nn.Linear(2 * emotion, width)
        layers = {int(key.split(".")[2]) for key in tensors if key.startswith("decoder.layers.")}
        inner = len(tensors["decoder.layers.0.linear1.weight"])
        # A file does not say its period: published code runs v0002 with 30 and the Upgrade with 20.
        heads = 8 if len(layers) > 1 else 4
        self.decoder = BiasedDecoder(len(layers), width, heads, inner, period=20 if upgrade else 30)
        self.head_name = "bs_map_r" if upgrade else "linear"
        setattr(self, self.head_name, nn.Linear(width, len(tensors[self.head_name + ".weight"])))
        self.prosodic = "prosody_proj.weight" in tensors
        if self.prosodic:
            raise ValueError("it also hears pitch and energy, which is not supported")

    def _condition(self, tensors: Mapping[str, Tensor]) -> None:
        """Level and person: a linear layer on shares and rows of a table, which are the same thing transposed."""
        level = tensors["obj_vector_level.weight"]
        if "obj_vector_level.bias" in tensors:
            self.levels = level.shape[1]
            self.obj_vector_level: nn.Linear | nn.Embedding = nn.Linear(self.levels, len(level))
        else:
            self.levels = len(level)
            self.obj_vector_level = nn.Embedding(*level.shape)
        self.persons = len(tensors["obj_vector_person.weight"])
        self.persons_of_corpus = range(self.persons)
        self.obj_vector_person = nn.Embedding(*tensors["obj_vector_person.weight"].shape)

    def rate(self, count: int, frames: int) -> float:
        """Frames a second of ``frames`` frames that came of ``count`` samples: frame i is at i * duration / T."""
        return frames * 16000 / count

    def heard(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Content (T, 512) under FiLM and emotion (T, 256) of (N,) samples; T is the convolutions' own."""
        wave = normalised(samples)
        encoder, feeling = self.extractor, self.emo_extractor
        assert isinstance(encoder, SpeechEncoder) and isinstance(feeling, SpeechEncoder)
        content = self.extractor_proj(encoder(wave))
        felt, _ = self.emo_gru(torch.relu(self.audio_feature_map_emo(feeling(wave)))[None])
        return self.film_gamma(felt[0]) * content + self.film_beta(felt[0]), felt[0]

    def spoken(self, heard: tuple[Tensor, Tensor], level: Tensor, person: int) -> Tensor:
        """(T, 52) raw curves in alphabetical order. ``level`` (8,) or (T, 8) are emotions' shares that sum to 1."""
        content, emotion = heard
        table = self.obj_vector_level
        feeling = table(level) if isinstance(table, nn.Linear) else level @ table.weight
        conditions = [part.expand(len(content), -1) for part in (feeling, self.obj_vector_person.weight[person])]
        frames = torch.cat([content, *conditions], 1)
        head = getattr(self, self.head_name)
        result: Tensor = head(self.decoder(frames, self.emo_memory_proj(emotion)))
        return result
