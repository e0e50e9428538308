"""Suppressions as programs write and read them."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema

from api.wire import Category, Identifier, Moment, WireModel
from cases.policy.suppressions import LONGEST_REASON, KeptSuppression, SuppressionDraft

Pixel = Annotated[float, Field(ge=-100_000, le=100_000)]
Corner = Annotated[
    tuple[Pixel, Pixel],
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
"""Told as an array of two: what reads OpenAPI in older ways does not know ``prefixItems`` so deep."""
Region = tuple[Annotated[tuple[Corner, ...], Field(min_length=3, max_length=2000)], ...]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, pattern=r"^[^\x00]*\S[^\x00]*$")]

EXAMPLE_SUPPRESSION: dict[str, Any] = {
    "reason": "商铺门口的石狮子 a stone lion",
    "category": "roadside_clutter",
    "camera_id": "CAM-01",
    "view_id": "CAM-01",
    "region": [[[400.0, 280.0], [520.0, 280.0], [520.0, 390.0], [400.0, 390.0]]],
    "cells": [],
    "expires_at": "2026-04-01T00:00:00Z",
}


class SuppressionDraftWire(WireModel):
    """Something that need not be seen again for a while."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_SUPPRESSION]})

    reason: Reason
    category: Category | None = Field(None, description="null: every category")
    camera_id: Identifier | None = None
    view_id: Identifier | None = Field(None, description="null: every view of the camera")
    region: Region = Field((), max_length=100, description="polygons of [x, y] in the camera's source pixels")
    cells: tuple[Identifier, ...] = Field((), max_length=100)
    expires_at: Moment | None = Field(None, description="null: after the default time, 30 days")

    def as_draft(self, default_expiry: datetime) -> SuppressionDraft:
        return SuppressionDraft(
            reason=self.reason,
            category=self.category,
            camera_id=self.camera_id,
            view_id=self.view_id,
            polygons=self.region,
            cells=self.cells,
            expires_at=self.expires_at or default_expiry,
        )


class CaseSuppressionWire(WireModel):
    """A suppression made from a rejected case."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "树影 a shadow", "where": "region"}]})

    reason: Reason
    where: Literal["region", "cell"] = Field(
        "region", description="region: the case's boxes in its camera's picture, with a margin; cell: whatever camera"
    )
    every_category: bool = Field(False, description="suppress other categories there, too")
    expires_at: Moment | None = Field(None, description="null: after the default time, 30 days")


class SuppressionEndWire(WireModel):
    """Another end for a suppression that stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"expires_at": "2026-05-01T00:00:00Z"}]})

    expires_at: Moment


class SuppressionWire(WireModel):
    """A suppression as it stands."""

    id: int
    rule: str = Field(examples=["suppression:4"], description="as decisions name it")
    reason: str
    category: str | None
    camera_id: str | None
    view_id: str | None
    region: tuple[tuple[Corner, ...], ...]
    cells: tuple[str, ...]
    case_id: str | None = Field(description="the rejected case that it was made from")
    expires_at: Moment
    stands: bool
    added_at: Moment
    added_by: str
    removed_at: Moment | None
    removed_by: str | None

    @classmethod
    def of(cls, kept: KeptSuppression, now: datetime) -> "SuppressionWire":
        rule = kept.suppression
        region = () if rule.region is None else rule.region.polygons
        return cls(
            id=rule.id,
            rule=rule.rule,
            reason=rule.reason,
            category=rule.category,
            camera_id=rule.camera_id,
            view_id=rule.view_id,
            region=tuple(tuple((corner.x, corner.y) for corner in polygon) for polygon in region),
            cells=tuple(sorted(rule.cells)),
            case_id=rule.case_id,
            expires_at=rule.expires_at,
            stands=kept.stands(now),
            added_at=kept.added_at,
            added_by=kept.added_by,
            removed_at=kept.removed_at,
            removed_by=kept.removed_by,
        )


class SuppressionPageWire(WireModel):
    """Some suppressions, newest first."""

    suppressions: tuple[SuppressionWire, ...]
    next_cursor: str | None = Field(description="ask again with this as `cursor`; null: that was all")


def expiry_after(now: datetime, days: int) -> datetime:
    """When a suppression ends that says nothing of it."""
    return now + timedelta(days=days)
