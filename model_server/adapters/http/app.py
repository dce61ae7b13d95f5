"""The routes. What they do is in ``jobs``; here is what may be asked, by whom, and how it is answered."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from model_server import VERSION
from model_server.adapters import http
from model_server.adapters.http.jobs import Job, Jobs, State, TooManyJobs
from s2f_blender_addon.core import formats, wire
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.messages import PROTOCOL, Hello, Infer, Result

LOOK = 0.05
"""Seconds between two looks at a job whose events somebody follows."""

HEARTBEAT = 10.0
"""Seconds after which a quiet event stream shows that it is alive."""


class JobRequest(BaseModel):
    """What to infer. ``keyed`` holds eight sliders (happy … calm) a frame, in place of ``emotion``."""

    emotion: dict[Literal[EMOTIONS], Annotated[float, Field(ge=0, le=1)]] = {}  # type: ignore[valid-type]
    keyed: list[Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=8, max_length=8)]] = []
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
    fps: Annotated[float, Field(ge=1, le=1000)] = 60.0
    start: Annotated[float, Field(ge=0)] = 0.0
    end: Annotated[float, Field(ge=0)] = 0.0
    name: Annotated[str, Field(max_length=255)] = "The recording"

    def to_infer(self) -> Infer:
        keyed = np.array(self.keyed, np.float32).reshape(-1, len(EMOTIONS))
        return Infer(0, "", dict(self.emotion), self.seed, self.fps, self.start, self.end, keyed=keyed)


class JobStatus(BaseModel):
    """How far a job is. ``ahead``: jobs that come before it. ``sentence`` says why one failed."""

    id: str
    state: State
    fraction: float
    doing: str
    ahead: int
    sentence: str = ""
    report: str = ""


def create(jobs: Jobs, hello: Hello, token: str) -> FastAPI:
    """The application over ``jobs``. Every route under /v1 wants ``token``; closing it closes ``jobs``."""
    bearer = HTTPBearer(auto_error=False, description="The token that `s2f serve` printed.")

    def allowed(given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        if given is None or not secrets.compare_digest(given.credentials.encode(), token.encode()):
            raise HTTPException(
                401,
                "The token is missing or wrong; use the one that s2f serve printed.",
                {"WWW-Authenticate": "Bearer"},
            )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(jobs.close)

    app = FastAPI(title="Speech2Face", version=VERSION, lifespan=lifespan, description=http.__doc__ or "")
    guarded: dict[str, Any] = {"dependencies": [Depends(allowed)]}

    def found(number: str) -> Job:
        job = jobs.get(number)
        if job is None:
            raise HTTPException(404, "There is no such job (any more); make a new one.")
        return job

    def status_of(job: Job) -> JobStatus:
        return JobStatus(
            id=job.id,
            state=job.state,
            fraction=round(job.fraction, 4),
            doing=job.doing,
            ahead=jobs.ahead(job),
            sentence=job.sentence,
            report=job.report,
        )

    @app.get("/v1/hello", **guarded)
    def say_hello() -> dict[str, Any]:
        """Versions, model and device."""
        return hello.to_frame().header

    @app.post("/v1/jobs", status_code=201, **guarded)
    def make_job(request: JobRequest) -> JobStatus:
        """Make a job; it starts when its sound is there."""
        try:
            return status_of(jobs.make(request.to_infer(), request.name))
        except TooManyJobs:
            raise HTTPException(429, "The queue is full; try again in a minute.", {"Retry-After": "60"}) from None

    @app.put("/v1/jobs/{number}/sound", status_code=202, **guarded)
    async def put_sound(number: str, request: Request) -> JobStatus:
        """The body is a sound file: FLAC, WAV or anything else that libsndfile reads."""
        job = found(number)
        if not jobs.receive(job):
            raise HTTPException(409, "This job has its sound already; make a new one.")
        await _receive(request, job, jobs)
        jobs.start(job)
        return status_of(job)

    @app.get("/v1/jobs/{number}", **guarded)
    def get_status(number: str) -> JobStatus:
        """How far it is."""
        return status_of(found(number))

    @app.get("/v1/jobs/{number}/events", **guarded)
    def follow(number: str) -> StreamingResponse:
        """Server-sent events: `progress` with the status whenever it changes; the last one is named after its end."""
        job = found(number)
        return StreamingResponse(
            _events(lambda: status_of(job), job), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    @app.get("/v1/jobs/{number}/track", **guarded)
    def get_track(
        number: str, form: Literal["frame", "csv", "json", "s2f"] = "frame", intensity: float = 1.0
    ) -> Response:
        """The track, once: `frame` is what Blender reads, the others are files. Afterwards the job is forgotten."""
        job = found(number)
        if job.state is State.FAILED:
            raise HTTPException(422, job.sentence)
        if job.track is None:
            raise HTTPException(409, "This job is not done; follow its events.")
        body = (
            _frame(job) if form == "frame" else formats.BY_SUFFIX[f".{form}"].dump(job.track, Mix(intensity=intensity))
        )
        jobs.forget(job)
        return Response(body, media_type=_MEDIA[form])

    @app.delete("/v1/jobs/{number}", status_code=204, **guarded)
    def cancel(number: str) -> None:
        """End the job at once and forget it."""
        jobs.cancel(found(number))

    return app


_MEDIA = {
    "frame": "application/octet-stream",
    "csv": "text/csv",
    "json": "application/json",
    "s2f": "application/octet-stream",
}


def hello_of(model: str, licence_track: str, backend: str, device: str, decodes: str, pid: int) -> Hello:
    """What the server says of itself."""
    return Hello(PROTOCOL, VERSION, model, licence_track, backend, device, decodes, pid)


def _frame(job: Job) -> bytes:
    assert job.track is not None
    return b"".join(bytes(part) for part in wire.encode(Result(0, job.track).to_frame()))


async def _receive(request: Request, job: Job, jobs: Jobs) -> None:
    """The body into the job's file; a job whose sound does not arrive whole is cancelled."""
    received = 0
    try:
        with job.sound.open("wb") as out:
            async for chunk in request.stream():
                received += len(chunk)
                if received > jobs.limits.sound:
                    raise HTTPException(413, f"A recording may have {jobs.limits.sound >> 20} MB; send it as FLAC.")
                if job.unwanted:
                    raise HTTPException(409, "This job was cancelled.")
                await run_in_threadpool(out.write, chunk)
                job.touched = time.monotonic()
    except BaseException as error:
        jobs.cancel(job)
        job.sound.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise HTTPException(507, f"The server cannot store the recording ({error.strerror}).") from error
        raise


async def _events(status: Callable[[], JobStatus], job: Job) -> AsyncIterator[str]:
    told: tuple[object, ...] = ()
    quiet = 0.0
    while True:
        now = (job.state, round(job.fraction, 3), job.doing)
        if now != told:
            told, quiet = now, 0.0
            name = job.state.value if job.over else "progress"
            yield f"event: {name}\ndata: {json.dumps(status().model_dump(mode='json'))}\n\n"
        elif quiet > HEARTBEAT:
            quiet = 0.0
            yield ": still here\n\n"
        if job.over:
            return
        await asyncio.sleep(LOOK)
        quiet += LOOK
