"""One worker: its cameras, one inference owner, the grid room's memory, the outbox."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from core.clock import Clock, SystemClock, isoformat_z
from core.detections import Detection, FrameDetections
from core.errors import ConfigError, GridError, PatrolError
from core.ids import CameraId, CategoryId, ViewId
from detector.evidence import render_evidence
from detector.ports import Detector
from grid.cells import CityGrid
from grid.dedupe import DedupeState, state_from_json, state_to_json, step
from grid.incidents import IncidentEvent
from grid.sightings import sight
from grid.views import ViewCalibration, calibrate
from models.probability import ConfidenceMap
from patrol.api_client import ApiClient
from patrol.delivery import Delivery
from patrol.gating import GateCounts, LookGate, overruling
from patrol.looks import LookLedger
from patrol.model_watch import ModelWatch
from patrol.outbox import Message, Outbox, OutboxError
from patrol.settings import CameraSettings, Settings
from patrol.status import camera_json
from streams.camera import CameraState
from streams.frames import Frame, Image
from streams.gateways.registry import Gateways
from streams.mailbox import Mailbox
from streams.runner import FeedRunner

log = logging.getLogger(__name__)

FUTURE_SLACK = timedelta(seconds=120)
"""A picture dated further ahead would make the grid room deaf until then."""
PAUSE_S = 2.0
"""Between two tries while the outbox is full or cannot be written."""


@dataclass(frozen=True, slots=True)
class WatchedView:
    """One camera's feed, mailbox and place in the grid."""

    settings: CameraSettings
    mailbox: Mailbox
    runner: FeedRunner
    calibration: ViewCalibration


