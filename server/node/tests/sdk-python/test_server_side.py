"""Subscriptions that the token lists and the server makes."""

from centrifuge import Publication

from conftest import Join
from support.breakable_wire import BreakableWire
from support.member import numbers, offsets
from support.refusal import refused
from support.server import Who

LISTED = ("teams:listed", "teams:also")


async def test_it_stands_when_the_connection_does_and_brings_its_publications(join: Join) -> None:
    reader = await join(Who("m_1", channels=("teams:first",)))
    listed = await reader.listed.at_least(2)
    assert sorted(state.channel for state in listed) == ["service:status", "teams:first"]
    sender = await join(Who("m_2", teams=("first",)))
    await sender.say("teams:first", {"text": "hello"})
    (publication,) = await reader.pushed("teams:first").at_least(1)
    assert reader.value(publication) == {"text": "hello"}
    assert publication.info is not None
    assert (publication.offset, publication.info.user) == (1, "m_2")


async def test_it_gives_the_right_to_read_not_to_post(join: Join) -> None:
    reader = await join(Who("m_1", channels=("teams:quiet",)))
    with refused(103):
        await reader.say("teams:quiet", 1)
    assert (await reader.client.history("teams:quiet", limit=1)).publications == []


async def test_it_goes_on_with_what_it_missed_also_with_more_than_a_reply_holds(
    join: Join, wire: BreakableWire
) -> None:
    sender = await join(Who("m_1", teams=("listed", "also")))
    reader = await join(Who("m_2", channels=LISTED), through=wire)
    many, few = reader.pushed("teams:listed"), reader.pushed("teams:also")
    await sender.say_all("teams:listed", numbers(1, 5))
    await sender.say_all("teams:also", numbers(1, 5))
    await many.at_least(5)
    await few.at_least(5)
    reader.listed.items.clear()

    wire.cut()
    await reader.lost.at_least(1)
    await sender.say_all("teams:listed", numbers(6, 700))
    await sender.say_all("teams:also", numbers(6, 10))
    wire.mend()

    states = {state.channel: state for state in await reader.listed.at_least(3)}
    for channel in LISTED:
        assert (states[channel].was_recovering, states[channel].recovered) == (True, True), channel
    await sender.say_all("teams:listed", numbers(701, 710))

    def are_all(seen: list[Publication], top: int) -> None:
        assert (reader.values(seen), offsets(seen)) == (numbers(1, top), numbers(1, top))

    are_all(await many.at_least(710), 710)
    are_all(await few.at_least(10), 10)
