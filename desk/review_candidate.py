"""One candidate in the review: its pictures, the picture before it, where it stands, why, and what is open near by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.case import Case, CaseEvent, CaseEventKind
from cases.life import Stage
from cases.policy.decisions import KeptDecision
from cases.workflow.claims import Claim
from core.geometry import Point
from desk.case_history import HistoryLine, last_step
from desk.case_people import Names, name_of
from desk.case_reasons import CaseReason, spot_of, view_reason
from desk.case_row import CaseRow, FeatureOf, case_row, cell_facts, evidence_href
from desk.cell_facts import CellFacts
from desk.cell_map import CellMap, draw_cell
from desk.removed_pictures import NONE_REMOVED, RemovedAt
from desk.render import render
from desk.surety import Surety
from desk.visitor import Visitor

MOST_LOOKS = 24
"""On the strip: the newest."""
_SHOWS_IT = (CaseEventKind.OPENED, CaseEventKind.SEEN)


@dataclass(frozen=True, slots=True)
class Look:
    """One look of a camera at it."""

    href: str
    crop: str
    at: datetime
    camera: str
    objects: int | None
    surety: Surety | None
    box: str
    """Around all its boxes, ``x0,y0,x1,y1`` in the picture's pixels; empty where there is none."""


@dataclass(frozen=True, slots=True)
class BeforePicture:
    """What the newest look is compared with."""

    kind: str
    """``before`` (from before it appeared), ``previous`` (an earlier sighting of it); key of its words."""
    href: str
    at: datetime
    camera: str


@dataclass(frozen=True, slots=True)
class NearCase:
    """Another open case close by."""

    row: CaseRow
    is_same_cell: bool


@dataclass(frozen=True, slots=True)
class CandidateAround:
    """What stands around a candidate, asked of the stores."""

    now: datetime
    actor: str = ""
    names: Names = field(default_factory=dict)
    claim: Claim | None = None
    decisions: tuple[KeptDecision, ...] = ()
    before: CaseEvent | None = None
    """The last look through the same view from before it was first seen."""
    near: tuple[Case, ...] = ()
    neighbours: tuple[CellFacts, ...] = ()
    camera_name: str = ""
    camera_at: Point | None = None
    removed: RemovedAt = field(default_factory=lambda: NONE_REMOVED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Everything the middle of the page shows."""

    row: CaseRow
    looks: tuple[Look, ...]
    """The newest first; empty where there is no picture."""
    before: BeforePicture | None
    surety: Surety
    camera: str
    camera_name: str
    reason: CaseReason | None
    map: CellMap | None
    near: tuple[NearCase, ...]
    waits_s: float
    is_waiting: bool
    last: HistoryLine | None
    """The newest step that a person, or a rule, took."""
    claimed_by: str
    """Another seat."""


def view_candidate(
    case: Case, events: Sequence[CaseEvent], feature_of: FeatureOf, around: CandidateAround
) -> Candidate:
    """The candidate as data; ``events`` are its own, the oldest first."""
    cell = cell_facts(case, feature_of)
    looks = view_looks(events, around.removed)
    percent = None if case.probability is None else min(99, max(1, round(100 * case.probability)))
    is_others = around.claim is not None and around.claim.holder != around.actor
    return Candidate(
        row=case_row(case, cell, around.now),
        looks=looks,
        before=view_before(looks, around.before, around.removed),
        surety=Surety(case.confidence, percent),
        camera=str(case.cameras[0]) if case.cameras else "",
        camera_name=around.camera_name,
        reason=view_reason(around.decisions, case.id),
        map=draw_cell(cell, around.neighbours, spot_of(around.decisions), around.camera_at),
        near=tuple(
            NearCase(case_row(each, cell_facts(each, feature_of), around.now), each.cell_id == case.cell_id)
            for each in around.near
        ),
        waits_s=max(0.0, (around.now - case.opened_at).total_seconds()),
        is_waiting=case.life.stage is Stage.COLLECTED,
        last=last_step(events, around.names),
        claimed_by=name_of(around.claim.holder, around.names) if is_others and around.claim is not None else "",
    )


def view_looks(events: Sequence[CaseEvent], removed: RemovedAt = NONE_REMOVED) -> tuple[Look, ...]:
    """The newest sightings whose pictures are kept, the newest first."""
    pictured = [
        event
        for event in events
        if event.kind in _SHOWS_IT and event.evidence is not None and event.evidence.annotated not in removed
    ]
    return tuple(_look(event) for event in sorted(pictured, key=lambda each: each.at, reverse=True)[:MOST_LOOKS])


def view_before(
    looks: Sequence[Look], before: CaseEvent | None, removed: RemovedAt = NONE_REMOVED
) -> BeforePicture | None:
    """The picture from before it appeared; else the first sighting of several; None where there is neither."""
    if before is not None and before.evidence is not None and before.evidence.annotated not in removed:
        href = evidence_href(before.evidence.annotated)
        return BeforePicture("before", href, before.at, str(before.camera_id or ""))
    if len(looks) > 1:
        return BeforePicture("previous", looks[1].href, looks[1].at, looks[1].camera)
    return None


def render_candidate(
    case: Case, events: Sequence[CaseEvent], feature_of: FeatureOf, visitor: Visitor, around: CandidateAround
) -> str:
    """The middle of the page, for one candidate."""
    return render("review_candidate.html", visitor, candidate=view_candidate(case, events, feature_of, around))


def render_meanwhile(case: Case, events: Sequence[CaseEvent], visitor: Visitor, names: Names) -> str:
    """What happened to a case meanwhile, for a decision that came back."""
    row = case_row(case, CellFacts(case.cell_id))
    return render("review_meanwhile.html", visitor, row=row, last=last_step(events, names))


def _look(event: CaseEvent) -> Look:
    refs, count = event.evidence, event.data.get("object_count")
    return Look(
        href="" if refs is None else evidence_href(refs.annotated),
        crop="" if refs is None else evidence_href(refs.crop),
        at=event.at,
        camera=str(event.camera_id or ""),
        objects=count if isinstance(count, int) else None,
        surety=Surety.of(event.data),
        box=_around_boxes(event.data.get("boxes") or ()),
    )


def _around_boxes(boxes: Sequence[Sequence[float]]) -> str:
    whole = [box for box in boxes if len(box) == 4]
    if not whole:
        return ""
    sides = (min(b[0] for b in whole), min(b[1] for b in whole), max(b[2] for b in whole), max(b[3] for b in whole))
    return ",".join(f"{side:g}" for side in sides)
