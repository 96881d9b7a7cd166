"""A member at the SDK."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from centrifuge import (
    Client,
    ClientEventHandler,
    ConnectedContext,
    ConnectingContext,
    DisconnectedContext,
    ErrorContext,
    Publication,
    ServerPublicationContext,
    ServerSubscribedContext,
    StreamPosition,
)

from support.deadline import within
from support.encoding import Encoding
from support.gathered import Gathered
from support.reading import Reading

# Most messages that are sent without waiting for an answer; the server gives credit for 64.
WINDOW = 60

# How the SDK says that the app itself asked it to connect.
CONNECT_CALLED = 0


@dataclass(frozen=True)
class Stored:
    """Where a message is, as the answer says."""

    status: str
    epoch: str
    offset: int
    lane: str
    credit: int


class Later(Exception):
    """The server did not take a message now, and stored nothing; the SDK sees an answer like any other."""


class Member(ClientEventHandler):
    """One SDK client, and everything that happens to it."""

    def __init__(
        self,
        endpoint: str,
        encoding: Encoding,
        token: str = "",
        get_token: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self.encoding = encoding
        # Connections that ended and are made again.
        self.lost: Gathered[ConnectingContext] = Gathered()
        self.connected: Gathered[ConnectedContext] = Gathered()
        self.disconnected: Gathered[DisconnectedContext] = Gathered()
        self.errors: Gathered[ErrorContext] = Gathered()
        self.listed: Gathered[ServerSubscribedContext] = Gathered()
        self._pushed: dict[str, Gathered[Publication]] = {}
        self.client = Client(
            endpoint,
            events=self,
            token=token,
            get_token=get_token,
            use_protobuf=encoding is Encoding.PROTOBUF,
            # Tests come back at once; people's devices spread themselves.
            min_reconnect_delay=0.02,
            max_reconnect_delay=0.1,
            proxy=None,
        )

    async def connect(self) -> "Member":
        """Connects, and waits until it did."""
        await within(self.client.connect(), "an attempt to connect")
        await self.connected.at_least(1)
        return self

    def pushed(self, channel: str) -> Gathered[Publication]:
        """What came through a server-side subscription."""
        return self._pushed.setdefault(channel, Gathered())

    async def read(
        self,
        channel: str,
        since: list[StreamPosition] | StreamPosition | None = None,
        token: str = "",
        get_token: Callable[[], Awaitable[str]] | None = None,
    ) -> Reading:
        """A subscription that stands."""
        reading = Reading(self.client, channel, since, token, get_token)
        await reading.begin()
        return reading

    async def publish(self, channel: str, value: Any) -> None:
        """Publishes with the protocol's own command."""
        await within(self.client.publish(channel, self.encoding.encoded(value)), "an answer to publish")

    async def say(self, channel: str, value: Any, key: str | None = None) -> Stored:
        """Publishes with an answer that says where the message is."""
        message = {"channel": channel, "data": value} | ({} if key is None else {"idempotency_key": key})
        answer = await within(self.client.rpc("publish", self.encoding.encoded(message)), "an answer to rpc publish")
        told = self.encoding.decoded(answer.data)
        if told["status"] == "later":
            raise Later(f"to be sent again after {told['retry_after_ms']} ms")
        return Stored(**told)

    async def publish_all(self, channel: str, values: list[Any]) -> None:
        """Publishes all of these in order, without waiting for one to send the next."""
        for part in _parts(values):
            await asyncio.gather(*(self.publish(channel, value) for value in part))

    async def say_all(self, channel: str, values: list[Any]) -> list[Stored]:
        """The same with answers."""
        stored: list[Stored] = []
        for part in _parts(values):
            stored += await asyncio.gather(*(self.say(channel, value) for value in part))
        return stored

    async def whole_history(self, channel: str) -> list[Publication]:
        """All pages of what was said."""
        top = await self.client.history(channel, limit=0)
        kept: list[Publication] = []
        while (offset := kept[-1].offset if kept else 0) < top.offset:
            page = await self.client.history(channel, limit=300, since=StreamPosition(offset, top.epoch))
            assert page.publications, f"a page after {offset} of {top.offset}"
            kept += page.publications
        return kept

    def value(self, publication: Publication) -> Any:
        """What a publication holds."""
        return self.encoding.decoded(publication.data)

    def values(self, publications: list[Publication]) -> list[Any]:
        """What publications hold."""
        return [self.value(publication) for publication in publications]

    async def on_connecting(self, ctx: ConnectingContext) -> None:
        if ctx.code != CONNECT_CALLED:
            self.lost.add(ctx)

    async def on_connected(self, ctx: ConnectedContext) -> None:
        self.connected.add(ctx)

    async def on_disconnected(self, ctx: DisconnectedContext) -> None:
        self.disconnected.add(ctx)

    async def on_error(self, ctx: ErrorContext) -> None:
        self.errors.add(ctx)

    async def on_subscribed(self, ctx: ServerSubscribedContext) -> None:
        self.listed.add(ctx)

    async def on_publication(self, ctx: ServerPublicationContext) -> None:
        self.pushed(ctx.channel).add(ctx.pub)


def offsets(publications: list[Publication]) -> list[int]:
    """Where publications are."""
    return [publication.offset for publication in publications]


def numbers(first: int, last: int) -> list[int]:
    """All numbers from the first to the last."""
    return list(range(first, last + 1))


def _parts(values: list[Any]) -> list[list[Any]]:
    return [values[first : first + WINDOW] for first in range(0, len(values), WINDOW)]
