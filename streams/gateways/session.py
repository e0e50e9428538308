"""Being logged in at WVP: a token that is renewed when it runs out, or an API key."""

import hashlib
import threading
import time
from collections.abc import Mapping
from typing import Any

from streams.gateways.answers import clean_text
from streams.gateways.calls import Answer, Deadline, HttpPlace, slow
from streams.gateways.faults import GatewayError, Trouble
from streams.gateways.spec import GatewaySpec
from streams.redaction import redact

LOGIN_PATH = "/api/user/login"
REFUSED_LOGIN_REST_S = 30.0
"""After a refused login nobody asks again for so long: two hundred cameras with one wrong password lock the account."""
_MISSING_STATUS = 404
_NOT_LOGGED_IN = (401, 403)


class NoSuchRoute(GatewayError):
    """The gateway has no such call: another version, or another program."""


class WvpSession:
    """One account at one gateway; safe to call from any thread, one login at a time."""

    def __init__(self, name: str, spec: GatewaySpec) -> None:
        self.name = name
        self.spec = spec
        self._place = HttpPlace(name, spec.url, spec.verify_tls)
        self._login_lock = threading.Lock()
        self._token: str | None = None
        self._refused_at: float | None = None
        self._refusal: GatewayError | None = None
        self.logins = 0

    def answer(self, path: str, query: Mapping[str, str | int], deadline: Deadline, method: str = "GET") -> Answer:
        """The answer as one who is logged in gets it; a token that has run out is renewed once."""
        token = self._current_token(None, deadline)
        answer = self._place.ask(path, query, self._headers(token), deadline, method)
        if _is_locked_out(answer) and token is not None:
            token = self._current_token(token, deadline)
            answer = self._place.ask(path, query, self._headers(token), deadline, method)
        if _is_locked_out(answer):
            what = "the API key" if self._uses_key else "the login" if self.spec.username else "calls without a login"
            raise self._error(Trouble.AUTH, f"refuses {what}; mend: check the account's rights and its credentials")
        if answer.status == _MISSING_STATUS or (answer.body or {}).get("code") == _MISSING_STATUS:
            raise NoSuchRoute(
                self.name,
                Trouble.NOT_FOUND,
                f"{self._place.shown}{path} does not exist; mend: check device and channel, the url and its version",
            )
        if answer.status >= 500:
            said = f" ({self.words(answer.body)})" if answer.body else ""
            raise self._error(
                Trouble.REFUSED, f"reports a fault of its own, HTTP {answer.status}{said}; mend: read its log"
            )
        if answer.status >= 300 or answer.body is None:
            raise self._error(
                Trouble.CONFUSED,
                f"{self._place.shown}{path} answers HTTP {answer.status}, and not in JSON as WVP does; "
                "mend: check that the url is WVP's own",
            )
        return answer

    @property
    def _uses_key(self) -> bool:
        return self.spec.api_key is not None or self.spec.api_key_env is not None

    def _headers(self, token: str | None) -> Mapping[str, str]:
        if self._uses_key:
            key = self.spec.find_api_key(self.name) or ""
            if not key.isascii() or not key.isprintable():
                raise self._error(Trouble.AUTH, "the API key is not one line of plain characters; mend: copy it again")
            return {"api-key": key}
        return {} if token is None else {"access-token": token}

    def _current_token(self, worn_out: str | None, deadline: Deadline) -> str | None:
        """The token to use; logs in when there is none, or when the one at hand was ``worn_out``."""
        if self.spec.username is None:
            return None
        if not self._login_lock.acquire(timeout=deadline.left_s):
            raise slow(self.name, "another camera's login has not ended", deadline.waited_s)
        try:
            if self._token is None or self._token == worn_out:
                self._token = None
                self._token = self._log_in(deadline)
            return self._token
        finally:
            self._login_lock.release()

    def _log_in(self, deadline: Deadline) -> str:
        if self._refusal is not None and self._refused_at is not None:
            if time.monotonic() - self._refused_at < REFUSED_LOGIN_REST_S:
                raise self._error(self._refusal.trouble, _without_name(self._refusal))
            self._refusal = None
        password = self.spec.find_password(self.name) or ""
        # WVP wants MD5; whoever holds the hash can log in, so it is as secret as the password.
        digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
        query = {"username": self.spec.username or "", "password": digest}
        self.logins += 1
        answer = self._place.ask(LOGIN_PATH, query, {}, deadline)
        body = answer.body or {}
        if answer.status >= 500 or (answer.body is None and answer.status not in _NOT_LOGGED_IN):
            raise self._error(
                Trouble.CONFUSED,
                f"{self._place.shown}{LOGIN_PATH} answers HTTP {answer.status}, not as WVP does; mend: check the url",
            )
        data = body.get("data")
        token = data.get("accessToken") if isinstance(data, Mapping) else None
        token = token or answer.token
        if answer.status != 200 or body.get("code") != 0 or not isinstance(token, str) or not token:
            self._refused_at = time.monotonic()
            self._refusal = self._error(
                Trouble.AUTH,
                f"refuses the user name or password ({self.words(body, (digest, password))}); "
                f"mend: check username and password_env; tried again after {REFUSED_LOGIN_REST_S:.0f} s",
            )
            raise self._refusal
        if not token.isascii() or not token.isprintable():
            raise self._error(Trouble.CONFUSED, "answers a token that cannot be sent back; mend: check the url")
        return token

    def words(self, body: Mapping[str, Any] | None, secrets: tuple[str, ...] = ()) -> str:
        """What the gateway says, without secrets in it."""
        known = [*secrets, self._token or ""]
        return redact(clean_text((body or {}).get("msg") or "no reason"), known)

    def _error(self, trouble: Trouble, message: str) -> GatewayError:
        return GatewayError(self.name, trouble, message)


def _is_locked_out(answer: Answer) -> bool:
    return answer.status in _NOT_LOGGED_IN or (answer.body or {}).get("code") in _NOT_LOGGED_IN


def _without_name(error: GatewayError) -> str:
    return str(error).removeprefix(f"gateway {error.gateway}: ")
