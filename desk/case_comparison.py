"""Before and after: the picture that shows the violation beside the one that shows whether it is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case, CaseEvent, CaseEventKind
from desk.case_row import evidence_href
from desk.removed_pictures import NONE_REMOVED, RemovedAt

_SHOWS_IT = frozenset({CaseEventKind.OPENED, CaseEventKind.SEEN})


@dataclass(frozen=True, slots=True)
class Shot:
    """One of the two pictures."""

    href: str
    sha256: str
    at: datetime
    camera: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two pictures under one slider."""

    before: Shot
    after: Shot
    is_same_view: bool
    """Taken through the same view, so that the two lie on each other."""
    is_gone: bool
    """By the camera; a person decides."""


def view_comparison(case: Case, events: Sequence[CaseEvent], removed: RemovedAt = NONE_REMOVED) -> Comparison | None:
    """The newest word of a camera since the unit's report (else its newest clearing), beside the last look before.

    None where there is no such picture, or it is kept no more.
    """
    pictured = [event for event in events if event.evidence is not None and event.evidence.annotated not in removed]
    after = _after(case, pictured)
    if after is None:
        return None
    earlier = [event for event in pictured if event.kind in _SHOWS_IT and event.at < after.at]
    same_view = [event for event in earlier if event.data.get("view_id") == after.data.get("view_id")]
    before = max(same_view or earlier, key=lambda event: event.at, default=None)
    if before is None:
        return None
    return Comparison(_shot(before), _shot(after), bool(same_view), after.kind is CaseEventKind.CLEARED)


def _after(case: Case, pictured: Sequence[CaseEvent]) -> CaseEvent | None:
    reported_at = case.life.reported_at
    if reported_at is not None:
        since = [event for event in pictured if event.at > reported_at and event.kind is not CaseEventKind.OPENED]
        if since:
            return max(since, key=lambda event: event.at)
    cleared = [event for event in pictured if event.kind is CaseEventKind.CLEARED]
    return max(cleared, key=lambda event: event.at, default=None)


def _shot(event: CaseEvent) -> Shot:
    refs = event.evidence
    sha256 = "" if refs is None else refs.annotated
    return Shot(evidence_href(sha256), sha256, event.at, str(event.camera_id or ""))
