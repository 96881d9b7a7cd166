"""What every test has: an encoding, a server in that encoding's own world, and members who leave when it is over."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from support.breakable_wire import BreakableWire
from support.deadline import within
from support.encoding import Encoding
from support.member import Member
from support.server import Server, Who

NewMember = Callable[..., Member]
Join = Callable[..., Awaitable[Member]]


@pytest.fixture(scope="module", params=list(Encoding), ids=lambda encoding: encoding.value)
def encoding(request: pytest.FixtureRequest) -> Encoding:
    """Each test runs in both."""
    assert isinstance(request.param, Encoding)
    return request.param


@pytest.fixture(scope="module")
def server(encoding: Encoding) -> Iterator[Server]:
    """A server for the tests of one file in one encoding."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[BreakableWire]:
    """A network to cut."""
    async with BreakableWire.to(server) as wire:
        yield wire


@pytest.fixture
async def new_member(server: Server, encoding: Encoding) -> AsyncIterator[NewMember]:
    """Makes members who are not connected yet."""
    members: list[Member] = []

    def make(
        token: str = "",
        get_token: Callable[[], Awaitable[str]] | None = None,
        through: Server | BreakableWire = server,
        encoding: Encoding = encoding,
    ) -> Member:
        members.append(Member(through.endpoint, encoding, token, get_token))
        return members[-1]

    yield make
    for member in members:
        await member.client.disconnect()
    await _all_ended()


async def _all_ended() -> None:
    """The SDK closes its connections in the background."""
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        await within(asyncio.wait([task]), f"the end of {task.get_name()}")


@pytest.fixture
def join(server: Server, new_member: NewMember, encoding: Encoding) -> Join:
    """Makes members who are connected."""

    async def join(who: Who, through: Server | BreakableWire = server, encoding: Encoding = encoding) -> Member:
        return await new_member(server.token(who), through=through, encoding=encoding).connect()

    return join


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The SDK logs as errors what it could not make sense of; there is nothing of that kind."""
    yield
    complaints = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in complaints] == []
