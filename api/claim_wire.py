"""Claims, chains and recurring spots as programs read them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.case_wire import CaseWire
from api.wire import Moment, WireModel
from cases.workflow.claims import Claim
from cases.workflow.store import Spot
from core.ids import CellId


class ClaimWire(WireModel):
    """Who works on a case, and until when nobody else may."""

    case_id: str
    holder: str
    claimed_at: Moment
    expires_at: Moment

    @classmethod
    def of(cls, claim: Claim) -> "ClaimWire":
        return cls(case_id=claim.case_id, holder=claim.holder, claimed_at=claim.claimed_at, expires_at=claim.expires_at)


class ClaimsWire(WireModel):
    """All claims that count now."""

    claims: tuple[ClaimWire, ...]

    @classmethod
    def of(cls, claims: Sequence[Claim]) -> "ClaimsWire":
        return cls(claims=tuple(ClaimWire.of(claim) for claim in claims))


class ChainWire(WireModel):
    """Cases that repeat one another, the first one first."""

    cases: tuple[CaseWire, ...]


EXAMPLE_SPOTS: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[104.08, 30.65], [104.081, 30.65], [104.081, 30.651], [104.08, 30.651], [104.08, 30.65]]
                ],
            },
            "properties": {
                "cell_id": "510104001001001",
                "category": "exposed_garbage",
                "cases": 3,
                "last_opened_at": "2026-03-02T04:00:00Z",
                "name": "春熙路一段",
                "zone": "controlled",
            },
        }
    ],
}


class SpotFactsWire(WireModel):
    """What came again, and how often."""

    cell_id: str
    category: str
    cases: int
    """In the time asked about."""
    last_opened_at: Moment
    name: str
    zone: str | None


class SpotWire(WireModel):
    """A cell where a category came again, as a GeoJSON Feature."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any] | None = Field(description="the cell's outline; null where the grid does not know it")
    properties: SpotFactsWire


class SpotsWire(WireModel):
    """Recurring spots as a GeoJSON FeatureCollection, the worst first: any map shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_SPOTS]})

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: tuple[SpotWire, ...]

    @classmethod
    def of(cls, spots: Sequence[Spot], feature: Callable[[CellId], Mapping[str, Any] | None]) -> "SpotsWire":
        return cls(features=tuple(_spot(spot, feature(spot.cell_id)) for spot in spots))


def _spot(spot: Spot, cell: Mapping[str, Any] | None) -> SpotWire:
    known: Mapping[str, Any] = {} if cell is None else cell.get("properties") or {}
    return SpotWire(
        geometry=None if cell is None else cell.get("geometry"),
        properties=SpotFactsWire(
            cell_id=spot.cell_id,
            category=spot.category,
            cases=spot.cases,
            last_opened_at=spot.last_opened_at,
            name=str(known.get("name") or ""),
            zone=known.get("zone"),
        ),
    )
