"""Claims, chains and recurring spots as programs read them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import Field

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


class SpotWire(WireModel):
    """A cell where a category came again."""

    cell_id: str
    category: str
    cases: int
    last_opened_at: Moment
    feature: dict[str, Any] | None = Field(description="the cell as GeoJSON; null where the grid does not know it")


class SpotsWire(WireModel):
    """Recurring spots, the worst first."""

    spots: tuple[SpotWire, ...]

    @classmethod
    def of(cls, spots: Sequence[Spot], feature: Callable[[CellId], Mapping[str, Any] | None]) -> "SpotsWire":
        def cell(spot: Spot) -> dict[str, Any] | None:
            found = feature(spot.cell_id)
            return None if found is None else dict(found)

        return cls(
            spots=tuple(
                SpotWire(
                    cell_id=spot.cell_id,
                    category=spot.category,
                    cases=spot.cases,
                    last_opened_at=spot.last_opened_at,
                    feature=cell(spot),
                )
                for spot in spots
            )
        )
