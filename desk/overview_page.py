"""The overview for the shift leader: what came, what became of it, who is late, where it comes back."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from cases.cameras import CameraRecord
from cases.overview.figures import Counts
from cases.overview.store import CameraPrecision, HourCounts, Overview, Share, Standing
from core.ids import CameraId
from desk.camera_page import SILENT_AFTER_S
from desk.case_row import tone_of
from desk.cell_facts import ZONES
from desk.overview_charts import HALF, WIDE, Chart, Column, chart_of
from desk.overview_span import Span, SpanKind
from desk.render import DESK_ZONE, render
from desk.visitor import Visitor

ALL = CameraId("*")
SHOWN_CAMERAS = 15
SHOWN_DOWN = 8
NOT_WATCHING = ("down", "stalled", "unknown")

__all__ = ["CameraWatch", "OverviewView", "render_overview", "view_overview", "watch_of"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, large; a link where a list shows the same cases."""

    key: str
    """``overview.tile.<key>`` names it."""
    text: str
    href: str = ""
    under: str = ""
    tone: str = ""
    """``warn`` or ``bad`` where somebody should look."""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One category, zone or unit."""

    value: str
    """As stored; empty: none."""
    tone: str
    counts: Counts
    standing: Standing
    bar: float
    """Its candidates beside the most of the table, 0 to 1."""
    href: str
    """All that was opened in the span; empty where no list can be narrowed to it."""
    confirmed_href: str
    rejected_href: str
    open_href: str
    late_href: str
    on_time: str
    handled: str
    reworked: str
    extended: str


@dataclass(frozen=True, slots=True)
class CameraRow:
    """How often people agreed with a camera."""

    id: str
    reviewed: int
    right: int
    precision: str
    low: float
    high: float
    """Wilson's interval, 0 to 1."""
    interval: str
    share: float
    href: str


@dataclass(frozen=True, slots=True)
class SpotRow:
    """Where cases come back."""

    cell: str
    name: str
    category: str
    tone: str
    cases: int
    recurrence: int
    href: str


@dataclass(frozen=True, slots=True)
class DownCamera:
    """A camera that shows nothing now."""

    id: str
    name: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CameraWatch:
    """How many cameras there are, and which show nothing."""

    total: int
    down: int
    shown: tuple[DownCamera, ...]
    """The longest away first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way of choosing days, as a link."""

    key: str
    href: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class OverviewView:
    """Everything the page shows."""

    span: Span
    spans: tuple[Choice, ...]
    before_href: str
    after_href: str
    """Empty: the next days have not begun."""
    is_running: bool
    """The span holds the present moment: its figures still grow."""
    tiles: tuple[Tile, ...]
    now_tiles: tuple[Tile, ...]
    hours: Chart
    days: Chart | None
    """None for a single day."""
    categories: tuple[ShareRow, ...]
    zones: tuple[ShareRow, ...]
    units: tuple[ShareRow, ...]
    cameras: tuple[CameraRow, ...]
    cameras_reviewed: int
    all_cameras: CameraRow | None
    """All reviews together; None where nothing was reviewed."""
    spots: tuple[SpotRow, ...]
    down: CameraWatch
    decision_s: float | None
    closing_s: float | None
    exports: Mapping[str, str]
    """Addresses by what they give; empty: not for this visitor."""


def watch_of(cameras: Sequence[CameraRecord], now: datetime) -> CameraWatch:
    """Which cameras show nothing now; one whose worker has fallen silent shows nothing either."""
    meant = [camera for camera in cameras if camera.state not in ("disabled", "ended")]
    away = [camera for camera in meant if camera.state in NOT_WATCHING or _is_silent(camera, now)]
    shown = sorted(away, key=lambda camera: (camera.since, camera.camera_id))[:SHOWN_DOWN]
    return CameraWatch(
        len(meant),
        len(away),
        tuple(
            DownCamera(
                camera.camera_id,
                camera.name,
                camera.state if camera.state in NOT_WATCHING else "silent",
                camera.since,
            )
            for camera in shown
        ),
    )


def _is_silent(camera: CameraRecord, now: datetime) -> bool:
    return camera.updated_at is not None and (now - camera.updated_at).total_seconds() > SILENT_AFTER_S


