"""The live list of cases: its rows, and the chips above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cases.case import CaseState
from cases.life import Stage
from cases.queries import CaseCount, CasePage, ListOrder
from cases.roles import Role
from cases.tallies import COUNTED_STAGES, LATE, MOST, NEARLY_LATE
from cases.workflow.commands import STEPS, Command
from core.ids import CategoryId
from desk.case_filters import CaseFilters
from desk.case_people import Names, name_of
from desk.case_row import CaseRow, FeatureOf, case_row, cell_facts, evidence_href, tone_of
from desk.case_steps import StepForm, form_of
from desk.cell_facts import ZONES
from desk.render import render
from desk.visitor import Visitor
from desk.words import CATEGORY_WORDS

__all__ = [
    "CaseRow",
    "FeatureOf",
    "ListAround",
    "case_row",
    "cell_facts",
    "evidence_href",
    "render_case_list",
    "tone_of",
    "view_case_list",
]

BULK = (
    Command.ACCEPT,
    Command.REJECT,
    Command.DISPATCH,
    Command.TAKE,
    Command.REPORT,
    Command.VERIFY,
    Command.REWORK,
    Command.CLOSE,
    Command.COMMENT,
)
"""What is offered for several cases at once; what changes a deadline is decided case by case."""
KEPT = ("state", "category", "stage", "overdue", "near", "recurs", "verdict")
"""What chips and links choose: the form sends it along."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter as a link."""

    key: str
    href: str
    is_on: bool
    count: int | None
    tone: str = ""

    @property
    def count_text(self) -> str:
        """A bounded count says where it stopped."""
        if self.count is None:
            return ""
        return f"{MOST - 1}+" if self.count >= MOST else str(self.count)


@dataclass(frozen=True, slots=True)
class ListAround:
    """What stands around the cases, asked of the other stores."""

    now: datetime
    tallies: Mapping[str, int] = field(default_factory=dict)
    """By stage, and late: see ``cases.tallies``."""
    claims: Mapping[str, str] = field(default_factory=dict)
    """Who works on which case, as claims name seats."""
    names: Names = field(default_factory=dict)
    units: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()
    """The visitor's, where they may act."""


@dataclass(frozen=True, slots=True)
class CaseListView:
    """Everything the case list shows."""

    rows: tuple[CaseRow, ...]
    states: tuple[Chip, ...]
    categories: tuple[Chip, ...]
    stages: tuple[Chip, ...]
    """The open cases' way: what waits at each step."""
    lateness: tuple[Chip, ...]
    filters: CaseFilters
    kept: tuple[tuple[str, str], ...]
    """Hidden fields that keep the chips' choice when the form is sent."""
    clear_href: str
    older_href: str
    newest_href: str
    empty: str
    """Which empty state to show: ``cases``, ``open``, ``filtered``; empty when there are rows."""
    zones: tuple[str, ...]
    orders: tuple[str, ...]
    units: tuple[str, ...]
    bulk: tuple[StepForm, ...]
    """What the visitor may do with several at once; empty: no boxes to tick."""
    now: datetime | None

    @property
    def is_filtered(self) -> bool:
        return self.filters.are_narrow


def view_case_list(
    page: CasePage,
    filters: CaseFilters,
    counts: Sequence[CaseCount] | None,
    feature_of: FeatureOf,
    around: ListAround | None = None,
) -> CaseListView:
    """The list as data; cells are looked up once each."""
    cells = {case.id: cell_facts(case, feature_of) for case in page.cases}
    now = None if around is None else around.now
    around = around or ListAround(datetime.min.replace(tzinfo=UTC))
    kept = {
        name: filters.fields.get(name, "")
        for name in ("state", "category", "stage", "overdue", "near", "recurs", "verdict")
    }
    return CaseListView(
        rows=tuple(
            case_row(case, cells[case.id], now, name_of(around.claims.get(case.id, ""), around.names))
            for case in page.cases
        ),
        states=_state_chips(filters, counts),
        categories=_category_chips(filters, counts),
        stages=_stage_chips(filters, around.tallies),
        lateness=_lateness_chips(filters, around.tallies),
        filters=filters,
        kept=tuple((name, value) for name, value in kept.items() if value),
        clear_href=(filters.without_narrowing() if filters.are_narrow else CaseFilters(state=None)).href,
        older_href=filters.at_cursor(page.next_cursor).href if page.next_cursor else "",
        newest_href=filters.at_cursor("").href if filters.cursor else "",
        empty=_which_empty(page, filters, counts),
        zones=ZONES,
        orders=tuple(order.value for order in ListOrder),
        units=around.units,
        bulk=tuple(form_of(command) for command in BULK if STEPS[command].roles & around.roles),
        now=now,
    )


