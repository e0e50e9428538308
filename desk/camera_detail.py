"""One camera's page: its picture, how it is doing, what is wrong and what to do, its configuration and its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.camera_configs import CameraConfigEvent
from cases.cameras import CameraRecord
from cases.policy.suppressions import KeptSuppression
from core.ids import CameraId
from desk.camera_page import CameraRow, camera_href, row_of, shown_place, wall_href
from desk.probe_words import mend_key
from desk.render import render
from desk.visitor import Visitor


@dataclass(frozen=True, slots=True)
class ConfigFacts:
    """A camera's configuration, secrets by name only."""

    camera_id: CameraId | None = None
    """None: one that is about to be added."""
    section: Mapping[str, Any] = field(default_factory=dict, hash=False)
    enabled: bool = True
    secrets: tuple[str, ...] = ()
    revision: int | None = None
    worker: str = ""
    file: str = ""
    """The configuration file in which it stands; empty: the API's own."""
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def is_known(self) -> bool:
        """Whether this API can read it; otherwise its worker alone knows."""
        return bool(self.section)

    @property
    def shown_address(self) -> str:
        """The address with the user, and with stars for a password: never the password; of a file its name."""
        url = str(self.section.get("url") or "")
        scheme, mark, rest = url.partition("://")
        user = self.section.get("username")
        if not mark or not user:
            return shown_place(url)
        has_password = "password" in self.secrets or self.section.get("password_env")
        return f"{scheme}://{user}{':***' if has_password else ''}@{rest}"

    @property
    def time_scale(self) -> float:
        """City seconds per second of a film; 1 for all that runs at its own speed."""
        return float(self.section.get("time_scale") or 1.0)

    @property
    def loops(self) -> bool:
        return bool(self.section.get("loop"))

    @property
    def view(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.section.get("view") or {}
        return found


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Where the picture that is shown comes from."""

    kind: str
    """``taken`` by hand, ``evidence`` of a case, or ``watched``: the last one that was analysed."""
    at: datetime
    frame_wh: tuple[int, int] | None = None
    """Of the feed, pixels, where it is known."""


@dataclass(frozen=True, slots=True)
class CameraDetail:
    """Everything the page shows."""

    record: CameraRecord
    config: ConfigFacts
    picture: PictureFacts | None = None
    changes: Sequence[CameraConfigEvent] = ()
    """Newest first."""
    suppressions: tuple[KeptSuppression, ...] = ()
    may_manage: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Who changed what."""

    at: datetime
    actor: str
    kind: str
    keys: tuple[str, ...]
    """Of the section, those that changed; secrets among them by name."""


@dataclass(frozen=True, slots=True)
class TieFacts:
    """How the picture is tied to the ground."""

    points: int
    regions: int
    masks: int
    whole_cell: str
    """The one cell that the whole picture stands for, where it was tied no finer."""
    on_vehicle: bool


def render_camera(detail: CameraDetail, visitor: Visitor, now: datetime) -> str:
    """The page as HTML."""
    row: CameraRow = row_of(detail.record, now)
    return render(
        "camera.html",
        visitor,
        detail=detail,
        row=row,
        href=camera_href(detail.record.camera_id),
        wall_href=wall_href(detail.record.camera_id),
        looks=dict(detail.record.looks),
        mend_key=mend_key(row.error_kind) if row.error_kind else "",
        changes=tuple(_change(event) for event in detail.changes),
        tie=tie_of(detail.config),
        transitions=detail.record.transitions,
    )


def tie_of(config: ConfigFacts) -> TieFacts:
    """What is known of a view's tie."""
    view = config.view
    regions: Sequence[Mapping[str, Any]] = view.get("regions") or ()
    is_whole = len(regions) == 1 and not view.get("frame_size")
    whole = str(regions[0].get("cell", "")) if is_whole else ""
    return TieFacts(
        points=len(view.get("control_points") or ()),
        regions=len(regions),
        masks=len(view.get("masks") or ()),
        whole_cell=whole,
        on_vehicle=config.section.get("vehicle") is not None,
    )


def _change(event: CameraConfigEvent) -> ChangeRow:
    before, after = event.data.get("before", {}), event.data.get("after", {})
    keys = sorted({*before, *after}) if event.kind == "changed" else []
    secrets = [name for name, what in event.data.get("secrets", {}).items() if what != "kept"]
    return ChangeRow(event.at, event.actor, event.kind.value, (*keys, *secrets))
