"""The two encodings of the protocol, and what the SDK takes and gives in each."""

import json
from enum import Enum
from typing import Any


class Encoding(Enum):
    """How a connection speaks."""

    JSON = "json"
    PROTOBUF = "protobuf"

    @property
    def other(self) -> "Encoding":
        """The other one."""
        return Encoding.PROTOBUF if self is Encoding.JSON else Encoding.JSON

    def encoded(self, value: Any) -> Any:
        """A value as the SDK takes it: itself in JSON, the bytes of its JSON text in Protobuf."""
        return value if self is Encoding.JSON else json.dumps(value, ensure_ascii=False).encode()

    def text(self, value: Any) -> bytes:
        """The JSON text of a value as it leaves the SDK; in JSON connections the SDK itself writes it."""
        return json.dumps(value, ensure_ascii=self is Encoding.JSON).encode()

    def decoded(self, payload: Any) -> Any:
        """What the SDK gave, as a value."""
        if self is Encoding.JSON or payload is None:
            return payload
        assert isinstance(payload, bytes)
        return json.loads(payload)
