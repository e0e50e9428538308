"""One worker: its cameras, one inference owner, the grid room's memory, the outbox."""

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from core.clock import Clock, SystemClock, isoformat_z
from core.detections import Detection, FrameDetections
from core.errors import ConfigError, PatrolError
from core.ids import CategoryId
from detector.evidence import render_evidence
from detector.ports import Detector
from grid.cells import CityGrid
from grid.dedupe import DedupeState, state_to_json, step
from grid.incidents import IncidentEvent
from grid.sightings import ViewSample, sight
from models.probability import ConfidenceMap
from patrol.api_client import ApiClient
from patrol.camera_fleet import CameraFleet
from patrol.camera_fleet_slot import PatrolledCamera
from patrol.camera_watch import CameraWatch
from patrol.delivery import Delivery
from patrol.gating import GateCounts, overruling
from patrol.model_watch import ModelWatch
from patrol.outbox import Message, Outbox, OutboxError
from patrol.settings import Settings
from patrol.vehicles import VehicleWatch
from streams.frames import Frame, Image

log = logging.getLogger(__name__)

FUTURE_SLACK = timedelta(seconds=120)
"""A picture dated further ahead would make the grid room deaf until then."""
PAUSE_S = 2.0
"""Between two tries while the outbox is full or cannot be written."""


