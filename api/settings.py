"""The ``[api]`` section of the settings."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, IPvAnyNetwork, model_validator

from api.map_settings import MapSettings
from api.oidc.settings import OidcSettings
from api.open311.settings import Open311Settings
from api.wall_settings import WallSettings


class ApiSettings(BaseModel):
    """Where the API listens and how long it waits; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 for every network card")
    port: int = Field(8650, ge=0, le=65535, description="TCP port; 0 takes any free one")
    public_url: HttpUrl | None = Field(
        None,
        description="address the operators' browsers use, when a proxy stands in front; https makes cookies Secure",
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        (),
        description="networks whose proxies are believed who calls (X-Forwarded-For, -Proto); without, all who come "
        "through a proxy share its address, and one's failed sign-ins shut out everybody",
    )
    session_hours: float = Field(12.0, gt=0, le=24 * 30, description="how long a desk session lasts")
    session_idle_minutes: float = Field(240.0, gt=0, le=60 * 24 * 30, description="an unused desk session ends")
    sign_in_failures: int = Field(5, ge=1, le=100, description="failed sign-ins of one name before it is shut out")
    sign_in_failures_per_address: int = Field(
        20, ge=1, le=10_000, description="failed sign-ins from one address before it is shut out"
    )
    calls_per_key_per_s: float = Field(
        100.0, ge=0, le=1e6, description="calls a second of one key or session; 0: no limit; workers' are not counted"
    )
    calls_per_address_per_s: float = Field(
        500.0, ge=0, le=1e6, description="calls a second from one address, whatever its keys; 0: no limit"
    )
    calls_burst_s: float = Field(60.0, gt=0, le=3600, description="so many seconds' worth of calls may come at once")
    heartbeat_s: float = Field(15.0, gt=0, le=60, description="seconds between two signs of life on an event stream")
    poll_s: float = Field(0.5, gt=0, le=10, description="seconds between two looks for new case events")
    event_clients: int = Field(200, ge=1, description="event streams served at once; one more is asked to come later")
    evidence_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="largest evidence picture, bytes")
    body_bytes: int = Field(1024 * 1024, ge=1024, description="largest other request body, bytes")
    clip_bytes: int = Field(2 * 1024**3, ge=1024, description="largest video file that an admin may upload, bytes")
    clips_total_bytes: int = Field(20 * 1024**3, ge=1024, description="all uploaded video files together, bytes")
    probe_s: float = Field(4.0, gt=0, le=15, description="silence that a probe of a camera puts up with, seconds")
    export_rows: int = Field(100_000, ge=1, le=1_000_000, description="most cases in one exported file")
    stop_s: int = Field(2, ge=1, le=60, description="seconds that running requests get when the API stops")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what the API's log keeps")
    access_log: bool = Field(True, description="one line per request, without its query")

    open311: Open311Settings = Field(
        default_factory=lambda: Open311Settings.model_validate({}), description="what civic software is offered"
    )

    map: MapSettings = Field(default_factory=lambda: MapSettings.model_validate({}), description="the map's tiles")
    wall: WallSettings = Field(
        default_factory=lambda: WallSettings.model_validate({}), description="what looking at cameras may cost"
    )

    oidc: OidcSettings | None = Field(None, description="the city's single sign-on; none: names and passwords alone")

    @model_validator(mode="after")
    def the_provider_knows_where_we_are(self) -> Self:
        if self.oidc is not None and self.public_url is None:
            raise ValueError("oidc needs public_url: the provider sends browsers back there; add it to [api]")
        return self

    @property
    def cookies_are_secure(self) -> bool:
        """Browsers reach the desk over TLS, so its cookies must never travel without."""
        return self.public_url is not None and self.public_url.scheme == "https"
