"""One camera's place in a worker's fleet, patrolled or not."""

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.errors import ConfigError, PatrolError
from core.ids import CameraId, ViewId
from grid.dedupe import DedupeState
from grid.views import ViewCalibration
from patrol.camera_fleet_wanted import WantedCamera
from patrol.settings import CameraSettings
from patrol.vehicles import VehicleWatch
from streams.camera import CameraState, CameraStatus
from streams.mailbox import Mailbox
from streams.runner import FeedRunner

LONGEST_FAULT = 1500
STOP_S = 5.0


@dataclass(slots=True, eq=False)
class PatrolledCamera:
    """Its feed, its mailbox, its place in the grid, and what its view knows.

    Whoever looks at one of its pictures holds ``lock`` from taking the picture to keeping the outcome, and so does
    whoever changes its view or takes it away: no look ever sees half a change.
    """

    settings: CameraSettings
    kept_in: str
    mailbox: Mailbox
    runner: FeedRunner
    calibration: ViewCalibration
    state: DedupeState
    """What its view knows; a vehicle's is with the vehicle."""
    vehicle: VehicleWatch | None = None
    """Where the camera is, when it moves; its calibration then places nothing."""
    taken: int = 0
    """Pictures that were looked at, or could not be."""
    trouble: type[Exception] | None = None
    """What made its last look fail."""
    fault: PatrolError | None = None
    """The same, where it has a text that names the mend."""
    is_leaving: bool = False
    """Nothing more is taken from its mailbox, and a look at hand does not wait for anything."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def camera_id(self) -> CameraId:
        return self.settings.id

    @property
    def view_id(self) -> ViewId:
        return self.settings.view_id

    @property
    def has_ended(self) -> bool:
        """A file, played to its end, and its last picture was looked at."""
        status = self.runner.status()
        unplaced = 0 if self.vehicle is None else self.vehicle.counts.unused
        is_done = self.taken + unplaced + self.mailbox.dropped >= status.frames_decoded
        return status.state is CameraState.ENDED and is_done

    def status(self) -> CameraStatus:
        """Its feed's; what its pictures cannot be looked at for, where the feed itself has no fault."""
        status = replace(self.runner.status(), name=self.settings.name)
        fault = self.fault
        if fault is None or status.error_kind is not None:
            return status
        kind = "config" if isinstance(fault, ConfigError) else "error"
        return replace(status, error_kind=kind, error=str(fault)[:LONGEST_FAULT])

    def start(self, delay_s: float) -> None:
        if self.vehicle is not None:
            self.vehicle.positions.start()
        self.runner.start(delay_s)

    def stop(self) -> None:
        """Disconnect and join; waits for a look at hand, and no look begins afterwards."""
        self.is_leaving = True
        if self.vehicle is not None:
            self.vehicle.positions.stop()
        self.runner.stop(STOP_S)
        with self.lock:
            pass

    def size_wh(self) -> tuple[int, int] | None:
        """Of its pictures, as far as anybody knows."""
        status = self.runner.status()
        if self.settings.view.frame_size is not None or status.width_px is None or status.height_px is None:
            return self.settings.view.frame_size
        return status.width_px, status.height_px


@dataclass(frozen=True, slots=True)
class IdleCamera:
    """A camera that is switched off, or cannot be patrolled as it is configured."""

    wanted: WantedCamera
    status: CameraStatus
    patrolled_as: CameraSettings | None = None
    """How it was patrolled last, since the worker started; None: it never was."""

    @property
    def kept_in(self) -> str:
        return self.wanted.kept_in

    def with_wanted(self, wanted: WantedCamera, now: datetime) -> "IdleCamera":
        """The same camera as it is wanted now; its time stays while its state does."""
        fresh = replace(idle_camera(wanted, now, self.status), patrolled_as=self.patrolled_as)
        is_same = (fresh.status.state, fresh.status.error) == (self.status.state, self.status.error)
        return replace(fresh, status=replace(fresh.status, since=self.status.since)) if is_same else fresh


def idle_camera(wanted: WantedCamera, now: datetime, last: CameraStatus | None = None) -> IdleCamera:
    """
    Args:
        last: the camera's status while it was patrolled: its counts go on standing.
    """
    base = last or CameraStatus(
        camera_id=wanted.camera_id,
        name="",
        address="",
        state=CameraState.DISABLED,
        since=now,
        last_frame_at=None,
        error_kind=None,
        error=None,
        reconnects=0,
        frames_decoded=0,
        frames_dropped=0,
        frames_corrupt=0,
        transitions={},
        width_px=None,
        height_px=None,
        codec=None,
        gop_s=None,
    )
    status = replace(
        base,
        name=wanted.name,
        address=wanted.address,
        state=CameraState.DOWN if wanted.fault else CameraState.DISABLED,
        since=now,
        error_kind="config" if wanted.fault else None,
        error=wanted.fault[:LONGEST_FAULT] or None,
    )
    return IdleCamera(wanted, status)
