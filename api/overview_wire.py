"""The overview as programs read it."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import ConfigDict, Field

from api.problems import FieldRefused
from api.wire import FIRST_YEAR, LAST_YEAR, Moment, WireModel
from cases.overview.figures import Counts
from cases.overview.store import CameraPrecision, Overview, Share, Spot, Standing
from desk.render import DESK_ZONE

EXAMPLE_COUNTS: dict[str, Any] = {
    "opened": 120,
    "confirmed": 84,
    "rejected": 30,
    "waiting": 6,
    "voided": 2,
    "closed": 61,
    "recurring": 17,
    "due": 82,
    "met": 58,
    "missed": 5,
    "reworked": 3,
    "extended": 1,
}
EXAMPLE_STANDING: dict[str, Any] = {"open": 27, "waiting": 6, "late": 4, "near_due": 3, "late_of_span": 2}
EXAMPLE_SHARE: dict[str, Any] = {
    "value": "环卫一所",
    "counts": EXAMPLE_COUNTS,
    "standing": EXAMPLE_STANDING,
    "on_time": 0.8923,
}
EXAMPLE_OVERVIEW: dict[str, Any] = {
    "since": "2026-03-01T16:00:00Z",
    "until": "2026-03-02T16:00:00Z",
    "as_of": "2026-03-02T04:00:00Z",
    "total": EXAMPLE_COUNTS,
    "standing": EXAMPLE_STANDING,
    "categories": [{**EXAMPLE_SHARE, "value": "exposed_garbage"}],
    "zones": [{**EXAMPLE_SHARE, "value": "strict"}],
    "units": [EXAMPLE_SHARE],
    "hours": [{"hour": "2026-03-02T01:00:00Z", "counts": EXAMPLE_COUNTS}],
    "decision_median_s": 312.0,
    "closing_median_s": 9650.0,
    "cameras": [
        {"camera_id": "CAM-01", "reviewed": 40, "right": 33, "precision": 0.825, "low": 0.6805, "high": 0.9125}
    ],
    "spots": [{"cell_id": "510104001001001", "category": "street_stall", "cases": 4, "recurrence": 6}],
}


class DaysWire(WireModel):
    """Some of the city's days."""

    model_config = ConfigDict(populate_by_name=True)

    first: date | None = Field(None, alias="from", description="first day, in the city's zone; left out: today")
    last: date | None = Field(None, alias="to", description="last day, it counts; left out: the first, or today")

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """The first midnight and the one after the last day.

        Raises:
            FieldRefused: a year that no calendar here has.
        """
        today = now.astimezone(DESK_ZONE).date()
        first = self.first or self.last or today
        last = self.last or max(first, today if self.first is None else first)
        if not (FIRST_YEAR <= first.year <= LAST_YEAR and FIRST_YEAR <= last.year <= LAST_YEAR):
            raise FieldRefused(f"`from` and `to` lie between the years {FIRST_YEAR} and {LAST_YEAR}; write 2026-03-02")
        return _midnight(first), _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), DESK_ZONE)


class CountsWire(WireModel):
    """Cases opened in the span, by what became of them; `opened` = `confirmed` + `rejected` + `waiting`."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_COUNTS]})

    opened: int
    confirmed: int = Field(description="found to be cases, whatever became of them later")
    rejected: int = Field(description="turned away as candidates")
    waiting: int = Field(description="nobody has decided yet")
    voided: int = Field(description="confirmed first, void later")
    closed: int = Field(description="closed as put right")
    recurring: int = Field(description="they repeat an earlier case of their cell and category")
    due: int = Field(description="not void, with a deadline")
    met: int = Field(description="of these, reported or closed in time")
    missed: int = Field(description="of these, reported or closed late")
    reworked: int
    extended: int

    @classmethod
    def of(cls, counts: Counts) -> "CountsWire":
        return cls(**asdict(counts))


class StandingWire(WireModel):
    """What stands open now, whenever it was opened."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_STANDING]})

    open: int
    waiting: int = Field(description="of these, candidates that nobody has decided on")
    late: int
    near_due: int
    late_of_span: int = Field(description="of the late ones, opened in the span")

    @classmethod
    def of(cls, standing: Standing) -> "StandingWire":
        return cls(**asdict(standing))


class ShareWire(WireModel):
    """One category, zone or unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_SHARE]})

    value: str = Field(description="empty: the cases have none")
    counts: CountsWire
    standing: StandingWire
    on_time: float | None = Field(
        description="met ÷ (met + missed + late_of_span), 0 to 1; null: not assessed, as nothing had to be answered yet"
    )

    @classmethod
    def of(cls, share: Share) -> "ShareWire":
        return cls(
            value=share.value,
            counts=CountsWire.of(share.counts),
            standing=StandingWire.of(share.standing),
            on_time=share.on_time,
        )


class HourWire(WireModel):
    """One hour in which something was opened."""

    hour: Moment
    counts: CountsWire


class CameraPrecisionWire(WireModel):
    """How often people agreed with one camera's candidates, by reviews in the span."""

    camera_id: str
    reviewed: int
    right: int
    precision: float | None
    low: float = Field(description="of Wilson's 95 % interval")
    high: float

    @classmethod
    def of(cls, camera: CameraPrecision) -> "CameraPrecisionWire":
        low, high = camera.interval
        return cls(
            camera_id=camera.camera_id,
            reviewed=camera.reviewed,
            right=camera.right,
            precision=camera.precision,
            low=low,
            high=high,
        )


class SpotWire(WireModel):
    """A cell and category where cases come back."""

    cell_id: str
    category: str
    cases: int = Field(description="opened in the span, each a repeat")
    recurrence: int = Field(description="how many earlier ones the longest of their chains has")

    @classmethod
    def of(cls, spot: Spot) -> "SpotWire":
        return cls(cell_id=spot.cell_id, category=spot.category, cases=spot.cases, recurrence=spot.recurrence)


class OverviewWire(WireModel):
    """The figures of some days."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_OVERVIEW]})

    since: Moment
    until: Moment = Field(description="does not count")
    as_of: Moment = Field(description="what is late is late by now")
    total: CountsWire
    standing: StandingWire
    categories: tuple[ShareWire, ...] = Field(description="the most opened first; so are zones and units")
    zones: tuple[ShareWire, ...]
    units: tuple[ShareWire, ...]
    hours: tuple[HourWire, ...] = Field(description="UTC hours, in order; those without a case are left out")
    decision_median_s: float | None = Field(description="from the opening picture to the decision; null: none")
    closing_median_s: float | None
    cameras: tuple[CameraPrecisionWire, ...] = Field(description="the most doubtful first")
    spots: tuple[SpotWire, ...] = Field(description="the most repeats first, at most 12")

    @classmethod
    def of(cls, overview: Overview, now: datetime) -> "OverviewWire":
        return cls(
            since=overview.since,
            until=overview.until,
            as_of=now,
            total=CountsWire.of(overview.total),
            standing=StandingWire.of(overview.standing),
            categories=tuple(ShareWire.of(each) for each in overview.categories),
            zones=tuple(ShareWire.of(each) for each in overview.zones),
            units=tuple(ShareWire.of(each) for each in overview.units),
            hours=tuple(HourWire(hour=each.hour, counts=CountsWire.of(each.counts)) for each in overview.hours),
            decision_median_s=overview.decision_s,
            closing_median_s=overview.closing_s,
            cameras=tuple(CameraPrecisionWire.of(each) for each in overview.cameras),
            spots=tuple(SpotWire.of(each) for each in overview.spots),
        )
