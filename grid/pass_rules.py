"""When what a vehicle drives past becomes an incident, and when that is over: settings, not constants."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class PassRules(BaseModel):
    """A camera's ``[vehicle.passes]`` section. All times are capture times, in seconds.

    A fixed camera waits for a thing to stand (``[confirmation]``); a vehicle is gone after a few seconds and asks
    instead whether several of its pictures agree on where the thing stands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    hits: int = Field(default=3, ge=1, le=100)
    """Pictures of one pass that must show it ..."""
    agree_m: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    """... in places this close to their mean."""
    join_m: float = Field(default=8.0, gt=0, allow_inf_nan=False)
    """A thing of the next pass this close to a known one is that one: twice a receiver's error between two passes."""
    leave_s: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    """A place that has been out of the picture for this long has been passed; longer than the time between pictures."""
    clear_looks: int = Field(default=3, ge=1, le=1000)
    """A pass that saw the place freely in so many pictures, and nothing there in any, found it cleared ..."""
    clear_passes: int = Field(default=1, ge=1, le=100)
    """... and so many such passes in a row clear the incident."""
    repeat_s: float = Field(default=60.0, ge=0, allow_inf_nan=False)
    """A standing incident is reported again at the next pass, at most this often."""
    keep_s: float = Field(default=30 * 86_400.0, gt=0, allow_inf_nan=False)
    """A place that no pass has seen for so long is forgotten; its case stays open."""
    max_places: int = Field(default=500, ge=1, le=10_000)
    """Most places that one camera remembers. Beyond it candidates make way first, then the place seen longest ago;
    its case stays open."""

    @model_validator(mode="after")
    def a_pass_joins_what_it_agrees_on(self) -> "PassRules":
        if self.join_m < self.agree_m:
            raise ValueError(f"join_m = {self.join_m:g} is less than agree_m = {self.agree_m:g}; make it at least that")
        return self
