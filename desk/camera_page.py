"""The cameras page: is each one live, and if not, why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from cases.cameras import CameraRecord
from desk.render import render
from desk.visitor import Visitor

STATES = ("down", "stalled", "connecting", "live", "ended", "disabled")
"""What needs a person first, then the rest."""

SILENT_AFTER_S = 90.0
"""A worker that has said nothing about a camera for this long may be dead: the row says how old its word is."""


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera as the page shows it."""

    id: str
    name: str
    state: str
    since: datetime
    error_kind: str
    error: str
    last_frame_at: datetime | None
    decoded: int
    dropped: int
    corrupt: int
    reconnects: int
    codec: str
    size: str
    gop_s: float | None
    address: str
    worker: str
    updated_at: datetime | None
    is_stale: bool
    """The worker has been silent: the state shown is its last word, not the present."""
    cases_href: str


@dataclass(frozen=True, slots=True)
class CamerasView:
    """Everything the cameras page shows."""

    rows: tuple[CameraRow, ...]
    counts: Mapping[str, int]
    """Cameras per state, in the order of the rows; states without a camera are left out."""


def view_cameras(cameras: Sequence[CameraRecord], now: datetime) -> CamerasView:
    """The page as data; cameras in trouble come first."""
    rows = sorted((_row(camera, now) for camera in cameras), key=lambda row: (_rank(row.state), row.id))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    return CamerasView(tuple(rows), counts)


def render_cameras_page(cameras: Sequence[CameraRecord], visitor: Visitor, now: datetime) -> str:
    """The cameras page as HTML; ``now`` tells which workers have fallen silent."""
    return render("cameras.html", visitor, cameras=view_cameras(cameras, now))


def _row(camera: CameraRecord, now: datetime) -> CameraRow:
    has_size = camera.width_px is not None and camera.height_px is not None
    silent_s = (now - camera.updated_at).total_seconds() if camera.updated_at is not None else 0.0
    return CameraRow(
        id=camera.camera_id,
        name=camera.name,
        state=camera.state if camera.state in STATES else "unknown",
        since=camera.since,
        error_kind=camera.error_kind or "",
        error=camera.error or "",
        last_frame_at=camera.last_frame_at,
        decoded=camera.frames_decoded,
        dropped=camera.frames_dropped,
        corrupt=camera.frames_corrupt,
        reconnects=camera.reconnects,
        codec=(camera.codec or "").upper(),
        size=f"{camera.width_px}×{camera.height_px}" if has_size else "",
        gop_s=camera.gop_s,
        address=camera.address,
        worker=camera.worker_id or "",
        updated_at=camera.updated_at,
        is_stale=silent_s > SILENT_AFTER_S,
        cases_href="/?" + urlencode({"state": "all", "camera_id": camera.camera_id}),
    )


def _rank(state: str) -> int:
    return STATES.index(state) if state in STATES else -1
