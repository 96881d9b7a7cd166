"""Tries the REST API against its own document, `docs/openapi.json`: whatever is asked, the answer is one that the document
knows, and never that the server failed.

It starts a node of its own on a fresh data folder, makes members, and runs schemathesis as each kind of them, from a fixed
seed and with bounded examples. Exits with 0 if nothing was found.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
BINARY = os.environ.get("HOLDFAST_BIN", str(ROOT / "target" / "debug" / "holdfast"))
DOCUMENT = ROOT / "docs" / "openapi.json"
# The server refuses variables that it does not know, so it gets none of ours.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")}

SEED = 20261126
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

# So many that schemathesis does not reach what one account may ask in a second.
ADMINS = 8
ORGANISERS = 8
ACTIVISTS = 24
LEAVERS = 4

# What would take the right to ask from whoever asks, or have the node give things up: each in a run of its own.
APART = ("sign_out_everywhere", "order_posture", "erase_me", "leave")
ORDERS = ("order_posture", "take_order_back", "read_posture")
# What an admin can be seen to do with what schemathesis makes up: the rest needs a link, a code or a cookie.
BY_ADMIN = (
    "ask_admission", "create_invite", "list_invites", "create_transfer", "import_members", "list_members", "read_member",
    "edit_member", "erase_member", "list_devices", "sign_out_member", "read_me", "edit_me", "list_own_devices",
    "put_statement", "give_all_clear", "tell_times", "say_slow", "read_posture", "read_contract", "watch", "list_incidents",
    "read_incident", "note_incident", "report_incident", "report_incident_as_text", "report_incident_as_page",
    "list_indicators",
)  # fmt: skip
BY_ORGANISER = ("list_bulletins", "read_bulletin", "begin_bulletin", "count_audience", "count_receipts", "list_inbox")
BY_ACTIVIST = ("ask_admission", "create_transfer", "read_me", "edit_me", "list_own_devices", "tell_times", "say_slow")
READY = re.compile(r"ready (http://127\.0\.0\.1:\d+)\n")
FIRST_ADMIN = re.compile(r"first admin \S+#(\S+)")


@dataclass(frozen=True)
class Run:
    """What is tried, and as whom."""

    name: str
    tokens: list[str]
    filters: list[str]
    examples: int
    # Operations that were done at least once; a run that only ever was refused shows nothing.
    done: tuple[str, ...]
    phases: str = "coverage,fuzzing,stateful"


def without(*operations: str) -> list[str]:
    """All operations but these."""
    return [word for operation in operations for word in ("--exclude-operation-id", operation)]


def only(*operations: str) -> list[str]:
    """No operations but these."""
    return [word for operation in operations for word in ("--include-operation-id", operation)]


@contextmanager
def node(data: Path) -> Iterator[tuple[str, str]]:
    """A node: its address, and what the link of its first admin carries."""
    log = data / "log"
    command = [BINARY, "serve", "--listen", "127.0.0.1:0", "--ops-listen", "off", "--data", str(data), "--log", "warn",
               # It is the contract that is tried, and its admin has no passkey to show.
               "--organiser-passkeys", "optional"]
    command += ["--delay-target", "1m", "--show-first-admin"]
    with log.open("w") as errors:
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=errors, text=True)
    with process:
        try:
            assert process.stdout is not None
            ready = READY.fullmatch(process.stdout.readline())
            assert ready is not None, log.read_text()
            yield ready[1], first_admin(log)
            assert process.poll() is None, "the node ended by itself:\n" + log.read_text()
        finally:
            process.kill()


def first_admin(log: Path) -> str:
    """The link is shown beside the line that says that the node serves."""
    for _ in range(200):
        found = FIRST_ADMIN.search(log.read_text())
        if found is not None:
            return found[1]
        time.sleep(0.05)
    raise AssertionError("no link for the first admin:\n" + log.read_text())


def ask(address: str, path: str, body: str | bytes, token: str = "", kind: str = "application/json") -> str:
    """Posts something, and answers what came of it."""
    headers = {"Content-Type": kind, "Origin": address}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = body if isinstance(body, bytes) else body.encode()
    request = urllib.request.Request(address + path, data, headers)
    for _ in range(50):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as refused:
            # Nobody has counted the members yet.
            if refused.code != 503:
                raise
            time.sleep(0.2)
    raise AssertionError(f"{path} is not answered")


def redeem(address: str, secret: str, number: int) -> dict[str, Any]:
    """Somebody comes in."""
    body = json.dumps({"token": secret, "attempt": f"contract-attempt-{number:04}"})
    session = json.loads(ask(address, "/v1/invites/redeem", body))
    assert isinstance(session, dict)
    return session


def token_of(data: Path, member: str, role: str) -> str:
    """A token of a member that no device has, so that signing out devices does not end it."""
    command = [BINARY, "token", "--data", str(data), "--sub", member, "--role", role, "--ttl", "1h"]
    return subprocess.run(command, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def members(address: str, data: Path, admin: str, role: str, count: int) -> list[str]:
    """Tokens of so many members with a role, or with several by commas."""
    terms = json.dumps({"roles": role.split(","), "max_uses": count, "expires_in_s": 3600})
    link = json.loads(ask(address, "/v1/invites", terms, admin))["link"]
    secret = link.split("#")[1]
    ids = [redeem(address, secret, number)["member"]["id"] for number in range(count)]
    return [token_of(data, member, role) for member in ids]


def victims(address: str, admin: str) -> list[str]:
    """Members whom an imported list makes, and whom nobody needs."""
    rows = "".join(f"contract-{number},Person {number}\n" for number in range(40))
    ask(address, "/v1/imports", "reference,name\n" + rows, admin, "text/csv")
    request = urllib.request.Request(address + "/v1/members?standing=invited&limit=200")
    request.add_header("Authorization", f"Bearer {admin}")
    with urllib.request.urlopen(request, timeout=30) as response:
        return [member["id"] for member in json.load(response)["members"]]


def bulletins(address: str, sender: str) -> list[str]:
    """Bulletins of a sender: drafts, some that await approval, and some that went or are about to."""
    ids = []
    for number in range(24):
        # Two people are needed for everybody, and one for a region in which nobody is.
        audience = {"regions": ["north"]} if number % 3 == 2 else {}
        content = {"kind": "update", "texts": {"en": {"title": "Rally", "body": "At six."}}, "audience": audience}
        ids.append(json.loads(ask(address, "/v1/bulletins", json.dumps({"content": content}), sender))["id"])
        if number % 3:
            ask(address, f"/v1/bulletins/{ids[-1]}/submit", json.dumps({"revision": 1}), sender)
    return ids


def conversations(address: str, activists: list[str]) -> list[str]:
    """Conversations of some activists, one each."""
    body = json.dumps({"text": "Where is it?"})
    return [json.loads(ask(address, "/v1/replies", body, activist))["conversation"] for activist in activists[:8]]


def incident(address: str, admin: str) -> list[str]:
    """The record of an attack that an admin ordered, and took back."""
    headers = {"Authorization": f"Bearer {admin}", "Content-Type": "application/json", "Origin": address}

    def say(method: str, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(address + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    say("PUT", "/v1/posture", json.dumps({"posture": "under_attack", "why": "a trial"}).encode())
    for _ in range(100):
        found = [one["id"] for one in say("GET", "/v1/incidents")["incidents"]]
        if found:
            say("DELETE", "/v1/posture")
            return found
        time.sleep(0.1)
    raise AssertionError("no record was opened")


def attachments(address: str, sender: str) -> list[str]:
    """A picture of one pixel, attached."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    picture = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return [json.loads(ask(address, "/v1/attachments", picture, sender, "image/png"))["id"]]


