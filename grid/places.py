"""One thing on the city's ground as a moving camera knows it, pass after pass."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import GridError
from core.geometry import Point
from core.ids import CategoryId, CellId
from grid.moving_views import Mark
from grid.plane import LocalPlane

# A mark's share in the mean grows with its exactness, but none is more exact than a wheelbase.
_LEAST_SPREAD_M = 0.3
# A place's own spot follows a new pass by at least this share: receivers drift from day to day.
_LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Pass:
    """One drive past a place, so far."""

    last_at: datetime
    """The last picture in which the place was in view."""
    hits: int = 0
    """Pictures that showed the thing."""
    looks: int = 0
    """Pictures that showed the place freely, and nothing there."""
    spot: Point | None = None
    """Lon/lat, the mean of this pass's marks; None before the first."""
    weight: float = 0.0

    def with_mark(self, mark: Mark, at: datetime) -> "Pass":
        """One more picture that showed it; near marks count more than far ones."""
        weight = 1.0 / max(mark.spread_m, _LEAST_SPREAD_M) ** 2
        spot = mark.spot if self.spot is None else _between(self.spot, mark.spot, weight / (self.weight + weight))
        return replace(self, last_at=at, hits=self.hits + 1, spot=spot, weight=self.weight + weight)

    def with_look(self, at: datetime, is_free: bool) -> "Pass":
        """One more picture that had the place in view and did not show the thing."""
        return replace(self, last_at=at, looks=self.looks + is_free)

    def is_over(self, at: datetime, leave_s: float) -> bool:
        return (at - self.last_at).total_seconds() > leave_s

    def is_absence(self, clear_looks: int) -> bool:
        """Whether it found the place cleared."""
        return self.hits == 0 and self.looks >= clear_looks


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands, or is thought to stand."""

    number: int
    """Its own in this view, counting up."""
    category: CategoryId
    cell: CellId
    """By its most exact mark; of a confirmed place its incident's, which stays."""
    near_cells: frozenset[CellId]
    spot: Point
    """Lon/lat, the mean over the passes."""
    spread_m: float
    """Of the most exact mark."""
    first_seen_at: datetime
    last_seen_at: datetime
    confidence: float
    """Highest so far."""
    is_confirmed: bool = False
    passes: int = 0
    """Passes that have ended and had seen it."""
    absences: int = 0
    """Passes in a row that found it cleared."""
    underway: Pass | None = None
    """The pass at hand; None while it is out of view."""

    def __post_init__(self) -> None:
        for moment in (self.first_seen_at, self.last_seen_at):
            if moment.tzinfo is None:
                raise GridError(f"place {self.number}: {moment.isoformat()} has no time zone")

    @property
    def spot_now(self) -> Point:
        """Where the pass at hand sees it, which shares the receiver's error of the moment; else where it is known."""
        if self.underway is not None and self.underway.spot is not None:
            return self.underway.spot
        return self.spot

    @property
    def is_seen_in_pass(self) -> bool:
        return self.underway is not None and self.underway.hits > 0

    def with_mark(self, mark: Mark, at: datetime) -> "Place":
        """The place after a picture that showed it."""
        underway = (self.underway or Pass(at)).with_mark(mark, at)
        is_sharper = mark.spread_m < self.spread_m and not self.is_confirmed
        return replace(
            self,
            cell=mark.cell if is_sharper else self.cell,
            near_cells=mark.near_cells if is_sharper else self.near_cells,
            spread_m=min(self.spread_m, mark.spread_m),
            last_seen_at=at,
            confidence=max(self.confidence, mark.confidence),
            underway=underway,
        )

    def with_look(self, at: datetime, is_free: bool) -> "Place":
        """The place after a picture that had it in view and did not show it."""
        return replace(self, underway=(self.underway or Pass(at)).with_look(at, is_free))

    def confirmed_in(self, cell: CellId) -> "Place":
        return replace(self, is_confirmed=True, cell=cell)

    def passed(self, clear_looks: int) -> "Place":
        """The place after the pass at hand has ended."""
        if self.underway is None:
            return self
        spot, passes, absences = self.spot, self.passes, self.absences
        if self.underway.spot is not None:
            share = max(_LEAST_SHARE, 1.0 / (passes + 1))
            spot, passes, absences = _between(spot, self.underway.spot, share), passes + 1, 0
        elif self.underway.is_absence(clear_looks):
            absences += 1
        return replace(self, spot=spot, passes=passes, absences=absences, underway=None)


def begin_place(number: int, mark: Mark, at: datetime) -> Place:
    """A new candidate."""
    return Place(
        number=number,
        category=mark.category,
        cell=mark.cell,
        near_cells=mark.near_cells,
        spot=mark.spot,
        spread_m=mark.spread_m,
        first_seen_at=at,
        last_seen_at=at,
        confidence=mark.confidence,
        underway=Pass(at).with_mark(mark, at),
    )


def _between(one: Point, other: Point, share: float) -> Point:
    return Point(one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share)


def apart_m(one: Point, other: Point) -> float:
    """Metres between two places (lon/lat)."""
    flat = LocalPlane.at(one).to_metres(other)
    return float((flat.x**2 + flat.y**2) ** 0.5)
