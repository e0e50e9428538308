"""What is hidden in a picture that is shown, and where it lies: heads of persons, number plates of vehicles.

At a street camera's distance a face is 8 to 20 pixels and a plate 20 to 40: too small to be found by themselves. The
person and the vehicle are found instead, and the part where head or plate must be is hidden.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.detections import Detection
from core.geometry import Box
from core.ids import CategoryId

Hidden = Literal["heads", "plates"]

PERSON = CategoryId("person")
VEHICLES = frozenset({CategoryId("car"), CategoryId("motorcycle"), CategoryId("bus"), CategoryId("truck")})

HEAD_OF_HEIGHT = 0.22
"""Top of a standing person's box: a head is an eighth of the height, seen from above up to a fifth."""
HEAD_OF_WIDTH = 0.65
"""Of the box's width: where only head and shoulders are seen, the head is most of the box."""
HEAD_ABOVE = 0.04
"""Of the box's height, hidden above it too: boxes end in the hair."""
LYING_FROM = 1.1
"""Width over height from which a person sits, bends or lies: the head may be anywhere."""
PLATE_FROM = 0.36
PLATE_TO = 1.0
"""Of a vehicle's height from its top: a tricycle's plate hangs in the middle, a car's at the bottom."""


class PrivacySettings(BaseModel):
    """The ``[privacy]`` section: what the worker hides in the pictures that are shown; originals stay whole, sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mask: bool = Field(True, description="false: annotated pictures and crops show faces and plates as captured")
    hide: tuple[Hidden, ...] = Field(("heads", "plates"), min_length=1, description="what is hidden")


@dataclass(frozen=True, slots=True)
class HiddenRegion:
    """One part of a picture that is made unrecognisable."""

    kind: Hidden
    box: Box
    """Source pixels, inside the picture."""


def regions_of(
    detections: Iterable[Detection], picture_hw: tuple[int, int], hide: Iterable[Hidden]
) -> tuple[HiddenRegion, ...]:
    """The parts to hide, of persons and vehicles that were found.

    Args:
        detections: persons and vehicles; other categories are passed over.
        picture_hw: height, width of the picture in pixels.
    """
    wanted = frozenset(hide)
    return tuple(region for region in _all_regions(detections, picture_hw) if region.kind in wanted)


def _all_regions(detections: Iterable[Detection], picture_hw: tuple[int, int]) -> Iterator[HiddenRegion]:
    for detection in detections:
        if detection.category == PERSON:
            yield HiddenRegion("heads", _inside(head_of(detection.box), picture_hw))
        elif detection.category in VEHICLES:
            yield HiddenRegion("plates", _inside(plate_of(detection.box), picture_hw))


def head_of(person: Box) -> Box:
    """Where a person's head is: the top of the box in its full width, or all of it for one who sits or lies."""
    if person.width > LYING_FROM * person.height:
        return person
    height_px = min(person.height, max(HEAD_OF_HEIGHT * person.height, HEAD_OF_WIDTH * person.width))
    return Box(person.x0, person.y0 - HEAD_ABOVE * person.height, person.x1, person.y0 + height_px)


def plate_of(vehicle: Box) -> Box:
    """Where a vehicle's plate can be, whichever side it shows."""
    top = vehicle.y0 + PLATE_FROM * vehicle.height
    return Box(vehicle.x0, top, vehicle.x1, vehicle.y0 + PLATE_TO * vehicle.height)


def _inside(box: Box, picture_hw: tuple[int, int]) -> Box:
    height_px, width_px = picture_hw
    return Box(max(box.x0, 0.0), max(box.y0, 0.0), min(box.x1, float(width_px)), min(box.y1, float(height_px)))
