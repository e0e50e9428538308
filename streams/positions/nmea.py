"""NMEA 0183: RMC (time, date, place, speed, course) and GGA (time, place, exactness).

pynmeagps parses the sentences. The checksum is required: a damaged digit is a place a kilometre away.
"""

import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from pynmeagps import NMEAMessageError, NMEAParseError, NMEAReader, NMEAStreamError, NMEATypeError

from core.geometry import Point
from core.positions import Fix
from streams.positions.lines import LONGEST_LINE, LineCounts

_SENTENCE = re.compile(rb"\$[A-Z]{2}(?P<kind>RMC|GGA),[ -~]*")
_ANY = re.compile(rb"[$!][A-Z]{4,}[ -~]*")
_KNOT_MPS = 1852.0 / 3600.0
_UERE_M = 3.0
"""One standard deviation of a civil receiver's ranges; times HDOP it is the place's."""
_HALF_DAY = timedelta(hours=12)
_FIX_QUALITIES = frozenset({1, 2, 3, 4, 5, 9})
"""GGA: no fix is 0, dead reckoning 6, manual 7, simulated 8."""
_POSITION_MODES = frozenset({"", "A", "D", "R", "F", "P"})
"""RMC, NMEA 2.3 and later: autonomous, differential, RTK, float, precise; N none, E dead reckoning, S simulated."""


class NmeaReader:
    """One log or live feed of sentences.

    Args:
        day: the UTC day of the first GGA where no RMC tells it.
    """

    def __init__(self, day: date | None = None) -> None:
        self._last: datetime | None = None if day is None else datetime.combine(day, time(12), UTC)
        self._is_exact = day is None
        self._counts = LineCounts()

    @property
    def counts(self) -> LineCounts:
        return self._counts

    def read(self, line: bytes) -> Fix | None:
        match = _SENTENCE.search(line) if len(line) <= LONGEST_LINE else None
        if match is None:
            is_other = _ANY.search(line[:LONGEST_LINE]) is not None or not line.strip()
            self._count("other" if is_other and len(line) <= LONGEST_LINE else "bad")
            return None
        fields = _fields(match[0].strip())
        if fields is None:
            self._count("bad")
            return None
        return self._rmc(fields) if match["kind"] == b"RMC" else self._gga(fields)

    def _rmc(self, fields: object) -> Fix | None:
        at, day = getattr(fields, "time", ""), getattr(fields, "date", "")
        if getattr(fields, "status", "") != "A" or getattr(fields, "posMode", "") not in _POSITION_MODES:
            self._count("no_fix")
            return None
        if not (isinstance(at, time) and isinstance(day, date)):
            self._count("bad")
            return None
        moment = datetime.combine(day, at, UTC)
        self._last, self._is_exact = moment, True
        speed = _number(getattr(fields, "spd", ""))
        return self._fix(
            fields,
            moment,
            course=_number(getattr(fields, "cog", "")),
            speed=None if speed is None else speed * _KNOT_MPS,
        )

    def _gga(self, fields: object) -> Fix | None:
        if getattr(fields, "quality", 0) not in _FIX_QUALITIES:
            self._count("no_fix")
            return None
        at = getattr(fields, "time", "")
        if not isinstance(at, time):
            self._count("bad")
            return None
        if self._last is None:  # no RMC has told the day yet
            self._count("other")
            return None
        moment = self._on_its_day(at)
        if not self._is_exact or moment > self._last:
            self._last, self._is_exact = moment, True
        hdop = _number(getattr(fields, "HDOP", ""))
        return self._fix(fields, moment, error=None if hdop is None else hdop * _UERE_M)

    def _on_its_day(self, at: time) -> datetime:
        """The moment of a time of day that is nearest to the last known moment; a given day is taken as it is."""
        assert self._last is not None  # noqa: S101 (asked for before)
        moment = datetime.combine(self._last.date(), at, UTC)
        if not self._is_exact:
            return moment
        if moment - self._last > _HALF_DAY:
            return moment - timedelta(days=1)
        if self._last - moment > _HALF_DAY:
            return moment + timedelta(days=1)
        return moment

    def _fix(
        self,
        fields: object,
        at: datetime,
        course: float | None = None,
        speed: float | None = None,
        error: float | None = None,
    ) -> Fix | None:
        lon, lat = _number(getattr(fields, "lon", "")), _number(getattr(fields, "lat", ""))
        if lon is None or lat is None:
            self._count("bad")
            return None
        try:
            fix = Fix(at, Point(lon, lat), course_deg=course, speed_mps=speed, error_m=error)
        except ValueError:
            self._count("bad")
            return None
        self._count("fixes")
        return fix

    def _count(self, what: str) -> None:
        self._counts = replace(self._counts, **{what: getattr(self._counts, what) + 1})


def _fields(sentence: bytes) -> object | None:
    """The sentence's fields by their names; None when it is damaged."""
    try:
        parsed: object | None = NMEAReader.parse(sentence + b"\r\n")
    except (NMEAParseError, NMEAMessageError, NMEATypeError, NMEAStreamError):
        return None
    return parsed


def _number(value: object) -> float | None:
    """A field that holds a number; empty ones hold an empty text."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None
