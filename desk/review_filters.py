"""What the review queue is narrowed to and in which order it stands, as the address holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from cases.workflow.waiting import WaitingOrder, WaitingQuery
from core.ids import CameraId, CategoryId
from desk.cell_facts import ZONES

LONGEST = 200


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """An empty text narrows nothing."""

    order: WaitingOrder = WaitingOrder.OLDEST
    category: str = ""
    camera: str = ""
    zone: str = ""
    cursor: str = ""
    case: str = ""
    """The candidate to begin with."""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "ReviewFilters":
        """Read ``sort``, ``category``, ``camera_id``, ``zone``, ``cursor`` and ``case``; the rest is passed over."""

        def value(name: str) -> str:
            return query.get(name, "").strip()[:LONGEST]

        order, zone = value("sort"), value("zone")
        return cls(
            order=WaitingOrder(order) if order in tuple(WaitingOrder) else WaitingOrder.OLDEST,
            category=value("category"),
            camera=value("camera_id"),
            zone=zone if zone in ZONES else "",
            cursor=value("cursor"),
            case=value("case"),
        )

    def to_waiting_query(self) -> WaitingQuery:
        return WaitingQuery(
            order=self.order,
            category=CategoryId(self.category) if self.category else None,
            camera_id=CameraId(self.camera) if self.camera else None,
            zone=self.zone or None,
        )

    @property
    def are_narrow(self) -> bool:
        return bool(self.category or self.camera or self.zone)

    @property
    def query(self) -> str:
        """As the address holds them, without a place in the list; what says nothing is left out."""
        values = {
            "sort": "" if self.order is WaitingOrder.OLDEST else self.order.value,
            "category": self.category,
            "camera_id": self.camera,
            "zone": self.zone,
        }
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def href(self) -> str:
        return f"/review?{self.query}" if self.query else "/review"

    def of_category(self, category: str) -> "ReviewFilters":
        return replace(self, category=category, cursor="", case="")

    def without_narrowing(self) -> "ReviewFilters":
        return ReviewFilters(order=self.order)