def view_overview(
    overview: Overview, span: Span, watch: CameraWatch, now: datetime, cell_name: Callable[[str], str], may_export: bool
) -> OverviewView:
    """The page as data.

    Args:
        cell_name: a cell's own name by its code; empty where it has none.
    """
    links = _Links(span)
    reviewed = sum(camera.reviewed for camera in overview.cameras)
    right = sum(camera.right for camera in overview.cameras)
    everyone = CameraPrecision(ALL, reviewed, right) if reviewed else None
    today = now.astimezone(DESK_ZONE).date()
    anchor = min(max(today, span.first), span.last)
    return OverviewView(
        span=span,
        spans=tuple(
            Choice(kind.value, Span.of(kind, anchor).href, span.kind is kind)
            for kind in (SpanKind.DAY, SpanKind.WEEK, SpanKind.MONTH)
        ),
        before_href=span.before.href,
        after_href="" if span.last >= today else span.after.href,
        is_running=span.holds(now),
        tiles=_tiles(overview, links),
        now_tiles=_now_tiles(overview.standing, watch),
        hours=_by_hour(overview.hours, WIDE if span.days == 1 else HALF),
        days=_by_day(overview.hours, span) if span.days > 1 else None,
        categories=_shares(overview.categories, links, "category"),
        zones=_shares(overview.zones, links, "zone"),
        units=_shares(overview.units, links, "unit"),
        cameras=tuple(_camera(camera, links) for camera in overview.cameras[:SHOWN_CAMERAS]),
        cameras_reviewed=len(overview.cameras),
        all_cameras=None if everyone is None else _camera(everyone, links),
        spots=tuple(
            SpotRow(
                spot.cell_id,
                cell_name(spot.cell_id),
                spot.category,
                tone_of(spot.category),
                spot.cases,
                spot.recurrence,
                links.to(cell_id=spot.cell_id, category=spot.category, recurs="1"),
            )
            for spot in overview.spots
        ),
        down=watch,
        decision_s=overview.decision_s,
        closing_s=overview.closing_s,
        exports=links.exports if may_export else {},
    )


def render_overview(view: OverviewView, visitor: Visitor, now: datetime) -> str:
    """The overview as HTML."""
    return render("overview.html", visitor, view=view, now=now, zones=ZONES)


@dataclass(frozen=True, slots=True)
class _Links:
    span: Span

    @property
    def _days(self) -> dict[str, str]:
        return {"from": self.span.first.isoformat(), "to": self.span.last.isoformat()}

    def to(self, **narrowed: str) -> str:
        """The list of what was opened in the span, whatever became of it."""
        return "/?" + urlencode({"state": "all", **narrowed, **self._days})

    @staticmethod
    def now(**narrowed: str) -> str:
        """The list of what stands open now."""
        return "/?" + urlencode(narrowed) if narrowed else "/"

    @property
    def exports(self) -> Mapping[str, str]:
        """Where the span's files are."""
        days = urlencode(self._days)
        cases = urlencode({"state": "all", **self._days})
        return {
            "cases.xlsx": f"/api/v1/exports/cases.xlsx?{cases}",
            "cases.csv": f"/api/v1/exports/cases.csv?{cases}",
            "figures.xlsx": f"/api/v1/exports/figures.xlsx?{days}",
            "figures.unit.csv": f"/api/v1/exports/figures.csv?by=unit&{days}",
            "figures.category.csv": f"/api/v1/exports/figures.csv?by=category&{days}",
            "figures.camera.csv": f"/api/v1/exports/figures.csv?by=camera&{days}",
        }


def _tiles(overview: Overview, links: _Links) -> tuple[Tile, ...]:
    total = overview.total
    decided = total.confirmed + total.rejected

    def tile(key: str, cases: int, of: int | None, **narrowed: str) -> Tile:
        return Tile(key, f"{cases:,}", links.to(**narrowed), "" if of is None else percent(_part(cases, of)))

    return (
        tile("opened", total.opened, None),
        tile("confirmed", total.confirmed, decided, verdict="confirmed"),
        tile("rejected", total.rejected, decided, verdict="rejected"),
        tile("waiting", total.waiting, None, state="open", stage="collected"),
        tile("closed", total.closed, total.confirmed, stage="closed"),
        tile("recurring", total.recurring, total.opened, recurs="1"),
    )


