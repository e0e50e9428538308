"""The overview of a span of hours: the roll-ups' sums, and what stands open now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, case, func, literal_column, select

from cases import tables
from cases.lateness import IS_OPEN, is_late, is_nearly_late
from cases.life import Stage
from cases.overview.figures import COUNTED, Counts, Dimension, Wait, hour_of
from cases.overview.tables import overview_hour, overview_wait
from cases.overview.waits import median_s
from cases.policy.tables import policy_review
from cases.policy.wilson import wilson_lower
from cases.transactions import reading
from core.clock import as_utc
from core.errors import CaseError
from core.ids import CameraId, CategoryId, CellId

MOST_SPOTS = 12
MOST_CAMERAS = 20_000
"""Cameras told of; the city's largest plan has 10,000."""
LONGEST_DAYS = 400
Z = 1.96
"""Standard deviations of the two-sided 95 % interval."""


class SpanRefused(CaseError):
    """A span of time that has no overview."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands open now, whenever it was opened."""

    open: int = 0
    waiting: int = 0
    """Of these, candidates that nobody has decided on."""
    late: int = 0
    near_due: int = 0
    late_of_span: int = 0
    """Of the late ones, opened in the span."""

    def __add__(self, other: "Standing") -> "Standing":
        return Standing(
            self.open + other.open,
            self.waiting + other.waiting,
            self.late + other.late,
            self.near_due + other.near_due,
            self.late_of_span + other.late_of_span,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """One category, zone or unit: what came in the span, and what stands open now."""

    value: str
    counts: Counts
    standing: Standing

    @property
    def on_time(self) -> float | None:
        """Of what was opened in the span and has had to be answered by now, the share answered in time, 0 to 1.

        What is due later leaves it out, as void cases do; None: nothing had to be answered, so it is not assessed.
        """
        judged = self.counts.met + self.counts.missed + self.standing.late_of_span
        return self.counts.met / judged if judged else None

    def of_due(self, cases: int) -> float | None:
        """A share of the cases with a deadline, 0 to 1; None: there are none."""
        return cases / self.counts.due if self.counts.due else None


@dataclass(frozen=True, slots=True)
class HourCounts:
    """One hour of the span."""

    hour: datetime
    counts: Counts


@dataclass(frozen=True, slots=True)
class CameraPrecision:
    """How often people agreed with one camera's candidates, reviewed in the span."""

    camera_id: CameraId
    reviewed: int
    right: int

    @property
    def precision(self) -> float | None:
        """0 to 1; None: not assessed."""
        return self.right / self.reviewed if self.reviewed else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 95 % on both sides; 0 to 1 where nothing was reviewed."""
        wrong = self.reviewed - self.right
        high = 1.0 - wilson_lower(wrong, self.reviewed, Z) if self.reviewed else 1.0
        return wilson_lower(self.right, self.reviewed, Z), high


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell and category where cases come back."""

    cell_id: CellId
    category: CategoryId
    cases: int
    """Opened in the span, each a repeat."""
    recurrence: int
    """The longest chain that one of them ends."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything of a span; ``since`` counts, ``until`` does not."""

    since: datetime
    until: datetime
    total: Counts
    standing: Standing
    categories: tuple[Share, ...]
    zones: tuple[Share, ...]
    units: tuple[Share, ...]
    hours: tuple[HourCounts, ...]
    """Hours in which something was opened, in order."""
    decision_s: float | None
    """Median from the opening picture to the decision; None: nothing was decided."""
    closing_s: float | None
    cameras: tuple[CameraPrecision, ...]
    """Reviewed in the span; the least certain to be good first."""
    spots: tuple[Spot, ...]
    """Most repeats first, ``MOST_SPOTS`` at most."""


class OverviewStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def overview(self, since: datetime, until: datetime, now: datetime) -> Overview:
        """The figures of what was opened in the hours of a span.

        Args:
            since: its first hour; an hour counts where it begins (of a zone beside the full hour, too).
            until: the first hour after it.
            now: what a deadline is late by.

        Raises:
            SpanRefused: the end is not behind the beginning, or the span is longer than ``LONGEST_DAYS``.
        """
        since, until = as_utc(since), as_utc(until)
        if not since < until:
            raise SpanRefused("the span ends before it begins; give `from` before or at `to`")
        if (until - since).days > LONGEST_DAYS:
            raise SpanRefused(f"the span is longer than {LONGEST_DAYS} days; ask for a shorter one")
        first, last = _hour_from(since), _hour_from(until)
        with reading(self._engine) as connection:
            standing = _standing(connection, as_utc(now), since, until)
            shares = {each: _shares(connection, each, first, last, standing) for each in Dimension}
            hours = _hours(connection, first, last)
            medians = {wait: _median(connection, wait, first, last) for wait in Wait}
            cameras = _precisions(connection, since, until)
            spots = _spots(connection, since, until)
        total = sum((hour.counts for hour in hours), Counts())
        now_open = sum((share.standing for share in shares[Dimension.CATEGORY]), Standing())
        return Overview(
            since,
            until,
            total,
            now_open,
            categories=shares[Dimension.CATEGORY],
            zones=shares[Dimension.ZONE],
            units=shares[Dimension.UNIT],
            hours=hours,
            decision_s=medians[Wait.DECISION],
            closing_s=medians[Wait.CLOSING],
            cameras=cameras,
            spots=spots,
        )


def _hour_from(moment: datetime) -> datetime:
    """The first full hour at or after a moment."""
    hour = hour_of(moment)
    return hour if hour == moment else hour + timedelta(hours=1)


_Grouped = dict[tuple[str, str, str], Standing]


def _standing(connection: Connection, now: datetime, since: datetime, until: datetime) -> _Grouped:
    """Open cases by category, zone and unit, in one pass over one index."""
    table = tables.case
    of_span = (table.c.opened_at >= since) & (table.c.opened_at < until)
    wanted = {
        "waiting": table.c.stage == Stage.COLLECTED.value,
        "late": is_late(now),
        "near": is_nearly_late(now),
        "late_of_span": is_late(now) & of_span,
    }
    sums = (func.sum(case((told, 1), else_=0)).label(name) for name, told in wanted.items())
    keys = (table.c.category, table.c.zone, table.c.unit)
    statement = select(*keys, func.count().label("open"), *sums).where(IS_OPEN).group_by(*keys)
    held: _Grouped = {}
    for row in connection.execute(statement):
        key = (row.category, row.zone or "", row.unit or "")  # no zone and an empty one are the same to a reader
        more = Standing(row.open, int(row.waiting), int(row.late), int(row.near), int(row.late_of_span))
        held[key] = held.get(key, Standing()) + more
    return held


_KEY_OF: dict[Dimension, Callable[[tuple[str, str, str]], str]] = {
    Dimension.CATEGORY: lambda key: key[0],
    Dimension.ZONE: lambda key: key[1],
    Dimension.UNIT: lambda key: key[2],
}


def _shares(
    connection: Connection, dimension: Dimension, first: datetime, last: datetime, standing: _Grouped
) -> tuple[Share, ...]:
    table = overview_hour
    here = (table.c.dimension == dimension.value) & (table.c.hour >= first) & (table.c.hour < last)
    statement = select(table.c.value, *_sums()).where(here).group_by(table.c.value)
    counts = {row.value: _counts(row) for row in connection.execute(statement)}
    now_open: dict[str, Standing] = {}
    for key, held in standing.items():
        value = _KEY_OF[dimension](key)
        now_open[value] = now_open.get(value, Standing()) + held
    shares = (
        Share(value, counts.get(value, Counts()), now_open.get(value, Standing())) for value in {*counts, *now_open}
    )
    kept = (share for share in shares if share.counts or share.standing.open)
    return tuple(sorted(kept, key=lambda share: (-share.counts.opened, -share.standing.open, share.value)))


def _hours(connection: Connection, first: datetime, last: datetime) -> tuple[HourCounts, ...]:
    table = overview_hour
    here = (table.c.dimension == Dimension.CATEGORY.value) & (table.c.hour >= first) & (table.c.hour < last)
    statement = select(table.c.hour, *_sums()).where(here).group_by(table.c.hour).order_by(table.c.hour)
    found = (HourCounts(row.hour, _counts(row)) for row in connection.execute(statement))
    return tuple(hour for hour in found if hour.counts)


def _sums() -> Sequence[Any]:
    return [func.sum(overview_hour.c[name]).label(name) for name in COUNTED]


def _counts(row: Any) -> Counts:
    return Counts(*(int(getattr(row, name)) for name in COUNTED))


def _median(connection: Connection, wait: Wait, first: datetime, last: datetime) -> float | None:
    table = overview_wait
    here = (table.c.wait == wait.value) & (table.c.hour >= first) & (table.c.hour < last)
    statement = select(table.c.bucket, func.sum(table.c.cases).label("held")).where(here).group_by(table.c.bucket)
    return median_s({row.bucket: int(row.held) for row in connection.execute(statement)})


def _precisions(connection: Connection, since: datetime, until: datetime) -> tuple[CameraPrecision, ...]:
    table = policy_review
    right = func.sum(case((table.c.was_right, 1), else_=0))
    statement = (
        select(table.c.camera_id, func.count().label("reviewed"), right.label("right"))
        .where(table.c.reviewed_at >= since, table.c.reviewed_at < until)
        .group_by(table.c.camera_id)
        .limit(MOST_CAMERAS)
    )
    found = [
        CameraPrecision(CameraId(row.camera_id), row.reviewed, int(row.right)) for row in connection.execute(statement)
    ]
    return tuple(sorted(found, key=lambda each: (each.interval[1], -each.reviewed, each.camera_id)))


def _spots(connection: Connection, since: datetime, until: datetime) -> tuple[Spot, ...]:
    table = tables.case
    recurs = table.c.recurrence > literal_column("0")  # written out, or SQLite passes its partial index by
    cases = func.count()
    statement = (
        select(table.c.cell_id, table.c.category, cases.label("cases"), func.max(table.c.recurrence).label("longest"))
        .where(recurs, table.c.opened_at >= since, table.c.opened_at < until)
        .group_by(table.c.cell_id, table.c.category)
        .order_by(cases.desc(), func.max(table.c.recurrence).desc(), table.c.cell_id, table.c.category)
        .limit(MOST_SPOTS)
    )
    return tuple(
        Spot(CellId(row.cell_id), CategoryId(row.category), row.cases, row.longest)
        for row in connection.execute(statement)
    )
