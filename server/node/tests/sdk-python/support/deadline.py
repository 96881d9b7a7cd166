"""Waiting with an end: everything that is waited for has a deadline, and a name to fail with."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

DEADLINE_SECONDS = 10.0

T = TypeVar("T")


async def within(awaited: Awaitable[T], what: str, seconds: float = DEADLINE_SECONDS) -> T:
    """What is awaited, or a failure that names it."""
    try:
        async with asyncio.timeout(seconds):
            return await awaited
    except TimeoutError as late:
        raise AssertionError(f"not within {seconds} s: {what}") from late
