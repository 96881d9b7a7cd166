"""From one member to the others: what arrives, what is answered, and what a key makes of a repetition."""

from typing import Any

import pytest
from centrifuge import ClientInfo

from conftest import Join
from support.encoding import Encoding
from support.member import Stored, numbers, offsets
from support.refusal import refused
from support.server import Who


async def test_a_publication_arrives_with_its_data_its_offset_and_who_sent_it(join: Join) -> None:
    sender = await join(Who("m_sender", teams=("live",)))
    reader = await join(Who("m_reader", teams=("live",)))
    reading = await reader.read("teams:live")
    await sender.publish("teams:live", {"text": "hello"})
    (publication,) = await reading.publications.at_least(1)
    assert reader.value(publication) == {"text": "hello"}
    assert publication.offset == 1
    assert publication.info == ClientInfo(
        client=sender.connected.items[0].client, user="m_sender", conn_info=None, chan_info=None
    )


async def test_a_publication_arrives_in_the_other_encoding_too(join: Join, encoding: Encoding) -> None:
    sender = await join(Who("m_1", teams=("mixed",)))
    reader = await join(Who("m_2", teams=("mixed",)), encoding=encoding.other)
    reading = await reader.read("teams:mixed")
    await sender.publish("teams:mixed", {"text": "hello"})
    (publication,) = await reading.publications.at_least(1)
    assert (reader.value(publication), publication.offset) == ({"text": "hello"}, 1)


async def test_a_publication_by_rpc_is_answered_with_its_place(join: Join) -> None:
    sender = await join(Who("m_1", teams=("answered",)))
    reading = await sender.read("teams:answered")
    position = reading.state.stream_position
    assert position is not None
    stored = [await sender.say("teams:answered", 1, "k1"), await sender.say("teams:answered", 2, "k2")]
    assert stored == [Stored("ok", position.epoch, offset, "normal", 64) for offset in (1, 2)]
    assert sender.values(await reading.publications.at_least(2)) == [1, 2]


async def test_publications_of_a_sender_keep_their_order_however_fast_they_are_sent(join: Join) -> None:
    sender = await join(Who("m_1", teams=("order",)))
    reading = await sender.read("teams:order")
    stored = await sender.say_all("teams:order", numbers(1, 200))
    assert [place.offset for place in stored] == numbers(1, 200)
    seen = await reading.publications.at_least(200)
    assert (sender.values(seen), offsets(seen)) == (numbers(1, 200), numbers(1, 200))


async def test_a_publication_with_a_key_that_was_used_is_answered_the_same_and_seen_once(join: Join) -> None:
    sender = await join(Who("m_1", teams=("again",)))
    reading = await sender.read("teams:again")
    first = await sender.say("teams:again", "once", "k")
    assert await sender.say("teams:again", "once", "k") == first
    await sender.say("teams:again", "last")
    assert sender.values(await reading.publications.at_least(2)) == ["once", "last"]


async def test_a_key_with_other_data_is_refused(join: Join) -> None:
    sender = await join(Who("m_1", teams=("other",)))
    await sender.say("teams:other", "one", "k")
    with refused(107):
        await sender.say("teams:other", "another", "k")


async def test_a_key_is_the_same_in_the_other_encoding(join: Join, encoding: Encoding) -> None:
    who = Who("m_1", teams=("both",))
    one, other = await join(who), await join(who, encoding=encoding.other)
    message = {"id": "letters", "text": "plain"}
    assert await one.say("teams:both", message, "k") == await other.say("teams:both", message, "k")


async def test_posting_where_one_may_not_is_refused(join: Join) -> None:
    activist = await join(Who("m_1"))
    for channel, code in [("bulletins:all", 103), ("teams:leaflets", 103), ("nowhere", 102)]:
        with refused(code):
            await activist.publish(channel, 1)
        with refused(code):
            await activist.say(channel, 1)


async def test_an_rpc_that_does_not_exist_is_refused(join: Join, encoding: Encoding) -> None:
    member = await join(Who("m_1"))
    with refused(104):
        await member.client.rpc("dance", encoding.encoded({}))


async def test_a_payload_that_is_too_large_is_refused_and_the_next_is_taken(join: Join) -> None:
    member = await join(Who("m_1", teams=("large",)))
    reading = await member.read("teams:large")
    with refused(107):
        await member.publish("teams:large", "x" * 32 * 1_024)
    await member.publish("teams:large", "x" * 32 * 1_000)
    assert member.values(await reading.publications.at_least(1)) == ["x" * 32 * 1_000]


@pytest.mark.parametrize("value", [None, True, 0, -1.5, "", [], {}, [[{"a": [None]}]]], ids=str)
async def test_any_value_arrives_as_it_was(join: Join, value: Any) -> None:
    member = await join(Who("m_1", teams=("values",)))
    reading = await member.read("teams:values")
    await member.say("teams:values", value)
    assert member.values(await reading.publications.at_least(1)) == [value]


async def test_how_many_are_present_is_told_but_not_who(join: Join) -> None:
    two_of_one = [await join(Who("m_1", teams=("here",))) for _ in range(2)]
    other = await join(Who("m_2", teams=("here",)))
    reading = [await member.read("teams:here") for member in (*two_of_one, other)]
    with refused(108):
        await other.client.presence("teams:here")
    with refused(108):
        await reading[0].sub.presence()
    stats = await other.client.presence_stats("teams:here")
    assert (stats.num_clients, stats.num_users) == (3, 2)
    assert await reading[0].sub.presence_stats() == stats
