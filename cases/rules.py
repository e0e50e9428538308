"""The case room's settings: section ``[cases]`` of gridpatrol.toml."""

from pydantic import BaseModel, ConfigDict, Field

from cases.policy.settings import PolicySettings
from cases.requests.rules import RequestRules


class CaseRules(BaseModel):
    """How reports become cases; a city's choice, not code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    future_tolerance_s: float = Field(300.0, ge=0, le=86_400)
    """Seconds that a picture's time may lie ahead of ours before it is refused."""
    recurrence_days: float = Field(30.0, ge=0)
    """A violation back in the same cell within so many days of closing is linked to the closed case."""
    number_zone: str = "Asia/Shanghai"
    """IANA time zone whose midnight starts a new day of case numbers."""
    policy: PolicySettings = PolicySettings()
    """How candidates are judged before they become cases: ``[cases.policy]``."""
    requests: RequestRules = RequestRules()
    """How citizens' and the hotline's requests are taken in: ``[cases.requests]``."""
    verify_by_rule: tuple[str, ...] = ()
    """Categories whose cases the rule itself verifies or sends back by what the cameras see after the unit's report;
    for the others it only proposes, and a person decides."""
    command_names_days: int = Field(30, ge=1, le=3650)
    """A command that is repeated with the same ``Idempotency-Key`` within so many days does nothing."""
    number_source: str = Field("01", pattern=r"^[0-9]{2}$")
    """The two digits of the case number that say where cases come from; 01 is video AI."""
