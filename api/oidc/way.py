"""The one way by the city's single sign-on that an installation has, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.oidc.guesses import Guesses
from api.oidc.provider import Provider
from api.settings import ApiSettings
from api.sign_in_places import Places
from cases.access.lockout import LockRules
from cases.access.second_factor import SecretSealer
from core.errors import ConfigError

BACK = "/login/oidc/back"
"""Below the public address: what is registered with the provider."""


@dataclass(frozen=True, slots=True)
class Way:
    """Handed in by the composition."""

    provider: Provider
    sealer: SecretSealer
    """Seals what browsers take along."""
    guesses: Guesses
    places: Places = field(default_factory=Places)


def open_way(settings: ApiSettings, sealer: SecretSealer, environ: Mapping[str, str]) -> Way | None:
    """The way that the settings name; None: none.

    Raises:
        ConfigError: the client's secret is not there, or the certificates cannot be read.
    """
    oidc = settings.oidc
    if oidc is None or settings.public_url is None:
        return None
    secret = None
    if oidc.client_secret_env is not None:
        secret = environ.get(oidc.client_secret_env, "").strip()
        if not secret:
            raise ConfigError(
                f"the environment has no {oidc.client_secret_env}, which [api.oidc].client_secret_env names; set it to "
                "the client's secret, or take the line out for a public client"
            )
    provider = Provider(oidc, secret, str(settings.public_url).rstrip("/") + BACK)
    return Way(provider, sealer, Guesses(LockRules(per_address=settings.sign_in_failures_per_address)))
