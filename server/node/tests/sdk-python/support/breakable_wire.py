"""A wire between the SDK and the server that can be cut: the connections end as if the network were gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from support.server import Server


class BreakableWire:
    """Carries bytes to a server and back."""

    def __init__(self, target: Server) -> None:
        self.port = 0
        self._target = target
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def to(cls, target: Server) -> AsyncIterator["BreakableWire"]:
        """A wire that is there as long as it is used."""
        wire = cls(target)
        listener = await asyncio.start_server(wire._meet, "127.0.0.1", 0)
        wire.port = listener.sockets[0].getsockname()[1]
        try:
            yield wire
        finally:
            listener.close()
            wire.cut()
            await asyncio.gather(*wire._connections)

    @property
    def endpoint(self) -> str:
        """Where the SDK connects."""
        return f"ws://127.0.0.1:{self.port}/connection/websocket"

    def cut(self) -> None:
        """Ends all connections; new ones end at once until the wire is mended."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Lets connections through again."""
        self._is_cut = False

    def _meet(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self._is_cut:
            near.transport.abort()
            return
        connection = asyncio.create_task(self._join(reader, near))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _join(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection("127.0.0.1", self._target.port)
        ends = {near, far}
        self._writers |= ends
        if self._is_cut:
            self.cut()
        await asyncio.gather(_carry(near_reader, far), _carry(far_reader, near))
        self._writers -= ends


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(65_536):
            sink.write(chunk)
            await sink.drain()
    sink.transport.abort()
