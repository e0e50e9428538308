"""The ``[health]`` section: when a picture is not fit to be looked at, and how long before anybody is told."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
_Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class HealthRules(BaseModel):
    """What counts as sound; levels are of 0 to 255, shares of 0 to 1, seconds of the camera's own time."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    enabled: bool = True
    """False: every picture is taken as sound, and no finding is made."""
    raise_pictures: int = Field(default=5, ge=2, le=100)
    """So many bad pictures in a row, with no good one between, and"""
    raise_s: _Seconds = 60.0
    """for so long: it is a finding."""
    clear_pictures: int = Field(default=3, ge=2, le=100)
    """So many good pictures in a row end it."""
    lost_s: _Seconds = 60.0
    """No live feed for so long, by the wall clock: the picture is lost."""
    frozen_s: _Seconds = 120.0
    """Every picture for so long is the same to the bit: frozen."""
    black_level: float = Field(default=32.0, gt=0, le=255)
    """99 % of the picture is no brighter than this: black. (Video's own black is 16.)"""
    over_exposed_share: _Share = 0.6
    """So much of the picture is as white as video can be: over-exposed."""
    covered_share: _Share = 0.4
    """So much of what had texture in the reference has none, or is out of focus: covered."""
    blurred_ratio: _Share = 0.45
    """Sharpness by the reference's own, below which the picture is blurred."""
    moved_share: _Share = 0.015
    """The view is displaced by so much of the picture's width: moved."""
    elsewhere_s: _Seconds = 300.0
    """How long nothing of the reference is found in a clear picture before the view counts as turned away."""
    check_every_s: _Seconds = 60.0
    """How often a view that gives no cause for doubt is held against its reference, and"""
    check_pictures: int = Field(default=10, ge=1, le=1000)
    """after no fewer pictures than so many."""
    reference_s: _Seconds = 240.0
    """The reference is the median of five pictures spread over so long, so that no queue at the lights is in it."""

    @model_validator(mode="after")
    def limits_leave_room(self) -> Self:
        if self.black_level > 128:
            raise ValueError("black_level above 128 calls daylight black; write a value from 20 to 60")
        return self
