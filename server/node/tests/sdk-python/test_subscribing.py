"""Subscriptions: their beginning, and their end."""

from conftest import Join
from support.reading import Reading
from support.refusal import refused
from support.server import Who

UNSUBSCRIBE_CALLED = 0


async def test_a_subscription_begins_at_the_top_and_says_where_that_is(join: Join) -> None:
    member = await join(Who("m_1", teams=("top",)))
    stored = await member.say("teams:top", "before")
    reading = await member.read("teams:top")
    state = reading.state
    assert (state.recoverable, state.positioned, state.was_recovering, state.recovered) == (True, True, False, False)
    assert state.stream_position is not None
    assert (state.stream_position.offset, state.stream_position.epoch) == (1, stored.epoch)
    assert member.encoding.decoded(state.data) == {"top": 1}
    await member.say("teams:top", "after")
    assert member.values(await reading.publications.at_least(1)) == ["after"]


async def test_a_subscription_that_was_ended_gets_nothing_more(join: Join) -> None:
    member = await join(Who("m_1", teams=("ended", "kept")))
    ended, kept = await member.read("teams:ended"), await member.read("teams:kept")
    await member.say("teams:ended", "before")
    await ended.publications.at_least(1)
    await ended.sub.unsubscribe()
    assert [state.code for state in ended.unsubscribed.items] == [UNSUBSCRIBE_CALLED]
    for value in ["after", "after that"]:
        await member.say("teams:ended", value)
        await member.say("teams:kept", value)
    await kept.publications.at_least(2)
    assert member.values(ended.publications.items) == ["before"]
    assert member.lost.items == [], "the server took the unsubscribe"


async def test_a_subscription_that_was_ended_goes_on_from_there_when_it_is_taken_up_again(join: Join) -> None:
    member = await join(Who("m_1", teams=("resumed",)))
    reading = await member.read("teams:resumed")
    await member.say("teams:resumed", "one")
    await reading.publications.at_least(1)
    await reading.sub.unsubscribe()
    await member.say("teams:resumed", "two")
    state = await reading.begin()
    assert (state.was_recovering, state.recovered) == (True, True)
    assert member.values(await reading.publications.at_least(2)) == ["one", "two"]


async def test_a_subscription_to_what_one_may_not_read_is_refused(join: Join) -> None:
    member = await join(Who("m_1"))
    for channel, code in [
        ("teams:leaflets", 103),
        ("inbox#m_2", 103),
        ("nowhere", 102),
        ("teams:a*", 107),
        ("service:status", 105),
    ]:
        assert await Reading(member.client, channel).refusal() == code, channel
    assert member.lost.items == []


async def test_how_many_read_what_one_may_not_read_is_not_told(join: Join) -> None:
    member = await join(Who("m_1"))
    for channel, code in [("teams:leaflets", 103), ("inbox#m_2", 103), ("nowhere", 102), ("teams:a*", 107)]:
        with refused(code):
            await member.client.presence_stats(channel)
    assert member.lost.items == []


async def test_a_refused_subscription_leaves_the_others_alone(join: Join) -> None:
    member = await join(Who("m_1", teams=("mine",)))
    mine = await member.read("teams:mine")
    assert await Reading(member.client, "teams:theirs").refusal() == 103
    await member.say("teams:mine", "still here")
    assert member.values(await mine.publications.at_least(1)) == ["still here"]
