"""The live list of cases: what each row shows, and the chips above it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cases.case import Case, CaseState
from cases.life import Stage
from cases.queries import CaseCount, CasePage
from core.ids import CategoryId, CellId
from desk.case_filters import CaseFilters
from desk.cell_facts import CellFacts
from desk.render import render
from desk.visitor import Visitor
from desk.words import CATEGORY_WORDS

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


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter as a link."""

    key: str
    href: str
    is_on: bool
    count: int | None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class CaseListView:
    """Everything the case list shows."""

    rows: tuple[CaseRow, ...]
    states: tuple[Chip, ...]
    categories: tuple[Chip, ...]
    filters: CaseFilters
    kept: tuple[tuple[str, str], ...]
    """Hidden fields that keep the chips' choice when the form is sent."""
    clear_href: str
    older_href: str
    newest_href: str
    empty: str
    """Which empty state to show: ``cases``, ``open``, ``filtered``; empty when there are rows."""

    @property
    def is_filtered(self) -> bool:
        return self.filters.are_narrow


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


def case_row(case: Case, cell: CellFacts) -> CaseRow:
    """One case with its cell, as a row."""
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
        stage=case.life.stage.value,
        is_suspended=case.life.is_suspended,
    )


def view_case_list(
    page: CasePage, filters: CaseFilters, counts: Sequence[CaseCount], feature_of: FeatureOf
) -> CaseListView:
    """The list as data; cells are looked up once each."""
    cells = {case.id: cell_facts(case, feature_of) for case in page.cases}
    kept = (("state", "" if filters.state is CaseState.OPEN else filters.state_key), ("category", filters.category))
    return CaseListView(
        rows=tuple(case_row(case, cells[case.id]) for case in page.cases),
        states=_state_chips(filters, counts),
        categories=_category_chips(filters, counts),
        filters=filters,
        kept=tuple((name, value) for name, value in kept if value),
        clear_href=(filters.without_narrowing() if filters.are_narrow else CaseFilters(state=None)).href,
        older_href=filters.at_cursor(page.next_cursor).href if page.next_cursor else "",
        newest_href=filters.at_cursor("").href if filters.cursor else "",
        empty=_which_empty(page, filters, counts),
    )


def render_case_list(
    page: CasePage,
    filters: CaseFilters,
    counts: Sequence[CaseCount],
    feature_of: FeatureOf,
    visitor: Visitor,
    removed: Mapping[str, datetime] | None = None,
) -> str:
    """The case list as HTML.

    Args:
        page: what the store answered to ``filters.to_case_query()`` at ``filters.cursor``.
        filters: ``CaseFilters.from_query`` of the request.
        counts: of all cases, by state and category.
        feature_of: a cell's GeoJSON feature by its code.
        visitor: who looks.
        removed: SHA-256 of pictures that are kept no more, with the moment of their removal.
    """
    view = view_case_list(page, filters, counts, feature_of)
    gone = {evidence_href(sha256) for sha256 in removed or {}}
    rows = tuple(replace(row, thumbnail="") if row.thumbnail in gone else row for row in view.rows)
    return render("cases.html", visitor, list=replace(view, rows=rows), stages=tuple(stage.value for stage in Stage))


def _state_chips(filters: CaseFilters, counts: Sequence[CaseCount]) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            key="all" if state is None else state.value,
            href=filters.in_state(state).href,
            is_on=filters.state is state,
            count=_count(counts, state, filters.category),
        )
        for state in (CaseState.OPEN, CaseState.CLOSED, None)
    )


def _category_chips(filters: CaseFilters, counts: Sequence[CaseCount]) -> tuple[Chip, ...]:
    others = sorted({count.category for count in counts} - set(CATEGORY_WORDS))
    asked = [filters.category] if filters.category and filters.category not in {*CATEGORY_WORDS, *others} else []
    return tuple(
        Chip(
            key=key,
            href=filters.of_category(key).href,
            is_on=filters.category == key,
            count=_count(counts, filters.state, key),
            tone=tone_of(key),
        )
        for key in ("", *CATEGORY_WORDS, *others, *asked)
    )


def _count(counts: Sequence[CaseCount], state: CaseState | None, category: str) -> int:
    return sum(
        count.count for count in counts if state in (None, count.state) and (not category or category == count.category)
    )


def _which_empty(page: CasePage, filters: CaseFilters, counts: Sequence[CaseCount]) -> str:
    if page.cases:
        return ""
    if not sum(count.count for count in counts):
        return "cases"
    if filters.are_narrow or filters.cursor or filters.state is not CaseState.OPEN:
        return "filtered"
    return "open"
