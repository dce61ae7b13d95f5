"""What JSON bodies hold."""

from pydantic import BaseModel

from model_server.adapters.http.job import JobState


class JobStatus(BaseModel):
    """How far a job is. ``ahead``: jobs that come before it. ``notes``: what to change in such a request.

    ``sentence`` says why one failed.
    """

    id: str
    state: JobState
    fraction: float
    doing: str
    ahead: int
    notes: list[str] = []
    sentence: str = ""
    report: str = ""
