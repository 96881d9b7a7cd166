"""What was missed while the network was away comes afterwards: nothing is missing, nothing comes twice."""

from conftest import Join
from support.breakable_wire import BreakableWire
from support.member import numbers, offsets
from support.server import Who


async def test_a_subscription_goes_on_with_what_it_missed(join: Join, wire: BreakableWire) -> None:
    sender = await join(Who("m_1", teams=("cut",)))
    reader = await join(Who("m_2", teams=("cut",)), through=wire)
    reading = await reader.read("teams:cut")
    await sender.say_all("teams:cut", numbers(1, 3))
    await reading.publications.at_least(3)
    wire.cut()
    await reader.lost.at_least(1)
    await sender.say_all("teams:cut", numbers(4, 6))
    wire.mend()
    await reading.subscribed.at_least(2)
    assert (reading.state.was_recovering, reading.state.recovered) == (True, True)
    await sender.say_all("teams:cut", numbers(7, 9))
    seen = await reading.publications.at_least(9)
    assert (reader.values(seen), offsets(seen)) == (numbers(1, 9), numbers(1, 9))


async def test_a_subscription_that_missed_nothing_gets_nothing_twice(join: Join, wire: BreakableWire) -> None:
    reader = await join(Who("m_1", teams=("calm",)), through=wire)
    reading = await reader.read("teams:calm")
    await reader.say("teams:calm", 1)
    await reading.publications.at_least(1)
    wire.cut()
    await reader.lost.at_least(1)
    wire.mend()
    await reading.subscribed.at_least(2)
    assert (reading.state.was_recovering, reading.state.recovered) == (True, True)
    await reader.say("teams:calm", 2)
    assert reader.values(await reading.publications.at_least(2)) == [1, 2]


async def test_a_subscription_gets_hundreds_that_it_missed_once_and_in_order_with_more_coming_meanwhile(
    join: Join, wire: BreakableWire
) -> None:
    sender = await join(Who("m_1", teams=("many",)))
    reader = await join(Who("m_2", teams=("many",)), through=wire)
    reading = await reader.read("teams:many")
    await sender.say("teams:many", 1)
    await reading.publications.at_least(1)
    wire.cut()
    await reader.lost.at_least(1)
    await sender.say_all("teams:many", numbers(2, 800))
    wire.mend()
    await sender.say_all("teams:many", numbers(801, 1_000))
    seen = await reading.publications.at_least(1_000)
    assert (reader.values(seen), offsets(seen)) == (numbers(1, 1_000), numbers(1, 1_000))


async def test_a_subscription_that_is_cut_every_hundred_gets_each_once_and_in_order(
    join: Join, wire: BreakableWire
) -> None:
    sender = await join(Who("m_1", teams=("worn",)))
    reader = await join(Who("m_2", teams=("worn",)), through=wire)
    reading = await reader.read("teams:worn")
    for cut in numbers(1, 5):
        await sender.say_all("teams:worn", numbers(100 * cut - 99, 100 * cut))
        # Somewhere in what arrives, wherever that is.
        await reading.publications.at_least(100 * cut - 70)
        wire.cut()
        await reader.lost.at_least(cut)
        wire.mend()
    seen = await reading.publications.at_least(500)
    assert (reader.values(seen), offsets(seen)) == (numbers(1, 500), numbers(1, 500))


async def test_many_subscriptions_each_get_what_they_missed(join: Join, wire: BreakableWire) -> None:
    teams = tuple(f"t{n}" for n in numbers(1, 20))
    sender = await join(Who("m_1", teams=teams))
    reader = await join(Who("m_2", teams=teams), through=wire)
    readings = [await reader.read(f"teams:{team}") for team in teams]
    wire.cut()
    await reader.lost.at_least(1)
    for team in teams:
        await sender.say_all(f"teams:{team}", numbers(1, 10))
    wire.mend()
    for reading in readings:
        assert reader.values(await reading.publications.at_least(10)) == numbers(1, 10)
