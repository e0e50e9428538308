"""What the API asks about a camera's section before it keeps it: a port, filled in by the composition.

Only the composition knows every room's part of a section, the city it must lie in, and the configuration file.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from api.problems import FieldProblem, SectionRefused
from core.ids import CameraId


@dataclass(frozen=True, slots=True)
class CheckedSection:
    """A section that a worker can patrol by."""

    camera_id: CameraId
    section: Mapping[str, Any]
    """Normalised, JSON; its secrets and ``enabled`` taken out."""
    enabled: bool
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Field -> the secret in the clear, those that were given just now."""


@dataclass(frozen=True, slots=True)
class FileCamera:
    """A camera that stands in a configuration file."""

    camera_id: CameraId
    file: str
    section: Mapping[str, Any]
    """Without secrets."""
    enabled: bool


class CameraRules(Protocol):
    """What a camera may be."""

    @property
    def worker_id(self) -> str:
        """The worker that gets a camera for which nobody named one."""
        ...

    def check(self, section: Mapping[str, Any], held: Collection[str]) -> CheckedSection:
        """
        Args:
            held: names of secrets that are kept sealed, and stay unless the section brings others.

        Raises:
            SectionRefused: naming each key that is not right; no value is repeated.
        """
        ...

    def file_cameras(self) -> Sequence[FileCamera]:
        """Those of the configuration file as it stands now; over the API they can be read, not changed."""
        ...


@dataclass(frozen=True, slots=True)
class ScriptedRules:
    """The scripted twin: takes whatever has an id and a url, and knows the file cameras that it is given."""

    worker_id: str = "worker-1"
    files: tuple[FileCamera, ...] = ()

    def check(self, section: Mapping[str, Any], held: Collection[str]) -> CheckedSection:
        missing = [name for name in ("id", "url") if not isinstance(section.get(name), str)]
        if missing:
            raise SectionRefused([FieldProblem(field=name, message="is missing") for name in missing])
        secrets = {"password": str(section["password"])} if section.get("password") else {}
        kept = {name: value for name, value in section.items() if name not in ("password", "enabled")}
        return CheckedSection(CameraId(section["id"]), kept, bool(section.get("enabled", True)), secrets)

    def file_cameras(self) -> Sequence[FileCamera]:
        return self.files
