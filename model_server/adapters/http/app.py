"""The routes. What they do is in ``jobs``; here is what may be asked, by whom, and how it is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from model_server import VERSION
from model_server.adapters import http
from model_server.adapters.http.bodies import JobStatus
from model_server.adapters.http.gate import Gate
from model_server.adapters.http.job import ServedJob
from model_server.adapters.http.jobs import STOPPING, JobQueue, Stopping, TooManyJobs
from model_server.adapters.http.page import page
from model_server.adapters.http.streams import (
    FRAME,
    MOST_OF_A_FRAME,
    events,
    frame_of,
    in_pieces,
    receive_frame,
    receive_json,
    receive_sound,
)
from s2f_blender_addon.core import formats, messages
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import Hello
from s2f_blender_addon.core.request import Request as Asked
from s2f_blender_addon.core.schema import schema

_FIELDS = {"requestBody": {"content": {"application/json": {"schema": schema(Asked)}}}}

MOST_OF_JSON = 16 << 20
"""Bytes of a job that is described in JSON."""


def create(jobs: JobQueue, hello: Hello, token: str, names: frozenset[str] | None = None) -> FastAPI:
    """The application over ``jobs``. Every route wants ``token``; ``names`` are the hosts as which it may be asked,
    None for any; see ``Gate``. Closing it closes ``jobs``.
    """
    bearer = HTTPBearer(auto_error=False, description="The token that `s2f serve` printed.")

    def allowance(method: str, path: str) -> int:
        if method == "PUT" and path.endswith("/sound"):
            return jobs.limits.sound
        return {("POST", "/v1/jobs"): MOST_OF_JSON, ("POST", "/v1/requests"): MOST_OF_A_FRAME}.get((method, path), 0)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(jobs.close)

    app = FastAPI(
        title="Speech2Face", version=VERSION, lifespan=lifespan, description=http.__doc__ or "",
        docs_url=None, redoc_url=None,  # both load their scripts from the internet
    )  # fmt: skip
    app.add_middleware(Gate, token=token, allowance=allowance, names=names)
    app.add_exception_handler(RequestValidationError, _wrong_fields)
    guarded: dict[str, Any] = {"dependencies": [Depends(bearer)]}  # for the documentation: the gate has asked already

    def found(number: str) -> ServedJob:
        job = jobs.get(number)
        if job is None:
            raise HTTPException(404, "There is no such job (any more); make a new one.")
        return job

    def status_of(job: ServedJob) -> JobStatus:
        return JobStatus(
            id=job.id,
            state=job.state,
            fraction=round(job.fraction, 4),
            doing=job.doing,
            ahead=jobs.ahead(job),
            notes=list(job.notes),
            sentence=job.failure.sentence if job.failure else "",
            report=job.failure.report if job.failure else "",
        )

    def made(ask: messages.Ask, request: Request, notes: tuple[str, ...] = ()) -> JobStatus:
        client = request.headers.get("s2f-client") or (request.client.host if request.client else "")
        try:
            return status_of(jobs.make(ask, client[:64], notes))
        except Stopping:
            raise HTTPException(503, f"{STOPPING}; send it again when it runs.") from None
        except TooManyJobs:
            raise HTTPException(429, "The queue is full; try again in a minute.", {"Retry-After": "60"}) from None

    def answered(job: ServedJob) -> Response:
        if job.answer is None:
            raise HTTPException(409, "This job is not done; follow its events.")
        body = frame_of(job.answer)
        jobs.forget(job)
        return body

    @app.get("/docs", include_in_schema=False)
    def documentation() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    @app.get("/v1/hello", **guarded)
    def say_hello() -> dict[str, Any]:
        """Versions, model and device."""
        return hello.to_frame().header

    @app.post("/v1/jobs", status_code=201, openapi_extra=_FIELDS, **guarded)
    async def make_job(request: Request) -> JobStatus:
        """Make a job; it starts when its sound is there. Clients get turns: one that many share a machine with names
        itself in the header `S2F-Client`."""
        asked, notes = await receive_json(request)
        return made(messages.Infer(0, asked), request, notes)

    @app.post("/v1/requests", status_code=201, **guarded)
    async def make_job_of_frame(request: Request) -> JobStatus:
        """Make a job from a frame, as Blender sends it; one whose message names no sound is queued at once."""
        return made(await receive_frame(request), request)

    @app.put("/v1/jobs/{number}/sound", status_code=202, **guarded)
    async def put_sound(number: str, request: Request) -> JobStatus:
        """The body is a sound file: FLAC, WAV or anything else that libsndfile reads."""
        job = found(number)
        try:
            if not jobs.receive(job):
                raise HTTPException(409, "This job has its sound already; make a new one.")
        except (OSError, UserError) as error:
            raise HTTPException(507, f"The server cannot store the recording ({error}).") from error
        content = await receive_sound(request, job, jobs)
        await run_in_threadpool(jobs.start_job, job, content)
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
            events(lambda: status_of(job)), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    @app.get("/v1/jobs/{number}/track", **guarded)
    def get_track(
        number: str, form: Literal["frame", "csv", "json", "s2f"] = "frame",
        intensity: Annotated[float, Query(ge=0, le=2, allow_inf_nan=False)] = 1.0,
    ) -> Response:
        """The track, once: `frame` is what Blender reads, the others are files. Afterwards the job is forgotten."""
        job = found(number)
        if job.failure is not None:
            raise HTTPException(422, job.failure.sentence)
        if job.track is None:
            raise HTTPException(409, "There is no track: this job is not done, or makes none; follow its events.")
        if form == "frame":
            return answered(job)
        pieces = formats.BY_SUFFIX[f".{form}"].dump(job.track, Mix(intensity=intensity))
        jobs.forget(job)
        return StreamingResponse(in_pieces(pieces), media_type=_MEDIA[form])

    @app.get("/v1/jobs/{number}/answer", **guarded)
    def get_answer(number: str) -> Response:
        """Whatever the job ended with, once, as the frame that Blender reads. Afterwards the job is forgotten."""
        return answered(found(number))

    @app.delete("/v1/jobs/{number}", status_code=204, **guarded)
    def cancel(number: str) -> None:
        """End the job at once and forget it."""
        jobs.cancel(found(number))

    return app


def _wrong_fields(_: Request, error: Exception) -> JSONResponse:
    """422 with what is wrong where, without what was sent: that may hold numbers and letters that no JSON has."""
    assert isinstance(error, RequestValidationError)
    wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:10]]
    sentence = "The request is not understood (" + "; ".join(wrong) + ")."
    return JSONResponse({"detail": sentence.encode("ascii", "replace").decode()}, 422)


_MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "s2f": FRAME,
}
