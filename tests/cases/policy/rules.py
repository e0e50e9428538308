"""Candidates and rules for policy's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.policy.facts import CandidateFacts
from cases.policy.permits import PermitDraft
from cases.policy.rules import PolicyRules, gather
from cases.policy.settings import PolicySettings
from cases.policy.suppressions import SuppressionDraft
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId, CellId, ViewId

SHANGHAI = ZoneInfo("Asia/Shanghai")
CELL = CellId("510104001001001")
OTHER_CELL = CellId("510104001001002")
CAM = CameraId("CAM-01")
STALL = CategoryId("street_stall")
GARBAGE = CategoryId("exposed_garbage")
MONDAY_NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Shanghai."""
WEST, SOUTH, STEP = 104.08, 30.65, 0.001
"""About 96 m by 111 m to a step."""
SQUARE = ((WEST, SOUTH), (WEST + STEP, SOUTH), (WEST + STEP, SOUTH + STEP), (WEST, SOUTH + STEP), (WEST, SOUTH))
OUTLINE = tuple(Point(*corner) for corner in SQUARE)
MIDDLE = Point(WEST + STEP / 2, SOUTH + STEP / 2)
EVENING = {"days": ["mon"], "from": "18:00", "until": "22:00"}


def strip(share: float) -> tuple[tuple[float, float], ...]:
    """The western part of the square."""
    east = WEST + STEP * share
    return ((WEST, SOUTH), (east, SOUTH), (east, SOUTH + STEP), (WEST, SOUTH + STEP), (WEST, SOUTH))


def at(hour: float, day: int = 0) -> datetime:
    """A moment of the Shanghai week that begins on Monday, 23 November 2026."""
    return MONDAY_NOON + timedelta(days=day, hours=hour - 12)


def stall(**changed: Any) -> CandidateFacts:
    fields: dict[str, Any] = {
        "camera_id": CAM,
        "view_id": ViewId("CAM-01"),
        "cell_id": CELL,
        "category": STALL,
        "at": MONDAY_NOON,
        "confidence": 0.8,
        "boxes": (Box(100.0, 100.0, 200.0, 200.0),),
        "outline": OUTLINE,
    }
    return CandidateFacts(**{**fields, **changed})


def permit(**changed: Any) -> PermitDraft:
    fields: dict[str, Any] = {"number": "临占-1", "name": "夜市", "rings": (SQUARE,)}
    return PermitDraft(**{**fields, **changed})


def suppression(**changed: Any) -> SuppressionDraft:
    fields: dict[str, Any] = {
        "reason": "石狮子",
        "camera_id": CAM,
        "polygons": (((80.0, 80.0), (220.0, 80.0), (220.0, 220.0), (80.0, 220.0)),),
        "expires_at": MONDAY_NOON + timedelta(days=30),
    }
    return SuppressionDraft(**{**fields, **changed})


def rules(settings: PolicySettings | None = None, **kept: Any) -> PolicyRules:
    return gather(1, settings or PolicySettings(), SHANGHAI, **kept)
