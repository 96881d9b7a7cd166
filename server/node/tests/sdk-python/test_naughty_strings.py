"""Texts that break things, as bulletins: each arrives, and is kept, byte by byte."""

import json
from pathlib import Path
from typing import Any

import pytest
from centrifuge import Publication

from conftest import Join
from support.encoding import Encoding
from support.member import Member
from support.server import Who

STRINGS: list[str] = json.loads((Path(__file__).parent.parent / "data" / "naughty-strings.json").read_bytes())
BULLETINS = [{"id": f"naughty-{n}", "texts": {"en": {"title": text, "body": text}}} for n, text in enumerate(STRINGS)]
CHANNEL = "bulletins:all"


def _given(publication: Publication, reader: Member) -> Any:
    """What the SDK gave: all bytes in Protobuf, those of the texts in JSON."""
    return publication.data if reader.encoding is Encoding.PROTOBUF else _parts(publication.data)


def _sent(bulletin: dict[str, Any], sender: Member, reader: Member) -> Any:
    return sender.encoding.text(bulletin) if reader.encoding is Encoding.PROTOBUF else _parts(bulletin)


def _parts(bulletin: dict[str, Any]) -> Any:
    return {
        **bulletin,
        "texts": {
            language: {part: text.encode() for part, text in parts.items()}
            for language, parts in bulletin["texts"].items()
        },
    }


@pytest.mark.parametrize("by_rpc", [True, False], ids=["by-rpc", "by-publish"])
async def test_every_text_is_the_same_byte_by_byte_live_and_from_history_in_both_encodings(
    join: Join, encoding: Encoding, by_rpc: bool
) -> None:
    # A bulletin's id is its sender's key.
    sender = await join(Who(f"m_sender_{by_rpc}", role="sender"))
    readers = [await join(Who("m_1"), encoding=encoding), await join(Who("m_2"), encoding=encoding.other)]
    readings = [await reader.read(CHANNEL) for reader in readers]
    if by_rpc:
        assert {stored.status for stored in await sender.say_all(CHANNEL, BULLETINS)} == {"ok"}
    else:
        await sender.publish_all(CHANNEL, BULLETINS)
    for reader, reading in zip(readers, readings, strict=True):
        live = await reading.publications.at_least(len(BULLETINS))
        for publication, bulletin in zip(live, BULLETINS, strict=True):
            assert _given(publication, reader) == _sent(bulletin, sender, reader)
        kept = await reader.whole_history(CHANNEL)
        assert kept[-len(BULLETINS) :] == live
