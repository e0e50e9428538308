"""An installation's first steps: what is done, what comes now, and the forms for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from cases.case import Case
from desk.admin_frame import render_admin
from desk.render import render
from desk.visitor import Visitor

STEPS = ("me", "grid", "camera", "view", "wait", "review")


@dataclass(frozen=True, slots=True)
class StartFilm:
    """A video file that a camera plays."""

    time_scale: float
    loops: bool
    length_s: float | None = None
    """None: nobody knows."""

    @property
    def covers_s(self) -> float | None:
        """City seconds from its first picture to its last."""
        return None if self.length_s is None else self.length_s * self.time_scale

    def is_too_short(self, confirm_s: float) -> bool:
        """Whether it is over before a violation can have stood long enough."""
        return not self.loops and self.covers_s is not None and self.covers_s < confirm_s

    def scale_for(self, confirm_s: float) -> int:
        """The least time scale at which it covers so much; 1 where nobody knows its length."""
        return max(1, ceil(confirm_s / self.length_s)) if self.length_s else 1


@dataclass(frozen=True, slots=True)
class StartCamera:
    """One camera, as far as it has come."""

    camera_id: str
    state: str
    looks: int
    error: str = ""
    film: StartFilm | None = None
    """None: it is live."""

    @property
    def has_ended(self) -> bool:
        """Nothing more comes of it as it is configured."""
        return self.state == "ended"


@dataclass(frozen=True, slots=True)
class StartView:
    """How far an installation has come."""

    has_admin: bool
    may_make_admin: bool
    """The visitor came by a one-time link that is an admin's."""
    grid_cells: int
    makes_grid: bool
    """The desk makes the grid; otherwise a file has it."""
    cameras: tuple[StartCamera, ...]
    tied: tuple[str, ...]
    """Cameras whose picture lies on the ground."""
    confirm_s: float
    """How long a violation must stand at most, seconds."""
    case: Case | None
    """The newest candidate or case."""
    confirmed: Case | None
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed into a form that was refused; never a password."""
    refused: str = ""
    """Which of its fields."""
    refusal: str = ""

    @property
    def is_done(self) -> Mapping[str, bool]:
        return {
            "me": self.has_admin,
            "grid": self.grid_cells > 0,
            "camera": bool(self.cameras),
            "view": bool(self.tied),
            "wait": self.case is not None,
            "review": self.confirmed is not None,
        }

    @property
    def current(self) -> str:
        """The first step that is not done; empty when all are."""
        return next((step for step in STEPS if not self.is_done[step]), "")

    def state_of(self, step: str) -> str:
        """``done``, ``now`` or ``later``."""
        if self.is_done[step]:
            return "done"
        return "now" if step == self.current else "later"

    @property
    def confirm_minutes(self) -> int:
        return ceil(self.confirm_s / 60)

    @property
    def case_href(self) -> str:
        return "" if self.case is None else f"/cases/{self.case.id}"


def render_start(view: StartView, visitor: Visitor) -> str:
    """The page."""
    return render_admin("start", "start.html", visitor, view=view, steps=STEPS)


def render_start_progress(view: StartView, visitor: Visitor) -> str:
    """The steps that go on by themselves, asked for again and again."""
    return render("start_progress.html", visitor, view=view)
