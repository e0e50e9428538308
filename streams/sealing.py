"""Camera passwords at rest: sealed with one key of the site, opened only where a camera is connected.

A sealed text is ``<key's name>.<Fernet token>``; Fernet (AES-128-CBC with HMAC-SHA256) is ``cryptography``'s. The token
also holds what the secret is for, so that a sealed password moved to another camera's row, or to another host, opens
nothing.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from core.errors import ConfigError
from core.ids import CameraId
from streams.address import LIVE_SCHEMES, host_and_port

SECRET_KEY_ENV = "GRIDPATROL_SECRET_KEY"  # noqa: S105 (a name)
SEALED_FIELDS = ("password", "secret_query")
"""Of a ``FeedSpec``: what is kept sealed."""
_NAME_CHARS = 8


class SealError(ConfigError):
    """A secret cannot be sealed or opened here; the text names the mend and never the secret."""


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    """Tells keys apart without telling them."""
    fernet: Fernet = field(repr=False)


class Sealer:
    """Seals and opens with the environment's key, or else with the file's, which is made on first need.

    Several keys, separated by commas, are taken too: the first seals, all open; so a key can be replaced.

    Args:
        file: where the key lies when the environment names none; readable by its owner only.
    """

    def __init__(self, file: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._file = file
        self._environ = environ

    def seal(self, secret: str, purpose: str) -> str:
        """
        Raises:
            SealError: there is no usable key, and none can be made.
        """
        key = (self._keys() or self._made())[0]
        token = key.fernet.encrypt(json.dumps({"for": purpose, "secret": secret}).encode())
        return f"{key.name}.{token.decode()}"

    def unseal(self, sealed: str, purpose: str) -> str:
        """
        Raises:
            SealError: it was sealed with another key or for another camera, or is damaged.
        """
        name, _, token = sealed.partition(".")
        keys = self._keys()
        try:
            key = next(each for each in keys if each.name == name)
        except StopIteration:
            held = f"holds {', '.join(each.name for each in keys)}" if keys else "is not there"
            raise SealError(
                f"its password was sealed with the key {name[:_NAME_CHARS]!a}, and the key of {self._told_in} {held}; "
                f"mend: give this process the API's {SECRET_KEY_ENV}, or the secret.key of the API's data folder"
            ) from None
        try:
            held_in = json.loads(key.fernet.decrypt(token.encode()))
        except (InvalidToken, ValueError):
            raise SealError("its sealed password is damaged; mend: give the password again") from None
        if held_in["for"] != purpose:
            raise SealError(
                "its password was sealed for another camera, user or host; mend: give the password again with this one"
            )
        return str(held_in["secret"])

    @property
    def _told_in(self) -> str:
        return SECRET_KEY_ENV if self._environ.get(SECRET_KEY_ENV, "").strip() else str(self._file)

    def _keys(self) -> tuple[_Key, ...]:
        given = self._environ.get(SECRET_KEY_ENV, "").strip()
        if not given:
            given = self._kept()
        return tuple(self._key(part.strip()) for part in given.split(",") if part.strip())

    def _key(self, text: str) -> _Key:
        try:
            return _Key(name_of(text), Fernet(text))
        except ValueError:
            raise SealError(
                f"{self._told_in}: not a key; mend: take 32 random bytes in URL-safe base64, "
                "as `gridpatrol cameras new-key` prints them"
            ) from None

    def _kept(self) -> str:
        try:
            if self._file.stat().st_mode & 0o077:
                raise SealError(f"{self._file}: others may read this key; mend: chmod 600 {self._file}")
            return self._file.read_text(encoding="ascii")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise SealError(f"{self._file}: the key cannot be read ({error}); mend: the file's rights") from error

    def _made(self) -> tuple[_Key, ...]:
        """A new key in the file, or the one that another process was faster to put there."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(prefix=f".{self._file.name}.", dir=self._file.parent)  # 0600
            try:
                with os.fdopen(handle, "w", encoding="ascii") as out:
                    out.write(new_key() + "\n")
                    out.flush()
                    os.fsync(out.fileno())
                os.link(beside, self._file)
            finally:
                os.unlink(beside)
        except FileExistsError:
            pass
        except OSError as error:
            raise SealError(
                f"{self._file}: the key that seals passwords cannot be written ({error.strerror}); "
                f"mend: the folder's rights, or set {SECRET_KEY_ENV}"
            ) from error
        return self._keys()


def new_key() -> str:
    """A fresh key, as text."""
    return Fernet.generate_key().decode()


def name_of(key: str) -> str:
    """What a key is called in texts that everybody may read."""
    return hashlib.sha256(b"gridpatrol seal:" + key.encode()).hexdigest()[:_NAME_CHARS]


def purpose_of(camera_id: CameraId, section: Mapping[str, Any]) -> str:
    """What a camera's secrets are for: itself, its user, its host; another one asks for the password anew.

    Args:
        section: with a ``url`` that holds no secret, and a ``username`` where there is one.
    """
    where = str(section["url"])
    scheme = where.partition("://")[0] if "://" in where else "file"
    if scheme in LIVE_SCHEMES:
        host, port = host_and_port(where)
        where = f"{scheme}://{host}:{port}"
    else:
        where = scheme
    return json.dumps([camera_id, section.get("username"), where])
