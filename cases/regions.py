"""What a person drew in a case's picture: the boxes that really stand there, to teach the next model."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.errors import CaseError
from core.geometry import Box
from core.ids import CategoryId

MOST_REGIONS = 200
LONGEST_CORRECTION_NOTE = 2000
_CATEGORY = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Region:
    """One thing that stands in a picture; ``box`` in its pixels."""

    category: CategoryId
    box: Box


@dataclass(frozen=True, slots=True)
class RegionCorrection:
    """All that a case is about in one picture, in place of the boxes that were reported; none: nothing stands there."""

    picture: str
    """SHA-256 of the original."""
    regions: tuple[Region, ...]
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """What the case's event keeps."""
        regions = [{"category": region.category, "box": list(region.box.as_xyxy())} for region in self.regions]
        return {"picture": self.picture, "regions": regions, "note": self.note}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The same from a corrected event's ``data``."""
        regions = tuple(Region(CategoryId(each["category"]), Box(*each["box"])) for each in data["regions"])
        return cls(data["picture"], regions, data["note"])


def check_regions(correction: RegionCorrection) -> None:
    """Refuse what cannot be drawn in a picture.

    Raises:
        CaseError: the text names the region and the mend.
    """
    if len(correction.regions) > MOST_REGIONS:
        raise CaseError(f"{len(correction.regions)} regions are more than {MOST_REGIONS}; send the ones of this case")
    if len(correction.note) > LONGEST_CORRECTION_NOTE or "\x00" in correction.note:
        raise CaseError(f"the note is not usable; write up to {LONGEST_CORRECTION_NOTE} characters, plain text")
    for number, region in enumerate(correction.regions):
        if _CATEGORY.fullmatch(region.category) is None:
            raise CaseError(f"region {number}: category {region.category[:40]!a} is no category; e.g. exposed_garbage")
        edges = region.box.as_xyxy()
        if not all(math.isfinite(edge) for edge in edges) or region.box.width < 1 or region.box.height < 1:
            raise CaseError(f"region {number}: box {edges} is empty; send pixels [x0, y0, x1, y1], x0 < x1, y0 < y1")
