"""The one way to the model that this Blender has, begun when somebody needs it."""

import contextlib

from .. import workplace
from ..core.errors import UserError
from ..core.messages import Hello
from ..process.client import ModelProcess
from ..process.connection import Connection, ConnectionState
from ..process.remote import RemoteModel
from ..process.server import ServerAddress


class Link:
    """Owns the connection: a child process on this computer, or a server."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._reaching = False

    @property
    def connection(self) -> Connection | None:
        """As it is, running or not; None before anybody needed it."""
        return self._connection

    @property
    def hello(self) -> Hello | None:
        """What the model said of itself; None where nobody asked it, or it has not answered."""
        return self._connection.hello if self._connection is not None else None

    @property
    def alive(self) -> bool:
        """Whether messages sent now have a chance to be answered."""
        return self._connection is not None and self._connection.alive

    def ready(self) -> Connection:
        """The connection, begun where there is none or where the preferences name another place by now.

        Raises UserError when that is impossible.
        """
        wanted = workplace.where()
        connection = self._connection
        if connection is None or not connection.alive or connection.where != wanted:
            if connection is not None:
                connection.stop()
            connection = RemoteModel(wanted) if isinstance(wanted, ServerAddress) else ModelProcess(wanted)
            self._connection = connection
            connection.start()
        return connection

    def warm(self) -> None:
        """Begin it where that is possible; the next job says why it is not."""
        with contextlib.suppress(UserError):
            self.ready()

    def reach(self) -> None:
        """Begin anew, to see whether it answers: ``poll`` tells when that is known. Raises UserError."""
        self.stop()
        self.ready()
        self._reaching = True

    def poll(self) -> bool:
        """Take in what was said while no job listens; True when nothing more is expected."""
        if self._connection is None:
            return True
        self._connection.messages()
        self._reaching &= self._connection.state is ConnectionState.STARTING
        return self._connection.settled and not self._reaching

    def stop(self) -> None:
        """End the connection, as at the end of Blender."""
        connection, self._connection = self._connection, None
        self._reaching = False
        if connection is not None:
            connection.stop()
