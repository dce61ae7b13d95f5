"""What JSON bodies hold."""

from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, Field

from model_server.adapters.http.jobs import State
from model_server.face.life import PARTS, STRONGEST
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.messages import Infer


class Cue(BaseModel):
    """What is said between two times in seconds; ``end`` 0 is at any time, as for a whole text."""

    text: Annotated[str, Field(max_length=2_000_000)]
    start: Annotated[float, Field(ge=0)] = 0.0
    end: Annotated[float, Field(ge=0)] = 0.0


class JobRequest(BaseModel):
    """What to infer. ``keyed`` holds eight sliders (happy … calm) a frame, in place of ``emotion``.

    ``life``: strengths of blinks, gaze, brows, head and flesh; what is not named is 1.
    ``said``: what is said, where it is known; the lips then follow the words.
    """

    emotion: dict[Literal[EMOTIONS], Annotated[float, Field(ge=0, le=1)]] = {}  # type: ignore[valid-type]
    keyed: list[Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=8, max_length=8)]] = []
    life: dict[Literal[PARTS], Annotated[float, Field(ge=0, le=STRONGEST)]] = {}  # type: ignore[valid-type]
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
    fps: Annotated[float, Field(ge=1, le=1000)] = 60.0
    start: Annotated[float, Field(ge=0)] = 0.0
    end: Annotated[float, Field(ge=0)] = 0.0
    name: Annotated[str, Field(max_length=255)] = "The recording"
    said: Annotated[list[Cue], Field(max_length=20_000)] = []
    language: Annotated[str, Field(max_length=20)] = "en"

    def to_infer(self) -> Infer:
        keyed = np.array(self.keyed, np.float32).reshape(-1, len(EMOTIONS))
        said = [cue.model_dump() for cue in self.said]
        return Infer(
            0, "", dict(self.emotion), self.seed, self.fps, self.start, self.end,
            {"life": dict(self.life)}, keyed=keyed, said=said, language=self.language,
        )  # fmt: skip


class JobStatus(BaseModel):
    """How far a job is. ``ahead``: jobs that come before it. ``sentence`` says why one failed."""

    id: str
    state: State
    fraction: float
    doing: str
    ahead: int
    sentence: str = ""
    report: str = ""
