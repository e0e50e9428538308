"""How requests are taken in: section ``[cases.requests]`` of gridpatrol.toml."""

from pydantic import BaseModel, ConfigDict, Field


class RequestRules(BaseModel):
    """A city's choices about requests; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    duplicate_hours: float = Field(24.0, ge=0, le=24 * 30)
    """The same words about the same place from the same key within so many hours are the same request."""
    contact_days: int = Field(180, ge=1, le=3650)
    """Name, telephone and e-mail of the person who asked are erased after so many days."""
    per_hour: int = Field(2000, ge=1)
    """Requests and updates, each, that one key may file within an hour."""