class Worker:
    """Pulls frames fairly from every camera, looks, remembers, and files incidents.

    Args:
        wanted: categories that make cases; the model's other categories are context.
        models: says when another model is to look from now on; None: this one always does.
        probability: how likely a confidence of the detector is right; None: nobody measured it.
        cameras: changes the cameras while they are patrolled; None: they stay those of the settings.
    """

    def __init__(
        self,
        settings: Settings,
        detector: Detector,
        city: CityGrid,
        outbox: Outbox,
        client: ApiClient,
        wanted: frozenset[CategoryId],
        clock: Clock | None = None,
        models: ModelWatch | None = None,
        probability: Mapping[CategoryId, ConfidenceMap] | None = None,
        cameras: CameraWatch | None = None,
    ) -> None:
        self._settings = settings
        self._detector = detector
        self._city = city
        self._outbox = outbox
        self._client = client
        self._clock = clock or SystemClock()
        self._wanted = wanted
        self._models = models
        self._probability = probability or {}
        self._frame_ready = threading.Semaphore(0)
        self._stop = threading.Event()
        self._outbox_trouble: type[Exception] | None = None
        self.fleet = CameraFleet(settings, city, outbox, self._clock, self._frame_ready.release)
        self.looks, self._gate, self._eyes = self.fleet.looks, self.fleet.gate, self.fleet.eyes
        self._cameras = cameras
        self._delivery = Delivery(
            outbox,
            client,
            settings.worker.id,
            self.camera_statuses,
            settings.worker.status_every_s,
            notices=lambda: () if cameras is None else cameras.notices,
        )
        self._thread = threading.Thread(target=self._look_on, name="inference-owner", daemon=True)

    def start(self) -> None:
        if self._cameras is not None:
            self._cameras.start(self.fleet)  # first: a report without the API's cameras would take them off the lists
        self._delivery.start()
        if self._models is not None:
            self._models.start()
        self._thread.start()
        self.fleet.start()

    def stop(self, drain_s: float = 5.0) -> None:
        """Stop the cameras, finish the look at hand, give the outbox ``drain_s`` to empty, close it and the client."""
        self._stop.set()
        if self._cameras is not None:
            self._cameras.stop()
        self.fleet.stop()
        self._frame_ready.release()
        if self._models is not None:
            self._models.stop()
        self._thread.join(timeout=30)
        self._delivery.stop(drain_s)
        self._client.close()
        self._outbox.close()

    def camera_statuses(self) -> Sequence[Mapping[str, object]]:
        return self.fleet.statuses()

    def reload(self) -> None:
        """Look at the configuration file and at the API's cameras now; safe in a signal handler."""
        if self._cameras is not None:
            self._cameras.reload()

    @property
    def gate_counts(self) -> GateCounts:
        """What became of all cameras' pictures."""
        return self._gate.total()

    @property
    def has_ended(self) -> bool:
        """Every feed was a file, has been played to its end, and its last picture was looked at."""
        return self.fleet.has_ended

    def _look_on(self) -> None:
        """The inference owner: each round takes at most one frame of every camera."""
        while not self._stop.is_set():
            self._frame_ready.acquire(timeout=0.5)
            if not self._has_room():
                self._stop.wait(PAUSE_S)
                continue
            for view in self.fleet.cameras:
                if self._stop.is_set():
                    return
                with view.lock:
                    frame = None if view.is_leaving else self._next_frame(view)
                    if frame is not None:
                        self._change_watch()
                        self._look_once(view, frame)

    def _look_once(self, view: PatrolledCamera, frame: Frame) -> None:
        try:
            self._look(view, frame)
            self.looks.looked(frame.camera_id, frame.captured_at, self._clock.now(), self._clock.monotonic())
            view.trouble = None
        except Exception as error:  # noqa: BLE001 (the thread's outermost loop: a fault costs this look only)
            self._gate.forget(view.view_id)
            view.trouble = reported_once(frame.camera_id, view.trouble, error)
        view.taken += 1

    def _next_frame(self, view: PatrolledCamera) -> Frame | None:
        if view.vehicle is None:
            return view.mailbox.take(timeout_s=0)
        frame = view.vehicle.next_frame(view.mailbox)
        if frame is not None and view.vehicle.waiting:
            self._frame_ready.release()  # its own release was spent while it waited for its position
        return frame

    def _change_watch(self) -> None:
        """Between two looks: a newly promoted model takes over; views, memory and outbox stay as they are."""
        relief = None if self._models is None else self._models.take()
        if relief is None:
            return
        before, now = self._detector.model, relief.detector.model
        self._detector, self._wanted, self._probability = relief.detector, relief.wanted, relief.probability
        self._gate.forget_all()
        log.info(
            "looks with %s (%s…) from now on, not %s (%s…)", now.name, now.sha256[:12], before.name, before.sha256[:12]
        )

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

    def _look(self, view: PatrolledCamera, frame: Frame) -> None:
        if frame.captured_at > self._clock.now() + FUTURE_SLACK:
            raise ConfigError(
                f"its pictures are dated {isoformat_z(frame.captured_at)}, in the future; "
                "mend started_at, time_scale or the clock"
            )
        if not self._eyes.is_sound(frame):
            self._pass_over(view, frame)
            return
        if view.vehicle is not None:
            self._look_from_vehicle(view, view.vehicle, frame)
            return
        opinion = self._gate.consider(frame, view.settings.gate)
        found = opinion.carried or self._found_in(frame)
        state, events = self._stepped(view, found)
        if opinion.carried is not None:
            doubt = overruling(view.state, state, events)
            if doubt is not None:
                opinion, found = opinion.overruled(doubt), self._found_in(frame)
                state, events = self._stepped(view, found)
        messages = tuple(self._message(event, frame.image, found.detections) for event in events)
        if not self._keep(view, state_to_json(state), state.last_at or frame.captured_at, messages):
            return
        view.state = state
        self._gate.settle(opinion, found, view.calibration)
        for event in events:
            log.info("%s: %s %s in %s", event.camera_id, event.category, event.kind, event.cell_id)

    def _look_from_vehicle(self, view: PatrolledCamera, vehicle: VehicleWatch, frame: Frame) -> None:
        """As ``_look``, for a view that lies somewhere else in each picture."""
        found = self._found_in(frame)
        state, events = vehicle.step(found, self._wanted)
        messages = tuple(self._message(event, frame.image, found.detections) for event in events)
        if not self._keep(view, vehicle.as_json(state), state.last_at or frame.captured_at, messages):
            return
        vehicle.settle(state)
        self._gate.settle(self._gate.consider(frame, is_gated=False), found, view.calibration)
        for event in events:
            log.info("%s: %s %s in %s", event.camera_id, event.category, event.kind, event.cell_id)

    def _pass_over(self, view: PatrolledCamera, frame: Frame) -> None:
        """A picture that shows nothing to be relied on: nothing is found in it, and nothing is gone because of it."""
        view_id = view.view_id
        if view.vehicle is not None:
            self._keep(view, view.vehicle.as_json(), frame.captured_at, ())
            return
        blind = ViewSample(frame.camera_id, view_id, frame.captured_at, (), unobstructed=False)
        state, _ = step(view.state, blind, self._settings.confirmation, self._city.zone_of)
        self._gate.forget(view_id)
        if self._keep(view, state_to_json(state), state.last_at or frame.captured_at, ()):
            view.state = state

    def _found_in(self, frame: Frame) -> FrameDetections:
        return FrameDetections(frame.facts, self._detector.detect(frame.picture), self._detector.model)

    def _stepped(self, view: PatrolledCamera, found: FrameDetections) -> tuple[DedupeState, tuple[IncidentEvent, ...]]:
        """What the view would know, and tell, with this look."""
        sample = sight(found, view.calibration, self._wanted)
        return step(view.state, sample, self._settings.confirmation, self._city.zone_of)

    def _keep(self, view: PatrolledCamera, state: str, at: datetime, messages: tuple[Message, ...]) -> bool:
        """Write the look's outcome, for as long as a full disk takes; False when the worker stops before that.

        A worker that stops looks at the same moment again after its restart, or at the next, and finds the same.
        """
        while True:
            try:
                self._outbox.commit_look(
                    view.camera_id,
                    view.view_id,
                    state,
                    at,
                    messages,
                    self._clock.now(),
                )
            except OutboxError as error:
                self._outbox_trouble = reported_once("the outbox", self._outbox_trouble, error)
                if self._stop.wait(PAUSE_S) or view.is_leaving:
                    return False
            else:
                return True

    def _message(self, event: IncidentEvent, image: Image, detections: tuple[Detection, ...]) -> Message:
        pictures: dict[str, bytes] = {}
        evidence: dict[str, str] | None = None
        if event.boxes:
            of_incident = tuple(d for d in detections if d.category == event.category and d.box in event.boxes)
            caption = f"{event.camera_id}  {isoformat_z(event.at)}"
            rendered = render_evidence(image, of_incident, caption)
            named = {"original": rendered.original, "annotated": rendered.annotated, "crop": rendered.crop}
            evidence = {name: sha256(jpeg).hexdigest() for name, jpeg in named.items()}
            pictures = {evidence[name]: jpeg for name, jpeg in named.items()}
        body: dict[str, object] = {
            "incident_id": event.incident_id,
            "sequence": event.sequence,
            "kind": event.kind.value,
            "camera_id": event.camera_id,
            "view_id": event.view_id,
            "cell_id": event.cell_id,
            "category": event.category,
            "at": isoformat_z(event.at),
            "first_seen_at": isoformat_z(event.first_seen_at),
            "last_seen_at": isoformat_z(event.last_seen_at),
            "object_count": event.object_count,
            "confidence": round(event.confidence, 4),
            "boxes": [[round(value, 2) for value in box.as_xyxy()] for box in event.boxes],
            "model": {"name": self._detector.model.name, "sha256": self._detector.model.sha256},
            "evidence": evidence,
            "worker_id": self._settings.worker.id,
        }
        told_by = self._probability.get(event.category)
        if told_by is not None and event.boxes:  # a cleared event's confidence may be another model's
            body["probability"] = round(told_by.probability_of(event.confidence), 4)
        return Message(event.idempotency_key, body, pictures)


def reported_once(who: str, before: type[Exception] | None, error: Exception) -> type[Exception]:
    """One line when a camera's looks begin to fail in one way, not one a picture; a bug with its traceback."""
    if before is not type(error):
        log.error("%s: cannot look: %s", who, error, exc_info=None if isinstance(error, PatrolError) else error)
    return type(error)
