"""What the case list is narrowed to, as the address bar holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from cases.case import CaseState
from cases.life import Stage
from cases.queries import CaseQuery
from core.ids import CameraId, CategoryId, CellId

LONGEST_FILTER = 120


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

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "CaseFilters":
        """Read ``state`` (open, closed, all; open when it is missing or unknown), ``category``, ``cell_id``,
        ``camera_id``, ``text``, ``stage``, ``overdue`` and ``cursor`` from a page's query; a name beyond
        these is ignored."""

        def value(name: str) -> str:
            return query.get(name, "").strip()[:LONGEST_FILTER]

        state, stage = value("state"), value("stage")
        if stage in (Stage.CLOSED, Stage.VOID):
            state = "all"  # an end is not among the open ones
        return cls(
            state=None if state == "all" else CaseState(state) if state in tuple(CaseState) else CaseState.OPEN,
            category=value("category"),
            cell=value("cell_id"),
            camera=value("camera_id"),
            text=value("text"),
            stage=Stage(stage) if stage in tuple(Stage) else None,
            is_overdue=value("overdue") == "1",
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
        )

    @property
    def state_key(self) -> str:
        return self.state.value if self.state is not None else "all"

    @property
    def are_narrow(self) -> bool:
        """Something beyond the state hides cases."""
        return bool(self.category or self.cell or self.camera or self.text or self.stage or self.is_overdue)

    @property
    def href(self) -> str:
        """The list with these filters."""
        values = {
            "state": "" if self.state is CaseState.OPEN else self.state_key,
            "category": self.category,
            "cell_id": self.cell,
            "camera_id": self.camera,
            "text": self.text,
            "stage": "" if self.stage is None else self.stage.value,
            "overdue": "1" if self.is_overdue else "",
            "cursor": self.cursor,
        }
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/?{query}" if query else "/"

    def in_state(self, state: CaseState | None) -> "CaseFilters":
        return replace(self, state=state, cursor="")

    def of_category(self, category: str) -> "CaseFilters":
        return replace(self, category=category, cursor="")

    def at_cursor(self, cursor: str) -> "CaseFilters":
        return replace(self, cursor=cursor)

    def without_narrowing(self) -> "CaseFilters":
        return CaseFilters(state=self.state)
