"""Who gets in, and who stays: tokens, their end, and their renewal."""

import asyncio

from centrifuge import ReplyError

from conftest import Join, NewMember
from support.deadline import within
from support.minted_token import minted, seconds_ago
from support.server import Server, Who

TOKEN_EXPIRED = 109
UNAUTHORIZED = 1


async def test_a_member_with_a_token_gets_an_id_and_the_version_of_the_server(join: Join) -> None:
    member = await join(Who("m_1"))
    (connected,) = member.connected.items
    assert connected.client
    assert connected.version.startswith("holdfast ")


async def test_each_connection_of_a_member_gets_another_id(join: Join) -> None:
    one, other = [await join(Who("m_1")), await join(Who("m_1"))]
    assert one.connected.items[0].client != other.connected.items[0].client


async def test_service_status_comes_by_itself(join: Join) -> None:
    member = await join(Who("m_1"))
    (listed,) = await member.listed.at_least(1)
    assert (listed.channel, listed.recoverable) == ("service:status", True)


async def _is_refused(new_member: NewMember, token: str, code: int) -> None:
    asked: list[None] = []

    async def get_token() -> str:
        asked.append(None)
        return token

    member = new_member(token, get_token)
    await within(member.client.connect(), "an attempt to connect")
    (disconnected,) = await member.disconnected.at_least(1)
    assert disconnected.code == code
    assert asked == [], "no other token is asked for"


async def test_a_token_that_is_none_ends_the_connection_for_good(new_member: NewMember) -> None:
    await _is_refused(new_member, "nonsense", 3500)


async def test_a_token_of_another_deployment_ends_the_connection_for_good(new_member: NewMember) -> None:
    other = Server()
    try:
        await asyncio.to_thread(other.start)
        await _is_refused(new_member, other.token(Who("m_1")), 3500)
    finally:
        other.remove()


async def test_a_token_for_somebody_else_ends_the_connection_for_good(server: Server, new_member: NewMember) -> None:
    await _is_refused(new_member, minted(server, sub="m_1", aud="other"), 3500)


async def test_no_token_ends_the_connection_for_good(new_member: NewMember) -> None:
    member = new_member()
    await within(member.client.connect(), "an attempt to connect")
    (disconnected,) = await member.disconnected.at_least(1)
    assert disconnected.code == 3501


def _expired(server: Server) -> str:
    return minted(server, sub="m_1", nbf=seconds_ago(120), exp=seconds_ago(60))


def _is_expiry(error: Exception) -> bool:
    return isinstance(error, ReplyError) and error.code == TOKEN_EXPIRED


async def test_a_token_whose_time_is_over_is_replaced_by_another(server: Server, new_member: NewMember) -> None:
    given = [_expired(server), server.token(Who("m_1"))]

    async def get_token() -> str:
        return given.pop(0)

    member = await new_member(get_token=get_token).connect()
    assert given == []
    assert [_is_expiry(error.error) for error in member.errors.items] == [True]


async def test_a_token_whose_time_is_over_and_that_nobody_replaces_ends_in_the_sdk(
    server: Server, new_member: NewMember
) -> None:
    member = new_member(_expired(server))
    await within(member.client.connect(), "an attempt to connect")
    (disconnected,) = await member.disconnected.at_least(1)
    assert disconnected.code == UNAUTHORIZED
    assert _is_expiry(member.errors.items[0].error)


async def test_a_token_is_renewed_again_and_again_and_the_connection_stays(
    server: Server, new_member: NewMember
) -> None:
    lives = iter(["1s", "1s", "1h"])
    # The third token is asked for only if the renewal with the second was answered.
    renewed_twice = asyncio.Event()

    async def get_token() -> str:
        ttl = next(lives)
        if ttl == "1h":
            renewed_twice.set()
        return server.token(Who("m_1", teams=("renewed",), ttl=ttl))

    member = await new_member(get_token=get_token).connect()
    reading = await member.read("teams:renewed")
    await within(renewed_twice.wait(), "two renewals")
    await member.say("teams:renewed", "still here")
    assert member.values(await reading.publications.at_least(1)) == ["still here"]
    assert (member.lost.items, member.disconnected.items, member.errors.items) == ([], [], [])


async def test_a_token_cannot_be_renewed_with_that_of_somebody_else(server: Server, new_member: NewMember) -> None:
    given = [server.token(Who("m_2")), server.token(Who("m_1", ttl="1s"))]

    async def get_token() -> str:
        return given.pop()

    member = await new_member(get_token=get_token).connect()
    (disconnected,) = await member.disconnected.at_least(1)
    assert disconnected.code == 3500


async def test_a_token_takes_with_it_what_its_successor_may_no_longer_read(
    server: Server, new_member: NewMember
) -> None:
    given = [server.token(Who("m_1")), server.token(Who("m_1", teams=("left",), ttl="1s"))]

    async def get_token() -> str:
        return given.pop()

    member = await new_member(get_token=get_token).connect()
    reading = await member.read("teams:left")
    (unsubscribed,) = await reading.unsubscribed.at_least(1)
    assert unsubscribed.code == 2000
    assert unsubscribed.reason
