"""What schemathesis has to know of this API beside its document: who asks, what is there, and what a list is."""

from __future__ import annotations

import atexit
import itertools
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import schemathesis

# Tokens of many accounts with the same rights: how fast one may ask is not what is tried here.
TOKENS = itertools.cycle(json.loads(os.environ["CONTRACT_TOKENS"]))
# Ids of what is there, by how the paths of its operations begin.
THERE = {path: itertools.cycle(ids) for path, ids in json.loads(os.environ["CONTRACT_IDS"]).items()}
# Which statuses each operation was answered with.
SEEN: defaultdict[str, set[int]] = defaultdict(set)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Each request is another account's."""
    token = next(TOKENS)
    if token:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def after_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], response: schemathesis.Response) -> None:
    """Remembers what was answered."""
    SEEN[case.operation.definition.raw["operationId"]].add(response.status_code)


@atexit.register
def tell() -> None:
    """Says what was answered, so that a run that only ever was refused is noticed."""
    seen = {operation: sorted(statuses) for operation, statuses in SEEN.items()}
    Path(os.environ["CONTRACT_SEEN"]).write_text(json.dumps(seen), encoding="utf-8")


@schemathesis.hook
def map_path_parameters(
    context: schemathesis.HookContext, path_parameters: dict[str, Any] | None
) -> dict[str, Any] | None:
    """What is made up is never found; every other one is there."""
    operation = context.operation
    if operation is None or path_parameters is None or "id" not in path_parameters:
        return path_parameters
    if sum(str(path_parameters["id"]).encode(errors="replace")) % 2 == 1:
        return path_parameters
    for path, ids in THERE.items():
        if operation.path.startswith(path):
            path_parameters["id"] = next(ids)
    return path_parameters


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """A made-up revision is never the one that is there; every other one is the first."""
    if isinstance(body, dict) and isinstance(body.get("revision"), int) and body["revision"] % 2 == 0:
        body["revision"] = 1
    return body


@schemathesis.serializer("text/csv")
def list_of_people(context: Any, value: Any) -> bytes:
    """A list whose first column says so, and anything."""
    text = value if isinstance(value, str) else json.dumps(value)
    head = "reference,name\n" if len(text) % 2 else ""
    return (head + text).encode("utf-8", errors="replace")