def render_case_list(
    page: CasePage,
    filters: CaseFilters,
    counts: Sequence[CaseCount] | None,
    feature_of: FeatureOf,
    visitor: Visitor,
    removed: Mapping[str, datetime] | None = None,
    around: ListAround | None = None,
) -> str:
    """The case list as HTML.

    Args:
        page: what the store answered to ``filters.to_case_query()`` at ``filters.cursor``.
        filters: ``CaseFilters.from_query`` of the request.
        counts: of all cases, by state and category (an empty one: of all); None: not for this visitor's eyes.
        feature_of: a cell's GeoJSON feature by its code.
        visitor: who looks.
        removed: SHA-256 of pictures that are kept no more, with the moment of their removal.
        around: what waits where, who works on what, and what may be done to several at once.
    """
    view = view_case_list(page, filters, counts, feature_of, around)
    gone = {evidence_href(sha256) for sha256 in removed or {}}
    rows = tuple(replace(row, thumbnail="") if row.thumbnail in gone else row for row in view.rows)
    return render("cases.html", visitor, list=replace(view, rows=rows))


def _state_chips(filters: CaseFilters, counts: Sequence[CaseCount] | None) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            key="all" if state is None else state.value,
            href=filters.in_state(state).href,
            is_on=filters.state is state,
            count=_count(counts, state, filters.category),
        )
        for state in (CaseState.OPEN, CaseState.CLOSED, None)
    )


def _category_chips(filters: CaseFilters, counts: Sequence[CaseCount] | None) -> tuple[Chip, ...]:
    others = sorted({count.category for count in counts or () if count.category} - set(CATEGORY_WORDS))
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


def _stage_chips(filters: CaseFilters, tallies: Mapping[str, int]) -> tuple[Chip, ...]:
    chips = (
        Chip(
            key=stage.value,
            href=filters.at_stage(None if filters.stage is stage else stage).href,
            is_on=filters.stage is stage,
            count=tallies.get(stage.value),
        )
        for stage in COUNTED_STAGES
    )
    void = Chip("void", replace(filters.at_stage(Stage.VOID), state=None).href, filters.stage is Stage.VOID, None)
    return (*chips, void)


def _lateness_chips(filters: CaseFilters, tallies: Mapping[str, int]) -> tuple[Chip, ...]:
    off = replace(filters.at_stage(None), order=ListOrder.NEWEST).href
    late, near = filters.is_overdue, filters.is_near_due
    return (
        Chip("overdue", off if late else filters.late(True, False).href, late, tallies.get(LATE)),
        Chip("near_due", off if near else filters.late(False, True).href, near, tallies.get(NEARLY_LATE)),
        Chip("recurrence", off if filters.recurs else filters.recurring().href, filters.recurs, None),
    )


def _count(counts: Sequence[CaseCount] | None, state: CaseState | None, category: str) -> int | None:
    """How many, or None where nobody counted that."""
    if counts is None:
        return None
    found = [_count_in(counts, each, category) for each in CaseState if state in (None, each)]
    return None if None in found else sum(count or 0 for count in found)


def _count_in(counts: Sequence[CaseCount], state: CaseState, category: str) -> int | None:
    """Of one state; a count without a category is of all of them, and may be the only one there is."""
    totals = [count.count for count in counts if count.state is state and not count.category]
    parts = {count.category: count.count for count in counts if count.state is state and count.category}
    if not category:
        return totals[0] if totals else sum(parts.values())
    if totals and totals[0] and not parts:
        return None
    return parts.get(CategoryId(category), 0)


def _which_empty(page: CasePage, filters: CaseFilters, counts: Sequence[CaseCount] | None) -> str:
    if page.cases:
        return ""
    if counts is not None and not sum(count.count for count in counts):
        return "cases"
    if filters.are_narrow or filters.cursor or filters.state is not CaseState.OPEN:
        return "filtered"
    return "open"
