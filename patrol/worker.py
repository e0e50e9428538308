"""One worker: its cameras, the lanes that look, the grid room's memory, the outbox."""

import logging
import threading
from collections.abc import Mapping, Sequence

from core.clock import Clock, SystemClock
from core.errors import PatrolError
from core.ids import CameraId
from grid.cells import CityGrid
from patrol.api_client import ApiClient
from patrol.camera_fleet import CameraFleet
from patrol.camera_fleet_slot import PatrolledCamera
from patrol.camera_watch import CameraWatch
from patrol.delivery import Delivery
from patrol.gating import GateCounts
from patrol.lookout import PAUSE_S, Eyes, Lookout, reported_once
from patrol.model_watch import ModelWatch, Watchman
from patrol.outbox import Outbox, OutboxError
from patrol.pacing import PaceKeeper
from patrol.ready_line import ReadyLine
from patrol.settings import Settings
from patrol.watched import WatchedCameras
from streams.frames import Frame

log = logging.getLogger(__name__)


class Worker:
    """Pulls frames fairly from every camera, looks, remembers, and files incidents.

    A lane for each of the watchman's detectors: a thread that takes whichever camera waited longest, and does all of
    one look at it. A camera is with one lane at a time, so its pictures are looked at in their order.

    Args:
        watchman: who looks first.
        models: says when another model is to look from now on; None: this one always does.
        cameras: changes the cameras while they are patrolled; None: they stay those of the settings.
    """

    def __init__(
        self,
        settings: Settings,
        watchman: Watchman,
        city: CityGrid,
        outbox: Outbox,
        client: ApiClient,
        clock: Clock | None = None,
        models: ModelWatch | None = None,
        cameras: CameraWatch | None = None,
    ) -> None:
        self._settings = settings
        self._watchman = watchman
        self._outbox = outbox
        self._client = client
        self._clock = clock or SystemClock()
        self._models = models
        self._relieving = threading.Lock()
        self._line = ReadyLine()
        self._stop = threading.Event()
        self._outbox_trouble: type[Exception] | None = None
        lanes = len(watchman.detectors)
        self.pace = PaceKeeper(lanes, self._clock)
        self.watched = WatchedCameras(client, settings.privacy, self._clock, self._has_own_time)
        self.fleet = CameraFleet(
            settings, city, outbox, self._clock, self._line.announce, lambda: self.pace.stretch, self.watched
        )
        self.looks = self.fleet.looks
        self._lookout = Lookout(settings, city, self.fleet, self._clock, self._stop, self.watched)
        self._cameras = cameras
        self._delivery = Delivery(
            outbox,
            client,
            settings.worker.id,
            self.camera_statuses,
            settings.worker.status_every_s,
            notices=lambda: (
                *(() if cameras is None else cameras.notices),
                *self.pace.notices,
                *self._lookout.masker.notices,
            ),
            masking=lambda: self._lookout.masker.counts,
        )
        self._lanes = [
            threading.Thread(target=self._look_on, args=(number,), name=f"lane-{number}", daemon=True)
            for number in range(lanes)
        ]

    def start(self) -> None:
        if self._cameras is not None:
            self._cameras.start(self.fleet)  # first: a report without the API's cameras would take them off the lists
        self._delivery.start()
        if self._models is not None:
            self._models.start()
        self.fleet.memory.start()
        for lane in self._lanes:
            lane.start()
        self.fleet.start()
        self.watched.start()

    def stop(self, drain_s: float = 5.0) -> None:
        """Stop the cameras, finish the looks at hand, give the outbox ``drain_s`` to empty, close it and the client."""
        self._stop.set()
        if self._cameras is not None:
            self._cameras.stop()
        self.fleet.stop()
        self.watched.stop()
        self._line.close()
        if self._models is not None:
            self._models.stop()
        for lane in self._lanes:
            if lane.is_alive():
                lane.join(timeout=30)
        try:
            self.fleet.memory.stop()
        except OutboxError as error:
            log.error("the last second's looks that told nothing are not remembered: %s", error)
        self._delivery.stop(drain_s)
        self._client.close()
        self._outbox.close()

    def camera_statuses(self) -> Sequence[Mapping[str, object]]:
        return self.fleet.statuses()

    def _has_own_time(self, camera_id: CameraId) -> bool:
        """A clip's pictures are as old as their recording."""
        view = self.fleet.camera(camera_id)
        return view is not None and view.settings.source_kind != "live"

    def reload(self) -> None:
        """Look at the configuration file and at the API's cameras now; safe in a signal handler."""
        if self._cameras is not None:
            self._cameras.reload()

    @property
    def gate_counts(self) -> GateCounts:
        """What became of all cameras' pictures."""
        return self.fleet.gate.total()

    @property
    def has_ended(self) -> bool:
        """Every feed was a file, has been played to its end, and its last picture was looked at."""
        return self.fleet.has_ended

    def _look_on(self, lane: int) -> None:
        """One lane: one picture of whichever camera waited longest, again and again."""
        while not self._stop.is_set():
            if not self._has_room():
                self._stop.wait(PAUSE_S)
                continue
            camera_id = self._line.next(timeout_s=0.5)
            if camera_id is None:
                continue
            view = self.fleet.camera(camera_id)
            is_looked_at = False
            try:
                if view is not None:
                    with view.lock:
                        is_looked_at = self._look_at(view, lane)
            finally:
                self._line.put_back(camera_id, has_more=is_looked_at)

    def _look_at(self, view: PatrolledCamera, lane: int) -> bool:
        """Whether the camera had a picture; it may have another one, then."""
        begun_s = self._clock.monotonic()
        frame: Frame | None = None
        try:
            frame = None if view.is_leaving else next_frame(view)
            if frame is None:
                return False
            self._lookout.look(view, frame, self._eyes(lane))
            now, now_s = self._clock.now(), self._clock.monotonic()
            self.looks.looked(frame.camera_id, frame.captured_at, now, now_s, view.runner.picture_every_s)
            view.trouble = view.fault = None
        except Exception as error:  # noqa: BLE001 (the lane's outermost loop: a fault costs this look only)
            self.fleet.gate.forget(view.view_id)
            view.trouble = reported_once(view.camera_id, view.trouble, error)
            view.fault = error if isinstance(error, PatrolError) else None
        view.taken += frame is not None
        self.pace.looked(self._clock.monotonic() - begun_s, self.fleet)
        return True

    def _eyes(self, lane: int) -> Eyes:
        """What to look with now. A newly promoted model takes over; views, memory and outbox stay as they are."""
        with self._relieving:
            relief = None if self._models is None else self._models.take()
            if relief is not None:
                before, now = self._watchman.model, relief.model
                self._watchman = relief
                self.fleet.gate.forget_all()
                log.info(
                    "looks with %s (%s…) from now on, not %s (%s…)",
                    now.name,
                    now.sha256[:12],
                    before.name,
                    before.sha256[:12],
                )
            return Eyes(self._watchman, self._watchman.detectors[lane])

    def _has_room(self) -> bool:
        """Whether the outbox can take what a look may find; if not, looking pauses and nothing is lost."""
        limit = self._settings.worker.outbox_limit
        try:
            if self._outbox.waiting_count() >= limit:
                raise OutboxError(f"the outbox is full ({limit} waiting); looking pauses until the API takes them")
        except OutboxError as error:
            self._outbox_trouble = reported_once("the outbox", self._outbox_trouble, error)
            return False
        self._outbox_trouble = None
        return True


def next_frame(view: PatrolledCamera) -> Frame | None:
    """The camera's newest picture, or a vehicle's next whose place is known."""
    if view.vehicle is None:
        return view.mailbox.take(timeout_s=0)
    return view.vehicle.next_frame(view.mailbox)