def schemathesis(address: str, data: Path, run: Run, there: dict[str, list[str]]) -> bool:
    """Whether nothing was found."""
    print(f"\n=== {run.name} ===", flush=True)
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", address, "--no-color"]
    command += ["--checks", CHECKS, "--phases", run.phases, "--max-examples", str(run.examples)]
    command += ["--seed", str(SEED), "--generation-database", "none", "--generation-with-security-parameters", "false"]
    command += ["--request-timeout", "30", "--warnings", "off", *run.filters]
    seen = data / "seen.json"
    environment = ENVIRONMENT | {
        "CONTRACT_TOKENS": json.dumps(run.tokens),
        "CONTRACT_IDS": json.dumps(there),
        "CONTRACT_SEEN": str(seen),
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE),
    }
    if subprocess.run(command, env=environment, cwd=data).returncode != 0:
        return False
    statuses: dict[str, list[int]] = json.loads(seen.read_text(encoding="utf-8"))
    refused = {name: statuses.get(name) for name in run.done if not any(s < 300 for s in statuses.get(name, []))}
    if refused:
        print(f"never done, only refused: {refused}", file=sys.stderr)
    return not refused


def main() -> int:
    """All runs, at one node."""
    data = Path(tempfile.mkdtemp(prefix="holdfast-contract-", dir=os.environ.get("TMPDIR")))
    try:
        with node(data) as (address, secret):
            admin = redeem(address, secret, 9999)["access_token"]
            admins = members(address, data, admin, "admin", ADMINS)
            activists = members(address, data, admin, "activist", ACTIVISTS)
            organisers = members(address, data, admin, "sender,approver", ORGANISERS)
            leavers, erased = (members(address, data, admin, "activist", LEAVERS) for _ in range(2))
            talks = conversations(address, activists)
            there = {
                "/v1/members/": victims(address, admin),
                "/v1/bulletins/": bulletins(address, organisers[0]),
                "/v1/attachments/": attachments(address, organisers[0]),
                "/v1/inbox/": talks,
                "/v1/me/conversations/": talks,
                "/v1/incidents/": incident(address, admins[0]),
            }
            runs = [
                Run("an admin", admins, [*without(*APART), "--exclude-tag", "bulletins"], 40, BY_ADMIN),
                Run(
                    "an organiser",
                    organisers,
                    [f"--include-tag={tag}" for tag in ("bulletins", "conversations", "audit")],
                    30,
                    BY_ORGANISER,
                ),
                Run("an activist", activists, without(*APART), 25, BY_ACTIVIST, "coverage,fuzzing"),
                Run("nobody", [""], [], 10, ("read_contract", "sign_out"), "fuzzing"),
                Run("who signs out everywhere", activists, only("sign_out_everywhere"), 3, ("sign_out_everywhere",)),
                Run("who leaves", leavers, only("leave"), 3, ("leave",)),
                Run("who wants to be forgotten", erased, only("erase_me"), 3, ("erase_me",)),
                Run("an admin who orders", admins, only(*ORDERS), 10, ("order_posture", "take_order_back")),
            ]
            found = [run.name for run in runs if not schemathesis(address, data, run, there)]
    finally:
        shutil.rmtree(data)
    if found:
        print(f"\nThe API and its document differ, as found by: {', '.join(found)}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
