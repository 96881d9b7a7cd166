"""Pages of what was said."""

import pytest
from centrifuge import HistoryResult, StreamPosition

from conftest import Join
from support.member import Member, numbers, offsets
from support.refusal import refused
from support.server import Who

CHANNEL = "teams:said"
TOP = 650


@pytest.fixture
async def member(join: Join) -> Member:
    """Somebody who reads a channel in which much was said."""
    member = await join(Who("m_1", teams=("said",)))
    if (await member.client.history(CHANNEL, limit=0)).offset == 0:
        await member.say_all(CHANNEL, numbers(1, TOP))
    return member


async def _since(member: Member, offset: int) -> StreamPosition:
    top = await member.client.history(CHANNEL, limit=0)
    return StreamPosition(offset, top.epoch)


async def test_it_says_where_the_top_is(member: Member) -> None:
    top = await member.client.history(CHANNEL, limit=0)
    assert top == HistoryResult(publications=[], offset=TOP, epoch=top.epoch)
    assert top.epoch


async def test_it_begins_with_the_oldest(member: Member) -> None:
    page = await member.client.history(CHANNEL, limit=3)
    assert (member.values(page.publications), page.offset) == ([1, 2, 3], TOP)


async def test_it_holds_what_a_live_publication_holds(member: Member) -> None:
    reading = await member.read(CHANNEL)
    await member.say("teams:said", {"text": "both"})
    (live,) = await reading.publications.at_least(1)
    page = await member.client.history(CHANNEL, limit=1, reverse=True)
    assert page.publications == [live]


async def test_it_goes_on_after_a_position(member: Member) -> None:
    page = await member.client.history(CHANNEL, limit=3, since=await _since(member, 10))
    assert member.values(page.publications) == [11, 12, 13]


async def test_it_goes_on_before_a_position_when_it_is_reversed(member: Member) -> None:
    page = await member.client.history(CHANNEL, limit=3, since=await _since(member, 10), reverse=True)
    assert member.values(page.publications) == [9, 8, 7]


async def test_it_is_at_most_300_long(member: Member) -> None:
    for limit in (300, 301, 1_000_000, -1):
        page = await member.client.history(CHANNEL, limit=limit)
        assert offsets(page.publications) == numbers(1, 300), limit


async def test_it_is_whole_when_it_is_read_page_by_page(member: Member) -> None:
    kept = await member.whole_history(CHANNEL)
    assert member.values(kept)[:TOP] == numbers(1, TOP)
    assert offsets(kept) == numbers(1, len(kept))


async def test_it_is_the_same_through_a_subscription(member: Member) -> None:
    reading = await member.read(CHANNEL)
    assert await reading.sub.history(limit=2) == await member.client.history(CHANNEL, limit=2)


async def test_it_is_empty_where_nothing_was_said(join: Join) -> None:
    member = await join(Who("m_1", teams=("silent",)))
    page = await member.client.history("teams:silent", limit=10)
    assert (page.publications, page.offset) == ([], 0)
    assert page.epoch


async def test_it_is_refused_from_a_position_of_an_epoch_that_nobody_knows(member: Member) -> None:
    with refused(112):
        await member.client.history(CHANNEL, limit=3, since=StreamPosition(10, "unknown"))


async def test_it_is_refused_to_those_who_may_not_read(member: Member) -> None:
    with refused(103):
        await member.client.history("teams:theirs", limit=3)
