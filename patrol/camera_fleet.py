"""A worker's cameras, which come, change and go while it looks; each has its own of everything, and keeps to it."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from core.clock import Clock
from core.errors import GridError, PatrolError
from core.ids import CameraId, ViewId
from grid.cells import CityGrid
from grid.dedupe import DedupeState, state_from_json
from grid.views import calibrate
from patrol.camera_fleet_changes import Change, change_of, has_other_clock, is_dated_when_opened, still_seen
from patrol.camera_fleet_slot import IdleCamera, PatrolledCamera, idle_camera
from patrol.camera_fleet_wanted import WantedCamera, wanted_here
from patrol.gating import LookGate
from patrol.looks import LookLedger
from patrol.outbox import Outbox, OutboxError
from patrol.pacing import Pictures
from patrol.settings import CameraSettings, Settings
from patrol.status import camera_json
from patrol.vehicles import VehicleWatch
from patrol.view_memory import ViewMemory
from patrol.view_watch import ViewWatch
from streams.gateways.registry import Gateways
from streams.gb_codes import WVP_SCHEME, ChannelAddress
from streams.mailbox import Mailbox
from streams.onlooker import Onlooker
from streams.picture_health.store import ReferenceStore
from streams.runner import FeedRunner

log = logging.getLogger(__name__)

STOPPED_AT_ONCE = 256
"""Cameras that are taken leave of side by side."""
VIEW_WAIT_S = 30.0
"""For the look at hand, before a camera whose view changed is connected anew instead."""


class CameraFleet:
    """Adds, changes, switches and removes one camera without touching another's connection or memory.

    ``cameras`` is what lanes look at, each under its own lock. ``apply`` makes the fleet what is wanted.

    Args:
        outbox: where each view's memory was kept.
        on_frame: called when a camera has a picture, or may know where one was taken.
        stretch: how many times its interval each camera is to keep at present.
        onlooker: who may want to see pictures that are not due.
    """

    def __init__(
        self,
        settings: Settings,
        city: CityGrid,
        outbox: Outbox,
        clock: Clock,
        on_frame: Callable[[CameraId], None],
        stretch: Callable[[], float] = lambda: 1.0,
        onlooker: Onlooker | None = None,
    ) -> None:
        self._city = city
        self.memory = ViewMemory(outbox, clock)
        self._clock = clock
        self._on_frame = on_frame
        self._stretch = stretch
        self._onlooker = onlooker
        self._gateways = Gateways(settings.gateways)
        self._connect_every_s = 1 / settings.worker.connect_per_s
        self._next_connect_s = 0.0
        self.gate = LookGate(settings.gate)
        self.eyes = ViewWatch(settings.health, ReferenceStore(settings.views_dir), {}, clock)
        self.looks = LookLedger()
        self._changing = threading.Lock()
        """Held for a whole change, which may take seconds."""
        self._lock = threading.Lock()
        """Held for moments, by whoever reads or changes who is there."""
        self._slots: dict[CameraId, PatrolledCamera | IdleCamera] = {}
        self._cameras: tuple[PatrolledCamera, ...] = ()
        self._is_started = self._is_stopped = False
        kept = self.memory.states()
        for camera in settings.cameras:  # a view that cannot be used ends the start: nothing is patrolled yet
            slot = self._made(wanted_here(camera), camera, kept) if camera.enabled else None
            self._slots[camera.id] = slot or idle_camera(wanted_here(camera), clock.now())
        self._tell_lanes()

    @property
    def cameras(self) -> Sequence[PatrolledCamera]:
        """Those that are patrolled, as of now."""
        return self._cameras

    def camera(self, camera_id: CameraId) -> PatrolledCamera | None:
        """One of those that are patrolled."""
        slot = self._slots.get(camera_id)
        return slot if isinstance(slot, PatrolledCamera) else None

    def picture_counts(self) -> Mapping[CameraId, Pictures]:
        """What became of every patrolled camera's pictures since it was connected first."""
        found = {}
        for camera in self._cameras:
            status, passed_over = camera.runner.status(), camera.mailbox.passed_over
            found[camera.camera_id] = Pictures(status.frames_decoded + passed_over, status.frames_dropped)
        return found

    @property
    def has_ended(self) -> bool:
        """Every camera that is patrolled was a file, has been played to its end, and its last picture looked at."""
        return all(camera.has_ended for camera in self._cameras)

    def start(self) -> None:
        """Connect the cameras, so many a second."""
        with self._changing:
            self._is_started = True
            for camera in self._cameras:
                camera.start(self._connect_delay_s())

    def stop(self) -> None:
        """Disconnect all of them; their states can still be read. Nothing is changed afterwards."""
        with self._changing:
            self._is_stopped = True
            side_by_side(self._cameras, lambda camera: camera.stop())

    def statuses(self) -> Sequence[Mapping[str, object]]:
        """Every camera's state as the API takes it, the switched off included."""
        with self._lock:
            return [self._status(slot) for slot in self._slots.values()]

    def apply(self, wanted: Sequence[WantedCamera]) -> None:
        """Make the fleet what is wanted. What is as it was is not touched; new cameras do not wait for leaving ones."""
        with self._changing:
            if self._is_stopped:
                return
            asked = {each.camera_id: each for each in wanted}
            gone = [camera_id for camera_id in self._slots if camera_id not in asked]
            coming: list[WantedCamera] = []
            memories: dict[CameraId, DedupeState] = {}
            anew: list[tuple[PatrolledCamera, WantedCamera]] = []
            for each in asked.values():
                slot = self._slots.get(each.camera_id)
                if isinstance(slot, PatrolledCamera):
                    if not self._is_done_in_place(slot, each):
                        anew.append((slot, each))
                elif each.is_on:
                    coming.append(each)
                    if slot is not None and is_dated_anew(slot, each):
                        memories[each.camera_id] = DedupeState(ViewId(each.camera_id))
                else:
                    self._idle(each, slot)
            self._begin(coming, memories)
            self._let_go(gone)
            self._renew(anew)

    def _status(self, slot: PatrolledCamera | IdleCamera) -> Mapping[str, object]:
        if isinstance(slot, IdleCamera):
            gate = self.gate.counts(ViewId(slot.wanted.camera_id)).as_json()
            return camera_json(slot.status) | {"gate": gate, "kept_in": slot.kept_in}
        status = slot.status()
        shown = camera_json(status) | {
            "gate": self.gate.counts(slot.view_id).as_json(),
            "health": self.eyes.health(slot.view_id, status),
            "looks": self.looks.figures(slot.settings.id).as_json() | {"stretch": round(self._stretch(), 3)},
            "kept_in": slot.kept_in,
        }
        if slot.settings.scheme == WVP_SCHEME:
            shown["gateway"] = self._gateways.counted(ChannelAddress.of(slot.settings.url).gateway)
        return shown if slot.vehicle is None else slot.vehicle.status_json(shown)

    def _is_done_in_place(self, slot: PatrolledCamera, wanted: WantedCamera) -> bool:
        """Whether the camera is as wanted now, its connection untouched."""
        slot.kept_in = wanted.kept_in
        settings = wanted.settings
        if settings is None or not settings.enabled:
            return False
        change = change_of(slot.settings, settings)
        if change is Change.LABEL:
            slot.settings = settings
        elif change is Change.VIEW:
            return self._tie_anew(slot, settings)
        return change is not Change.FEED

    def _tie_anew(self, slot: PatrolledCamera, settings: CameraSettings) -> bool:
        try:
            calibration = calibrate(settings.view_id, settings.view, self._city)
        except GridError:
            return False
        if not slot.lock.acquire(timeout=VIEW_WAIT_S):
            return False
        try:
            slot.settings, slot.calibration = settings, calibration
            slot.state = still_seen(slot.state, calibration, slot.size_wh())
            self.gate.forget(slot.view_id)
            self.eyes.watch(slot.view_id, settings.view if settings.fixed else None)
        finally:
            slot.lock.release()
        log.info("%s: its view is tied anew; its connection stays", settings.id)
        return True

    def _begin(self, coming: Sequence[WantedCamera], memories: Mapping[CameraId, DedupeState] | None = None) -> None:
        """Cameras that were not patrolled, or are connected anew with what their view ``memories`` knew."""
        if not coming:
            return
        kept = self.memory.states()
        for wanted in coming:
            try:
                slot = self._made(wanted, wanted.settings, kept) if wanted.settings is not None else None
            except PatrolError as error:
                slot, wanted = None, replace(wanted, settings=None, fault=str(error))
            if slot is None:
                self._idle(wanted, None)
                continue
            if slot.vehicle is None:
                memory = (memories or {}).get(wanted.camera_id, slot.state)
                slot.state = still_seen(memory, slot.calibration, slot.settings.view.frame_size)
            with self._lock:
                self._slots[wanted.camera_id] = slot
                self._tell_lanes()
            if self._is_started:
                slot.start(self._connect_delay_s())
        log.info("%d cameras begin: %s", len(coming), shortly(each.camera_id for each in coming))

    def _let_go(self, gone: Sequence[CameraId]) -> None:
        """Cameras that nobody wants any more; what they found is in the outbox and goes its way."""
        if not gone:
            return
        with self._lock:
            slots = [self._slots.pop(camera_id) for camera_id in gone]
            self._tell_lanes()
        side_by_side([slot for slot in slots if isinstance(slot, PatrolledCamera)], lambda slot: slot.stop())
        with self._lock:
            for camera_id in gone:
                view_id = ViewId(camera_id)
                self.gate.remove(view_id)
                self.eyes.forget(view_id)
                self.looks.forget(camera_id)
        try:
            self.memory.forget([ViewId(camera_id) for camera_id in gone])
        except OutboxError as error:
            log.error("the memory of removed cameras stays on the disk: %s", error)
        log.info("%d cameras are gone: %s", len(gone), shortly(gone))

    def _renew(self, anew: Sequence[tuple[PatrolledCamera, WantedCamera]]) -> None:
        """Cameras that leave, to be idle or to come again with another feed; a camera may allow one viewer only."""
        if not anew:
            return
        side_by_side([slot for slot, _ in anew], lambda slot: slot.stop())
        for slot, _ in anew:
            with self._lock:
                self.gate.forget(slot.view_id)
                self.eyes.forget(slot.view_id)
                self.looks.forget(slot.camera_id)
        for slot, wanted in anew:
            if not wanted.is_on:
                last = replace(slot.runner.status(), error=None, error_kind=None)
                self._idle(wanted, IdleCamera(wanted, last, slot.settings))
        coming = [wanted for _, wanted in anew if wanted.is_on]
        self._begin(coming, {slot.camera_id: known_after(slot, wanted) for slot, wanted in anew})

    def _idle(self, wanted: WantedCamera, slot: IdleCamera | None) -> None:
        now = self._clock.now()
        idle = idle_camera(wanted, now) if slot is None else slot.with_wanted(wanted, now)
        if wanted.fault and (slot is None or slot.status.error != idle.status.error):
            log.error("%s: is not patrolled: %s", wanted.camera_id, wanted.fault)
        with self._lock:
            self._slots[wanted.camera_id] = idle
            self._tell_lanes()

    def _made(self, wanted: WantedCamera, camera: CameraSettings, kept: Mapping[ViewId, str]) -> PatrolledCamera:
        """
        Raises:
            GridError: its view or its mount is not usable.
        """
        announce = partial(self._on_frame, camera.id)
        mailbox = Mailbox(lossless=camera.pace == "fast", on_put=announce)
        runner = FeedRunner(
            camera.feed,
            mailbox,
            clock=self._clock,
            make_source=self._gateways.source_of,
            stretch=self._stretch,
            onlooker=self._onlooker,
        )
        if camera.vehicle is None:
            calibration = calibrate(camera.view_id, camera.view, self._city)
            is_new = is_dated_when_opened(camera)
            state, vehicle = DedupeState(camera.view_id) if is_new else remembered(camera.view_id, kept), None
        else:
            told = kept.get(camera.view_id)
            vehicle = VehicleWatch(camera, camera.vehicle, self._city, self._clock, told, announce)
            calibration, state = vehicle.view.calibration, DedupeState(camera.view_id)
        self.eyes.watch(camera.view_id, camera.view if camera.fixed else None)
        self.looks.promise(camera.id, promised_s(camera))
        return PatrolledCamera(camera, wanted.kept_in, mailbox, runner, calibration, state, vehicle)

    def _tell_lanes(self) -> None:
        self._cameras = tuple(slot for slot in self._slots.values() if isinstance(slot, PatrolledCamera))

    def _connect_delay_s(self) -> float:
        """Cameras connect one after the other, whoever adds them and however many at once."""
        now_s = self._clock.monotonic()
        at_s = max(now_s, self._next_connect_s)
        self._next_connect_s = at_s + self._connect_every_s
        return at_s - now_s


