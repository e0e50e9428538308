"""The cameras page: is each one live, and if not, why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from urllib.parse import quote, urlencode

from cases.camera_states import WorkerNotice
from cases.cameras import CameraRecord
from cases.view_health import FINDING_KINDS, FindingRecord
from desk.camera_filters import PER_PAGE, SORTS, STATES, CameraFilters
from desk.render import render
from desk.visitor import Visitor

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
    interval_p99_s: float | None
    age_s: float | None
    """How old the last picture is; None where there is none."""
    late: int
    """Looks that came more than half an interval late."""
    href: str
    """The camera's own page."""
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
    filters: CameraFilters = field(default_factory=CameraFilters)
    total: int = 0
    """Cameras that fit the filters, on all pages."""
    all: int = 0
    """Cameras whatever the filters."""
    pages: int = 1


def view_cameras(
    cameras: Sequence[CameraRecord],
    now: datetime,
    filters: CameraFilters = CameraFilters(),  # noqa: B008 - frozen
) -> CamerasView:
    """The page as data; cameras in trouble come first unless another order was asked for."""
    rows = sorted((row_of(camera, now) for camera in cameras), key=lambda row: (_rank(row), row.id))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    fitting = [row for row in rows if _fits(row, filters)]
    fitting.sort(key=_ORDERS[filters.sort])
    pages = max(1, -(-len(fitting) // PER_PAGE))
    page = min(filters.page, pages)
    shown = tuple(fitting[(page - 1) * PER_PAGE : page * PER_PAGE])
    return CamerasView(
        rows=shown,
        counts=counts,
        with_findings=sum(bool(row.findings) for row in rows),
        filters=replace(filters, page=page),
        total=len(fitting),
        all=len(rows),
        pages=pages,
    )


def render_cameras_page(
    cameras: Sequence[CameraRecord],
    visitor: Visitor,
    now: datetime,
    notices: Sequence[WorkerNotice] = (),
    filters: CameraFilters = CameraFilters(),  # noqa: B008 - frozen
    may_manage: bool = False,
) -> str:
    """The cameras page as HTML; ``now`` tells which workers have fallen silent.

    Args:
        may_manage: the visitor may add and change cameras.
    """
    view = view_cameras(cameras, now, filters)
    return render(
        "cameras.html", visitor, cameras=view, notices=notices, may_manage=may_manage, sorts=SORTS, states=STATES
    )


def camera_href(camera_id: str) -> str:
    """A camera's own page."""
    return f"/cameras/{quote(camera_id, safe='')}"


def wall_href(camera_id: str) -> str:
    """Its live view."""
    return "/wall?" + urlencode({"camera": camera_id, "size": 1})


def row_of(camera: CameraRecord, now: datetime) -> CameraRow:
    """One camera as pages show it."""
    looks = dict(camera.looks)
    has_size = camera.width_px is not None and camera.height_px is not None
    silent_s = (now - camera.updated_at).total_seconds() if camera.updated_at is not None else 0.0
    is_stale = silent_s > SILENT_AFTER_S
    return CameraRow(
        id=camera.camera_id,
        name=camera.name,
        state=_known_state(camera, is_stale),
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
        interval_s=looks.get("interval_p50_s"),
        interval_p99_s=looks.get("interval_p99_s"),
        age_s=_age_s(camera, looks, now),
        late=int(looks.get("late", 0)),
        href=camera_href(camera.camera_id),
        address=shown_place(camera.address),
        worker=camera.worker_id or "",
        updated_at=camera.updated_at,
        findings=tuple(_finding(each) for each in camera.health.findings if each.kind in FINDING_KINDS),
        looks_withheld=camera.health.looks_withheld,
        reference_at=camera.health.reference_at,
        shows_reference=all(each.kind in ("covered", "blurred", "moved") for each in camera.health.findings),
        is_stale=is_stale,
        cases_href="/?" + urlencode({"state": "all", "camera_id": camera.camera_id}),
    )


def _known_state(camera: CameraRecord, is_stale: bool) -> str:
    """A camera whose worker has fallen silent may have been live then; now nobody knows."""
    if camera.state not in STATES or (is_stale and camera.state in ("live", "connecting")):
        return "unknown"
    return camera.state


def shown_place(address: str) -> str:
    """An address as seats see it: of a file or folder its own name, wherever the server keeps it."""
    return address if "://" in address else PurePath(address).name


def _age_s(camera: CameraRecord, looks: Mapping[str, float], now: datetime) -> float | None:
    """By this machine's clock where a look ended, for a clip's pictures have another clock; else by the picture's."""
    if camera.last_frame_at is None:
        return None
    ended = looks.get("last_at_s")
    age_s = now.timestamp() - ended if ended else (now - camera.last_frame_at).total_seconds()
    return max(0.0, age_s)


def _fits(row: CameraRow, filters: CameraFilters) -> bool:
    if filters.text:
        said = f"{row.id} {row.name} {row.address} {row.worker}".casefold()
        if filters.text.casefold() not in said:
            return False
    match filters.state:
        case "":
            return True
        case "trouble":
            return row.state in ("down", "stalled", "unknown") or bool(row.findings) or row.is_stale
        case "finding":
            return bool(row.findings)
        case "silent":
            return row.is_stale
        case state:
            return row.state == state


def _most_first(value: float | None) -> float:
    return float("inf") if value is None else -value


_ORDERS: Mapping[str, Callable[[CameraRow], tuple[object, ...]]] = {
    "trouble": lambda row: (_rank(row), row.id),
    "id": lambda row: (row.id,),
    "name": lambda row: (row.name or "\uffff", row.id),
    "age": lambda row: (_most_first(row.age_s), row.id),
    "interval": lambda row: (_most_first(row.interval_p99_s), row.id),
    "gop": lambda row: (_most_first(row.gop_s), row.id),
    "late": lambda row: (-row.late, row.id),
}


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
