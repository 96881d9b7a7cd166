"""Subscriptions that stand on a token of their own, which gives the right to read one channel until it ends."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from centrifuge import ReplyError

from conftest import Join, NewMember
from support.deadline import within
from support.minted_token import minted, seconds_ago
from support.reading import Reading
from support.refusal import refused
from support.server import Server, Who

PRESS = "teams:press"
AUDIENCE = "holdfast:subscription"
TOKEN_EXPIRED = 109


def _granted(server: Server, channel: str, ttl: str | None = None, sub: str = "m_1") -> str:
    return server.token(Who(sub, subscribe=channel, ttl=ttl))


def _over(server: Server, channel: str) -> str:
    return minted(server, sub="m_1", aud=AUDIENCE, channel=channel, nbf=seconds_ago(120), exp=seconds_ago(60))


def _giving(tokens: list[str]) -> Callable[[], Awaitable[str]]:
    async def get_token() -> str:
        return tokens.pop(0)

    return get_token


async def test_a_token_lets_its_member_read_and_only_read(server: Server, join: Join) -> None:
    member, sender = await join(Who("m_1")), await join(Who("m_2", teams=("press",)))
    assert await Reading(member.client, "teams:other").refusal() == 103
    reading = await member.read(PRESS, token=_granted(server, PRESS))
    await sender.say(PRESS, "hello")
    assert member.values(await reading.publications.at_least(1)) == ["hello"]
    assert member.values((await member.client.history(PRESS, limit=1)).publications) == ["hello"]
    with refused(103):
        await member.publish(PRESS, 1)


async def test_a_subscription_lives_across_the_ends_of_several_tokens(server: Server, join: Join) -> None:
    lives = iter(["1s", "1s", "1s", "1h"])
    # The fourth token is asked for only if the renewals with those before were answered.
    renewed = asyncio.Event()

    async def get_token() -> str:
        ttl = next(lives)
        if ttl == "1h":
            renewed.set()
        return _granted(server, PRESS, ttl)

    member, sender = await join(Who("m_1")), await join(Who("m_2", teams=("press",)))
    reading = await member.read(PRESS, get_token=get_token)
    await within(renewed.wait(), "three renewals")
    await sender.say(PRESS, "still here")
    assert member.values(await reading.publications.at_least(1)) == ["still here"]
    assert (len(reading.subscribed.items), reading.unsubscribed.items, reading.errors.items) == (1, [], [])


async def test_a_refused_renewal_ends_the_subscription_and_the_connection_stays(server: Server, join: Join) -> None:
    member = await join(Who("m_1", teams=("mine",)))
    reading = await member.read(PRESS, get_token=_giving([_granted(server, PRESS, "1s"), "nonsense"]))
    (unsubscribed,) = await reading.unsubscribed.at_least(1)
    assert unsubscribed.code == 103
    mine = await member.read("teams:mine")
    await member.say("teams:mine", "still here")
    assert member.values(await mine.publications.at_least(1)) == ["still here"]
    assert member.lost.items == []


async def test_a_renewal_with_a_token_whose_time_is_over_ends_the_subscription(server: Server, join: Join) -> None:
    member = await join(Who("m_1"))
    reading = await member.read(PRESS, get_token=_giving([_granted(server, PRESS, "1s"), _over(server, PRESS)]))
    (unsubscribed,) = await reading.unsubscribed.at_least(1)
    assert unsubscribed.code == TOKEN_EXPIRED


async def test_a_token_whose_time_is_over_is_replaced_by_another(server: Server, join: Join) -> None:
    member = await join(Who("m_1"))
    given = [_granted(server, PRESS)]
    reading = await member.read(PRESS, token=_over(server, PRESS), get_token=_giving(given))
    assert given == []
    (error,) = reading.errors.items
    assert isinstance(error.error, ReplyError)
    assert error.error.code == TOKEN_EXPIRED


async def test_a_token_that_is_none_or_an_access_token_is_refused(server: Server, join: Join) -> None:
    access = server.token(Who("m_1", channels=(PRESS,)))
    for token in ["nonsense", access]:
        member = await join(Who("m_1", teams=("press",)))
        assert await Reading(member.client, PRESS, token=token).refusal() == 103
        assert member.lost.items == []


@pytest.mark.parametrize(
    ("sub", "channel"), [("m_2", PRESS), ("m_1", "teams:other")], ids=["of-somebody-else", "for-another-channel"]
)
async def test_a_token_that_is_not_for_this_ends_the_connection_for_good(
    server: Server, join: Join, sub: str, channel: str
) -> None:
    member = await join(Who("m_1"))
    reading = Reading(member.client, PRESS, token=_granted(server, channel, sub=sub))
    await within(reading.sub.subscribe(), "a call to subscribe")
    (disconnected,) = await member.disconnected.at_least(1)
    assert disconnected.code == 3500


async def test_a_subscription_token_connects_nobody(server: Server, new_member: NewMember) -> None:
    member = new_member(_granted(server, PRESS))
    await within(member.client.connect(), "an attempt to connect")
    (disconnected,) = await member.disconnected.at_least(1)
    assert disconnected.code == 3500


async def test_a_newer_token_of_the_connection_leaves_it_alone(server: Server, new_member: NewMember, join: Join) -> None:
    fewer = server.token(Who("m_1"))
    member = new_member(server.token(Who("m_1", teams=("own", "press"), ttl="1s")), _giving([fewer]))
    await member.connect()
    granted, own = await member.read(PRESS, token=_granted(server, PRESS)), await member.read("teams:own")
    (unsubscribed,) = await own.unsubscribed.at_least(1)
    assert unsubscribed.code == 2000
    sender = await join(Who("m_2", teams=("press",)))
    await sender.say(PRESS, "still here")
    assert member.values(await granted.publications.at_least(1)) == ["still here"]
