"""The couriers of the configured upper platforms, put together; secrets come from the environment by name."""

import os
from collections.abc import Mapping

from sqlalchemy import Engine

from cases.outbound.calls import Caller
from cases.outbound.courier import Courier
from cases.outbound.facts import Locate
from cases.outbound.filings import FilingStore
from cases.outbound.json_platform import JsonPlatform
from cases.outbound.mapping import load_mapping
from cases.outbound.open311_platform import Open311Platform
from cases.outbound.upper_courier import Platform, UpperCourier
from cases.outbound.upper_settings import UpperSettings
from core.clock import Clock
from core.errors import ConfigError


def upper_couriers(
    configured: Mapping[str, UpperSettings],
    engine: Engine,
    caller: Caller,
    clock: Clock,
    locate: Locate,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, Courier]:
    """By line id.

    Raises:
        ConfigError: a mapping file or a secret that is not there; the text names it, and no secret.
    """
    filings = FilingStore(engine)
    made: dict[str, Courier] = {}
    for name, settings in configured.items():
        if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum() and len(name) <= 40):
            raise ConfigError(f"[outbound.upper.{name[:40]}]: a name has letters, digits, - and _; write another one")
        platform = _platform(name, settings, caller, clock, environ)
        selected = set(settings.categories) or None
        if settings.kind == "open311":
            selected = set(settings.service_codes) & (selected or set(settings.service_codes))
        line_id = f"upper:{name}"
        made[line_id] = UpperCourier(line_id, settings, platform, filings, locate, selected)
    return made


def _platform(name: str, settings: UpperSettings, caller: Caller, clock: Clock, environ: Mapping[str, str]) -> Platform:
    if settings.kind == "open311":
        key = None if settings.api_key_env is None else _secret(name, settings.api_key_env, environ)
        return Open311Platform(name, settings, key, caller, clock)
    if settings.mapping_file is None:  # the settings see to it
        raise ConfigError(f"[outbound.upper.{name}] needs mapping_file")
    mapping = load_mapping(settings.mapping_file)
    secrets = {own: _secret(name, variable, environ) for own, variable in mapping.secrets.items()}
    return JsonPlatform(name, mapping, secrets, caller, clock)


def _secret(name: str, variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "").strip()
    if not value or not value.isascii() or not value.isprintable():
        raise ConfigError(
            f"[outbound.upper.{name}] needs the environment variable {variable}; set it to one ASCII line"
        )
    return value
