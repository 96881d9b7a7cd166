"""What came, in the order in which it came, and a way to wait for more of it."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from support.deadline import DEADLINE_SECONDS, within

T = TypeVar("T")


class Gathered(Generic[T]):
    """A list that grows, and that can be waited for."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._more = asyncio.Event()

    def add(self, item: T) -> None:
        """Notes that something came."""
        self.items.append(item)
        self._more.set()

    async def at_least(self, count: int, seconds: float = DEADLINE_SECONDS) -> list[T]:
        """Waits until so many came; answers all that came."""
        return await self.until(lambda items: len(items) >= count, f"{count} items", seconds)

    async def until(
        self, condition: Callable[[list[T]], bool], what: str, seconds: float = DEADLINE_SECONDS
    ) -> list[T]:
        """Waits until what came fulfils a condition; answers all that came."""
        try:
            await within(self._fulfil(condition), what, seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}; {len(self.items)} came") from late
        return self.items

    async def _fulfil(self, condition: Callable[[list[T]], bool]) -> None:
        while not condition(self.items):
            self._more.clear()
            await self._more.wait()
