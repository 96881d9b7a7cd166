"""What may be said: JSON text, up to a bound. In Protobuf the SDK sends any bytes."""

import json

import pytest
from centrifuge import PublishResult

from conftest import Join
from support.encoding import Encoding
from support.member import Member
from support.refusal import refused
from support.server import Who

CHANNEL = "teams:bytes"
PAYLOAD_MAX_BYTES = 32 * 1_024


@pytest.fixture(scope="module")
def encoding() -> Encoding:
    """The one in which the bytes of a payload are the app's own."""
    return Encoding.PROTOBUF


@pytest.fixture
async def member(join: Join) -> Member:
    """Somebody who speaks in bytes."""
    return await join(Who("m_1", teams=("bytes",)))


@pytest.mark.parametrize(
    "payload",
    [b"", b" ", b"\xff", b'"\xed\xa0\x80"', b"{", b"1 2", b"01", b"nul", b'"\t"', b'"\n"', b"\x00"],
    ids=repr,
)
async def test_bytes_that_are_no_json_text_are_refused_and_the_connection_stays(member: Member, payload: bytes) -> None:
    with refused(107):
        await member.client.publish(CHANNEL, payload)
    with refused(107):
        await member.client.rpc("publish", payload)
    assert member.lost.items == []


@pytest.mark.parametrize(
    "payload",
    [
        b"[1.0,-0,1e400,12345678901234567890,0.10000000000000000001,1E+2]",
        b'"\\u0041\\/\\u00e9\\ud83d\\ude00"',
        '"é漢😀\u2028"'.encode(),
        b'{ "a" :\t[ 1 , 2 ] }',
        b'{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
        b"[" * 64 + b"]" * 64,
        b'"\\ud800"',
        b'"\\n"',
    ],
    ids=repr,
)
async def test_json_text_arrives_letter_by_letter(join: Join, member: Member, payload: bytes) -> None:
    json_member = await join(Who("m_2", teams=("bytes",)), encoding=Encoding.JSON)
    reading, json_reading = await member.read(CHANNEL), await json_member.read(CHANNEL)
    assert await member.client.publish(CHANNEL, payload) == PublishResult()
    (publication,) = await reading.publications.at_least(1)
    assert publication.data == payload
    (json_publication,) = await json_reading.publications.at_least(1)
    assert json_publication.data == json.loads(payload)


@pytest.mark.parametrize(
    "payload",
    [b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}', b'[{"b":{"a":1,"b":{},"a":2}}]', b"[" * 65 + b"]" * 65, b"[" * 10_000 + b"]" * 10_000],
    ids=["twice", "twice-in-other-letters", "twice-inside", "too-deep", "much-too-deep"],
)
async def test_json_text_that_readers_would_disagree_about_is_refused_and_the_connection_stays(
    member: Member, payload: bytes
) -> None:
    with refused(107):
        await member.client.publish(CHANNEL, payload)
    with refused(107):
        await member.client.rpc("publish", b'{"channel":"' + CHANNEL.encode() + b'","data":' + payload + b"}")
    assert member.lost.items == []


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\r"], ids=repr)
async def test_line_breaks_between_parts_do_not_break_the_frames_of_json_readers(
    join: Join, member: Member, line_break: bytes
) -> None:
    reader = await join(Who("m_2", teams=("bytes",)), encoding=Encoding.JSON)
    reading, json_reading = await member.read(CHANNEL), await reader.read(CHANNEL)
    payload = line_break.join([b"{", b'"a":', b"[1]", b"}"])
    await member.client.publish(CHANNEL, payload)
    await member.publish(CHANNEL, "next")
    assert member.values(await reading.publications.at_least(2)) == [{"a": [1]}, "next"]
    assert reader.values(await json_reading.publications.at_least(2)) == [{"a": [1]}, "next"]
    assert reader.lost.items == []


async def test_a_payload_may_be_as_large_as_the_bound_and_no_larger(member: Member) -> None:
    fits = b'"' + b"x" * (PAYLOAD_MAX_BYTES - 2) + b'"'
    assert await member.client.publish(CHANNEL, fits) == PublishResult()
    with refused(107):
        await member.client.publish(CHANNEL, fits + b" ")
