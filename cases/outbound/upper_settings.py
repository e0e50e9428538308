"""One upper platform: section ``[outbound.upper.NAME]`` of gridpatrol.toml."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class UpperSettings(BaseModel):
    """Where our cases are filed, and in which form; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["open311", "json"]
    """``open311``: GeoReport v2. ``json``: as ``mapping_file`` says."""
    categories: tuple[str, ...] = ()
    """Only these are filed; none: all (with ``open311``, all that have a service code)."""
    status_updates: bool = True
    """The platform is told when we close a case."""
    when_uncertain: Literal["again", "dead"] = "again"
    """A filing without an answer, on a platform that cannot be asked for our number: send it again (and risk that it
    is there twice), or leave it to a person as a dead letter."""

    url: str | None = Field(None, pattern=r"^https?://")
    """open311: the endpoint, e.g. ``https://open311.example/v2``."""
    api_key_env: str | None = None
    """open311: the environment variable that holds the key."""
    jurisdiction_id: str | None = None
    """open311: what their service calls this city, where it serves several."""
    format: Literal["xml", "json"] = "xml"
    """open311: in which of the two forms they answer."""
    service_codes: dict[str, str] = Field(default_factory=dict)
    """open311: our category -> their ``service_code``."""

    mapping_file: Path | None = None
    """json: the TOML file; see docs/webhooks.md."""

    @model_validator(mode="after")
    def each_kind_has_what_it_needs(self) -> Self:
        if self.kind == "open311" and (self.url is None or not self.service_codes):
            raise ValueError('kind = "open311" needs url and service_codes; add them, or write kind = "json"')
        if self.kind == "json" and self.mapping_file is None:
            raise ValueError('kind = "json" needs mapping_file; add it, or write kind = "open311"')
        return self
