"""The ``[api]`` section of the settings."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from api.open311.settings import Open311Settings


class ApiSettings(BaseModel):
    """Where the API listens and how long it waits; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 for every network card")
    port: int = Field(8650, ge=0, le=65535, description="TCP port; 0 takes any free one")
    public_url: HttpUrl | None = Field(
        None,
        description="address the operators' browsers use, when a proxy stands in front; https makes cookies Secure",
    )
    session_hours: float = Field(12.0, gt=0, le=24 * 30, description="how long a desk session lasts")
    session_idle_minutes: float = Field(240.0, gt=0, le=60 * 24 * 30, description="an unused desk session ends")
    sign_in_failures: int = Field(5, ge=1, le=100, description="failed sign-ins of one name before it is shut out")
    sign_in_failures_per_address: int = Field(
        20, ge=1, le=10_000, description="failed sign-ins from one address before it is shut out"
    )
    heartbeat_s: float = Field(15.0, gt=0, le=60, description="seconds between two signs of life on an event stream")
    poll_s: float = Field(0.5, gt=0, le=10, description="seconds between two looks for new case events")
    event_clients: int = Field(200, ge=1, description="event streams served at once; one more is asked to come later")
    evidence_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="largest evidence picture, bytes")
    body_bytes: int = Field(1024 * 1024, ge=1024, description="largest other request body, bytes")
    stop_s: int = Field(2, ge=1, le=60, description="seconds that running requests get when the API stops")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what the API's log keeps")
    access_log: bool = Field(True, description="one line per request, without its query")

    open311: Open311Settings = Field(
        default_factory=lambda: Open311Settings.model_validate({}), description="what civic software is offered"
    )

    @property
    def cookies_are_secure(self) -> bool:
        """Browsers reach the desk over TLS, so its cookies must never travel without."""
        return self.public_url is not None and self.public_url.scheme == "https"