def known_after(slot: PatrolledCamera, wanted: WantedCamera) -> DedupeState:
    """What a view that is connected anew goes on to know."""
    if wanted.settings is not None and has_other_clock(slot.settings, wanted.settings):
        return DedupeState(slot.view_id)
    return slot.state


def is_dated_anew(slot: IdleCamera, wanted: WantedCamera) -> bool:
    """Whether a camera that was switched off comes back with another clock."""
    before, after = slot.patrolled_as, wanted.settings
    return before is not None and after is not None and has_other_clock(before, after)


def promised_s(camera: CameraSettings) -> float:
    """How often it is to be looked at, by the wall clock; 0 where its pictures come as they come."""
    is_timed = camera.pace == "realtime" and camera.source_kind != "folder"
    return camera.interval_s if is_timed else 0.0


def remembered(view_id: ViewId, kept: Mapping[ViewId, str]) -> DedupeState:
    """What a view knew before the restart; a damaged memory costs that view its dwell, nothing else."""
    if view_id not in kept:
        return DedupeState(view_id)
    try:
        return state_from_json(kept[view_id])
    except GridError as error:
        log.error("%s: its memory cannot be read and begins anew: %s", view_id, error)
        return DedupeState(view_id)


def side_by_side(cameras: Sequence[PatrolledCamera], act: Callable[[PatrolledCamera], None]) -> None:
    """Each may wait for its own connection; none for another's."""
    if not cameras:
        return
    with ThreadPoolExecutor(min(len(cameras), STOPPED_AT_ONCE), thread_name_prefix="camera-leave") as pool:
        list(pool.map(act, cameras))


def shortly(camera_ids: Iterable[CameraId], most: int = 5) -> str:
    names = list(camera_ids)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
