"""The cameras page: is each one live, and if not, why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from cases.camera_states import WorkerNotice
from cases.cameras import CameraRecord
from cases.view_health import FINDING_KINDS, FindingRecord
from desk.render import render
from desk.visitor import Visitor

STATES = ("down", "stalled", "connecting", "live", "ended", "disabled")
"""What needs a person first, then the rest."""

SILENT_AFTER_S = 90.0
"""A worker that has said nothing about a camera for this long may be dead: the row says how old its word is."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What is wrong with a camera's picture, as the page shows it."""

    kind: str
    since: datetime
    value: str
    limit: str
    shift_px: tuple[int, int] | None
    is_gone: bool
    """Moved, and nothing of the reference is found any more."""


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
    findings: tuple[FindingRow, ...]
    looks_withheld: int
    reference_at: datetime | None
    shows_reference: bool
    """What is wrong, if anything, is told from the reference picture."""
    interval_s: float | None
    """Between two looks of late, in the middle; None before the second."""
    is_stale: bool
    """The worker has been silent: the state shown is its last word, not the present."""
    cases_href: str


@dataclass(frozen=True, slots=True)
class CamerasView:
    """Everything the cameras page shows."""

    rows: tuple[CameraRow, ...]
    counts: Mapping[str, int]
    """Cameras per state, in the order of the rows; states without a camera are left out."""
    with_findings: int
    """Cameras with something wrong with their picture."""


def view_cameras(cameras: Sequence[CameraRecord], now: datetime) -> CamerasView:
    """The page as data; cameras in trouble come first."""
    rows = sorted((_row(camera, now) for camera in cameras), key=lambda row: (_rank(row), row.id))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    return CamerasView(tuple(rows), counts, sum(bool(row.findings) for row in rows))


def render_cameras_page(
    cameras: Sequence[CameraRecord], visitor: Visitor, now: datetime, notices: Sequence[WorkerNotice] = ()
) -> str:
    """The cameras page as HTML; ``now`` tells which workers have fallen silent."""
    return render("cameras.html", visitor, cameras=view_cameras(cameras, now), notices=notices)


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
        interval_s=dict(camera.looks).get("interval_p50_s"),
        address=camera.address,
        worker=camera.worker_id or "",
        updated_at=camera.updated_at,
        findings=tuple(_finding(each) for each in camera.health.findings if each.kind in FINDING_KINDS),
        looks_withheld=camera.health.looks_withheld,
        reference_at=camera.health.reference_at,
        shows_reference=all(each.kind in ("covered", "blurred", "moved") for each in camera.health.findings),
        is_stale=silent_s > SILENT_AFTER_S,
        cases_href="/?" + urlencode({"state": "all", "camera_id": camera.camera_id}),
    )


def _finding(found: FindingRecord) -> FindingRow:
    shift = found.shift_px
    return FindingRow(
        kind=found.kind,
        since=found.since,
        value=_measure(found.kind, found.value),
        limit=_measure(found.kind, found.threshold),
        shift_px=None if shift is None else (round(shift[0]), round(shift[1])),
        is_gone=found.kind == "moved" and shift is None,
    )


def _measure(kind: str, value: float) -> str:
    """A measure with its unit, the same in both languages."""
    if kind == "black":
        return f"{value:.0f}"
    if kind not in ("lost", "frozen"):
        return f"{100 * value:.1f} %"
    if value < 600:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 36_000 else f"{value / 3600:.0f} h"


def _rank(row: CameraRow) -> int:
    """A camera that shows pictures which are not fit to be looked at comes before those that connect."""
    if row.state not in STATES:
        return -1
    rank = STATES.index(row.state)
    return min(rank, STATES.index("stalled")) if row.findings else rank
