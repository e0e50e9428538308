"""Camera sections in files of their own: ``camera_files`` of the configuration, written by ``feeds import``."""

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import ConfigError
from streams.gateways.spec import GatewaySpec
from streams.gb_codes import ChannelAddress, check_gateway_name

log = logging.getLogger(__name__)

CAMERA_FILES = "camera_files"


@dataclass(frozen=True, slots=True)
class GatewayFile:
    """What a configuration says of gateways, whatever the state of the rest: enough to import a catalogue."""

    gateways: Mapping[str, GatewaySpec]
    cameras: tuple[ChannelAddress, ...]
    """Addresses of the configured cameras that are behind a gateway; one that is named twice is here twice."""
    camera_ids: frozenset[str]


def read_toml(path: Path) -> dict[str, Any]:
    """
    Raises:
        ConfigError: missing, not readable or not TOML; the text names the file.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; write one with: gridpatrol config init {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def with_camera_files(data: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The configuration with the cameras of its ``camera_files`` behind its own.

    A camera there without a ``[cameras.view]`` waits: nobody has tied its picture to the ground yet. It is left out,
    and the log says how many are.

    Raises:
        ConfigError: a file that is missing, is not TOML, or holds anything but cameras.
    """
    own, further = data.get("cameras", []), sections_of_files(data, folder)
    if not further or not isinstance(own, list):
        return dict(data)
    ready = [section for section in further if "view" in section or "vehicle" in section]
    if len(ready) < len(further):
        log.warning(
            "%d cameras of %s wait for their [cameras.view] and are not patrolled",
            len(further) - len(ready),
            CAMERA_FILES,
        )
    return {**data, "cameras": [*own, *ready]}


def sections_of_files(data: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    """The sections of every camera file, also those that wait."""
    names = data.get(CAMERA_FILES, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f'{CAMERA_FILES} is a list of files; write {CAMERA_FILES} = ["cameras.toml"]')
    found: list[dict[str, Any]] = []
    for name in names:
        found += camera_sections(folder / name)
    return found


def camera_sections(path: Path) -> list[dict[str, Any]]:
    """The ``[[cameras]]`` of one file.

    Raises:
        ConfigError: it holds anything else.
    """
    content = read_toml(path)
    sections = content.pop("cameras", [])
    if content:
        raise ConfigError(f"{path}: holds {sorted(content)[0]!r}; a camera file holds [[cameras]] only")
    if not isinstance(sections, list) or not all(isinstance(section, dict) for section in sections):
        raise ConfigError(f"{path}: cameras is not a row of sections; write [[cameras]]")
    return sections


def load_gateways(path: Path) -> GatewayFile:
    """The ``[gateways]`` of a configuration, and the cameras it has behind them.

    Raises:
        ConfigError: the file or one of these sections is not usable; no value is repeated, it may be a secret.
    """
    data = read_toml(path)
    given = data.get("gateways", {})
    if not isinstance(given, dict):
        raise ConfigError(f"{path}: gateways is not a table; write [gateways.city]")
    gateways = {name: _gateway(path, name, section) for name, section in given.items()}
    own = data.get("cameras", [])
    sections = [*(own if isinstance(own, list) else []), *sections_of_files(data, path.resolve().parent)]
    sections = [section for section in sections if isinstance(section, dict)]
    return GatewayFile(
        gateways,
        tuple(address for section in sections if (address := gateway_address(section)) is not None),
        frozenset(str(section["id"]) for section in sections if "id" in section),
    )


def gateway_address(section: Mapping[str, Any]) -> ChannelAddress | None:
    """Where a camera section's channel is; None for any other camera."""
    try:
        return ChannelAddress.of(str(section.get("url", "")).strip())
    except ValueError:
        return None


def _gateway(path: Path, name: str, section: object) -> GatewaySpec:
    problem = ""
    try:
        check_gateway_name(name)
        return GatewaySpec.model_validate(section)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        problem = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}".removeprefix(": ")
            for item in told
        )
    except ValueError as error:
        problem = str(error)
    raise ConfigError(f"{path}: gateways.{name}: {problem}")
