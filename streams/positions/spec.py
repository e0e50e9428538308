"""What an operator says about where a vehicle's positions come from."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from core.ids import CameraId
from streams.address import require_whole_login, with_secrets_apart
from streams.spec import FeedSpec

Seconds = Annotated[float, Field(allow_inf_nan=False)]
Format = Literal["nmea", "gpx", "jsonl"]

_BY_SUFFIX: Mapping[str, Format] = {
    ".gpx": "gpx",
    ".nmea": "nmea",
    ".nma": "nmea",
    ".log": "nmea",
    ".txt": "nmea",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


class PositionSpec(BaseModel):
    """A camera's ``[vehicle.track]`` section: a file, or an http(s) address that answers lines."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    file: Path | None = None
    """NMEA log, GPX or JSON-lines. Read whole for a clip; followed as it grows for a live camera."""
    url: str | None = None
    """http(s)://: read line by line; one that ends its answer is asked again after ``poll_s``."""
    format: Literal["auto", "nmea", "gpx", "jsonl"] = "auto"
    """auto: a file's by its suffix, an address's is jsonl."""
    day: date | None = None
    """NMEA without RMC: the UTC day of the first sentence, which GGA does not tell."""
    time_offset_s: Annotated[Seconds, Field(ge=-86_400, le=86_400)] = 0.0
    """Added to the camera's time to get the receiver's: 1.5 where the camera's clock is 1.5 s slow."""
    username: str | None = None
    """Of the position feed's account."""
    password: SecretStr | None = None
    """Better given by ``password_env``."""
    password_env: str | None = None
    """Environment variable that holds the password, so that no file does."""
    secret_query: SecretStr | None = None
    """Secret query values (token=…); split off the URL, put back when asking."""
    timeout_s: Annotated[Seconds, Field(gt=0, le=300)] = 10.0
    """Silence after which a live feed of positions counts as stalled."""
    poll_s: Annotated[Seconds, Field(ge=0.1, le=60)] = 1.0
    """Between two answers of an address, and two looks at a growing file."""
    wait_s: Annotated[Seconds, Field(ge=0, le=60)] = 5.0
    """Live: a picture waits this long for the position after it; then it is not used."""

    @model_validator(mode="before")
    @classmethod
    def secrets_leave_the_url(cls, given: Any) -> Any:
        return with_secrets_apart(given)

    @field_validator("url")
    @classmethod
    def url_is_http(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("positions come from http:// or https://, or from a file")
        return url

    @model_validator(mode="after")
    def has_one_source(self) -> Self:
        if (self.file is None) == (self.url is None):
            raise ValueError("give either file or url")
        if self.url is None and self.username is not None:
            raise ValueError("username belongs to a url; take it off this file")
        require_whole_login(self.username, self.password, self.password_env)
        if self.format == "auto" and self.file is not None and self.file.suffix.lower() not in _BY_SUFFIX:
            raise ValueError(f"the suffix of {self.file.name} tells no format; add format = nmea, gpx or jsonl")
        if self.url is not None and self.format == "gpx":
            raise ValueError("GPX is one document, not lines; a url gives jsonl or nmea")
        return self

    @property
    def kind(self) -> Format:
        """``format`` with ``auto`` settled."""
        if self.format != "auto":
            return self.format
        return "jsonl" if self.file is None else _BY_SUFFIX[self.file.suffix.lower()]

    @property
    def address(self) -> str:
        """Where the positions are, safe to log and to show."""
        return self.url if self.url is not None else str(self.file)

    def as_feed(self, camera_id: CameraId) -> FeedSpec:
        """The address as a feed's, which knows how to put its secrets back and to keep them out of texts."""
        return FeedSpec(
            id=camera_id,
            url=self.address,
            username=self.username,
            password=self.password,
            password_env=self.password_env,
            secret_query=self.secret_query,
            timeout_s=self.timeout_s,
        )
