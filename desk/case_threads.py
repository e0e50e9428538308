"""What people wrote on a case, and the strip of its sightings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import CaseEvent, CaseEventKind
from desk.case_people import NO_NAMES, Names, name_of
from desk.case_row import evidence_href
from desk.removed_pictures import NONE_REMOVED, RemovedAt

MOST_SIGHTINGS = 40
"""The newest; the history holds them all."""
_SIGHTINGS = frozenset({CaseEventKind.OPENED, CaseEventKind.SEEN, CaseEventKind.CLEARED, CaseEventKind.LATE_SIGHTING})


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment."""

    seq: int
    who: str
    at: datetime
    text: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """One look of a camera, on the strip."""

    kind: str
    at: datetime
    camera: str
    objects: int | None
    href: str
    """Address of its annotated picture; empty where there is none, or no more."""


def view_remarks(events: Sequence[CaseEvent], actor: str = "", names: Names = NO_NAMES) -> tuple[Remark, ...]:
    """Comments, oldest first."""
    return tuple(
        Remark(
            seq=event.seq,
            who=name_of(event.actor, names),
            at=event.at,
            text=str(event.data.get("note") or ""),
            is_own=event.actor == actor,
        )
        for event in events
        if event.kind is CaseEventKind.COMMENTED
    )


def view_sightings(events: Sequence[CaseEvent], removed: RemovedAt = NONE_REMOVED) -> tuple[tuple[Sight, ...], int]:
    """The newest sightings with a picture, the newest first; and how many more there are."""
    seen = [event for event in events if event.kind in _SIGHTINGS and event.evidence is not None]
    newest = sorted(seen, key=lambda event: event.at, reverse=True)[:MOST_SIGHTINGS]
    return tuple(_sight(event, removed) for event in newest), len(seen) - len(newest)


def _sight(event: CaseEvent, removed: RemovedAt) -> Sight:
    sha256 = "" if event.evidence is None else event.evidence.annotated
    count = event.data.get("object_count")
    return Sight(
        kind=event.kind.value,
        at=event.at,
        camera=str(event.camera_id or ""),
        objects=count if isinstance(count, int) and event.kind is not CaseEventKind.CLEARED else None,
        href="" if sha256 in removed else evidence_href(sha256),
    )
