"""Bodies and event streams of any bytes, and hundreds of jobs in a row over HTTP: sentences, and flat memory."""

import asyncio
import io
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st

from model_server.adapters.http.streams import receive_frame
from model_server.benchmark.memory import resident
from s2f_blender_addon.core import messages
from s2f_blender_addon.core.messages import Read
from s2f_blender_addon.process import events
from s2f_blender_addon.process.job import Job
from s2f_blender_addon.process.remote import RemoteModel
from s2f_blender_addon.process.server import ServerAddress as Address
from tests.serving import TOKEN, Server

from .test_frames import MANY, TO_THE_MODEL, damaged


class Body:
    """A request whose body comes in pieces, as a network brings it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def stream(self) -> Any:
        for at in range(0, len(self.content), 7):
            yield self.content[at : at + 7]


@given(damaged(TO_THE_MODEL))
@MANY
def test_the_server_meets_a_damaged_body_with_a_request_or_a_refusal(content: bytes) -> None:
    try:
        found = asyncio.run(receive_frame(Body(content)))  # type: ignore[arg-type]
    except HTTPException as refused:
        assert refused.status_code == 422
        assert refused.detail.endswith(".") and "\n" not in refused.detail
    else:
        assert isinstance(found, messages.Ask)


EVENTS = (
    b'event: progress\ndata: {"id": "1", "state": "working", "fraction": 0.5, "doing": "Listening", "ahead": 0}\n\n',
    b": still here\n\n",
    b'event: done\ndata: {"id": "1", "state": "done", "fraction": 1.0, "doing": "Done", "ahead": 0}\n\n',
)


@given(st.lists(st.sampled_from(EVENTS), max_size=6), st.binary(max_size=40), st.data())
@MANY
def test_blender_meets_a_damaged_event_stream_with_events_or_a_value_error(
    parts: list[bytes], noise: bytes, data: st.DataObject
) -> None:
    stream = b"".join(parts)
    place = data.draw(st.integers(0, len(stream)))
    try:
        for name, status in events.read(io.BytesIO(stream[:place] + noise + stream[place:])):  # type: ignore[arg-type]
            assert isinstance(name, str) and isinstance(status, dict)
    except ValueError:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Any:
    running = Server(tmp_path)
    yield running
    running.end_it()


def test_three_hundred_jobs_in_a_row_leave_memory_threads_and_files_as_they_were(server: Server) -> None:
    connection = RemoteModel(Address.at(server.address, TOKEN))
    connection.start()
    sizes, threads = [], threading.active_count()
    for number in range(1, 301):
        job = Job(connection, lambda: Read(0, 30.0, np.zeros((30, 52), np.float32)))
        while not job.poll():
            threading.Event().wait(0.001)
        assert job.answer is not None, job.sentence
        if number % 50 == 0:
            sizes.append(resident(server.process.pid))
    assert sizes[-1] - sizes[1] < 10, sizes
    assert threading.active_count() <= threads + 2
    assert not server.files()
    connection.stop()
