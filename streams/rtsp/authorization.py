"""Answers to a challenge: Digest (RFC 7616, and RFC 2617 as cameras speak it) and Basic."""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_SESSION = "-SESS"
"""Of an algorithm's name: the secret is hashed once more with both nonces."""
_ALGORITHMS: Mapping[str, Callable[[bytes], Any]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(slots=True)
class Challenge:
    """What a server asked for, and how often it was answered (a nonce counts)."""

    scheme: str
    parameters: Mapping[str, str]
    count: int = field(default=0)

    @property
    def algorithm(self) -> str:
        """What it is hashed with, whether for a session or not; MD5 where the server does not say."""
        return self.parameters.get("algorithm", "MD5").upper().removesuffix(_SESSION)

    @property
    def is_of_session(self) -> bool:
        return self.parameters.get("algorithm", "").upper().endswith(_SESSION)

    def answer(self, method: str, uri: str, username: str, password: str) -> str:
        """The ``Authorization`` header for one request."""
        if self.scheme == "basic":
            return "Basic " + b64encode(f"{username}:{password}".encode()).decode()
        self.count += 1
        return self._digest(method, uri, username, password, secrets.token_hex(8))

    def _digest(self, method: str, uri: str, username: str, password: str, cnonce: str) -> str:
        def hashed(*parts: str) -> str:
            return str(_ALGORITHMS[self.algorithm](":".join(parts).encode()).hexdigest())

        given = self.parameters
        realm, nonce = given.get("realm", ""), given.get("nonce", "")
        secret, asked = hashed(username, realm, password), hashed(method, uri)
        if self.is_of_session:
            secret = hashed(secret, nonce, cnonce)
        fields = {"username": username, "realm": realm, "nonce": nonce, "uri": uri}
        bare = {"algorithm": given["algorithm"]} if "algorithm" in given else {}
        if "auth" in re.split(r"[,\s]+", given.get("qop", "")):
            count = f"{self.count:08x}"
            fields |= {"response": hashed(secret, nonce, count, cnonce, "auth", asked), "cnonce": cnonce}
            bare |= {"qop": "auth", "nc": count}
        else:
            fields["response"] = hashed(secret, nonce, asked)
            fields |= {"cnonce": cnonce} if self.is_of_session else {}
        if "opaque" in given:
            fields["opaque"] = given["opaque"]
        quoted = [f'{name}="{_escaped(value)}"' for name, value in fields.items()]
        return "Digest " + ", ".join([*quoted, *(f"{name}={value}" for name, value in bare.items())])


def challenge_of(headers: Sequence[str]) -> Challenge | None:
    """The strongest challenge among the ``WWW-Authenticate`` headers that can be answered; None for none."""
    found = [challenge for challenge in map(_read, headers) if challenge is not None]
    strength = {"basic": 0, "MD5": 1, "SHA-256": 2}
    return max(found, key=lambda each: strength["basic" if each.scheme == "basic" else each.algorithm], default=None)


def _read(header: str) -> Challenge | None:
    scheme, _, rest = header.strip().partition(" ")
    parameters = {name.lower(): _plain(quoted) or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    challenge = Challenge(scheme.lower(), parameters)
    is_known = challenge.scheme == "basic" or (challenge.scheme == "digest" and challenge.algorithm in _ALGORITHMS)
    return challenge if is_known else None


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
