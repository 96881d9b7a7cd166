"""Tokens that the server would not make, signed with its own key (RFC 7519, RFC 8037)."""

import json
import time
from base64 import b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from support.server import Server


def minted(server: Server, **claims: Any) -> str:
    """A token that is valid but for what the claims say."""
    keys = json.loads((server.data / "keys.json").read_bytes())
    key = load_der_private_key(b64decode(keys["signing_key_pkcs8"]), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    now = seconds_ago(0)
    usual = {"iss": "holdfast", "aud": "holdfast", "iat": now, "nbf": now, "exp": now + 600, "roles": ["activist"]}
    signed = f"{_part({'typ': 'JWT', 'alg': 'EdDSA'})}.{_part(usual | claims)}"
    return f"{signed}.{_base64(key.sign(signed.encode()))}"


def seconds_ago(seconds: int) -> int:
    """A moment of the past, as tokens tell it."""
    return int(time.time()) - seconds


def _part(values: dict[str, Any]) -> str:
    return _base64(json.dumps(values).encode())


def _base64(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()
