"""One case: its pictures, facts, history, map and the form that closes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case, CaseEvent, CloseReason
from cases.requests.voices import Voice
from core.geometry import Point
from desk.case_evidence import Picture, view_pictures
from desk.case_history import HistoryPart, view_history
from desk.case_list import CaseRow, FeatureOf, case_row, cell_facts
from desk.case_steps import CaseSteps
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
    voices: tuple[Voice, ...] = ()
    """What people said of it."""


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
) -> CaseView:
    """The page as data."""
    places = places or CasePlaces()
    cell = cell_facts(case, feature_of)
    may_close = case.is_open and visitor.may_close
    return CaseView(
        row=case_row(case, cell),
        opened_at=case.opened_at,
        cleared_at=case.cleared_at,
        closed_at=case.closed_at,
        closed_by=case.closed_by or "",
        close_note=case.close_note or "",
        confidence=case.confidence,
        pictures=mark_pictures(view_pictures(case, events), removed),
        history=mark_history(view_history(events), removed),
        event_count=len(events),
        map=draw_cell(cell, places.neighbours, places.spot, places.camera),
        previous_href=f"/cases/{case.previous_case_id}" if case.previous_case_id else "",
        previous_number=previous.number if previous is not None else "",
        json_href=f"/api/v1/cases/{case.id}",
        close_href=f"/cases/{case.id}/close",
        reasons=tuple(reason.value for reason in CloseReason) if may_close else (),
        steps=steps,
        voices=voices,
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
) -> str:
    """A case's page as HTML.

    Args:
        case: the case.
        events: its events, oldest first.
        feature_of: a cell's GeoJSON feature by its code.
        visitor: who looks; needs ``may_close`` and a CSRF token to be offered the close form.
        previous: the case that this one repeats, for its number; the link stands without it too.
        places: where the violation, the camera and the cells around are, for the map.
        removed: which of its pictures are kept no more.
        steps: how far it has come and what the visitor may do (``case_steps.view_steps``).
        voices: what citizens and the hotline's seats said of it.
    """
    view = view_case(case, events, feature_of, visitor, previous, places, removed, steps, voices)
    return render("case.html", visitor, case=view)
