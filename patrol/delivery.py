"""From the outbox to the API, in order, for as long as it takes."""

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence

from core.errors import DeliveryError
from patrol.api_client import ApiAway, ApiClient, ApiKeyRefused, ApiRefused
from patrol.outbox import Message, Outbox, OutboxError, Waiting

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0

CameraStatuses = Callable[[], Sequence[Mapping[str, object]]]


class Delivery:
    """The thread that empties the outbox and reports the cameras' state.

    At least once out; the idempotency key makes it exactly once in. An API that is away costs
    waiting time only; a message the API refuses for good is set aside with its reason.
    """

    def __init__(
        self,
        outbox: Outbox,
        client: ApiClient,
        worker_id: str,
        cameras: CameraStatuses,
        status_every_s: float,
        seed: int = 0,
        notices: Callable[[], Sequence[str]] = tuple,
        masking: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._worker_id = worker_id
        self._cameras = cameras
        self._notices = notices
        self._masking = masking
        self._status_every_s = status_every_s
        self._random = random.Random(seed)  # noqa: S311 (spreads retries; no secret hangs on it)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._deliver, name="delivery", daemon=True),
            threading.Thread(target=self._report, name="camera-status", daemon=True),
        ]
        self._cameras_known = threading.Event()
        self._troubles: dict[str, str] = {}

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, drain_s: float = 0.0) -> None:
        """Stop both threads; first give the outbox up to ``drain_s`` seconds to empty."""
        waited_s = 0.0
        while waited_s < drain_s and self._has_waiting():
            self._stop.wait(0.1)
            waited_s += 0.1
        self._stop.set()
        self._outbox.arrived.set()
        for thread in self._threads:
            thread.join(timeout=15)

    def _report(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stop.is_set()  # once more after the stop, so that nobody takes a stopped camera for live
            try:
                self._client.put_cameras(self._worker_id, self._cameras(), self._notices(), self._masking())
                self._cameras_known.set()
                self._recovered("camera states")
            except DeliveryError as error:
                self._trouble("camera states", error)
            except Exception as error:  # noqa: BLE001 (the thread's outermost loop: it must not end)
                self._fault("camera states", error)
            if not is_last:
                self._stop.wait(self._status_every_s)

    def _deliver(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stop.is_set():
            if not self._cameras_known.wait(timeout=0.5):
                continue  # the API refuses incidents of cameras it has not been told of
            try:
                waiting = self._outbox.next_waiting()
                if waiting is None:
                    self._outbox.arrived.wait(timeout=1.0)
                    continue
                self._send(waiting)
                wait_s = FIRST_WAIT_S
                self._recovered("incidents")
                continue
            except (DeliveryError, OutboxError) as error:
                self._trouble("incidents", error)
            except Exception as error:  # noqa: BLE001 (the thread's outermost loop: it must not end)
                self._fault("incidents", error)
            self._stop.wait(wait_s * self._random.uniform(0.7, 1.3))
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    def _send(self, waiting: Waiting) -> None:
        message = waiting.message
        try:
            try:
                self._hand_over(message)
            except ApiRefused as error:
                if error.slug != "incident-refused":
                    raise
                # Its database may have begun anew.
                self._client.put_cameras(self._worker_id, self._cameras(), self._notices(), self._masking())
                self._hand_over(message)
        except (ApiAway, ApiKeyRefused):
            self._outbox.failed(waiting.id)
            raise
        except ApiRefused as error:
            log.error("incident %s set aside: %s", message.idempotency_key, error)
            self._outbox.refused(waiting.id, str(error))
            return
        self._outbox.delivered(waiting.id)

    def _hand_over(self, message: Message) -> None:
        for sha256, jpeg in message.pictures.items():
            self._client.put_evidence(sha256, jpeg)
        self._client.post_incident(message.idempotency_key, message.body)

    def _has_waiting(self) -> bool:
        try:
            return self._outbox.waiting_count() > 0
        except OutboxError:
            return False

    def _trouble(self, what: str, error: Exception) -> None:
        text = str(error)
        if text != self._troubles.get(what):  # repeats of one fault are one line
            log.warning("%s wait: %s; trying on", what, text)
            self._troubles[what] = text

    def _fault(self, what: str, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if text != self._troubles.get(what):
            log.error("%s wait: a fault of ours; trying on", what, exc_info=error)
            self._troubles[what] = text

    def _recovered(self, what: str) -> None:
        if self._troubles.pop(what, None) is not None:
            log.info("%s: the API answers again", what)
