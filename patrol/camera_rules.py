"""What a camera's section must be before the API keeps it: every room's rules, the city, and what the API forbids."""

import logging
import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from api.camera_config_rules import CheckedSection, FileCamera
from api.problems import FieldProblem, SectionRefused
from core.errors import ConfigError, GridError
from grid.cells import CityGrid
from grid.ground import Ground, ground_of
from grid.views import ViewCalibration, calibrate
from patrol.camera_watch_file import ConfigFile
from patrol.key_faults import faults_of
from patrol.settings import CameraSettings, Settings
from streams.gb_codes import WVP_SCHEME, ChannelAddress
from streams.sealing import SEALED_FIELDS

log = logging.getLogger(__name__)

ID_PATTERN = re.compile(r"[^\s/?#%\\]([^/?#%\\]{0,98}[^\s/?#%\\])?")
LONGEST_TEXT = 1000
"""Of any value; the report of all cameras' states has to carry the name and the address."""
OWN_VARIABLES = "GRIDPATROL_"
"""Our own secrets in the environment are nobody's camera password."""


class SiteRules:
    """``api``'s camera rules over one installation's settings.

    Args:
        config: the configuration file, whose cameras are read anew when it changes; None: those of the settings.
    """

    def __init__(self, settings: Settings, city: CityGrid | Ground, config: Path | None = None) -> None:
        self._settings = settings
        self._ground = ground_of(city)
        self._lock = threading.Lock()
        self._file = None if config is None else ConfigFile(config)
        self._seen = None if self._file is None else self._file.signature()
        origins = {} if self._file is None else self._file.origins()
        self._file_cameras = tuple(_file_camera(each, origins) for each in settings.cameras)

    @property
    def worker_id(self) -> str:
        return self._settings.worker.id

    def file_cameras(self) -> Sequence[FileCamera]:
        with self._lock:
            if self._file is None or (signature := self._file.signature()) == self._seen:
                return self._file_cameras
            self._seen = signature
            try:
                cameras, origins = self._file.read().cameras, self._file.origins()
            except ConfigError as error:
                log.warning("the cameras of the configuration file stay as they were: %s", error)
            else:
                self._file_cameras = tuple(_file_camera(each, origins) for each in cameras)
            return self._file_cameras

    def check(self, section: Mapping[str, Any], held: Collection[str]) -> CheckedSection:
        _refuse(texts_that_do_not_fit(section))
        try:
            camera = CameraSettings.model_validate(section)
        except ValidationError as error:
            faults = faults_of(error, CameraSettings)
            raise SectionRefused(
                [
                    FieldProblem(field=fault.key.replace("(the file)", "camera"), message=fault.message)
                    for fault in faults
                ]
            ) from None
        _refuse(self._forbidden(camera, held))
        try:
            tied(camera, self._ground())
        except GridError as error:
            _refuse([("view" if camera.vehicle is None else "vehicle", str(error))])
        plain = camera.model_dump(mode="json", exclude_unset=True, exclude={*SEALED_FIELDS, "enabled"})
        secrets = {
            name: secret.get_secret_value() for name in SEALED_FIELDS if (secret := getattr(camera, name)) is not None
        }
        return CheckedSection(camera.id, plain, camera.enabled, secrets)

    def _forbidden(self, camera: CameraSettings, held: Collection[str]) -> Iterator[tuple[str, str]]:
        """What a file may say, and the API may not; and what only the whole installation can tell."""
        if not ID_PATTERN.fullmatch(camera.id):
            yield "id", "up to 100 characters, none of / ? # % \\, and no space at its ends"
        if "password" in held and camera.password is None:
            if camera.password_env is not None:
                yield "password_env", "a password is kept sealed; give password = null with it"
            elif camera.username is None:
                yield "username", "a password is kept sealed and has nobody to belong to; give password = null, too"
        track = None if camera.vehicle is None else camera.vehicle.track
        for key, variable in (
            ("password_env", camera.password_env),
            ("vehicle.track.password_env", None if track is None else track.password_env),
        ):
            if variable is not None and variable.upper().startswith(OWN_VARIABLES):
                yield key, f"variables named {OWN_VARIABLES}… are Gridpatrol's own; give another one"
        if track is not None:
            if track.password is not None or track.secret_query is not None:
                yield "vehicle.track", "over the API a track's password comes from password_env"
            if track.file is not None and not track.file.is_absolute():
                yield "vehicle.track.file", "give the whole path on the worker's machine, beginning with /"
        if camera.scheme == "file" and not camera.path.is_absolute():
            yield "url", "give the whole path on the worker's machine, beginning with /"
        if camera.scheme == WVP_SCHEME:
            name = ChannelAddress.of(camera.url).gateway
            if name not in self._settings.gateways:
                yield "url", f"names the gateway {name!r}; add a [gateways.{name}] section to the configuration file"


def tied(camera: CameraSettings, city: CityGrid) -> ViewCalibration:
    """A camera's tie to the ground.

    Raises:
        GridError: it has none that is usable.
    """
    if camera.vehicle is not None:
        return camera.vehicle.moving_view(camera.view_id, city).calibration
    return calibrate(camera.view_id, camera.view, city)


def texts_that_do_not_fit(section: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    """Keys whose text is too long, or holds what no database, log or terminal can take."""
    for key, value in section.items():
        where = f"{at}{key}"
        if not key.isprintable() or len(key) > 100:
            yield at or "camera", "has a key that is no word"
        elif isinstance(value, Mapping):
            yield from texts_that_do_not_fit(value, f"{where}.")
        elif isinstance(value, str):
            if len(value) > LONGEST_TEXT or not value.isprintable():
                yield where, f"up to {LONGEST_TEXT} characters, all of them printable"
        elif isinstance(value, list) and not all(text.isprintable() for text in _texts_in(value)):
            yield where, "holds what is not printable"


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)


def _refuse(faults: Sequence[tuple[str, str]] | Iterator[tuple[str, str]]) -> None:
    found = [FieldProblem(field=key, message=message) for key, message in faults]
    if found:
        raise SectionRefused(found)


def _file_camera(camera: CameraSettings, origins: Mapping[str, str]) -> FileCamera:
    plain = camera.model_dump(mode="json", exclude_unset=True, exclude={*SEALED_FIELDS, "enabled"})
    if camera.vehicle is not None:
        plain["vehicle"]["track"] = {
            name: value for name, value in plain["vehicle"]["track"].items() if name not in SEALED_FIELDS
        }
    return FileCamera(camera.id, origins.get(camera.id, "the configuration file"), plain, camera.enabled)
