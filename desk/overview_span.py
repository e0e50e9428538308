"""Which days the overview is of, as the address bar holds them: the city's days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from desk.render import DESK_ZONE

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(9000, 1, 1)
MOST_DAYS = 366


class SpanKind(StrEnum):
    """How the days were chosen."""

    DAY = "day"
    WEEK = "week"
    """Monday to Sunday."""
    MONTH = "month"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Span:
    """Some of the city's days; both ends count."""

    kind: SpanKind
    first: date
    last: date

    @classmethod
    def of(cls, kind: SpanKind, day: date) -> "Span":
        """The day, week or month that a day lies in."""
        if kind is SpanKind.WEEK:
            monday = day - timedelta(days=day.weekday())
            return cls(kind, monday, monday + timedelta(days=6))
        if kind is SpanKind.MONTH:
            first = day.replace(day=1)
            return cls(kind, first, _next_month(first) - timedelta(days=1))
        return cls(kind, day, day)

    @classmethod
    def from_query(cls, query: Mapping[str, str], now: datetime) -> "Span":
        """Read ``span`` (day, week, month, own), ``on`` (a day in it), and of an own one ``from`` and ``to``.

        Nonsense is ignored: today, then. An own span that is longer than ``MOST_DAYS`` ends there.
        """
        today = now.astimezone(DESK_ZONE).date()
        first, last = _day(query.get("from", "")), _day(query.get("to", ""))
        asked = query.get("span", "")
        kind = SpanKind(asked) if asked in tuple(SpanKind) else SpanKind.OWN if first or last else SpanKind.DAY
        if kind is not SpanKind.OWN:
            return cls.of(kind, _day(query.get("on", "")) or today)
        first, last = first or last or today, last or first or today
        first, last = min(first, last), max(first, last)
        return cls(kind, first, min(last, first + timedelta(days=MOST_DAYS - 1)))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        """The first midnight; it counts."""
        return datetime.combine(self.first, time(), DESK_ZONE)

    @property
    def until(self) -> datetime:
        """The midnight after the last day; it does not count."""
        return datetime.combine(self.last + timedelta(days=1), time(), DESK_ZONE)

    @property
    def href(self) -> str:
        if self.kind is SpanKind.OWN:
            return "/overview?" + urlencode({"span": "own", "from": self.first, "to": self.last})
        return "/overview?" + urlencode({"span": self.kind.value, "on": self.first})

    @property
    def before(self) -> "Span":
        """As long, right before it."""
        if self.kind is SpanKind.OWN:
            return Span(self.kind, max(FIRST_DAY, self.first - timedelta(days=self.days)), self.first - _ONE_DAY)
        return Span.of(self.kind, max(FIRST_DAY, self.first - _ONE_DAY))

    @property
    def after(self) -> "Span":
        """As long, right after it."""
        if self.kind is SpanKind.OWN:
            return Span(self.kind, self.last + _ONE_DAY, self.last + timedelta(days=self.days))
        return Span.of(self.kind, self.last + _ONE_DAY)

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


_ONE_DAY = timedelta(days=1)


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
