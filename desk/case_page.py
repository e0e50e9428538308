"""One case: how far it has come and by when, its pictures, what was said of it, its history, and what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.access.audit import AuditEntry
from cases.case import Case, CaseEvent, CloseReason
from cases.policy.decisions import KeptDecision
from cases.requests.voices import Voice
from core.geometry import Point
from desk.case_chain import ChainLink, OriginalViewing, view_chain, view_viewings
from desk.case_clock import DeadlineClock
from desk.case_comparison import Comparison, view_comparison
from desk.case_evidence import Picture, view_pictures
from desk.case_history import HistoryLine, HistoryPart, last_step, view_history
from desk.case_people import Names, name_of
from desk.case_reasons import CaseReason, spot_of, view_reason
from desk.case_row import CaseRow, FeatureOf, case_row, cell_facts
from desk.case_stages import StageLine, view_line
from desk.case_steps import CaseSteps
from desk.case_threads import Remark, Sight, view_remarks, view_sightings
from desk.cell_facts import CellFacts
from desk.cell_map import CellMap, draw_cell
from desk.removed_pictures import NONE_REMOVED, RemovedAt, mark_history, mark_pictures
from desk.render import render
from desk.visitor import Visitor


@dataclass(frozen=True, slots=True)
class CasePlaces:
    """Where things stand around the case, longitude and latitude in degrees; what is unknown stays empty."""

    spot: Point | None = None
    camera: Point | None = None
    neighbours: tuple[CellFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseAround:
    """What stands around a case, asked of the other stores."""

    now: datetime
    clock: DeadlineClock
    actor: str = ""
    """The visitor, as events name people."""
    names: Names = field(default_factory=dict)
    chain: tuple[Case, ...] = ()
    """The case and those that it repeats or that repeat it, the first one first; only what the visitor may see."""
    decisions: tuple[KeptDecision, ...] = ()
    viewings: tuple[AuditEntry, ...] | None = None
    """Who looked at its originals; None: not for this visitor's eyes."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the page of a case shows."""

    row: CaseRow
    opened_at: datetime
    cleared_at: datetime | None
    closed_at: datetime | None
    closed_by: str
    close_note: str
    confidence: float
    pictures: tuple[Picture, ...]
    history: tuple[HistoryPart, ...]
    event_count: int
    map: CellMap | None
    previous_href: str
    previous_number: str
    json_href: str
    close_href: str
    reasons: tuple[str, ...]
    """What the close form offers; empty when the case is closed or the visitor may not close it."""
    steps: CaseSteps | None
    """How far it has come; None where nobody asked."""
    voices: tuple[Voice, ...]
    """What people said of it."""
    line: StageLine
    clock: DeadlineClock | None
    now: datetime | None
    pair: Comparison | None
    remarks: tuple[Remark, ...]
    sights: tuple[Sight, ...]
    more_sights: int
    chain: tuple[ChainLink, ...]
    reason: CaseReason | None
    viewings: tuple[OriginalViewing, ...] | None
    last: HistoryLine | None
    """The newest step that a person, or a rule, took."""
    sources: tuple[tuple[str, int], ...]
    """How often it was told of, by source, where it was more than the cameras."""
    file_href: str


def view_case(
    case: Case,
    events: Sequence[CaseEvent],
    feature_of: FeatureOf,
    visitor: Visitor,
    previous: Case | None = None,
    places: CasePlaces | None = None,
    removed: RemovedAt = NONE_REMOVED,
    steps: CaseSteps | None = None,
    voices: tuple[Voice, ...] = (),
    around: CaseAround | None = None,
) -> CaseView:
    """The page as data."""
    cell = cell_facts(case, feature_of)
    may_close = case.is_open and visitor.may_close
    may_see_previous = previous is not None or around is None
    names = {} if around is None else around.names
    decisions = () if around is None else around.decisions
    places = places or CasePlaces(spot=spot_of(decisions))
    sights, more_sights = view_sightings(events, removed)
    reports = tuple((source.value, count) for source, count in case.life.reports)
    return CaseView(
        row=case_row(case, cell, None if around is None else around.now),
        opened_at=case.opened_at,
        cleared_at=case.cleared_at,
        closed_at=case.closed_at,
        closed_by=name_of(case.closed_by or "", names),
        close_note=case.close_note or "",
        confidence=case.confidence,
        pictures=mark_pictures(view_pictures(case, events), removed),
        history=mark_history(view_history(events, names), removed),
        event_count=len(events),
        map=draw_cell(cell, places.neighbours, places.spot, places.camera),
        previous_href=f"/cases/{case.previous_case_id}" if case.previous_case_id and may_see_previous else "",
        previous_number=previous.number if previous is not None else "",
        json_href=f"/api/v1/cases/{case.id}",
        close_href=f"/cases/{case.id}/close",
        reasons=tuple(reason.value for reason in CloseReason) if may_close else (),
        steps=steps,
        voices=voices,
        line=view_line(case, events, names),
        clock=None if around is None else around.clock,
        now=None if around is None else around.now,
        pair=view_comparison(case, events, removed),
        remarks=view_remarks(events, "" if around is None else around.actor, names),
        sights=sights,
        more_sights=more_sights,
        chain=() if around is None else view_chain(case, around.chain),
        reason=view_reason(decisions, case.id),
        viewings=None if around is None or around.viewings is None else view_viewings(around.viewings, names),
        last=last_step(events, names),
        sources=reports if len(reports) > 1 else (),
        file_href=f"/cases/{case.id}/file",
    )


def render_case_page(
    case: Case,
    events: Sequence[CaseEvent],
    feature_of: FeatureOf,
    visitor: Visitor,
    previous: Case | None = None,
    places: CasePlaces | None = None,
    removed: RemovedAt = NONE_REMOVED,
    steps: CaseSteps | None = None,
    voices: tuple[Voice, ...] = (),
    around: CaseAround | None = None,
) -> str:
    """A case's page as HTML.

    Args:
        case: the case.
        events: its events, oldest first.
        feature_of: a cell's GeoJSON feature by its code.
        visitor: who looks; needs ``may_close`` and a CSRF token to be offered the close form.
        previous: the case that this one repeats, where the visitor may see it.
        places: where the violation, the camera and the cells around are, for the map.
        removed: which of its pictures are kept no more.
        steps: how far it has come and what the visitor may do (``case_steps.view_steps``).
        voices: what citizens and the hotline's seats said of it.
        around: its clock, its chain, why it is a case, who looked at its originals.
    """
    view = view_case(case, events, feature_of, visitor, previous, places, removed, steps, voices, around)
    return render("case.html", visitor, case=view)
