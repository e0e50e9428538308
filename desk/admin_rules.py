"""Administration of policy: permitted areas, what is overlooked for a while, and filing without a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cases.policy.hours import DAY_NAMES
from cases.policy.permits import KeptPermit
from cases.policy.profile_store import KeptSwitch
from cases.policy.rules import AutoMode
from cases.policy.suppressions import KeptSuppression
from desk.admin_frame import render_admin
from desk.admin_map import AreaMap
from desk.visitor import Visitor

RAIL = 110.0
"""Width of a precision's little rail, SVG units."""


@dataclass(frozen=True, slots=True)
class PermitsView:
    """Some permits, one of them being changed."""

    permits: tuple[KeptPermit, ...]
    next_cursor: str
    today: date
    map: AreaMap | None
    edited: KeptPermit | None = None


@dataclass(frozen=True, slots=True)
class SuppressionsView:
    """Some suppressions."""

    rows: tuple[KeptSuppression, ...]
    next_cursor: str
    now: datetime
    shows_ended: bool
    days: int
    """How long a new one lasts by default."""

    def state_of(self, kept: KeptSuppression) -> str:
        """``standing``, ``removed`` or ``expired``."""
        if kept.stands(self.now):
            return "standing"
        return "removed" if kept.removed_at is not None else "expired"


@dataclass(frozen=True, slots=True)
class AutoRow:
    """One camera and category by day or night."""

    camera_id: str
    category: str
    is_night: bool
    reviewed: int
    right: int
    precision: float | None
    lower: float | None
    mode: AutoMode
    files: bool
    zh: str
    en: str

    @property
    def precision_at(self) -> float:
        return round((self.precision or 0.0) * RAIL, 1)

    @property
    def lower_at(self) -> float:
        return round((self.lower or 0.0) * RAIL, 1)


@dataclass(frozen=True, slots=True)
class AutoView:
    """The bar, the switches, and what was measured."""

    bar: float
    least: int
    last: int
    switches: tuple[KeptSwitch, ...]
    rows: tuple[AutoRow, ...]
    cameras: tuple[str, ...]
    rail: float = RAIL

    @property
    def bar_at(self) -> float:
        return round(self.bar * RAIL, 1)


def render_permits(view: PermitsView, visitor: Visitor) -> str:
    """Permitted stall areas and their map."""
    return render_admin("permits", "admin_permits.html", visitor, view=view, days=DAY_NAMES, ring_text=ring_text)


def render_suppressions(view: SuppressionsView, visitor: Visitor) -> str:
    """What is overlooked, by whom, until when."""
    return render_admin("suppressions", "admin_suppressions.html", visitor, view=view)


def render_auto_filing(view: AutoView, visitor: Visitor) -> str:
    """Where candidates become cases without a person, and why."""
    return render_admin("auto-filing", "admin_auto.html", visitor, view=view, modes=tuple(AutoMode))


def ring_text(rings: Sequence[Sequence[tuple[float, float]]]) -> str:
    """A permit's outline as it is typed: one ``lon, lat`` a line, an empty line before each further ring."""
    return "\n\n".join("\n".join(f"{lon}, {lat}" for lon, lat in ring) for ring in rings)
