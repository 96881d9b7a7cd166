"""What an app's outbox does: a message leaves it when it was answered, and is sent again, with the same key, until
then."""

import asyncio

from centrifuge import CentrifugeError, ReplyError

from support.gathered import Gathered
from support.member import Later, Member, Stored

# The server's "not now": the outcome is not known.
NOT_NOW = (100, 111)


class Outbox:
    """Messages on their way from one member to one channel."""

    def __init__(self, sender: Member, channel: str) -> None:
        self.answered: Gathered[tuple[str, Stored]] = Gathered()
        self.unanswered = 0
        self._sender = sender
        self._channel = channel

    async def deliver(self, keys: list[str], width: int) -> None:
        """Sends all of these, `width` at a time, until all are answered."""
        left = iter(keys)

        async def lane() -> None:
            for key in left:
                await self._deliver_one(key)

        async with asyncio.TaskGroup() as lanes:
            for _ in range(width):
                lanes.create_task(lane())

    async def _deliver_one(self, key: str) -> None:
        while True:
            await self._sender.client.ready()
            try:
                stored = await self._sender.say(self._channel, {"key": key}, key)
            except ReplyError as refusal:
                if refusal.code not in NOT_NOW:
                    raise
                self.unanswered += 1
            except (CentrifugeError, Later):
                self.unanswered += 1
            else:
                self.answered.add((key, stored))
                return
