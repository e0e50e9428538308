"""One look at one camera's picture: judged, gated, detected, placed, remembered; and what it tells goes out."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock, isoformat_z
from core.detections import FrameDetections
from core.errors import ConfigError, PatrolError
from core.geometry import Box, Point
from detector.masking import PictureMasker
from detector.ports import Detector
from grid.cells import CityGrid
from grid.dedupe import DedupeState, state_to_json, step
from grid.incidents import IncidentEvent
from grid.sightings import ViewSample, sight
from grid.views import ViewCalibration
from patrol.camera_fleet import CameraFleet
from patrol.camera_fleet_slot import PatrolledCamera
from patrol.gating import overruling
from patrol.incident_messages import message_of
from patrol.model_watch import Watchman
from patrol.outbox import Message, OutboxError
from patrol.settings import Settings
from patrol.vehicles import VehicleWatch
from patrol.watched import WatchedCameras
from streams.frames import Frame

log = logging.getLogger(__name__)

FUTURE_SLACK = timedelta(seconds=120)
"""A picture dated further ahead would make the grid room deaf until then."""
PAUSE_S = 2.0
"""Between two tries while the outbox is full or cannot be written."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a lane looks with at the moment."""

    watchman: Watchman
    detector: Detector
    """The lane's own of the watchman's."""


