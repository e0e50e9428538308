"""What an operator says about one gateway."""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from streams.gateways.faults import GatewayError, Trouble

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class GatewaySpec(BaseModel):
    """One ``[gateways.NAME]`` section: WVP-GB28181-pro's REST."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["wvp"] = "wvp"
    """What speaks there: WVP-GB28181-pro."""
    url: str
    """Where its REST answers, e.g. http://192.0.2.20:18080; a path in front of /api may follow."""
    username: str | None = None
    """Of an account there."""
    password: SecretStr | None = None
    """Better given by ``password_env``."""
    password_env: str | None = None
    """Environment variable that holds the password, so that no file does."""
    api_key: SecretStr | None = None
    """Instead of user name and password: a key made on the gateway's user page."""
    api_key_env: str | None = None
    """Environment variable that holds the key."""
    transport: Literal["rtsp", "flv"] = "rtsp"
    """Which of the addresses it answers is taken; the other one where it offers only that."""
    timeout_s: Seconds = 10.0
    """For one answer; while a camera opens, the camera's own ``timeout_s`` if that is shorter."""
    sync_timeout_s: Seconds = 60.0
    """For one device's whole catalogue."""
    plays_at_once: Annotated[int, Field(gt=0, le=256)] = 8
    """Channels it is asked to start at the same time; more wait for their turn."""
    stop_on_close: bool = True
    """Tell it to hang up when a camera closes. It hangs up on everybody who looks at that channel, so set it to
    false where others do; the gateway ends unwatched streams by itself."""
    trust_status: bool = True
    """Do not play a channel that it lists as offline: it might answer with another camera's stream. False for
    gateways whose list lags behind."""
    check_identity: bool = True
    """Refuse a stream that does not say whose it is. False for gateways that name streams by SSRC; one that names
    another channel is refused even then."""
    media_host: str | None = None
    """Replaces the host in the addresses it answers, where its media server is reached by another name."""
    verify_tls: bool = True
    """False takes a certificate that it signed itself."""

    @field_validator("url")
    @classmethod
    def url_is_plain_http(cls, url: str) -> str:
        url = url.strip().rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise ValueError("a gateway's address begins with http:// or https://; write http://host:port")
        if "@" in url or "?" in url or "#" in url:
            raise ValueError("a gateway's address carries no password or query; use username and password_env")
        try:
            parts = urlsplit(url)
            has_place = bool(parts.hostname) and parts.port != 0
        except ValueError:
            has_place = False
        if not has_place:
            raise ValueError("the host and port of the gateway's address cannot be read; write http://host:port")
        return url

    @model_validator(mode="before")
    @classmethod
    def secrets_are_given_once(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            for name in ("password", "api_key"):
                if given.get(name) is not None and given.get(f"{name}_env") is not None:
                    raise ValueError(f"{name} and {name}_env are both given; keep {name}_env")
        return given

    @model_validator(mode="after")
    def there_is_one_way_in(self) -> Self:
        has_key = self.api_key is not None or self.api_key_env is not None
        has_password = self.password is not None or self.password_env is not None
        if has_key and (self.username is not None or has_password):
            raise ValueError("an API key and a user name are both given; keep one of them")
        if has_password != (self.username is not None):
            raise ValueError("username and password go together; give username and password_env, or api_key_env")
        return self

    def find_password(self, name: str, environ: Mapping[str, str] = os.environ) -> str | None:
        """The password, never to be logged; None when the gateway asks for none.

        Raises:
            GatewayError: its variable is not set.
        """
        return _secret(name, self.password, self.password_env, environ)

    def find_api_key(self, name: str, environ: Mapping[str, str] = os.environ) -> str | None:
        """The API key, never to be logged; None when a password is used.

        Raises:
            GatewayError: its variable is not set.
        """
        return _secret(name, self.api_key, self.api_key_env, environ)


def _secret(name: str, given: SecretStr | None, variable: str | None, environ: Mapping[str, str]) -> str | None:
    if given is not None:
        return given.get_secret_value()
    if variable is None:
        return None
    value = environ.get(variable)
    if not value:
        raise GatewayError(name, Trouble.AUTH, f"the environment variable {variable} is not set; mend: set it")
    return value
