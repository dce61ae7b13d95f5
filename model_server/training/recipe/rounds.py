"""The rounds of the recipe: what each network is told, and how much of what it hears."""

from dataclasses import dataclass, replace

from model_server.training.network.plan import FitPlan, Softness

FACES = "facegood"
"""The part whose closures a captured face has seen; made from ``data/pairs/facegood`` with the round before."""


@dataclass(frozen=True)
class Round:
    """One fitting: its plan and the share of every part of the corpus in a batch."""

    plan: FitPlan
    shares: dict[str, float]


ALIGNER = Round(FitPlan(steps=2200, dilations=(1, 2, 4, 8) * 3), {"flite": 1.2, "english": 0.6, "world": 1.0})
"""Without a model that aligns: one that hears synthetic speech alone, whose phones need no alignment."""
TEACHER = Round(
    FitPlan(steps=700, batch=16, frames=800, rate=1e-3, dilations=(1, 2, 4, 8), layers=4),
    {
        "flite": 0.3, "english": 0.2, "world": 1.2, "librispeech": 1.8, "librispeech-spoilt0": 0.8,
        "librispeech-spoilt1": 0.8, "coffee": 0.7, "coffee-spoilt0": 0.5, FACES: 0.3,
    },
)  # fmt: skip
"""As large as Whisper's encoder; aligns the recordings for the student and hears them as they are."""
_SMALL = FitPlan(
    steps=2200, batch=16, frames=800, rate=1e-3, dilations=(1, 2, 4, 8), layers=3, keys=40, values=56, wide=1152
)
_LONGER = replace(_SMALL, batch=22, frames=600)
STUDENT = (
    Round(
        _SMALL,
        {
            "flite": 0.4, "english": 0.2, "world": 1.6, "coffee": 0.4, "coffee-spoilt0": 0.4, "coffee-spoilt1": 0.4,
            "librispeech": 1.0, "librispeech-spoilt0": 0.7, "librispeech-spoilt1": 0.7, "librispeech-spoilt2": 0.7,
            "librispeech-spoilt3": 0.7, FACES: 0.4,
        },
    ),
    Round(
        replace(_LONGER, steps=2600),
        {
            "flite": 0.4, "english": 0.2, "world": 2.2, "coffee": 0.3, "coffee-spoilt0": 0.3, "coffee-spoilt1": 0.3,
            "librispeech": 1.0, "librispeech-spoilt0": 0.7, "librispeech-spoilt1": 0.7, "librispeech-spoilt2": 0.7,
            "librispeech-spoilt3": 0.7, FACES: 0.4,
        },
    ),
    Round(
        replace(_LONGER, steps=1700),
        {
            "flite": 0.4, "english": 0.2, "world": 1.8, "coffee": 0.3, "coffee-spoilt0": 0.3, "coffee-spoilt1": 0.3,
            "librispeech": 1.0, "librispeech-spoilt0": 0.6, "librispeech-spoilt1": 0.6, "librispeech-spoilt2": 0.6,
            "librispeech-spoilt3": 0.6, "kokoro": 1.0, "kokoro-spoilt0": 0.6, "kokoro-spoilt1": 0.6, FACES: 0.3,
        },
    ),
)  # fmt: skip
"""What ships: learns to hear the same through rooms and noise; goes on with shorter clips and more languages; then with
the voices of a neural synthesiser."""
SOFTNESS = Softness(0.5, 2.0)
SILENCE = 2.0
"""Log odds by which silence is likelier than alignments teach, which give pauses to the words around them (RESULTS.md
says what 1 and 1.5 gave)."""
MIXED = Round(
    replace(_LONGER, steps=640, batch=14, frames=500, rate=1.5e-4),
    {
        "told-librispeech": 2.0, "told-coffee": 1.0, "told-kathleen": 1.2, "told-kerstin": 1.8, "told-learners": 1.0,
        "told-poems": 1.0, "told-actors": 2.5, "told-faces": 0.3, "world": 2.0, "english": 0.2, "flite": 0.5,
    },
)  # fmt: skip
"""The last round: joined recordings at several levels, in several voices and rooms (``s2f train mixed``)."""
MIXED_SOFTNESS = Softness(0.7, 1.5)
MIXED_SHARE = 0.5
"""Of this round in the weights that ship; the model before it has the rest, which hears single sentences better."""
MIXED_SILENCE = 0.5
"""Log odds by which silence is likelier again, for the same reason as SILENCE."""
