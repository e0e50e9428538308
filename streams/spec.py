"""What an operator says about one camera's feed."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from core.clock import as_utc
from core.errors import FeedAuthFailed
from core.ids import CameraId
from streams.address import LIVE_SCHEMES, join_address, require_whole_login, with_secrets_apart
from streams.gb_codes import WVP_SCHEME

Seconds = Annotated[float, Field(allow_inf_nan=False)]


class FeedSpec(BaseModel):
    """One camera's feed; a password in ``url`` is split off when the spec is made, so ``url`` can be shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Annotated[CameraId, Field(min_length=1, max_length=100)]
    """The camera's name in every case and log, e.g. CAM-01."""
    name: str = ""
    """What people call the place; shown beside the id."""
    url: Annotated[str, Field(min_length=1)]
    """File or folder path, file://, rtsp(s)://, rtmp(s)://, http(s)://, wvp://gateway/device/channel."""
    kind: Literal["auto", "file", "folder", "live"] = "auto"
    """What ``url`` is; auto: told by its scheme, and by what lies at the path."""
    username: str | None = None
    """Of the camera's account; better here than in ``url``."""
    password: SecretStr | None = None
    """Better given by ``password_env``, or over the API, which seals it."""
    password_env: str | None = None
    """Environment variable that holds the password, so that no file does."""
    secret_query: SecretStr | None = None
    """Secret query values (token=…); split off the URL, put back when connecting."""
    started_at: datetime | None = None
    """File, folder: capture time of the first picture; default is the moment of opening, for a time lapse so much
    earlier that no picture is of the future (``streams.capture_time``)."""
    time_scale: Annotated[Seconds, Field(gt=0)] = 1.0
    """File, folder: city seconds per clip second (a time lapse has more than one)."""
    pace: Literal["realtime", "fast"] = "realtime"
    """File, folder: as the clip's own clock says, or as fast as possible."""
    loop: bool = False
    """File, folder: start again at the end; the clock goes on."""
    interval_s: Annotated[Seconds, Field(ge=0)] = 2.0
    """Seconds between two pictures handed on, in the mean; 0 is every key frame. Clips count their own seconds,
    so that ``fast`` chooses the same pictures as ``realtime``; folders hand on every image."""
    timeout_s: Annotated[Seconds, Field(gt=0)] = 10.0
    """Silence after which a feed counts as stalled."""
    transport: Literal["tcp", "udp"] = "tcp"
    """RTSP only."""
    reader: Literal["auto", "ffmpeg"] = "auto"
    """RTSP over TCP only: ``ffmpeg`` for a camera that our own reader does not get along with (costs more CPU)."""
    full_decode: bool = False
    """Decode every picture, not only key frames (about seven times the CPU)."""
    folder_step_s: Annotated[Seconds, Field(gt=0)] = 1.0
    """Folder: clip seconds between two images."""

    @model_validator(mode="before")
    @classmethod
    def secrets_leave_the_url(cls, given: Any) -> Any:
        return with_secrets_apart(given)

    @field_validator("started_at")
    @classmethod
    def started_at_has_a_zone(cls, moment: datetime | None) -> datetime | None:
        return None if moment is None else as_utc(moment)

    @model_validator(mode="after")
    def parts_fit_together(self) -> Self:
        is_url_live = self.scheme in (*LIVE_SCHEMES, WVP_SCHEME)
        if self.kind == "live" and not is_url_live:
            raise ValueError(
                'kind = "live" needs an rtsp(s)://, rtmp(s)://, http(s):// or wvp:// url; for a path leave kind out'
            )
        if self.kind in ("file", "folder") and is_url_live:
            raise ValueError(
                f'kind = "{self.kind}" needs a path; for a {self.url.partition("://")[0]}:// url leave kind out'
            )
        if self.scheme == WVP_SCHEME and self.username is not None:
            raise ValueError("username belongs to the gateway's section; take it off this wvp:// camera")
        require_whole_login(self.username, self.password, self.password_env)
        if is_url_live:
            for name, is_set in (
                ("started_at", self.started_at is not None),
                ("time_scale", self.time_scale != 1.0),
                ("pace", self.pace != "realtime"),
                ("loop", self.loop),
            ):
                if is_set:
                    raise ValueError(f"{name} belongs to files and folders; take it off this live feed")
        elif self.username is not None:
            raise ValueError("username belongs to live feeds; take it off this file or folder")
        return self

    @property
    def address(self) -> str:
        """Where the feed is, safe to log and to show."""
        return self.url

    @property
    def scheme(self) -> str:
        """``rtsp``, ``http``, … of a live feed; ``file`` for anything on this machine."""
        return self.url.partition("://")[0] if "://" in self.url else "file"

    @property
    def path(self) -> Path:
        """The file or folder of a feed that is not live."""
        if self.url.startswith("file://"):
            return Path(unquote(self.url.removeprefix("file://").removeprefix("localhost")))
        return Path(self.url).expanduser()

    @property
    def source_kind(self) -> Literal["file", "folder", "live"]:
        """``kind`` with ``auto`` settled by the url, and for a path by what lies there now."""
        if self.kind != "auto":
            return self.kind
        if self.scheme in (*LIVE_SCHEMES, WVP_SCHEME):
            return "live"
        return "folder" if self.path.is_dir() else "file"

    def full_url(self, environ: Mapping[str, str] = os.environ) -> str:
        """The url with its secrets, for the library that connects; never to be logged.

        Raises:
            FeedAuthFailed: ``password_env`` names a variable that is not set.
        """
        query = self.secret_query.get_secret_value() if self.secret_query is not None else None
        return join_address(self.url, self.username, self._password(environ), query)

    def secrets(self, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
        """What must never be seen in a text; pass it to ``redact``."""
        known = [
            self.password.get_secret_value() if self.password is not None else environ.get(self.password_env or "")
        ]
        if self.secret_query is not None:
            known += [pair.partition("=")[2] for pair in self.secret_query.get_secret_value().split("&")]
        return tuple(secret for secret in known if secret)

    def _password(self, environ: Mapping[str, str]) -> str | None:
        if self.password is not None:
            return self.password.get_secret_value()
        if self.password_env is None:
            return None
        password = environ.get(self.password_env)
        if password is None:
            raise FeedAuthFailed(
                self.id, f"the environment variable {self.password_env} is not set; set it to the password"
            )
        return password
