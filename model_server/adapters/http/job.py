"""One request of one client, from its making to its answer."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from model_server.adapters.http.turns import QueueTurn
from s2f_blender_addon.core.messages import Answer, Ask, Failure, Result
from s2f_blender_addon.core.track import FaceTrack


class JobState(StrEnum):
    """Where a job is in its life; the last three are final."""

    MADE = "made"
    RECEIVING = "receiving"
    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(eq=False)
class ServedJob:
    """What ``client`` asks. ``name`` is what sentences call its recording; ``sound`` is where it lies meanwhile,
    ``content`` which recording it is. ``notes``: what its client should know of the request.
    """

    id: str
    ask: Ask
    name: str
    client: str = ""
    notes: tuple[str, ...] = ()
    sound: Path | None = None
    content: str = ""
    seconds: float = 0.0
    state: JobState = JobState.MADE
    fraction: float = 0.0
    doing: str = "Waiting for the sound"
    answer: Answer | None = None
    touched: float = field(default_factory=time.monotonic)
    unwanted: bool = False

    @property
    def over(self) -> bool:
        return self.state in FINAL

    @property
    def failure(self) -> Failure | None:
        """Why it failed, if it did."""
        return self.answer if isinstance(self.answer, Failure) else None

    @property
    def track(self) -> FaceTrack | None:
        """What it was made for, where that is a track and is there."""
        return self.answer.track if isinstance(self.answer, Result) else None

    @property
    def turn(self) -> QueueTurn:
        """What decides when it comes; ``touched`` is when it was queued."""
        return QueueTurn(self.id, self.client, self.seconds, self.touched)
