"""When a sighting becomes an incident, and when an incident is over: settings, not constants."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.ids import CategoryId
from grid.units import Zone

_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Factor = Annotated[float, Field(gt=0, allow_inf_nan=False)]

DEFAULT_DWELL_S = {
    CategoryId("street_stall"): 180.0,
    CategoryId("exposed_garbage"): 600.0,
    CategoryId("roadside_clutter"): 900.0,
}
DEFAULT_ZONE_FACTOR = {Zone.STRICT: 0.5, Zone.CONTROLLED: 1.0, Zone.GENERAL: 1.5}


class ConfirmationRules(BaseModel):
    """The ``[confirmation]`` section. All times are capture times, in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    dwell_s: dict[CategoryId, _Seconds] = Field(default=DEFAULT_DWELL_S, validate_default=True)
    """How long a category must stand before it is an incident; what is left out keeps its default."""
    other_dwell_s: _Seconds = 600.0
    """The same for a category that ``dwell_s`` does not name."""
    zone_factor: dict[Zone, _Factor] = Field(default=DEFAULT_ZONE_FACTOR, validate_default=True)
    """What the dwell is multiplied by in each zone; what is left out keeps its default."""
    hits: int = Field(default=3, ge=1)
    """Looks out of the last ``window`` that must have seen it."""
    window: int = Field(default=5, ge=1, le=64)
    """Looks that count together."""
    clear_samples: int = Field(default=3, ge=1)
    """Looks in a row that must have missed it before it is cleared ..."""
    clear_s: _Seconds = 600.0
    """... and how long these must span, from the first miss."""
    repeat_s: _Seconds = 600.0
    """A standing incident is reported again this often."""
    max_gap_s: float = Field(default=3600.0, gt=0, allow_inf_nan=False)
    """After a longer gap between looks nobody knows what stood there meanwhile: unconfirmed candidates
    begin anew and a run of misses starts over. Must be longer than the time between two looks."""
    forget_s: _Seconds = 120.0
    """An unconfirmed candidate is dropped when it was absent for longer than this and from the whole
    window: a bus that stands in front of it for half a minute does not restart its dwell."""
    max_tracks: int = Field(default=256, ge=1)
    """Most candidates and incidents that one view holds; see ``DedupeState``."""

    @field_validator("dwell_s", mode="before")
    @classmethod
    def _keep_default_dwell(cls, given: object) -> object:
        return {**DEFAULT_DWELL_S, **given} if isinstance(given, dict) else given

    @field_validator("zone_factor", mode="before")
    @classmethod
    def _keep_default_factor(cls, given: object) -> object:
        return {**DEFAULT_ZONE_FACTOR, **given} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _hits_fit_the_window(self) -> "ConfirmationRules":
        if self.hits > self.window:
            raise ValueError(f"hits = {self.hits} is more than window = {self.window}; no candidate could be confirmed")
        return self

    def dwell_in(self, category: CategoryId, zone: Zone) -> float:
        """Seconds that a category must stand in a zone."""
        return self.dwell_s.get(category, self.other_dwell_s) * self.zone_factor[zone]
