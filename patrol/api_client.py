"""The worker's side of the API: HTTP only, told-apart failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from core.errors import ConfigError, DeliveryError
from patrol.camera_report import report_bodies

REFUSALS = frozenset({400, 409, 413, 415, 422})
"""The API's words about the message itself; any other refusal is about the way there, and the message waits."""


class ApiAway(DeliveryError):
    """No answer, or a server's own fault: try again later."""


class ApiKeyRefused(DeliveryError):
    """The key is wrong, expired or lacks the scope: nothing moves until it is mended."""


class ApiRefused(DeliveryError):
    """The API understood and will never take this message."""

    def __init__(self, message: str, slug: str) -> None:
        super().__init__(message)
        self.slug = slug


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, and the tag that asks for it only when it changed."""

    body: Mapping[str, Any]
    tag: str | None


class ApiClient:
    """A thin client for ``/api/v1``; one connection pool, every call has a deadline.

    Args:
        headers: what lets the caller in, where that is no key.
    """

    def __init__(
        self, base_url: str, key: str, timeout_s: float = 10.0, headers: Mapping[str, str] | None = None
    ) -> None:
        self._base_url = base_url
        try:
            self._http = httpx.Client(
                base_url=base_url,
                headers={"Authorization": f"Bearer {key}"} if headers is None else dict(headers),
                timeout=timeout_s,
                trust_env=False,
            )
        except httpx.InvalidURL as error:
            raise ConfigError(f"worker.api_url {base_url!r} is no address ({error}); write http://host:port") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def put_evidence(self, sha256: str, jpeg: bytes) -> None:
        self._send("PUT", f"/api/v1/evidence/{sha256}", content=jpeg, headers={"Content-Type": "image/jpeg"})

    def put_picture(self, path: str, jpeg: bytes, headers: Mapping[str, str]) -> None:
        """A picture for whoever watches; nobody keeps it."""
        self._send("PUT", path, content=jpeg, headers={"Content-Type": "image/jpeg", **headers})

    def post_incident(self, idempotency_key: str, body: Mapping[str, object]) -> Mapping[str, object]:
        path = "/api/v1/incidents"
        receipt = self._send("POST", path, json=body, headers={"Idempotency-Key": idempotency_key})
        if "case_id" not in receipt:  # null where a rule turned the report away: it is taken in all the same
            raise self._stranger("POST", path, "an answer without a case")
        return receipt

    def put_cameras(
        self,
        worker_id: str,
        cameras: Sequence[Mapping[str, object]],
        notices: Sequence[str] = (),
        masking: Mapping[str, int] | None = None,
    ) -> None:
        """All of a worker's cameras; in as many parts as the API's limit on a body asks for."""
        headers = {"Content-Type": "application/json"}
        for body in report_bodies(worker_id, cameras, notices, masking=masking):
            self._send("PUT", "/api/v1/cameras", content=body, headers=headers)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, object]:
        return self._send("GET", path, params=dict(params or {}))

    def fetch(self, path: str, tag: str | None) -> "Fetched | None":
        """What stands there now; None when it is still what ``tag`` was given for."""
        headers = {} if tag is None else {"If-None-Match": tag}
        answer = self._answer("GET", path, headers=headers)
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise self._stranger("GET", path, "no JSON")
        return Fetched(body, answer.headers.get("etag"))

    def ask(self, method: str, path: str, body: object = None, tag: str | None = None) -> "Fetched":
        """What a person asks for; a refusal is told in the API's own words.

        Args:
            tag: of the version that was looked at; a change of another one is refused.

        Raises:
            ApiRefused: also where there is no such thing, or it has changed since.
        """
        headers = {} if tag is None else {"If-Match": tag}
        answer = self._answer(method, path, refusals=REFUSALS | {404, 412, 428}, json=body, headers=headers)
        found = answer.json() if answer.content else {}
        return Fetched(found if isinstance(found, dict) else {}, answer.headers.get("etag"))

    def get_bytes(self, path: str, headers: Mapping[str, str] | None = None) -> bytes:
        """A picture, as it is kept."""
        return self._answer("GET", path, headers=dict(headers or {})).content

    def _send(self, method: str, path: str, **request: object) -> Mapping[str, object]:
        answer = self._answer(method, path, REFUSALS, **request)
        if not answer.content:
            return {}
        try:
            body = answer.json()
        except ValueError:
            raise self._stranger(method, path, "no JSON") from None
        return body if isinstance(body, dict) else {}

    def _answer(self, method: str, path: str, refusals: frozenset[int] = REFUSALS, **request: object) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **request)  # type: ignore[arg-type]  # httpx's own keywords
        except httpx.HTTPError as error:
            raise ApiAway(f"{self._base_url}: no answer ({type(error).__name__}); is the API running there?") from error
        if answer.status_code in (401, 403):
            raise ApiKeyRefused(
                f"{method} {path}: the API refused the key ({answer.status_code}): {problem(answer)[1]}"
            )
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ApiAway(f"{method} {path}: {answer.status_code} {problem(answer)[1]}")
        if answer.status_code in refusals:
            slug, detail = problem(answer)
            if slug:
                raise ApiRefused(f"{method} {path}: {answer.status_code} {detail}", slug)
        if not answer.is_success and answer.status_code != httpx.codes.NOT_MODIFIED:
            raise self._stranger(method, path, f"status {answer.status_code}")
        return answer

    def _stranger(self, method: str, path: str, what: str) -> ApiAway:
        return ApiAway(f"{method} {self._base_url}{path}: {what}; that is not Gridpatrol's API, mend worker.api_url")


def problem(answer: httpx.Response) -> tuple[str, str]:
    """(slug, text) of a problem+json answer, or what there is of it."""
    try:
        body = answer.json()
    except ValueError:
        return "", answer.text[:200]
    if not isinstance(body, dict):
        return "", str(body)[:200]
    return str(body.get("type") or "").rsplit("/", 1)[-1], str(body.get("detail") or body.get("title") or "")
