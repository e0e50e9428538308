"""A person's boxes for one picture of a case."""

from typing import Any

from pydantic import ConfigDict, Field

from api.incident_wire import Pixel
from api.wire import Category, Sha256, WireModel
from cases.regions import LONGEST_CORRECTION_NOTE, MOST_REGIONS, Region, RegionCorrection
from core.geometry import Box
from core.ids import CategoryId

EXAMPLE_CORRECTION: dict[str, Any] = {
    "picture": "0a" * 32,
    "regions": [{"category": "exposed_garbage", "box": [412.0, 300.5, 561.5, 380.0]}],
    "note": "框偏大，已重画 drawn anew",
    "expected_version": 2,
}


class RegionWire(WireModel):
    """One thing that stands in the picture."""

    category: Category
    box: tuple[Pixel, Pixel, Pixel, Pixel] = Field(description="pixels of the original, [x0, y0, x1, y1]")


class CorrectionWire(WireModel):
    """What really stands in one picture, as far as this case goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CORRECTION]})

    picture: Sha256 = Field(description="an original of this case")
    regions: tuple[RegionWire, ...] = Field(
        max_length=MOST_REGIONS, description="in place of the reported boxes; empty: nothing of it stands there"
    )
    note: str = Field("", max_length=LONGEST_CORRECTION_NOTE, pattern=r"^[^\x00]*$")
    expected_version: int | None = Field(
        None, ge=1, description="the case's `version` as the person saw it; a newer one is a conflict"
    )

    def as_correction(self) -> RegionCorrection:
        regions = tuple(Region(CategoryId(each.category), Box(*each.box)) for each in self.regions)
        return RegionCorrection(self.picture, regions, self.note)
