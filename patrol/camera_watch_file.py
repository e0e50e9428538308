"""The configuration file's cameras, read again when the file changes; what cannot be used changes nothing."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from core.errors import ConfigError, GridError
from patrol.camera_files import CAMERA_FILES, camera_sections, read_toml
from patrol.camera_fleet_wanted import WantedCamera, wanted_here
from patrol.settings import CameraSettings, Settings, load_settings

log = logging.getLogger(__name__)

LONGEST_NOTICE = 1500
Signature = tuple[tuple[str, int, int, int], ...]


class ConfigFile:
    """One ``gridpatrol.toml`` with its ``camera_files``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._further: tuple[Path, ...] = ()

    @property
    def path(self) -> Path:
        return self._path

    def signature(self) -> Signature:
        """Another one when any of the files was written; a file that is away counts as changed."""
        return tuple(_stamp(path) for path in (self._path, *self._further))

    def read(self) -> Settings:
        """
        Raises:
            ConfigError: naming the file, and the line or the key.
        """
        self._further = self._camera_files()
        return load_settings(self._path)

    def origins(self) -> Mapping[str, str]:
        """In which file each camera stands; whatever cannot be read has none."""
        self._further = self._camera_files()
        return dict(self._origins())

    def _origins(self) -> Iterator[tuple[str, str]]:
        try:
            own = read_toml(self._path).get("cameras", [])
        except ConfigError:
            return
        for section in own if isinstance(own, list) else []:
            if isinstance(section, Mapping):
                yield str(section.get("id")), str(self._path)
        for path in self._further:
            try:
                yield from ((str(section.get("id")), str(path)) for section in camera_sections(path))
            except ConfigError:
                continue

    def _camera_files(self) -> tuple[Path, ...]:
        """Those that the file names; as before while it cannot be read."""
        try:
            names = read_toml(self._path).get(CAMERA_FILES, [])
        except ConfigError:
            return self._further
        folder = self._path.resolve().parent
        return tuple(folder / name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


class FileCameras:
    """The cameras of the configuration file, as a worker patrols them.

    Args:
        settings: as they were read when the worker started; everything but the cameras stays as it was then.
        refuse: raises ``GridError`` for a camera that the city has no place for.
    """

    def __init__(self, file: ConfigFile, settings: Settings, refuse: Callable[[CameraSettings], object]) -> None:
        self._file = file
        self._settings = settings
        self._refuse = refuse
        self._used = self._before = file.signature()
        self.wanted: Sequence[WantedCamera] = self._wanted_of(settings)
        self.notices: Sequence[str] = ()

    def look(self, is_urgent: bool = False) -> bool:
        """Read the file if it was written; True when there is something new to tell.

        A change is read when it has stood for one look, since not every editor writes a file in one piece.

        Args:
            is_urgent: read it now, changed or not.
        """
        signature = self._file.signature()
        has_settled, self._before = signature == self._before, signature
        if not is_urgent and (signature == self._used or not has_settled):
            return False
        self._used = signature
        try:
            settings = self._file.read()
            self._refuse_unplaced(settings)
        except (ConfigError, GridError) as error:
            told = str(error).replace(f"{self._file.path.parent}{os.sep}", "")
            if isinstance(error, GridError):
                told = f"{self._file.path.name}: {told}"
            return self._say(
                f"the configuration cannot be used, and everything stays as it is: {told}"[:LONGEST_NOTICE]
            )
        self._used = self._before = self._file.signature()
        self.wanted = self._wanted_of(settings)
        self._say(self._unapplied(settings))
        return True

    def _wanted_of(self, settings: Settings) -> Sequence[WantedCamera]:
        origins = self._file.origins()
        return tuple(wanted_here(each, Path(origins.get(each.id, self._file.path)).name) for each in settings.cameras)

    def _refuse_unplaced(self, settings: Settings) -> None:
        standing = {wanted.camera_id: wanted.settings for wanted in self.wanted}
        for camera in settings.cameras:
            if camera != standing.get(camera.id):
                self._refuse(camera)

    def _unapplied(self, settings: Settings) -> str:
        """Which other sections differ from those that the worker runs with."""
        names = [
            name
            for name in type(settings).model_fields
            if name not in ("cameras", CAMERA_FILES) and getattr(settings, name) != getattr(self._settings, name)
        ]
        if not names:
            return ""
        told = ", ".join(f"[{name}]" for name in names)
        return f"{self._file.path.name}: changes of {told} count when the worker is started again"

    def _say(self, notice: str) -> bool:
        """Once in the log, and on the cameras page for as long as it is so; True when it is new."""
        if tuple(self.notices) == ((notice,) if notice else ()):
            return False
        self.notices = (notice,) if notice else ()
        if notice:
            log.error("%s", notice)
        else:
            log.info("%s: usable again", self._file.path.name)
        return True


def _stamp(path: Path) -> tuple[str, int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return str(path), 0, 0, 0
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino
