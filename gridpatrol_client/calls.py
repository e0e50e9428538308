"""HTTP to the API: one connection pool, every call with a deadline, every refusal told apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from gridpatrol_client.errors import Away, ClientError, Conflict, KeyRefused, NotFound, Refused, Strange

Told = TypeVar("Told", bound=BaseModel)

BY_STATUS: Mapping[int, type[ClientError]] = {
    401: KeyRefused,
    403: KeyRefused,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    429: Away,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API: what the OpenAPI document calls it by."""

    method: str
    path: str
    """With ``{name}`` for what is filled in."""
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    def at(self, **names: str) -> str:
        """The path with its names; each is percent-encoded."""
        return self.path.format(**{name: quote(value, safe="") for name, value in names.items()})


def read(model: type[Told], answer: httpx.Response) -> Told:
    """
    Raises:
        Strange: the answer is not what this client knows.
    """
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise Strange(f"an answer that this client does not know ({error.error_count()} fields); update it") from error


def check(answer: httpx.Response) -> httpx.Response:
    """The answer, when it is a success.

    Raises:
        ClientError: see the tree.
    """
    if answer.is_success:
        return answer
    body = _problem(answer)
    slug = str(body.get("type") or "").rsplit("/", 1)[-1]
    said = str(body.get("detail") or body.get("title") or answer.reason_phrase)
    status = answer.status_code
    if not slug and not 500 <= status < 600:
        kind: type[ClientError] = KeyRefused if status in (401, 403) else Strange
    else:
        kind = BY_STATUS.get(status, Away if status >= 500 else Refused)
    after = answer.headers.get("retry-after", "")
    raise kind(f"{status} {said}", status, slug, float(after) if after.isdigit() else None)


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
