"""JSON-lines: one object a line, e.g. ``{"at": "2026-05-14T00:30:00.5Z", "lon": 104.0661, "lat": 30.6602}``."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.geometry import Point
from core.positions import Fix
from streams.positions.lines import LONGEST_LINE, LineCounts

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Size = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class PositionLine(BaseModel):
    """What a line may tell; what else it holds is left aside. A ``null`` place says that there is no fix."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    at: AwareDatetime | Annotated[float, Field(gt=0, lt=32_503_680_000, allow_inf_nan=False)]
    """RFC 3339 with its zone, or seconds since 1970 UTC."""
    lon: _Finite | None
    """Degrees, WGS-84 or CGCS2000, not the shifted degrees of a map service (GCJ-02, BD-09)."""
    lat: _Finite | None
    course_deg: _Finite | None = None
    """Over ground, clockwise from true north."""
    speed_mps: _Size | None = None
    heading_deg: _Finite | None = None
    """Where the nose points, where a compass or two antennas tell it."""
    error_m: _Size | None = None
    """One standard deviation."""


class JsonLinesReader:
    """One file or live feed of objects."""

    def __init__(self) -> None:
        self._counts = LineCounts()

    @property
    def counts(self) -> LineCounts:
        return self._counts

    def read(self, line: bytes) -> Fix | None:
        if not line.strip():  # keep-alive
            self._counts = replace(self._counts, other=self._counts.other + 1)
            return None
        fix: Fix | None = None
        try:
            if len(line) > LONGEST_LINE:
                raise ValueError("too long")
            told = PositionLine.model_validate_json(line)
            if told.lon is None or told.lat is None:
                self._counts = replace(self._counts, no_fix=self._counts.no_fix + 1)
                return None
            at = told.at if isinstance(told.at, datetime) else datetime.fromtimestamp(told.at, UTC)
            fix = Fix(at, Point(told.lon, told.lat), told.course_deg, told.speed_mps, told.heading_deg, told.error_m)
        except (ValidationError, ValueError, OverflowError, OSError):
            self._counts = replace(self._counts, bad=self._counts.bad + 1)
            return None
        self._counts = replace(self._counts, fixes=self._counts.fixes + 1)
        return fix
