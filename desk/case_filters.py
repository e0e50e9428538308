"""What the case list is narrowed to and sorted by, as the address holds it: keeping an address keeps the view."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from cases.case import CaseState
from cases.life import Stage
from cases.queries import CaseQuery, ListOrder
from core.ids import CameraId, CategoryId, CellId
from desk.cell_facts import ZONES
from desk.render import DESK_ZONE

LONGEST_FILTER = 120
ENDS = (Stage.CLOSED, Stage.VOID)
VERDICTS = {"confirmed": True, "rejected": False}


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """The list's filters; an empty text narrows nothing."""

    state: CaseState | None = CaseState.OPEN
    """None is every state."""
    category: str = ""
    cell: str = ""
    camera: str = ""
    text: str = ""
    cursor: str = ""
    stage: Stage | None = None
    is_overdue: bool = False
    is_near_due: bool = False
    recurs: bool = False
    verdict: str = ""
    """What was found of the candidate: ``confirmed`` or ``rejected``; the overview's links lead here."""
    zone: str = ""
    unit: str = ""
    opened_from: date | None = None
    """The city's days of opening; both count."""
    opened_to: date | None = None
    order: ListOrder = ListOrder.NEWEST

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "CaseFilters":
        """Read ``state`` (open, closed, all; open when it is missing or unknown), ``category``, ``cell_id``,
        ``camera_id``, ``text``, ``stage``, ``overdue``, ``near``, ``recurs``, ``verdict``, ``zone``, ``unit``,
        ``from``, ``to`` (days), ``sort`` and ``cursor`` from a page's query; anything beyond these is ignored."""

        def value(name: str) -> str:
            return query.get(name, "").strip()[:LONGEST_FILTER]

        state, stage, order = value("state"), value("stage"), value("sort")
        if stage in ENDS:
            state = "all"  # an end is not among the open ones
        return cls(
            state=None if state == "all" else CaseState(state) if state in tuple(CaseState) else CaseState.OPEN,
            category=value("category"),
            cell=value("cell_id"),
            camera=value("camera_id"),
            text=value("text"),
            stage=Stage(stage) if stage in tuple(Stage) else None,
            is_overdue=value("overdue") == "1",
            is_near_due=value("near") == "1",
            recurs=value("recurs") == "1",
            verdict=value("verdict") if value("verdict") in VERDICTS else "",
            zone=value("zone") if value("zone") in ZONES else "",
            unit=value("unit"),
            opened_from=_day(value("from")),
            opened_to=_day(value("to")),
            order=ListOrder(order) if order in tuple(ListOrder) else ListOrder.NEWEST,
            cursor=value("cursor"),
        )

    def to_case_query(self, now: datetime | None = None) -> CaseQuery:
        """The same as the case room is asked; ``now`` is what a deadline is late by."""
        return CaseQuery(
            state=self.state,
            category=CategoryId(self.category) if self.category else None,
            cell_id=CellId(self.cell) if self.cell else None,
            camera_id=CameraId(self.camera) if self.camera else None,
            text=self.text or None,
            stage=self.stage,
            overdue_at=now if self.is_overdue else None,
            near_due_at=now if self.is_near_due else None,
            recurring=True if self.recurs else None,
            confirmed=VERDICTS.get(self.verdict),
            zone=self.zone or None,
            unit=self.unit or None,
            since=None if self.opened_from is None else _midnight(self.opened_from),
            until=None if self.opened_to is None else _midnight(self.opened_to + timedelta(days=1)),
            order=self.order,
        )

    @property
    def state_key(self) -> str:
        return self.state.value if self.state is not None else "all"

    @property
    def are_narrow(self) -> bool:
        """Something beyond the state hides cases."""
        return self.without_narrowing() != replace(self, cursor="", order=ListOrder.NEWEST)

    @property
    def fields(self) -> Mapping[str, str]:
        """As the address holds them; what says nothing is left out."""
        values = {
            "state": "" if self.state is CaseState.OPEN else self.state_key,
            "category": self.category,
            "cell_id": self.cell,
            "camera_id": self.camera,
            "text": self.text,
            "stage": "" if self.stage is None else self.stage.value,
            "overdue": "1" if self.is_overdue else "",
            "near": "1" if self.is_near_due else "",
            "recurs": "1" if self.recurs else "",
            "verdict": self.verdict,
            "zone": self.zone,
            "unit": self.unit,
            "from": "" if self.opened_from is None else self.opened_from.isoformat(),
            "to": "" if self.opened_to is None else self.opened_to.isoformat(),
            "sort": "" if self.order is ListOrder.NEWEST else self.order.value,
            "cursor": self.cursor,
        }
        return {name: value for name, value in values.items() if value}

    @property
    def href(self) -> str:
        """The list with these filters."""
        return f"/?{urlencode(self.fields)}" if self.fields else "/"

    def in_state(self, state: CaseState | None) -> "CaseFilters":
        """Of another state; what only open cases have is let go."""
        if state is CaseState.OPEN or state is None:
            return replace(self, state=state, stage=None if self.stage in ENDS else self.stage, cursor="")
        order = ListOrder.NEWEST if self.order is ListOrder.DUE else self.order
        return replace(self, state=state, stage=None, is_overdue=False, is_near_due=False, order=order, cursor="")

    def of_category(self, category: str) -> "CaseFilters":
        return replace(self, category=category, cursor="")

    def at_stage(self, stage: Stage | None) -> "CaseFilters":
        """At one stage of the open ones; None: at any."""
        return replace(
            self, state=CaseState.OPEN, stage=stage, is_overdue=False, is_near_due=False, recurs=False, cursor=""
        )

    def late(self, is_overdue: bool, is_near_due: bool) -> "CaseFilters":
        """By their deadline, the nearest first."""
        return replace(self.at_stage(None), is_overdue=is_overdue, is_near_due=is_near_due, order=ListOrder.DUE)

    def recurring(self) -> "CaseFilters":
        return replace(self.at_stage(None), recurs=True)

    def at_cursor(self, cursor: str) -> "CaseFilters":
        return replace(self, cursor=cursor)

    def without_narrowing(self) -> "CaseFilters":
        return CaseFilters(state=self.state)


def _day(text: str) -> date | None:
    """A day as a date field sends it; one that no calendar of ours tells of is none."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and 1970 <= day.year <= 9000 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), DESK_ZONE)
