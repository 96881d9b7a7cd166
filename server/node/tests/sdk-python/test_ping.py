"""Pings, which the server sends and the SDK answers."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conftest import Join
from support.encoding import Encoding
from support.gathered import Gathered
from support.server import Who

# The first ping comes in the second half of the server's interval, the next one a whole interval later.
INTERVAL_SECONDS = 25


@pytest.fixture(scope="module")
def encoding() -> Encoding:
    """One test for both, because it takes as long as the server's interval does."""
    return Encoding.JSON


class _Pongs(logging.Handler):
    """Hears the SDK say that it answers a ping."""

    def __init__(self) -> None:
        super().__init__()
        self.came: Gathered[None] = Gathered()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "respond with pong":
            self.came.add(None)


@contextmanager
def _listening() -> Iterator[_Pongs]:
    pongs = _Pongs()
    log = logging.getLogger("centrifuge")
    log.addHandler(pongs)
    log.setLevel(logging.DEBUG)
    try:
        yield pongs
    finally:
        log.removeHandler(pongs)
        log.setLevel(logging.NOTSET)


async def test_each_connection_gets_a_ping_and_the_server_takes_its_pong(join: Join) -> None:
    with _listening() as pongs:
        members = await asyncio.gather(*(join(Who("m_1"), encoding=encoding) for encoding in Encoding))
        await pongs.came.at_least(len(members), INTERVAL_SECONDS + 5)
    for member in members:
        # Answered after the pong, on the same connection.
        await member.client.history("bulletins:all", limit=0)
        assert (member.lost.items, member.disconnected.items) == ([], [])
