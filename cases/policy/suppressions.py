"""A suppression as somebody writes it, and as it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import CaseEvent
from cases.policy.errors import PolicyRefused, is_storable
from cases.policy.rules import Suppression
from core.clock import as_utc, isoformat_z
from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.areas import box_outline, picture_region

MOST_SUPPRESSIONS = 20_000
MOST_CELLS = 100
LONGEST_REASON = 1000

Polygons = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionDraft:
    """What a person wants to overlook; ``ready`` says whether it can be."""

    reason: str
    expires_at: datetime
    category: str | None = None
    camera_id: str | None = None
    view_id: str | None = None
    polygons: Polygons = ()
    """Of the camera's picture, [x, y] in source pixels."""
    cells: tuple[str, ...] = ()
    case_id: str | None = None

    def ready(self, suppression_id: int = 0) -> Suppression:
        """The rule that this makes.

        Raises:
            PolicyRefused: it names no place, or a picture's region without a camera, or no reason.
            GridError: the region is not usable.
        """
        where = "suppression"
        if not self.reason.strip() or len(self.reason) > LONGEST_REASON or not is_storable(self.reason):
            raise PolicyRefused(f"{where}: the reason is not usable; write 1 to {LONGEST_REASON} characters")
        if self.polygons and self.camera_id is None:
            raise PolicyRefused(f"{where}: a region of a picture needs its camera; name camera_id")
        if not self.polygons and not self.cells:
            raise PolicyRefused(
                f"{where}: names no place; give cells, or camera_id with a region of its picture "
                "(a whole camera is switched off with POST /api/v1/cameras/{camera_id}/disable)"
            )
        if len(self.cells) > MOST_CELLS:
            raise PolicyRefused(f"{where}: {len(self.cells)} cells are more than {MOST_CELLS}; make several")
        return Suppression(
            id=suppression_id,
            category=None if self.category is None else CategoryId(self.category),
            camera_id=None if self.camera_id is None else CameraId(self.camera_id),
            view_id=None if self.view_id is None else ViewId(self.view_id),
            region=picture_region(self.polygons, where) if self.polygons else None,
            cells=frozenset(CellId(each) for each in self.cells),
            reason=self.reason,
            case_id=self.case_id,
            expires_at=as_utc(self.expires_at),
        )

    def check_expiry(self, now: datetime, most_days: int | None) -> None:
        """
        Args:
            most_days: how long this person may suppress; None: as long as they like.

        Raises:
            PolicyRefused: it has expired already, or lasts too long.
        """
        left_s = (as_utc(self.expires_at) - as_utc(now)).total_seconds()
        if left_s <= 0:
            raise PolicyRefused(f"suppression: expires_at {isoformat_z(self.expires_at)} is past; give a later moment")
        if most_days is not None and left_s > most_days * 86_400:
            raise PolicyRefused(
                f"suppression: lasts {left_s / 86_400:.0f} days, more than {most_days}; "
                "give an earlier expiry, or ask an admin"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSuppression:
    """A suppression in the database."""

    suppression: Suppression
    revision: int
    added_at: datetime
    added_by: str
    removed_at: datetime | None
    removed_by: str | None

    def stands(self, now: datetime) -> bool:
        return self.removed_at is None and as_utc(now) < self.suppression.expires_at


def region_of_case(events: Sequence[CaseEvent], margin: float) -> tuple[CameraId, ViewId | None, Polygons]:
    """The camera that saw a case first, its view, and its boxes there, each moved out by ``margin``.

    Args:
        events: the case's history, oldest first.

    Raises:
        PolicyRefused: no camera told boxes, as in a case that a citizen reported.
    """
    camera_id: CameraId | None = None
    view_id: ViewId | None = None
    boxes: list[Box] = []
    for event in events:
        told = event.data.get("boxes") or ()
        if event.camera_id is None or not told:
            continue
        if camera_id is None:
            camera_id = event.camera_id
            view_id = None if event.data.get("view_id") is None else ViewId(event.data["view_id"])
        if event.camera_id == camera_id and event.data.get("view_id") == view_id:
            boxes = [Box(*box) for box in told]  # the newest look: what stands there now
    if camera_id is None:
        raise PolicyRefused("suppression: no camera told where in its picture the case is; suppress its cell instead")
    return camera_id, view_id, tuple(box_outline(box, margin) for box in boxes)