def _now_tiles(standing: Standing, watch: CameraWatch) -> tuple[Tile, ...]:
    def tile(key: str, cases: int, tone: str = "", **narrowed: str) -> Tile:
        return Tile(key, f"{cases:,}", _Links.now(**narrowed), tone=tone if cases else "")

    return (
        tile("now_open", standing.open),
        tile("now_waiting", standing.waiting, stage="collected"),
        tile("now_near", standing.near_due, "warn", near="1", sort="due"),
        tile("now_late", standing.late, "bad", overdue="1", sort="due"),
        Tile("now_down", str(watch.down), "/cameras", f"/ {watch.total}", "bad" if watch.down else ""),
    )


def _shares(shares: Sequence[Share], links: _Links, narrowed_by: str) -> tuple[ShareRow, ...]:
    most = max((share.counts.opened for share in shares), default=0)
    return tuple(_share(share, links, narrowed_by, most) for share in shares)


def _share(share: Share, links: _Links, narrowed_by: str, most: int) -> ShareRow:
    counts, value = share.counts, share.value
    # The list cannot be narrowed to cases that have no zone, or no unit.
    here = {narrowed_by: value} if value and (narrowed_by != "zone" or value in ZONES) else None
    return ShareRow(
        value=value,
        tone=tone_of(value) if narrowed_by == "category" else "",
        counts=counts,
        standing=share.standing,
        bar=_part(counts.opened, most) or 0.0,
        href="" if here is None else links.to(**here),
        confirmed_href="" if here is None else links.to(**here, verdict="confirmed"),
        rejected_href="" if here is None else links.to(**here, verdict="rejected"),
        open_href="" if here is None else links.now(**here),
        late_href="" if here is None else links.now(**here, overdue="1", sort="due"),
        on_time=percent(share.on_time),
        handled=percent(share.of_due(counts.met + counts.missed)),
        reworked=percent(share.of_due(counts.reworked)),
        extended=percent(share.of_due(counts.extended)),
    )


def _camera(camera: CameraPrecision, links: _Links) -> CameraRow:
    low, high = camera.interval
    return CameraRow(
        camera.camera_id,
        camera.reviewed,
        camera.right,
        percent(camera.precision),
        low,
        high,
        f"{100 * low:.0f}–{100 * high:.0f} %",
        camera.precision or 0.0,
        links.to(camera_id=camera.camera_id),
    )


def _by_hour(hours: Sequence[HourCounts], wide: float) -> Chart:
    """The 24 hours of the city's day; of several days, added up."""
    sums: dict[int, Counts] = defaultdict(Counts)
    for each in hours:
        sums[each.hour.astimezone(DESK_ZONE).hour] += each.counts
    return chart_of(
        [_column(f"{hour:02d}", f"{hour:02d}:00–{hour + 1:02d}:00", sums[hour]) for hour in range(24)], wide
    )


def _by_day(hours: Sequence[HourCounts], span: Span) -> Chart:
    sums: dict[str, Counts] = defaultdict(Counts)
    for each in hours:
        sums[f"{each.hour.astimezone(DESK_ZONE):%Y-%m-%d}"] += each.counts
    days = (span.first + timedelta(days=day) for day in range(span.days))
    form = "%d" if span.kind is SpanKind.MONTH else "%m-%d"
    return chart_of([_column(f"{day:{form}}", day.isoformat(), sums[day.isoformat()]) for day in days], HALF)


def _column(label: str, name: str, counts: Counts) -> Column:
    return Column(label, name, counts.confirmed, counts.rejected, counts.waiting)


def _part(some: int, of: int) -> float | None:
    return some / of if of else None


def percent(share: float | None) -> str:
    """One decimal; a dash for what is not assessed. Not quite all, or not quite nothing, never reads as such."""
    if share is None:
        return "—"
    if 0 < share < 1:
        share = min(max(share, 0.001), 0.999)
    return f"{100 * share:.1f} %"
