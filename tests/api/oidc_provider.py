"""An OpenID provider of our own on a real port, as strict as the standard asks, which can be told to misbehave."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from core.clock import Clock
from tests.api.city import OIDC_SECRET

CLIENT = "gridpatrol"
JSON = "application/json"
Claims = dict[str, Any]
FIRST_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


class TestProvider:
    """Its dials; ``user`` is who the next browser is.

    Attributes:
        user: claims of the account, ``sub`` among them.
        spoil: changes a token's claims before they are signed.
        sign: signs claims; None: with the newest key, RS256.
        asked: paths that were asked for.
        broken: path → (status, body) answered in the place of what belongs there.
    """

    __test__ = False

    def __init__(self, clock: Clock, back: str) -> None:
        self.clock = clock
        self.back = back
        self.user: Claims = {"sub": "4711", "preferred_username": "Li.Min", "name": "李敏", "groups": ["seats"]}
        self.in_userinfo: set[str] = set()
        """Claims that the token leaves out and the user information has."""
        self.spoil: Callable[[Claims], Claims] = lambda claims: claims
        self.sign: Callable[[Claims], str] | None = None
        self.document: Claims = {}
        self.broken: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.delay: threading.Event | None = None
        """Nothing is answered before it is set."""
        self.dribble_s = 0.0
        """Between any two bytes of an answer."""
        self.secret: str | None = OIDC_SECRET
        self.keys = [FIRST_KEY]
        self._codes: dict[str, dict[str, str]] = {}
        self._access: dict[str, Claims] = {}
        self.url = ""

    def renew_keys(self) -> None:
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})]

    def authorize(self, asked: dict[str, str]) -> str:
        """The way back for a browser whose user has just said yes."""
        assert asked["redirect_uri"] == self.back
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{self.back}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        asked = self._codes.pop(form.get("code", ""), None)
        if not self._is_client(form, authorization):
            return 401, {"error": "invalid_client"}
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if asked is None or form.get("redirect_uri") != self.back or _encoded(challenge) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "hush: a password stands here"}
        now_s = int(self.clock.now().timestamp())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now_s, "exp": now_s + 300, "nonce": asked["nonce"]}
        claims["auth_time"] = now_s
        claims |= {name: value for name, value in self.user.items() if name not in self.in_userinfo}
        access = secrets.token_urlsafe(16)
        self._access[access] = dict(self.user)
        signed = (self.sign or self.signed)(self.spoil(claims))
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": signed}

    def userinfo(self, authorization: str) -> tuple[int, Claims]:
        found = self._access.get(authorization.removeprefix("Bearer "))
        return (200, found) if found is not None else (401, {"error": "invalid_token"})

    def discovery(self) -> Claims:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
        } | self.document

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        if self.secret is None:
            return form.get("client_id") == CLIENT and not authorization
        if authorization.startswith("Basic "):
            user, _, password = base64.b64decode(authorization[6:]).decode().partition(":")
            return (unquote(user), unquote(password)) == (CLIENT, self.secret)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, self.secret)

    def signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.keys[-1].kid}, claims, self.keys[-1], ["RS256"])

    def signed_with_the_public_key_as_a_secret(self, claims: Claims) -> str:
        """The oldest trick: what everybody knows, taken for a shared secret."""
        parts = [{"alg": "HS256", "kid": self.keys[-1].kid}, claims]
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
        public = self.keys[-1].as_pem(private=False)
        return f"{signed}.{_encoded(hmac.digest(public, signed.encode(), 'sha256'))}"

    def not_signed(self, claims: Claims) -> str:
        parts = [{"alg": "none", "typ": "JWT"}, claims]
        return ".".join(_encoded(json.dumps(part).encode()) for part in parts) + "."


@contextmanager
def running(clock: Clock, back: str) -> Iterator[TestProvider]:
    """One on a free port of this machine."""
    provider = TestProvider(clock, back)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(_flat(self.rfile.read(int(self.headers["content-length"])).decode()))

        def _answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if provider.delay is not None:
                provider.delay.wait(30)
            authorization = self.headers.get("authorization", "")
            if parts.path in provider.broken:
                self._send(*provider.broken[parts.path])
                return
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("location", provider.authorize(_flat(parts.query)))
                self.send_header("content-length", "0")
                self.end_headers()
                return
            answers: dict[str, Callable[[], tuple[int, Claims]]] = {
                "/.well-known/openid-configuration": lambda: (200, provider.discovery()),
                "/keys": lambda: (200, dict(KeySet(list(provider.keys)).as_dict())),
                "/token": lambda: provider.token(form, authorization),
                "/userinfo": lambda: provider.userinfo(authorization),
            }
            status, answer = answers[parts.path]()
            self._send(status, json.dumps(answer).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", JSON)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if not provider.dribble_s:
                self.wfile.write(body)
                return
            with suppress(OSError):  # the other side has had enough
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    threading.Event().wait(provider.dribble_s)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query).items()}
