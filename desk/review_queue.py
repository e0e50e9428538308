"""The review queue's list: who waits, in which order, and what the seat has done in its shift."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cases.case import Case
from cases.workflow.commands import STEPS, Command
from cases.workflow.shift import ShiftTally
from cases.workflow.waiting import MOST_COUNTED, WaitingOrder, WaitingPage
from desk.case_people import Names, name_of
from desk.case_row import CaseRow, FeatureOf, case_row, cell_facts, evidence_href, tone_of
from desk.cell_facts import ZONES
from desk.removed_pictures import NONE_REMOVED, RemovedAt
from desk.render import DESK_ZONE, render
from desk.review_filters import ReviewFilters
from desk.review_reasons import REASONS, RejectReason
from desk.visitor import Visitor
from desk.words import CATEGORY_WORDS

REVIEWERS = STEPS[Command.ACCEPT].roles


@dataclass(frozen=True, slots=True)
class ReviewAround:
    """What stands around the queue, asked of the stores."""

    now: datetime
    actor: str = ""
    """The visitor, as claims name seats."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Waiting by category; bounded together."""
    shift: ShiftTally = field(default_factory=ShiftTally)
    claims: Mapping[str, str] = field(default_factory=dict)
    """Who works on which case."""
    names: Names = field(default_factory=dict)
    removed: RemovedAt = field(default_factory=lambda: NONE_REMOVED)
    cameras: Collection[tuple[str, str]] = ()
    """Id and name of each, for the filter."""
    units: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One candidate in the list."""

    row: CaseRow
    crop: str
    """Address of its newest crop; empty where there is none, or no more."""
    percent: int | None
    confidence: float
    is_urgent: bool
    waits_s: float
    claimed_by: str
    is_mine: bool
    hour: str
    """Where a new hour of the time line begins: its words; else empty."""
    clock: str

    @property
    def stamp(self) -> str:
        """Changes when the row does."""
        return f"{self.row.version}.{self.claimed_by}.{self.hour}"


@dataclass(frozen=True, slots=True)
class QueueChip:
    """One category as a link."""

    category: str
    href: str
    is_on: bool
    count: int
    tone: str


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """Everything the list shows."""

    rows: tuple[QueueRow, ...]
    next_cursor: str
    filters: ReviewFilters
    total: int
    chips: tuple[QueueChip, ...]
    shift: ShiftTally
    now: datetime

    @property
    def total_text(self) -> str:
        """A bounded count says where it stopped."""
        return f"{MOST_COUNTED - 1}+" if self.total >= MOST_COUNTED else str(self.total)


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The page around the list."""

    queue: ReviewQueue
    may_decide: bool
    may_dispatch: bool
    reasons: tuple[RejectReason, ...]
    orders: tuple[str, ...]
    zones: tuple[str, ...]
    cameras: tuple[tuple[str, str], ...]
    units: tuple[str, ...]
    seat: str
    """Whose decisions wait in this browser."""


def view_queue(page: WaitingPage, filters: ReviewFilters, feature_of: FeatureOf, around: ReviewAround) -> ReviewQueue:
    """The list as data."""
    rows: list[QueueRow] = []
    hour = ""
    for case in page.cases:
        row = _row(case, feature_of, around)
        begins = _hour_of(case)
        by_time = filters.order in (WaitingOrder.OLDEST, WaitingOrder.NEWEST)
        rows.append(replace(row, hour=begins if by_time and begins != hour else ""))
        hour = begins
    categories = dict.fromkeys((*CATEGORY_WORDS, *around.counts))
    return ReviewQueue(
        rows=tuple(rows),
        next_cursor=page.next_cursor,
        filters=filters,
        total=sum(count for category, count in around.counts.items() if filters.category in ("", category)),
        chips=tuple(
            QueueChip(
                category,
                filters.of_category("" if category == filters.category else category).href,
                category == filters.category,
                around.counts.get(category, 0),
                tone_of(category),
            )
            for category in categories
        ),
        shift=around.shift,
        now=around.now,
    )


def render_review(
    page: WaitingPage, filters: ReviewFilters, feature_of: FeatureOf, visitor: Visitor, around: ReviewAround
) -> str:
    """The page as HTML."""
    view = ReviewPage(
        queue=view_queue(page, filters, feature_of, around),
        may_decide=bool(visitor.csrf_token) and visitor.is_any(REVIEWERS),
        may_dispatch=bool(visitor.csrf_token) and visitor.is_any(STEPS[Command.DISPATCH].roles & REVIEWERS),
        reasons=REASONS,
        orders=tuple(order.value for order in WaitingOrder),
        zones=ZONES,
        cameras=tuple(around.cameras),
        units=tuple(around.units),
        seat=around.actor,
    )
    return render("review.html", visitor, review=view)


def render_queue(
    page: WaitingPage, filters: ReviewFilters, feature_of: FeatureOf, visitor: Visitor, around: ReviewAround
) -> str:
    """The list alone, as the page asks for it again."""
    return render("review_queue.html", visitor, queue=view_queue(page, filters, feature_of, around))


def is_urgent(case: Case) -> bool:
    """A strict zone, or it came back."""
    return case.zone == "strict" or case.life.recurrence > 0


def _row(case: Case, feature_of: FeatureOf, around: ReviewAround) -> QueueRow:
    look = case.latest_evidence or case.evidence
    holder = around.claims.get(case.id, "")
    return QueueRow(
        row=case_row(case, cell_facts(case, feature_of)),
        crop="" if look is None or look.crop in around.removed else evidence_href(look.crop),
        percent=None if case.probability is None else min(99, max(1, round(100 * case.probability))),
        confidence=case.confidence,
        is_urgent=is_urgent(case),
        waits_s=max(0.0, (around.now - case.opened_at).total_seconds()),
        claimed_by=name_of(holder, around.names) if holder and holder != around.actor else "",
        is_mine=bool(holder) and holder == around.actor,
        hour="",
        clock=case.opened_at.astimezone(DESK_ZONE).strftime("%H:%M"),
    )


def _hour_of(case: Case) -> str:
    return case.opened_at.astimezone(DESK_ZONE).strftime("%m-%d %H:00")
