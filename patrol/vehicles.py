"""A vehicle's camera in the patrol: its pictures wait for their position, are placed by it, and become passes."""

import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from core.clock import Clock, isoformat_z
from core.detections import FrameDetections
from core.errors import GridError
from core.geometry import Point
from core.ids import CategoryId, ViewId
from grid.cells import CityGrid
from grid.incidents import IncidentEvent
from grid.moving_views import MovingView
from grid.pass_state import pass_state_from_json, pass_state_to_json
from grid.passes import PassState, step_pass
from grid.poses import Pose, PoseGap, pose_at
from patrol.vehicle_settings import VehicleSettings
from streams.frames import Frame
from streams.mailbox import Mailbox
from streams.positions.feed import PositionFeed
from streams.positions.track import PositionTrack
from streams.spec import FeedSpec

log = logging.getLogger(__name__)

MOST_WAITING = 16
"""Pictures that wait for their position, 3 MB each at 1080p; beyond them the mailbox drops and counts."""


@dataclass(frozen=True, slots=True)
class VehicleCounts:
    """What became of a vehicle's pictures since the worker started; all but ``placed`` were not looked at."""

    placed: int = 0
    before_track: int = 0
    after_track: int = 0
    """No position came for them in time."""
    gap: int = 0
    jump: int = 0
    no_heading: int = 0

    @property
    def unused(self) -> int:
        return self.before_track + self.after_track + self.gap + self.jump + self.no_heading

    def and_one(self, what: str) -> "VehicleCounts":
        return replace(self, **{what: getattr(self, what) + 1})


@dataclass(frozen=True, slots=True)
class _Waiting:
    frame: Frame
    since_s: float


class VehicleWatch:
    """One vehicle's camera; the inference owner's thread alone asks for pictures and steps, anybody reads the status.

    Args:
        kept: the view's memory from before the restart, None for a new one.
        on_fix: called when a picture that waits may have its position now.
    """

    def __init__(
        self,
        camera: FeedSpec,
        settings: VehicleSettings,
        city: CityGrid,
        clock: Clock,
        kept: str | None = None,
        on_fix: Callable[[], None] | None = None,
    ) -> None:
        self._camera_id = camera.id
        self._settings = settings
        self._rules = settings.poses
        self._offset = timedelta(seconds=settings.track.time_offset_s)
        self._is_live = camera.source_kind == "live"
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        view_id = ViewId(camera.id)
        self._state = remembered_passes(view_id, kept)
        self._told: set[PoseGap] = set()
        self.counts = VehicleCounts()
        self.view: MovingView = settings.moving_view(view_id, city)
        self._on_fix = on_fix
        self.positions = PositionFeed(camera.id, settings.track, self._is_live, clock, self._wake)

    @property
    def track(self) -> PositionTrack:
        return self.positions.track

    @property
    def waiting(self) -> int:
        """Pictures whose position is not known yet."""
        return len(self._waiting)

    def next_frame(self, mailbox: Mailbox) -> Frame | None:
        """The oldest picture whose position is known; those whose never will be are counted and left out."""
        if len(self._waiting) < MOST_WAITING:
            frame = mailbox.take(timeout_s=0)
            if frame is not None:
                self._waiting.append(_Waiting(frame, self._clock.monotonic()))
        while self._waiting:
            oldest = self._waiting[0]
            pose = self.pose_of(oldest.frame.captured_at)
            if isinstance(pose, PoseGap) and self._may_come(pose, oldest):
                return None
            self._waiting.popleft()
            if isinstance(pose, Pose):
                return oldest.frame
            self.counts = self.counts.and_one(pose.value)
            self._tell_once(pose, oldest.frame.captured_at)
        return None

    def pose_of(self, captured_at: datetime) -> Pose | PoseGap:
        """Where the vehicle was at a capture time."""
        at = captured_at + self._offset
        fixes = self.track.around(at, max(self._rules.heading_window_s, self._rules.max_gap_s))
        return pose_at(fixes, at, self._rules)

    def step(
        self, found: FrameDetections, wanted: Collection[CategoryId]
    ) -> tuple[PassState, tuple[IncidentEvent, ...]]:
        """What the view would know, and tell, with this look.

        Raises:
            GridError: its position is not known, or the frame has another shape than the mount was measured on.
        """
        pose = self.pose_of(found.frame.captured_at)
        if isinstance(pose, PoseGap):
            raise GridError(
                f"view {found.frame.view_id}: where it was at the picture's time is not known: {pose.value}"
            )
        frame_wh = (found.frame.width_px, found.frame.height_px)
        sample = self.view.sample(found, pose, wanted)

        def sees(spot: Point) -> Point | None:
            return self.view.sees(spot, frame_wh, pose)

        return step_pass(self._state, sample, self._settings.passes, sees)

    def settle(self, state: PassState) -> None:
        """The look is kept: this is what the view knows from now on."""
        self._state = state
        self.counts = self.counts.and_one("placed")

    def as_json(self, state: PassState | None = None) -> str:
        """What a look came to, or what the view knows by now, for the outbox to keep."""
        return pass_state_to_json(self._state if state is None else state)

    def status_json(self, shown: Mapping[str, object]) -> dict[str, object]:
        """The camera's status with the vehicle's; a fault of the positions shows where the camera has none itself."""
        positions = self.positions.status()
        tally = {
            **asdict(self.counts),
            "waiting": self.waiting,
            "fixes": positions.fixes,
            "fixes_bad": positions.bad,
            "fixes_none": positions.no_fix,
            "fixes_dropped": positions.dropped,
            "places": len(self._state.places),
            "places_faded": self._state.faded,
            "places_dropped": self._state.dropped,
        }
        if self._is_live and positions.age_s is not None:
            tally["position_age_s"] = max(0, round(positions.age_s))
        fault = {"error_kind": positions.fault_kind, "error": positions.fault}
        has_own_fault = shown.get("error_kind") is not None or positions.fault_kind is None
        return {**shown, **({} if has_own_fault else fault), "vehicle": tally}

    def _wake(self) -> None:
        if self._on_fix is not None and self._waiting:
            self._on_fix()

    def _may_come(self, pose: PoseGap, waiting: _Waiting) -> bool:
        """Whether a later fix may still tell the picture's position."""
        if not self._is_live:
            return not self.positions.is_complete
        waited_s = self._clock.monotonic() - waiting.since_s
        has_any = self.track.span is not None
        return waited_s < self._settings.track.wait_s and (pose is PoseGap.AFTER or not has_any)

    def _tell_once(self, pose: PoseGap, captured_at: datetime) -> None:
        """One line for each reason; the mend for a track that does not meet its pictures is nearly always the clock."""
        if pose in self._told:
            return
        self._told.add(pose)
        span = self.track.span
        known = "none" if span is None else f"{isoformat_z(span[0])} to {isoformat_z(span[1])}"
        log.warning(
            "%s: the position at %s is not known (%s), the picture is not used; positions known: %s; "
            "mend: check started_at or the camera's clock, time_offset_s and the receiver",
            self._camera_id,
            isoformat_z(captured_at),
            pose.value,
            known,
        )


def remembered_passes(view_id: ViewId, kept: str | None) -> PassState:
    """What a moving view knew before the restart; a damaged memory costs that view its candidates, nothing else."""
    if kept is None:
        return PassState(view_id)
    try:
        state = pass_state_from_json(kept)
    except GridError as error:
        log.error("%s: its memory cannot be read and begins anew: %s", view_id, error)
        return PassState(view_id)
    return state if state.view_id == view_id else PassState(view_id)
