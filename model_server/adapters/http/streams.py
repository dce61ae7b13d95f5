"""What flows for longer than a moment: a recording into its job's file, frames in bodies, and a job's events out."""

import asyncio
import hashlib
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from fastapi import HTTPException, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from model_server.adapters.http.bodies import JobStatus
from model_server.adapters.http.job import FINAL, ServedJob
from model_server.adapters.http.jobs import JobQueue
from s2f_blender_addon.core import codec, messages, patient, wire
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request as Asked

LOOK = 0.05
"""Seconds between two looks at a job whose events somebody follows."""

HEARTBEAT = 10.0
"""Seconds after which a quiet event stream shows that it is alive."""

FRAME = "application/octet-stream"
_PIECE = 1 << 18

MOST_OF_A_FRAME = 64 << 20
"""Bytes of a request without its sound: hours of keyed sliders."""


async def receive_sound(request: Request, job: ServedJob, jobs: JobQueue) -> str:
    """The body into the job's file, and its digest; a job whose sound does not arrive whole is cancelled."""
    assert job.sound is not None
    content = hashlib.sha256()
    try:
        with job.sound.open("wb") as out:
            async for chunk in request.stream():
                if job.unwanted:
                    raise HTTPException(409, "This job was cancelled.")
                await run_in_threadpool(out.write, chunk)
                content.update(chunk)
                job.touched = time.monotonic()
    except BaseException as error:
        jobs.cancel(job)
        patient.delete(job.sound)
        if isinstance(error, OSError):
            raise HTTPException(507, f"The server cannot store the recording ({error.strerror}).") from error
        raise
    return content.hexdigest()


async def receive_json(request: Request) -> tuple[Asked, tuple[str, ...]]:
    """The request in a JSON body, and what its client should know of it. Raises HTTPException for what is none, or
    makes no sense.
    """
    try:
        fields = wire.json_of(await _body(request) or b"{}")
        notes = tuple(codec.renamed(word, now) for word, now in codec.outdated(Asked, fields))
        return codec.load(Asked, fields, strict=True), notes
    except (codec.Misfit, UserError) as error:
        raise HTTPException(422, f"{str(error).rstrip('.')}; /docs says what a request may hold.") from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "The body is no JSON object; send the fields of a request.") from error


async def receive_frame(request: Request) -> messages.Ask:
    """The one message in the body. Raises HTTPException for what is none, or asks for nothing."""
    try:
        frame = wire.read(io.BytesIO(await _body(request)))
        message = None if frame is None else messages.parse(frame)
    except wire.WireError as error:
        raise HTTPException(
            422, f"The server does not understand this request ({error}); install the same release on both sides."
        ) from error
    except UserError as error:
        raise HTTPException(422, str(error)) from error
    if not isinstance(message, messages.Ask):
        raise HTTPException(422, "The body holds no request; send one frame with a message that asks for work.")
    if isinstance(message, messages.Read):
        return message
    asked = message if isinstance(message, messages.Describe) else message.request
    named = [name for name, _ in codec.files(asked) if name != "audio"]
    if named:
        raise HTTPException(422, f"The server opens no files that a client names; leave out {named[0]}.")
    return message


async def _body(request: Request) -> bytes:
    body = io.BytesIO()
    async for chunk in request.stream():
        body.write(chunk)
    return body.getvalue()


def frame_of(message: messages.Message) -> StreamingResponse:
    """``message`` as a body that is sent piece by piece: nobody holds an hour's answer twice."""
    buffers = wire.encode(message.to_frame())
    length = {"Content-Length": str(sum(map(len, buffers)))}
    return StreamingResponse(in_pieces(buffers), media_type=FRAME, headers=length)


def in_pieces(buffers: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """What ``buffers`` hold, a little at a time."""
    for buffer in buffers:
        for i in range(0, len(buffer), _PIECE):
            yield bytes(buffer[i : i + _PIECE])


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