class Lookout:
    """Looks for every lane; whoever calls holds the camera's lock, and no two lanes share a detector.

    Args:
        stop: set when the worker stops; waits end then.
        watched: shown each picture with what was found in it.
    """

    def __init__(
        self,
        settings: Settings,
        city: CityGrid,
        fleet: CameraFleet,
        clock: Clock,
        stop: threading.Event,
        watched: WatchedCameras,
    ) -> None:
        self._settings = settings
        self._city = city
        self._fleet = fleet
        self._clock = clock
        self._stop = stop
        self._watched = watched
        self._outbox_trouble: type[Exception] | None = None
        self.masker = PictureMasker(settings.privacy)
        """Hides faces and plates in every picture that is shown."""

    def look(self, view: PatrolledCamera, frame: Frame, eyes: Eyes) -> None:
        """
        Raises:
            PatrolError: the picture cannot be looked at; the text names the camera's fault.
        """
        if frame.captured_at > self._clock.now() + FUTURE_SLACK:
            raise ConfigError(
                f"its pictures are dated {isoformat_z(frame.captured_at)}, in the future; "
                "mend started_at, time_scale or the clock"
            )
        if not self._fleet.eyes.is_sound(frame):
            self._pass_over(view, frame)
        elif view.vehicle is not None:
            self._look_from_vehicle(view, view.vehicle, frame, eyes)
        else:
            self._look_at_street(view, frame, eyes)

    def _look_at_street(self, view: PatrolledCamera, frame: Frame, eyes: Eyes) -> None:
        gate = self._fleet.gate
        opinion = gate.consider(frame, view.settings.gate)
        found = opinion.carried or found_in(frame, eyes)
        state, events = self._stepped(view, found, eyes)
        if opinion.carried is not None:
            doubt = overruling(view.state, state, events)
            if doubt is not None:
                opinion, found = opinion.overruled(doubt), found_in(frame, eyes)
                state, events = self._stepped(view, found, eyes)
        messages = self._messages(events, frame, found, eyes, view.calibration)
        if not self._keep(view, state, state.last_at or frame.captured_at, messages):
            return
        view.state = state
        gate.settle(opinion, found, view.calibration)
        self._watched.looked(frame, eyes.watchman.surely(found))
        tell(events)

    def _look_from_vehicle(self, view: PatrolledCamera, vehicle: VehicleWatch, frame: Frame, eyes: Eyes) -> None:
        """The same for a view that lies somewhere else in each picture."""
        found = eyes.watchman.surely(found_in(frame, eyes))  # a passing view has no second look to wait for
        state, events = vehicle.step(found, eyes.watchman.wanted)
        messages = self._messages(events, frame, found, eyes)
        if not self._keep(view, vehicle.as_json(state), state.last_at or frame.captured_at, messages):
            return
        vehicle.settle(state)
        gate = self._fleet.gate
        gate.settle(gate.consider(frame, is_gated=False), found, view.calibration)
        self._watched.looked(frame, found)
        tell(events)

    def _pass_over(self, view: PatrolledCamera, frame: Frame) -> None:
        """A picture that shows nothing to be relied on: nothing is found in it, and nothing is gone because of it."""
        self._watched.looked(frame, None)
        if view.vehicle is not None:
            self._keep(view, view.vehicle.as_json(), frame.captured_at, ())
            return
        blind = ViewSample(frame.camera_id, view.view_id, frame.captured_at, (), unobstructed=False)
        state, _ = step(view.state, blind, self._settings.confirmation, self._city.zone_of)
        self._fleet.gate.forget(view.view_id)
        if self._keep(view, state, state.last_at or frame.captured_at, ()):
            view.state = state

    def _stepped(
        self, view: PatrolledCamera, found: FrameDetections, eyes: Eyes
    ) -> tuple[DedupeState, tuple[IncidentEvent, ...]]:
        """What the view would know, and tell, with this look."""
        sample = sight(found, view.calibration, eyes.watchman.wanted, eyes.watchman.sure)
        return step(view.state, sample, self._settings.confirmation, self._city.zone_of)

    def _messages(
        self,
        events: tuple[IncidentEvent, ...],
        frame: Frame,
        found: FrameDetections,
        eyes: Eyes,
        calibration: ViewCalibration | None = None,
    ) -> tuple[Message, ...]:
        """
        Args:
            calibration: of a view that stands still, which tells where a box is on the ground; None: a vehicle's.
        """
        if not events:
            return ()  # and the whole picture is never made

        def ground(box: Box) -> Point | None:
            facts = found.frame
            placed = None if calibration is None else calibration.place(box, (facts.width_px, facts.height_px))
            return None if placed is None else placed.ground

        worker_id, probability = self._settings.worker.id, eyes.watchman.probability
        model, masker, is_mobile = eyes.detector.model, self.masker, calibration is None
        return tuple(
            message_of(event, frame.image, found.detections, model, worker_id, probability, masker, ground, is_mobile)
            for event in events
        )

    def _keep(
        self, view: PatrolledCamera, state: DedupeState | str, at: datetime, messages: tuple[Message, ...]
    ) -> bool:
        """Keep the look's outcome, for as long as a full disk takes; False when the worker stops before that.

        A worker that stops looks at the same moment again after its restart, or at the next, and finds the same.
        """

        def told() -> str:
            return state if isinstance(state, str) else state_to_json(state)

        may_wait = view.settings.pace == "realtime" and view.settings.time_scale == 1.0
        while True:
            try:
                self._fleet.memory.keep(view.camera_id, view.view_id, told, at, messages, may_wait)
            except OutboxError as error:
                self._outbox_trouble = reported_once("the outbox", self._outbox_trouble, error)
                if self._stop.wait(PAUSE_S) or view.is_leaving:
                    return False
            else:
                self._outbox_trouble = None
                return True


def found_in(frame: Frame, eyes: Eyes) -> FrameDetections:
    return FrameDetections(frame.facts, eyes.detector.detect(frame.picture), eyes.detector.model)


def tell(events: tuple[IncidentEvent, ...]) -> None:
    for event in events:
        log.info("%s: %s %s in %s", event.camera_id, event.category, event.kind, event.cell_id)


def reported_once(who: str, before: type[Exception] | None, error: Exception) -> type[Exception]:
    """One line when a camera's looks begin to fail in one way, not one a picture; a bug with its traceback."""
    if before is not type(error):
        log.error("%s: cannot look: %s", who, error, exc_info=None if isinstance(error, PatrolError) else error)
    return type(error)
