"""What the case list is narrowed to, as the address bar holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from cases.case import CaseState
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

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "CaseFilters":
        """Read ``state`` (open, closed, all; open when it is missing or unknown), ``category``, ``cell_id``,
        ``camera_id``, ``text`` and ``cursor`` from a page's query; a name beyond these is ignored."""

        def value(name: str) -> str:
            return query.get(name, "").strip()[:LONGEST_FILTER]

        state = value("state")
        return cls(
            state=None if state == "all" else CaseState(state) if state in tuple(CaseState) else CaseState.OPEN,
            category=value("category"),
            cell=value("cell_id"),
            camera=value("camera_id"),
            text=value("text"),
            cursor=value("cursor"),
        )

    def to_case_query(self) -> CaseQuery:
        """The same as the case room is asked."""
        return CaseQuery(
            state=self.state,
            category=CategoryId(self.category) if self.category else None,
            cell_id=CellId(self.cell) if self.cell else None,
            camera_id=CameraId(self.camera) if self.camera else None,
            text=self.text or None,
        )

    @property
    def state_key(self) -> str:
        return self.state.value if self.state is not None else "all"

    @property
    def are_narrow(self) -> bool:
        """Something beyond the state hides cases."""
        return bool(self.category or self.cell or self.camera or self.text)

    @property
    def href(self) -> str:
        """The list with these filters."""
        values = {
            "state": "" if self.state is CaseState.OPEN else self.state_key,
            "category": self.category,
            "cell_id": self.cell,
            "camera_id": self.camera,
            "text": self.text,
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
