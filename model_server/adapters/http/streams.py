"""What flows for longer than a moment: a recording into its job's file, frames in bodies, and a job's events out."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Callable

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool

from model_server.adapters.http.bodies import JobStatus
from model_server.adapters.http.jobs import FINAL, Job, Jobs
from model_server.adapters.job import FILES
from s2f_blender_addon.core import messages, wire

LOOK = 0.05
"""Seconds between two looks at a job whose events somebody follows."""

HEARTBEAT = 10.0
"""Seconds after which a quiet event stream shows that it is alive."""

MOST_OF_A_FRAME = 64 << 20
"""Bytes of a request without its sound: hours of keyed sliders."""


async def receive_sound(request: Request, job: Job, jobs: Jobs) -> None:
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


async def receive_request(request: Request) -> messages.Request:
    """The one message in the body. Raises HTTPException for what is none, or asks for nothing."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_OF_A_FRAME:
            raise HTTPException(413, f"A request may have {MOST_OF_A_FRAME >> 20} MB; bake a shorter range.")
    try:
        frame = wire.read(io.BytesIO(body))
        message = None if frame is None else messages.parse(frame)
    except wire.WireError as error:
        raise HTTPException(
            422, f"The server does not understand this request ({error}); install the same release on both sides."
        ) from error
    if not isinstance(message, messages.Request):
        raise HTTPException(422, "The body holds no request; send one frame with a message that asks for work.")
    named = next((name for name in FILES if getattr(message, "options", {}).get(name)), None)
    if named is not None:
        raise HTTPException(422, f"The server opens no files that a client names; leave out {named}.")
    return message


def frame_of(message: messages.Message) -> bytes:
    """``message`` as a body."""
    return b"".join(bytes(part) for part in wire.encode(message.to_frame()))


async def events(status: Callable[[], JobStatus]) -> AsyncIterator[str]:
    """Server-sent events about a job until it is over: its ``status`` whenever that changes."""
    told: tuple[object, ...] = ()
    quiet = 0.0
    while True:
        now = status()
        news = (now.state, round(now.fraction, 3), now.doing, now.ahead)
        if news != told:
            told, quiet = news, 0.0
            name = now.state.value if now.state in FINAL else "progress"
            yield f"event: {name}\ndata: {json.dumps(now.model_dump(mode='json'))}\n\n"
        elif quiet > HEARTBEAT:
            quiet = 0.0
            yield ": still here\n\n"
        if now.state in FINAL:
            return
        await asyncio.sleep(LOOK)
        quiet += LOOK
