"""How other systems are called: section ``[outbound]`` of gridpatrol.toml."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, model_validator

from cases.outbound.upper_settings import UpperSettings


class OutboundSettings(BaseModel):
    """Whom we may call, how long we wait, when we give up; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    in_api: bool = True
    """The API's process sends. False: run ``gridpatrol outbound`` as a process of its own."""
    allow_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks that are not public and may be called all the same, e.g. ``["10.20.0.0/16"]``; http only there."""
    ca_file: Path | None = None
    """Certificates of the city's own authority (PEM), trusted besides the usual ones."""
    timeout_s: float = Field(10.0, ge=0.1, le=60)
    """One call, from resolving the name to the answer's last byte."""
    answer_bytes: int = Field(65_536, ge=1024, le=4 * 1024 * 1024)
    """Most of an answer that is read."""
    first_wait_s: float = Field(1.0, gt=0, le=60)
    """Before the second try; doubled with every further one, and varied by a quarter."""
    longest_wait_s: float = Field(3600.0, ge=1, le=86_400)
    """The waits between two tries grow up to this."""
    tries: int = Field(16, ge=1, le=1000)
    """After so many tries an event becomes a dead letter, and the line goes on."""
    refused_tries: int = Field(5, ge=1, le=1000)
    """The same where the receiver answers that it does not want this message (400, 409, 413, 415, 422)."""
    give_up_hours: float = Field(24.0, gt=0, le=24 * 30)
    """An event that has failed for so long becomes a dead letter, however few its tries."""
    dead_letters: int = Field(10_000, ge=1, le=1_000_000)
    """A line with so many pauses itself instead of giving up on more."""
    endpoints: int = Field(50, ge=1, le=1000)
    """Most webhook endpoints."""
    old_secret_hours: float = Field(24.0, ge=0, le=24 * 30)
    """After a new secret was made, the old one signs, too, for so long."""
    side_by_side: int = Field(8, ge=1, le=64)
    """Lines that are served at once; one line sends one message at a time."""
    lease_s: float = Field(45.0, ge=0.5, le=600)
    """A sending process that was killed is waited for so long before another one takes over."""
    poll_s: float = Field(0.5, gt=0, le=10)
    """Between two looks for new case events."""
    upper: dict[str, UpperSettings] = Field(default_factory=dict, max_length=20)
    """Upper platforms by name: ``[outbound.upper.city]``."""

    @model_validator(mode="after")
    def a_call_ends_before_the_lease(self) -> Self:
        if self.lease_s < 2 * self.timeout_s:
            raise ValueError(
                f"lease_s = {self.lease_s:g} is too short for timeout_s = {self.timeout_s:g}; make it at least twice it"
            )
        return self

    def anchored(self, folder: Path) -> Self:
        """The same with every relative path made absolute from a folder."""

        def at(path: Path | None) -> Path | None:
            return path if path is None or path.is_absolute() else folder / path

        upper = {
            name: each.model_copy(update={"mapping_file": at(each.mapping_file)}) for name, each in self.upper.items()
        }
        return self.model_copy(update={"ca_file": at(self.ca_file), "upper": upper})
