"""What JSON bodies hold."""

from pydantic import BaseModel

from model_server.adapters.http.job import JobState


class JobStatus(BaseModel):
    """How far a job is. ``ahead``: jobs that come before it. ``sentence`` says why one failed."""

    id: str
    state: JobState
    fraction: float
    doing: str
    ahead: int
    sentence: str = ""
    report: str = ""
