"""Cameras that are kept in the database, and who changed them: what the API's camera routes work on.

A camera here is what a ``[[cameras]]`` section of the configuration file is, without its secrets, which are beside it,
sealed. This room does not know what a section means; whoever puts one in has had it checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.errors import PatrolError
from core.ids import CameraId

MOST_CAMERAS = 5000
"""Of one worker: as many as its report of states may name."""


class CameraUnknown(PatrolError):
    """No camera of that id is kept here."""


class CameraTaken(PatrolError):
    """The id belongs to another camera."""


class CameraMovedOn(PatrolError):
    """The camera was changed since the caller looked at it."""


class CameraConfigEventKind(StrEnum):
    """What somebody did."""

    ADDED = "added"
    CHANGED = "changed"
    ENABLED = "enabled"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class CameraDraft:
    """A camera as somebody wants it; checked."""

    camera_id: CameraId
    worker_id: str
    """Which worker is to patrol it."""
    section: Mapping[str, Any]
    """As in the configuration file, ``id`` included; JSON, and no secret in it."""
    sealed: Mapping[str, str] = field(default_factory=dict)
    """Field -> sealed text."""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """A camera as it is kept."""

    camera_id: CameraId
    worker_id: str
    section: Mapping[str, Any]
    sealed: Mapping[str, str]
    enabled: bool
    revision: int
    """The number of its last change; grows with every change of any camera, so it never comes again."""
    added_at: datetime
    added_by: str
    changed_at: datetime
    changed_by: str

    @property
    def draft(self) -> CameraDraft:
        """The camera as it stands, to be changed."""
        return CameraDraft(self.camera_id, self.worker_id, self.section, self.sealed, self.enabled)


@dataclass(frozen=True, slots=True)
class CameraConfigEvent:
    """Who did what to a camera, and when; only ever appended, and it outlives the camera."""

    seq: int
    camera_id: CameraId
    kind: CameraConfigEventKind
    at: datetime
    actor: str
    data: Mapping[str, Any]
    """``before`` and ``after`` of the keys that changed, ``secrets`` by name: ``given``, ``kept`` or ``removed``."""


@dataclass(frozen=True, slots=True)
class WorkerCameras:
    """All cameras of one worker."""

    cameras: tuple[CameraConfig, ...]
    tag: str
    """Another one when anything may have changed."""


def changes(before: CameraDraft | None, after: CameraDraft | None) -> dict[str, Any]:
    """An event's data: the keys that differ, and of secrets their names only."""
    old, new = _told(before), _told(after)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key) or (key in old) != (key in new)]
    data: dict[str, Any] = {
        "before": {key: old[key] for key in keys if key in old},
        "after": {key: new[key] for key in keys if key in new},
    }
    had = {} if before is None else before.sealed
    has = {} if after is None else after.sealed
    secrets = {
        name: "removed" if name not in has else "given" if has[name] != had.get(name) else "kept"
        for name in sorted({*had, *has})
    }
    return {**data, "secrets": secrets} if secrets else data


def _told(draft: CameraDraft | None) -> dict[str, Any]:
    return {} if draft is None else {**draft.section, "worker": draft.worker_id, "enabled": draft.enabled}
