"""Which requests somebody asks for."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select

from cases import tables
from cases.case import CaseState
from cases.requests.tables import service_request as table
from core.ids import CaseId

MOST = 1000
"""The standard's own limit of one answer."""
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class LonLatBox:
    """A part of the map, WGS-84 degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Around:
    """Everything within so many metres of a place."""

    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class RequestQuery:
    """Every field narrows; ``ids`` set aside all others but ``public_only``."""

    ids: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    start: datetime | None = None
    """``requested_at`` at or after; aware."""
    end: datetime | None = None
    """``requested_at`` at or before; aware."""
    state: CaseState | None = None
    box: LonLatBox | None = None
    around: Around | None = None
    case_id: CaseId | None = None
    public_only: bool = True
    before_seq: int | None = None
    """For paging by cursor: only those taken in before it."""
    page: int = 1
    page_size: int = MOST

    def statement(self) -> Select[tuple[str]]:
        """The ids of one page, newest first."""
        size = max(1, min(self.page_size, MOST))
        found = select(table.c.id).where(*self._conditions()).limit(size).offset((max(1, self.page) - 1) * size)
        if self.before_seq is not None or self.case_id is not None:
            return found.order_by(table.c.seq.desc())
        return found.order_by(table.c.requested_at.desc(), table.c.seq.desc())

    def _conditions(self) -> list[ColumnElement[bool]]:
        said: list[ColumnElement[bool]] = []
        if self.public_only:
            said.append(table.c.is_public.is_(True))
        if self.ids:
            return [*said, table.c.id.in_(self.ids)]
        if self.categories:
            said.append(table.c.category.in_(self.categories))
        if self.start is not None:
            said.append(table.c.requested_at >= self.start)
        if self.end is not None:
            said.append(table.c.requested_at <= self.end)
        if self.case_id is not None:
            said.append(table.c.case_id == self.case_id)
        if self.before_seq is not None:
            said.append(table.c.seq < self.before_seq)
        if self.state is not None:
            case = tables.case
            said.append(
                select(case.c.id).where(case.c.id == table.c.case_id, case.c.state == self.state.value).exists()
            )
        return [*said, *self._where()]

    def _where(self) -> list[ColumnElement[bool]]:
        said: list[ColumnElement[bool]] = []
        if self.box is not None:
            said += [
                table.c.lat.between(self.box.south, self.box.north),
                table.c.lon.between(self.box.west, self.box.east),
            ]
        if self.around is not None:
            # A plane at the place's latitude: at a city's size that is right within a few metres in a kilometre.
            east = (table.c.lon - self.around.lon) * _METRES_PER_DEGREE * math.cos(math.radians(self.around.lat))
            north = (table.c.lat - self.around.lat) * _METRES_PER_DEGREE
            said.append(east * east + north * north <= self.around.radius_m**2)
        return said
