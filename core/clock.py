"""Time as data: aware UTC moments, and a clock that can be handed in."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the shells get the time from; the pure rooms are given it as data."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """The scripted twin of ``SystemClock``: stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = as_utc(start)
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        """Move both readings forward."""
        self._elapsed_s += seconds
        self._now += timedelta(seconds=seconds)


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: the moment carries no zone, so nobody can say when it was.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; add one, e.g. {moment.isoformat()}Z")
    return moment.astimezone(UTC)


def isoformat_z(moment: datetime) -> str:
    """RFC 3339 text in UTC with a ``Z``, microseconds kept when there are any."""
    return as_utc(moment).isoformat().replace("+00:00", "Z")
