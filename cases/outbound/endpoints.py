"""A webhook endpoint: where it is, what it wants to hear, and the sealed secrets that sign for it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Row

from cases.case import CaseEventKind
from cases.outbound.errors import EndpointRefused
from core.clock import as_utc, isoformat_z

MOST_SECRETS = 3
MOST_FILTERS = 50
LONGEST_NAME = 200


class Seal(Protocol):
    """Seals and opens secrets; the composition fills it in with the site's key."""

    def seal(self, secret: str, purpose: str) -> str: ...

    def unseal(self, sealed: str, purpose: str) -> str:
        """
        Raises:
            ConfigError: it was sealed with another key, or is damaged.
        """
        ...


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """One signing secret as it is kept."""

    sealed: str
    made_at: datetime
    until: datetime | None
    """It signs until then; None: until a new one is made."""


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """What an administrator says of an endpoint."""

    name: str
    url: str
    kinds: tuple[str, ...] = ()
    """Event kinds that are told; none: all."""
    categories: tuple[str, ...] = ()
    """Of cases whose events are told; none: all."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook endpoint; its progress is the line of the same id."""

    id: str
    draft: EndpointDraft
    secrets: tuple[SealedSecret, ...]
    """The newest first."""
    revision: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str

    def in_force(self, now: datetime) -> tuple[SealedSecret, ...]:
        """Secrets that sign now, the newest first."""
        return tuple(each for each in self.secrets if each.until is None or now < each.until)

    def wants(self, kind: str, category: str) -> bool:
        """Whether an event is told to it."""
        return (not self.draft.kinds or kind in self.draft.kinds) and (
            not self.draft.categories or category in self.draft.categories
        )


def new_endpoint_id() -> str:
    return f"wh_{secrets.token_hex(8)}"


def purpose_of(endpoint_id: str) -> str:
    """What its secrets are sealed for: moved to another endpoint, they open nothing."""
    return f"webhook:{endpoint_id}"


def check_draft(draft: EndpointDraft) -> None:
    """
    Raises:
        EndpointRefused: a name, kind or category that cannot be.
    """
    if not draft.name or len(draft.name) > LONGEST_NAME or not draft.name.isprintable():
        raise EndpointRefused(
            f"an endpoint's name has 1 to {LONGEST_NAME} printable characters; write who listens there"
        )
    known = {kind.value for kind in CaseEventKind}
    for kind in draft.kinds:
        if kind not in known:
            raise EndpointRefused(f"event kind {kind[:64]!a} is unknown; take some of {', '.join(sorted(known))}")
    if len(draft.kinds) > MOST_FILTERS or len(draft.categories) > MOST_FILTERS:
        raise EndpointRefused(f"more than {MOST_FILTERS} kinds or categories; leave the filter empty to hear all")


def endpoint_of(row: Row[Any]) -> Endpoint:
    return Endpoint(
        id=row.line_id,
        draft=EndpointDraft(row.name, row.url, tuple(row.kinds), tuple(row.categories)),
        secrets=tuple(_secret_of(each) for each in row.secrets),
        revision=row.revision,
        created_at=row.created_at,
        created_by=row.created_by,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def secrets_json(kept: Sequence[SealedSecret]) -> list[dict[str, str | None]]:
    return [
        {
            "sealed": each.sealed,
            "made_at": isoformat_z(each.made_at),
            "until": None if each.until is None else isoformat_z(each.until),
        }
        for each in kept[:MOST_SECRETS]
    ]


def _secret_of(kept: Mapping[str, Any]) -> SealedSecret:
    until = kept["until"]
    return SealedSecret(
        kept["sealed"],
        as_utc(datetime.fromisoformat(kept["made_at"])),
        None if until is None else as_utc(datetime.fromisoformat(until)),
    )
