"""One case as a row of the list, and as the head of its own page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.case import Case
from cases.lateness import Standing, standing_of
from core.ids import CategoryId, CellId
from desk.cell_facts import CellFacts

FeatureOf = Callable[[CellId], Mapping[str, Any] | None]
"""A cell's GeoJSON feature by its code, or None where the grid has no such cell."""

TONES: Mapping[str, str] = {"street_stall": "tone-1", "exposed_garbage": "tone-2", "roadside_clutter": "tone-3"}
"""A colour per category; the word always stands beside it."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as the list shows it."""

    id: str
    number: str
    href: str
    category: CategoryId
    tone: str
    cell: str
    cell_name: str
    zone: str
    unit: str
    cameras: tuple[str, ...]
    first_seen_at: datetime
    last_seen_at: datetime
    stood_s: float
    sightings: int
    objects: int
    state: str
    is_gone: bool
    """Still open, but no camera sees it any more."""
    close_reason: str
    recurs: bool
    thumbnail: str
    """Address of the newest annotated picture, or empty."""
    version: int
    stage: str = ""
    is_suspended: bool = False
    reworks: int = 0
    recurrence: int = 0
    asks_extension: bool = False
    standing: str = "none"
    """How it stands to its deadline: ``clock.<standing>``."""
    due_at: datetime | None = None
    near_due_at: datetime | None = None
    left_s: float = 0.0
    """Until the deadline; negative once it has passed."""
    claimed_by: str = ""
    handler: str = ""

    @property
    def stamp(self) -> str:
        """Changes when the row does: a claim and a deadline's passing are no events."""
        return f"{self.version}.{self.standing}.{self.claimed_by}"


def tone_of(category: str) -> str:
    """The category's colour class."""
    return TONES.get(category, "tone-0")


def evidence_href(sha256: str) -> str:
    """Where a picture is served."""
    return f"/api/v1/evidence/{sha256}"


def cell_facts(case: Case, feature_of: FeatureOf) -> CellFacts:
    """The cell of a case; what the grid does not know is filled from the case itself."""
    feature = feature_of(case.cell_id)
    known = CellFacts.from_feature(feature) if feature is not None else CellFacts(case.cell_id)
    return CellFacts(
        code=case.cell_id,
        name=known.name,
        zone=case.zone or known.zone,
        units={case.category: case.unit or known.unit_for(case.category)},
        outline=known.outline,
    )


def case_row(case: Case, cell: CellFacts, now: datetime | None = None, claimed_by: str = "") -> CaseRow:
    """One case with its cell, as a row.

    Args:
        now: what its deadline is told by; None leaves that out.
        claimed_by: who works on it.
    """
    life, deadline = case.life, case.life.deadline
    standing = Standing.NONE if now is None else standing_of(case, now)
    pictures = case.latest_evidence or case.evidence
    return CaseRow(
        id=case.id,
        number=case.number,
        href=f"/cases/{case.id}",
        category=case.category,
        tone=tone_of(case.category),
        cell=case.cell_id,
        cell_name=cell.name,
        zone=cell.zone,
        unit=cell.unit_for(case.category),
        cameras=tuple(case.cameras),
        first_seen_at=case.first_seen_at,
        last_seen_at=case.last_seen_at,
        stood_s=(case.last_seen_at - case.first_seen_at).total_seconds(),
        sightings=case.sighting_count,
        objects=case.object_count,
        state=case.state.value,
        is_gone=case.is_open and case.cleared_at is not None,
        close_reason=case.close_reason.value if case.close_reason else "",
        recurs=case.previous_case_id is not None,
        thumbnail=evidence_href(pictures.annotated) if pictures else "",
        version=case.version,
        stage=life.stage.value,
        is_suspended=life.is_suspended,
        reworks=life.reworks,
        recurrence=life.recurrence,
        asks_extension=life.extension_hours is not None,
        standing=standing.value,
        due_at=None if deadline is None else deadline.due_at,
        near_due_at=None if deadline is None else deadline.near_due_at,
        left_s=0.0 if now is None or deadline is None else (deadline.due_at - now).total_seconds(),
        claimed_by=claimed_by,
        handler=life.handler or "",
    )
