"""What a case repeats and what repeats it, and who looked at its sealed originals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.access.audit import AuditEntry
from cases.case import Case
from desk.case_people import NO_NAMES, Names, name_of


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One case of a chain."""

    number: str
    href: str
    opened_at: datetime
    closed_at: datetime | None
    stage: str
    is_this: bool
    is_previous: bool
    """The one right before the case whose page this is."""
    gap_s: float | None
    """Between the closing of the one before and this one's opening; None for the first."""


@dataclass(frozen=True, slots=True)
class OriginalViewing:
    """Somebody looked at an original."""

    at: datetime
    actor: str
    unit: str
    reason: str
    sha256: str


def view_chain(case: Case, chain: Sequence[Case]) -> tuple[ChainLink, ...]:
    """The chain, the first case first."""
    links: list[ChainLink] = []
    before: Case | None = None
    for each in chain:
        closed_at = None if before is None else before.closed_at
        links.append(
            ChainLink(
                number=each.number,
                href=f"/cases/{each.id}",
                opened_at=each.opened_at,
                closed_at=each.closed_at,
                stage=each.life.stage.value,
                is_this=each.id == case.id,
                is_previous=each.id == case.previous_case_id,
                gap_s=None if closed_at is None else max(0.0, (each.opened_at - closed_at).total_seconds()),
            )
        )
        before = each
    return tuple(links)


def view_viewings(entries: Sequence[AuditEntry], names: Names = NO_NAMES) -> tuple[OriginalViewing, ...]:
    """The log's lines, the newest first."""
    return tuple(
        OriginalViewing(
            at=entry.at,
            actor=name_of(entry.actor, names),
            unit=str(entry.data.get("unit") or ""),
            reason=str(entry.data.get("reason") or ""),
            sha256=entry.subject.removeprefix("picture:"),
        )
        for entry in sorted(entries, key=lambda entry: entry.seq, reverse=True)
    )
