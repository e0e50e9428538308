"""The provider: its addresses and keys, fetched when first needed and again when they are old, and codes exchanged.

Every call has a deadline and a bound, follows no redirect, and goes to an address that the provider's own document
names; that document must name the issuer that the settings name (OpenID Connect Discovery 1.0, 4.3).
"""

import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc.jwk import KeySet

from api.oidc.errors import CodeUnknown, ProviderAway, ProviderRefused
from api.oidc.id_token import ASKED_WITHIN_S, proven_claims
from api.oidc.journey import Journey
from api.oidc.keys import key_name, usable_keys
from api.oidc.settings import OidcSettings
from core.errors import ConfigError

KEPT_S = 3600.0
"""Addresses and keys are asked for anew after so long."""
KEYS_AGAIN_S = 60.0
"""An unknown key's name makes them be asked for at once, but no oftener than this."""
ANSWER_BYTES = 512 * 1024
HTTP_OK: Final = 200


@dataclass(frozen=True, slots=True)
class _Addresses:
    authorize: str
    token: str
    keys: str
    userinfo: str | None
    posts_secret: bool
    """The client's secret goes in the form; otherwise in the Authorization header."""
    names_itself: bool
    """Its answers carry ``iss`` (RFC 9207)."""


class Provider:
    """One provider. Threads may share it.

    Args:
        secret: the client's; None: a public client, which PKCE alone protects.
        back: where the provider sends browsers back to, as it is registered there.

    Raises:
        ConfigError: the certificate file cannot be read.
    """

    def __init__(self, settings: OidcSettings, secret: str | None, back: str) -> None:
        self.settings = settings
        self._secret = secret
        self._back = back
        self._tls = _tls(settings)
        self._lock = threading.Lock()
        self._addresses: tuple[float, _Addresses] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def knows_the_way(self, now: datetime) -> bool:
        """Whether ``way_there`` answers at once, without asking the provider."""
        return self._held_addresses(now) is not None

    def way_there(self, journey: Journey, now: datetime) -> str:
        """Where the browser is to go.

        Raises:
            ProviderAway: its addresses are not known.
        """
        addresses = self._found_addresses(now)
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self._back,
            "scope": " ".join(self.settings.scopes),
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": journey.challenge,
            "code_challenge_method": "S256",
        }
        if self.settings.ask_again:
            query |= {"prompt": "login", "max_age": str(ASKED_WITHIN_S)}  # with max_age its token tells when it asked
        joint = "&" if urlsplit(addresses.authorize).query else "?"
        return addresses.authorize + joint + urlencode(query, quote_via=quote)

    def claims(self, code: str, issuer: str | None, journey: Journey, now: datetime) -> Mapping[str, Any]:
        """Who came back with a code: what the token says, and the provider's further word where the token is short.

        Args:
            issuer: what the answer says of itself (``iss``); None: nothing.

        Raises:
            ProviderAway, ProviderRefused: see their texts; CodeUnknown among the latter.
        """
        addresses = self._found_addresses(now)
        if issuer is None and addresses.names_itself:
            raise ProviderRefused("the answer does not name its issuer, as the provider's answers do (iss)")
        if issuer is not None and issuer != self.settings.issuer:
            raise ProviderRefused("the answer comes from another provider (iss)")
        answer = self._exchanged(addresses, code, journey)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused('the provider sent no id_token; allow the client the scope "openid" there')
        claims = dict(
            proven_claims(
                token,
                self._keys_for(token, addresses, now),
                self.settings.issuer,
                self.settings.client_id,
                journey.nonce,
                now,
                journey.begun_s if self.settings.ask_again else None,
            )
        )
        return self._told_more(addresses, answer.get("access_token"), claims)

    def _exchanged(self, addresses: _Addresses, code: str, journey: Journey) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": journey.verifier,
        }
        auth = None
        if self._secret is not None and not addresses.posts_secret:
            # RFC 6749, 2.3.1: both are form-encoded before they become user and password.
            auth = (quote(self.settings.client_id, safe=""), quote(self._secret, safe=""))
        else:
            form["client_id"] = self.settings.client_id
            if self._secret is not None:
                form["client_secret"] = self._secret
        status, answer = self._asked("POST", addresses.token, data=form, auth=auth)
        if status != HTTP_OK:
            said = answer.get("error")
            shown = said if isinstance(said, str) and said.isascii() and said.replace("_", "").isalnum() else "?"
            kind = CodeUnknown if said == "invalid_grant" else ProviderRefused
            raise kind(f"the provider refuses the code: {status} {shown[:60]}; look at its log")
        return answer

    def _told_more(self, addresses: _Addresses, access: object, claims: dict[str, Any]) -> dict[str, Any]:
        """The user information, where a claim that we look for is not in the token."""
        wanted = {self.settings.login_claim, self.settings.name_claim, self.settings.unit_claim} - {""}
        if self.settings.login_claim == "email":
            wanted.add("email_verified")
        if self.settings.roles:
            wanted.add(self.settings.roles_claim.partition(".")[0])
        if wanted <= claims.keys() or addresses.userinfo is None or not isinstance(access, str):
            return claims
        status, more = self._asked("GET", addresses.userinfo, headers={"Authorization": f"Bearer {access}"})
        if status != HTTP_OK:
            raise ProviderRefused(f"the provider answers {status} to the question who it is (userinfo)")
        if more.get("sub") != claims["sub"]:
            raise ProviderRefused("the provider's user information is about somebody else (sub)")
        return {**more, **claims}

    def _held_addresses(self, now: datetime) -> _Addresses | None:
        with self._lock:
            held = self._addresses
        return held[1] if held is not None and now.timestamp() - held[0] < KEPT_S else None

    def _found_addresses(self, now: datetime) -> _Addresses:
        held = self._held_addresses(now)
        if held is not None:
            return held
        address = self.settings.discovery
        status, document = self._asked("GET", address)
        if status != HTTP_OK:
            raise ProviderAway(f"{address} answers {status}; check [api.oidc].issuer")
        if document.get("issuer") != self.settings.issuer:
            raise ProviderAway(f"{address} names another issuer; write [api.oidc].issuer exactly as it stands there")
        found = _Addresses(
            self._address(document, "authorization_endpoint"),
            self._address(document, "token_endpoint"),
            self._address(document, "jwks_uri"),
            self._address(document, "userinfo_endpoint") if document.get("userinfo_endpoint") else None,
            posts_secret=_posts_secret(document),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )
        with self._lock:
            self._addresses = (now.timestamp(), found)
        return found

    def _address(self, document: Mapping[str, Any], name: str) -> str:
        """An address of the provider's document; encrypted, unless the issuer itself is not."""
        found = document.get(name)
        try:
            parsed = httpx.URL(found if isinstance(found, str) else "")
        except httpx.InvalidURL:
            parsed = httpx.URL("")
        is_loose = parsed.scheme != "https" and not self.settings.issuer.startswith("http://")
        if not isinstance(found, str) or parsed.scheme not in ("http", "https") or not parsed.host or is_loose:
            raise ProviderAway(f"{self.settings.discovery} has no usable {name}; mend the provider")
        return found

    def _keys_for(self, token: str, addresses: _Addresses, now: datetime) -> KeySet:
        """The keys; asked for again where the token names one that is not among them."""
        with self._lock:
            held = self._keys
        if held is not None:
            age_s = now.timestamp() - held[0]
            is_known = key_name(token) in {None, *(key.kid for key in held[1].keys)}
            if age_s < (KEPT_S if is_known else KEYS_AGAIN_S):
                return held[1]
        status, document = self._asked("GET", addresses.keys)
        try:
            if status != HTTP_OK:
                raise ValueError(status)
            keys = usable_keys(document["keys"])
        except (ValueError, TypeError, KeyError) as error:
            raise ProviderAway(f"{addresses.keys} has no usable keys; mend the provider") from error
        with self._lock:
            self._keys = (now.timestamp(), keys)
        return keys

    def _asked(
        self,
        method: str,
        address: str,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """(status, JSON object); an answer that is no success may be without."""
        where = urlsplit(address).netloc
        ends_s = time.monotonic() + self.settings.timeout_s
        sent = {"Accept": "application/json", **(headers or {})}
        try:
            with (
                httpx.Client(verify=self._tls, timeout=self.settings.timeout_s, trust_env=False) as client,
                client.stream(method, address, data=data, headers=sent, auth=auth) as answer,
            ):
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if time.monotonic() > ends_s:  # httpx bounds each read alone
                        raise httpx.ReadTimeout("the whole answer took too long")
                    if len(body) > ANSWER_BYTES:
                        raise ProviderAway(f"{where} answers with more than {ANSWER_BYTES} bytes; mend the provider")
                status = answer.status_code
        except httpx.TimeoutException as error:
            raise ProviderAway(
                f"{where} does not answer in {self.settings.timeout_s:g} s; check that it runs and can be reached"
            ) from error
        except httpx.HTTPError as error:
            raise ProviderAway(
                f"{where} cannot be asked ({type(error).__name__}); check that it runs, can be reached and shows a "
                "certificate that is trusted here ([api.oidc].ca_file)"
            ) from error
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            return status, document
        if status != HTTP_OK:
            return status, {}
        raise ProviderAway(f"{where} answers with something that is no JSON object; check [api.oidc].issuer")


def _posts_secret(document: Mapping[str, Any]) -> bool:
    """Discovery 1.0: a provider that names no way takes the Authorization header."""
    ways = document.get("token_endpoint_auth_methods_supported")
    return isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways


def _tls(settings: OidcSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"[api.oidc].ca_file {settings.ca_file} cannot be read ({error}); give PEM certificates"
            ) from error
    return context
