"""A subscription that begins where an app that kept its position left off."""

import pytest
from centrifuge import StreamPosition

from conftest import Join
from support.member import numbers, offsets
from support.server import Who


async def test_it_begins_right_after_the_position(join: Join) -> None:
    member = await join(Who("m_1", teams=("kept",)))
    stored = await member.say_all("teams:kept", numbers(1, 10))
    reading = await member.read("teams:kept", StreamPosition(stored[3].offset, stored[3].epoch))
    assert (reading.state.was_recovering, reading.state.recovered) == (True, True)
    assert member.encoding.decoded(reading.state.data) == {"top": 10}
    seen = await reading.publications.at_least(6)
    assert (member.values(seen), offsets(seen)) == (numbers(5, 10), numbers(5, 10))


async def test_it_begins_with_nothing_if_the_position_is_the_top(join: Join) -> None:
    member = await join(Who("m_1", teams=("top",)))
    stored = await member.say_all("teams:top", numbers(1, 10))
    reading = await member.read("teams:top", StreamPosition(10, stored[-1].epoch))
    assert reading.state.recovered
    await member.say("teams:top", 11)
    assert member.values(await reading.publications.at_least(1)) == [11]


async def test_it_begins_with_the_first_of_all_if_the_position_is_empty(join: Join) -> None:
    member = await join(Who("m_1", teams=("all",)))
    await member.say_all("teams:all", numbers(1, 650))
    reading = await member.read("teams:all", StreamPosition(0, ""))
    assert reading.state.recovered
    await member.say_all("teams:all", numbers(651, 660))
    seen = await reading.publications.at_least(660)
    assert (member.values(seen), offsets(seen)) == (numbers(1, 660), numbers(1, 660))


async def test_it_begins_after_an_offset_in_whatever_epoch_there_is_if_the_position_names_none(join: Join) -> None:
    member = await join(Who("m_1", teams=("any",)))
    await member.say_all("teams:any", numbers(1, 5))
    reading = await member.read("teams:any", StreamPosition(2, ""))
    assert reading.state.recovered
    assert member.values(await reading.publications.at_least(3)) == numbers(3, 5)


@pytest.mark.parametrize(
    ("team", "offset", "epoch"),
    [("unknown", 2, "unknown"), ("impossible", 2, "an epoch: with blanks"), ("beyond", 99, "")],
)
async def test_the_app_is_asked_for_its_state_again_if_nobody_knows_the_position(
    join: Join, team: str, offset: int, epoch: str
) -> None:
    channel = f"teams:{team}"
    member = await join(Who("m_1", teams=(team,)))
    stored = await member.say_all(channel, numbers(1, 5))
    # The SDK asks to be refused rather than to begin elsewhere, and then loads what the app knows by now.
    reading = await member.read(channel, [StreamPosition(offset, epoch), StreamPosition(3, stored[2].epoch)])
    assert reading.kept == []
    assert (reading.state.was_recovering, reading.state.recovered) == (True, True)
    assert member.values(await reading.publications.at_least(2)) == [4, 5]
    assert (reading.errors.items, member.lost.items) == ([], [])
