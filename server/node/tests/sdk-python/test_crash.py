"""The process is killed in the middle of its work: whatever was answered is there, once and in order, and everybody
goes on by themselves."""

import asyncio
from signal import SIGKILL, SIGTERM

from centrifuge import StreamPosition

from conftest import Join
from support.member import Member, numbers, offsets
from support.outbox import Outbox
from support.server import Server, Who

KEYS = [f"key-{n}" for n in numbers(1, 600)]
# Kills come after so many answers, with a load on the way.
KILLS = (100, 250, 400)
WIDTH = 32
SHUTDOWN = 3001


async def _crash(server: Server, *members: Member) -> None:
    """Kills it, waits until these know, and starts it again."""
    lost = [len(member.lost.items) + 1 for member in members]
    assert await asyncio.to_thread(server.end, SIGKILL) == -SIGKILL
    for member, count in zip(members, lost, strict=True):
        await member.lost.at_least(count)
    await asyncio.to_thread(server.start)


async def test_nothing_that_was_answered_is_lost_nothing_is_repeated_and_the_order_is_kept(
    server: Server, join: Join
) -> None:
    sender = await join(Who("m_1", teams=("load",)))
    reader = await join(Who("m_2", teams=("load",)))
    reading = await reader.read("teams:load")
    outbox = Outbox(sender, "teams:load")
    async with asyncio.TaskGroup() as load:
        load.create_task(outbox.deliver(KEYS, WIDTH))
        for count in KILLS:
            await outbox.answered.at_least(count)
            await _crash(server, reader)

    seen = await reading.publications.at_least(len(KEYS))
    places = [(reader.value(publication)["key"], publication.offset) for publication in seen]
    assert offsets(seen) == numbers(1, len(KEYS)), "each offset once and in order"
    assert sorted(key for key, _ in places) == sorted(KEYS), "each key once"
    assert outbox.unanswered > 0, "kills came while something was on the way"
    assert {stored.status for _, stored in outbox.answered.items} == {"ok"}
    answers = [(key, stored.offset) for key, stored in outbox.answered.items]
    assert sorted(answers) == sorted(places), "each is where its answer said"
    assert await reader.whole_history("teams:load") == seen


async def test_what_was_answered_last_is_where_its_answer_said(server: Server, join: Join) -> None:
    member = await join(Who("m_1", teams=("last",)))
    for n in numbers(1, 3):
        stored = await member.say("teams:last", n)
        await _crash(server, member)
        await member.client.ready()
        since = StreamPosition(stored.offset - 1, stored.epoch)
        page = await member.client.history("teams:last", limit=10, since=since)
        assert [(member.value(kept), kept.offset) for kept in page.publications] == [(n, stored.offset)]


async def test_a_position_that_an_app_kept_from_before_is_gone_on_from(server: Server, join: Join) -> None:
    member = await join(Who("m_1", teams=("kept",)))
    stored = await member.say_all("teams:kept", numbers(1, 5))
    await _crash(server, member)
    await member.say_all("teams:kept", numbers(6, 8))
    reading = await member.read("teams:kept", StreamPosition(stored[2].offset, stored[2].epoch))
    assert reading.state.recovered
    assert member.values(await reading.publications.at_least(5)) == numbers(4, 8)


async def test_server_side_subscriptions_go_on(server: Server, join: Join) -> None:
    sender = await join(Who("m_1", teams=("listed",)))
    reader = await join(Who("m_2", channels=("teams:listed",)))
    listed = reader.pushed("teams:listed")
    for n in numbers(1, 3):
        await sender.say("teams:listed", 2 * n - 1)
        await listed.at_least(2 * n - 1)
        await _crash(server, sender, reader)
        await sender.say("teams:listed", 2 * n)
    assert reader.values(await listed.at_least(6)) == numbers(1, 6)


async def test_a_server_that_is_asked_to_stop_says_so_and_its_clients_come_back(server: Server, join: Join) -> None:
    member = await join(Who("m_1", teams=("back",)))
    reading = await member.read("teams:back")
    await member.say("teams:back", "before")
    await reading.publications.at_least(1)
    assert await asyncio.to_thread(server.end, SIGTERM) == 0
    assert [lost.code for lost in await member.lost.at_least(1)] == [SHUTDOWN]
    await asyncio.to_thread(server.start)
    await member.say("teams:back", "after")
    assert member.values(await reading.publications.at_least(2)) == ["before", "after"]
