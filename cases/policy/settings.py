"""How policy judges where a city must choose: part ``policy`` of section ``[cases]``."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class PolicySettings(BaseModel):
    """A city's choice, not code. Hours are read by the clock of ``[cases].number_zone``."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    cover_share: float = Field(default=0.8, gt=0, le=1)
    """Where a view tells no place on the ground, a permitted area applies to a cell that it covers by so much."""
    edge_m: float = Field(default=1.0, ge=0, le=20)
    """A place so close outside a permitted area still counts as inside, metres: calibration is not exact."""
    region_share: float = Field(default=0.6, gt=0, le=1)
    """A suppressed part of a picture applies when every box lies in it by at least so much."""
    region_margin: float = Field(default=0.25, ge=0, le=2)
    """A suppression made from a case takes the case's boxes, each side moved out by so much of its width or height."""
    suppression_days: int = Field(default=30, ge=1, le=3650)
    """A suppression expires after so many days when nobody says otherwise."""
    suppression_days_most: int = Field(default=366, ge=1, le=3650)
    """Nobody but an admin may suppress for longer."""
    night_from: str = Field(default="19:00", pattern=_CLOCK)
    """Night begins, where no night profile is kept: precision is measured for day and night apart."""
    night_until: str = Field(default="06:30", pattern=_CLOCK)
    """Night ends."""
    auto_last: int = Field(default=100, ge=10, le=10_000)
    """Precision is that of so many last reviewed candidates of a camera, a category, by day or by night."""
    auto_least: int = Field(default=30, ge=5, le=10_000)
    """With fewer reviewed ones nothing is measured."""
    auto_bar: float = Field(default=0.95, gt=0, lt=1)
    """The lower bound of the precision must reach this for a candidate to be filed without a person."""
    auto_z: float = Field(default=1.645, gt=0, le=5)
    """Standard deviations of the Wilson score bound; 1.645 is 95 % on one side."""
    decisions_days: int = Field(default=183, ge=1, le=3650)
    """Decisions that made no case are kept so long (logs: at least six months), and with them the receipts of the
    reports they turned away."""

    @model_validator(mode="after")
    def _least_fits_the_last(self) -> "PolicySettings":
        if self.auto_least > self.auto_last:
            raise ValueError(
                f"auto_least = {self.auto_least} is more than auto_last = {self.auto_last}; nothing could be measured"
            )
        if self.night_from == self.night_until:
            raise ValueError(f"night_from and night_until are both {self.night_from}; give the night some length")
        if self.suppression_days > self.suppression_days_most:
            raise ValueError("suppression_days is more than suppression_days_most; raise the latter")
        return self