class Worker:
    """Pulls frames fairly from every camera, looks, remembers, and files incidents.

    Args:
        wanted: categories that make cases; the model's other categories are context.
        models: says when another model is to look from now on; None: this one always does.
        probability: how likely a confidence of the detector is right; None: nobody measured it.
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
        self._gateways = Gateways(settings.gateways)
        self._views = [self._watch(camera) for camera in settings.cameras]
        self._states = self._restored()
        self._troubles: dict[str, type[Exception]] = {}
        self.looks = LookLedger()
        self._gate = LookGate(settings.gate)
        self._taken = {CameraId(camera.id): 0 for camera in settings.cameras}
        self._delivery = Delivery(
            outbox, client, settings.worker.id, self.camera_statuses, settings.worker.status_every_s
        )
        self._thread = threading.Thread(target=self._look_on, name="inference-owner", daemon=True)

    def start(self) -> None:
        self._delivery.start()
        if self._models is not None:
            self._models.start()
        self._thread.start()
        for number, view in enumerate(self._views):
            view.runner.start(delay_s=number / self._settings.worker.connect_per_s)

    def stop(self, drain_s: float = 5.0) -> None:
        """Stop the cameras, finish the look at hand, give the outbox ``drain_s`` to empty, close it and the client."""
        self._stop.set()
        stoppers = [threading.Thread(target=view.runner.stop, args=(5.0,)) for view in self._views]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()
        self._frame_ready.release()
        if self._models is not None:
            self._models.stop()
        self._thread.join(timeout=30)
        self._delivery.stop(drain_s)
        self._client.close()
        self._outbox.close()

    def camera_statuses(self) -> Sequence[Mapping[str, object]]:
        return [
            camera_json(view.runner.status()) | {"gate": self._gate.counts(view.settings.view_id).as_json()}
            for view in self._views
        ]

    @property
    def gate_counts(self) -> GateCounts:
        """What became of all cameras' pictures."""
        return self._gate.total()

    @property
    def has_ended(self) -> bool:
        """Every feed was a file, has been played to its end, and its last picture was looked at."""
        statuses = [view.runner.status() for view in self._views]
        return all(
            status.state is CameraState.ENDED
            and self._taken[status.camera_id] + status.frames_dropped >= status.frames_decoded
            for status in statuses
        )

    def _watch(self, camera: CameraSettings) -> WatchedView:
        mailbox = Mailbox(lossless=camera.pace == "fast", on_put=self._frame_ready.release)
        runner = FeedRunner(camera.feed, mailbox, clock=self._clock, make_source=self._gateways.source_of)
        return WatchedView(camera, mailbox, runner, calibrate(camera.view_id, camera.view, self._city))

    def _restored(self) -> dict[ViewId, DedupeState]:
        kept = self._outbox.view_states()
        return {view.settings.view_id: remembered(view.settings.view_id, kept) for view in self._views}

    def _look_on(self) -> None:
        """The inference owner: each round takes at most one frame of every camera."""
        while not self._stop.is_set():
            self._frame_ready.acquire(timeout=0.5)
            if not self._has_room():
                self._stop.wait(PAUSE_S)
                continue
            for view in self._views:
                if self._stop.is_set():
                    return
                frame = view.mailbox.take(timeout_s=0)
                if frame is None:
                    continue
                self._change_watch()
                try:
                    self._look(view, frame)
                    self.looks.looked(frame.camera_id, frame.captured_at, self._clock.now(), self._clock.monotonic())
                    self._troubles.pop(frame.camera_id, None)
                except Exception as error:  # noqa: BLE001 (the thread's outermost loop: a fault costs this look only)
                    self._gate.forget(view.settings.view_id)
                    self._report_once(frame.camera_id, error)
                self._taken[frame.camera_id] += 1

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
            self._report_once("the outbox", error)
            return False
        self._troubles.pop("the outbox", None)
        return True

    def _report_once(self, who: str, error: Exception) -> None:
        """One line when a camera's looks begin to fail in one way, not one a picture; a bug with its traceback."""
        if self._troubles.get(who) is type(error):
            return
        self._troubles[who] = type(error)
        log.error("%s: cannot look: %s", who, error, exc_info=None if isinstance(error, PatrolError) else error)

    def _look(self, view: WatchedView, frame: Frame) -> None:
        if frame.captured_at > self._clock.now() + FUTURE_SLACK:
            raise ConfigError(
                f"its pictures are dated {isoformat_z(frame.captured_at)}, in the future; "
                "mend started_at, time_scale or the clock"
            )
        view_id = view.settings.view_id
        opinion = self._gate.consider(frame, view.settings.gate)
        found = opinion.carried or self._found_in(frame)
        state, events = self._stepped(view, found)
        if opinion.carried is not None:
            doubt = overruling(self._states[view_id], state, events)
            if doubt is not None:
                opinion, found = opinion.overruled(doubt), self._found_in(frame)
                state, events = self._stepped(view, found)
        messages = tuple(self._message(event, frame.image, found.detections) for event in events)
        if not self._keep(view, state, state.last_at or frame.captured_at, messages):
            return
        self._states[view_id] = state
        self._gate.settle(opinion, found, view.calibration)
        for event in events:
            log.info("%s: %s %s in %s", event.camera_id, event.category, event.kind, event.cell_id)

    def _found_in(self, frame: Frame) -> FrameDetections:
        return FrameDetections(frame.facts, self._detector.detect(frame.picture), self._detector.model)

    def _stepped(self, view: WatchedView, found: FrameDetections) -> tuple[DedupeState, tuple[IncidentEvent, ...]]:
        """What the view would know, and tell, with this look."""
        sample = sight(found, view.calibration, self._wanted)
        return step(self._states[view.settings.view_id], sample, self._settings.confirmation, self._city.zone_of)

    def _keep(self, view: WatchedView, state: DedupeState, at: datetime, messages: tuple[Message, ...]) -> bool:
        """Write the look's outcome, for as long as a full disk takes; False when the worker stops before that.

        A worker that stops looks at the same moment again after its restart, or at the next, and finds the same.
        """
        while True:
            try:
                self._outbox.commit_look(
                    CameraId(view.settings.id),
                    view.settings.view_id,
                    state_to_json(state),
                    at,
                    messages,
                    self._clock.now(),
                )
            except OutboxError as error:
                self._report_once("the outbox", error)
                if self._stop.wait(PAUSE_S):
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


def remembered(view_id: ViewId, kept: Mapping[ViewId, str]) -> DedupeState:
    """What a view knew before the restart; a damaged memory costs that view its dwell, nothing else."""
    if view_id not in kept:
        return DedupeState(view_id)
    try:
        return state_from_json(kept[view_id])
    except GridError as error:
        log.error("%s: its memory cannot be read and begins anew: %s", view_id, error)
        return DedupeState(view_id)
