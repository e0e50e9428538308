"""What an upper platform is told of a case: plain named facts, for whatever form it wants them in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case
from core.clock import isoformat_z
from core.ids import CellId

Locate = Callable[[CellId], tuple[float, float] | None]
"""Longitude and latitude (degrees, WGS-84) of a cell's middle; None where the cell is not known."""
Fact = str | int | float | None

FACT_NAMES = frozenset(
    {
        "id",
        "number",
        "category",
        "cell_id",
        "zone",
        "unit",
        "state",
        "stage",
        "source",
        "registered_at",
        "due_at",
        "recurrence",
        "longitude",
        "latitude",
        "description",
        "opened_at",
        "first_seen_at",
        "last_seen_at",
        "closed_at",
        "close_reason",
        "close_note",
        "object_count",
        "sighting_count",
        "confidence",
        "cameras",
    }
)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case for others: no picture, no person."""

    case: Case
    place: tuple[float, float] | None

    @property
    def description(self) -> str:
        """One line that also holds our number: what a search upstream finds it by."""
        case = self.case
        return (
            f"[{case.number}] {case.category}，网格 {case.cell_id}，数量 {case.object_count}，"
            f"首次发现 {isoformat_z(case.first_seen_at)} / grid {case.cell_id}, {case.object_count} objects, "
            f"first seen {isoformat_z(case.first_seen_at)}"
        )

    def named(self) -> Mapping[str, Fact]:
        """Every fact by its name in a mapping file (``{case.number}``)."""
        case = self.case
        return {
            "id": case.id,
            "number": case.number,
            "category": case.category,
            "cell_id": case.cell_id,
            "zone": case.zone,
            "unit": case.unit,
            "state": case.state.value,
            "stage": case.life.stage.value,
            "source": case.life.source.value,
            "registered_at": _or_none(case.life.registered_at),
            "due_at": None if case.life.deadline is None else isoformat_z(case.life.deadline.due_at),
            "recurrence": case.life.recurrence,
            "longitude": None if self.place is None else self.place[0],
            "latitude": None if self.place is None else self.place[1],
            "description": self.description,
            "opened_at": isoformat_z(case.opened_at),
            "first_seen_at": isoformat_z(case.first_seen_at),
            "last_seen_at": isoformat_z(case.last_seen_at),
            "closed_at": _or_none(case.closed_at),
            "close_reason": None if case.close_reason is None else case.close_reason.value,
            "close_note": case.close_note,
            "object_count": case.object_count,
            "sighting_count": case.sighting_count,
            "confidence": case.confidence,
            "cameras": ", ".join(case.cameras),
        }


def _or_none(moment: datetime | None) -> str | None:
    return None if moment is None else isoformat_z(moment)
