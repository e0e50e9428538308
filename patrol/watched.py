"""Pictures for whoever watches a camera on the desk: only of cameras that somebody watches, small, masked, boxes drawn.

One thread asks the API which cameras are watched, renders and sends; nobody watching, nothing is decoded, drawn or
sent. It rests as long as each picture took, so that watching never takes more than half a core from looking.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from core.clock import Clock, isoformat_z
from core.detections import Detection, FrameDetections
from core.errors import DeliveryError, EvidenceError
from core.ids import CameraId
from detector.glance import render_glance
from detector.masking import PictureMasker
from detector.masking_rules import PrivacySettings
from patrol.api_client import ApiClient, ApiRefused
from streams.frames import Frame

log = logging.getLogger(__name__)

ASKED_EVERY_S = 1.0
"""While somebody watches."""
IDLE_EVERY_S = 2.0
"""While nobody does: one small request."""
AWAY_EVERY_S = 10.0
"""After the API did not answer."""
MOST_WATCHED = 1000
BOXES_KEPT_S = 30.0
"""Between two looks, boxes of the last one are drawn into newer pictures for so long."""
MOST_BOXES = 20_000
"""Cameras whose last look's boxes are remembered, so that the first picture has them."""
WATCHED = "/api/v1/watched"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody watches."""

    is_live: bool
    """Each key frame, not only those that are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture that waits to be rendered."""

    frame: Frame
    detections: tuple[Detection, ...]
    handed_on_s: float
    """By the monotonic clock."""
    handed_on_at: datetime


class WatchedCameras:
    """The worker's onlooker. ``looked`` and ``saw`` are called by lanes and cameras' threads and return at once.

    Bounded: one picture waits per watched camera; a newer one takes its place (``replaced`` counts).

    Args:
        has_own_time: whether a camera's capture times are not of now (a clip), so that they tell no picture's age.
    """

    def __init__(
        self,
        client: ApiClient,
        privacy: PrivacySettings,
        clock: Clock,
        has_own_time: Callable[[CameraId], bool] = lambda _: False,
    ) -> None:
        self._client = client
        self._has_own_time = has_own_time
        self._clock = clock
        self._masker = PictureMasker(privacy, threads=1)
        """Its own: evidence never waits for somebody's watching."""
        self._lock = threading.Lock()
        self._wanted: Mapping[CameraId, Wanted] = {}
        self._waiting: dict[CameraId, Shot] = {}
        self._boxes: dict[CameraId, tuple[float, tuple[Detection, ...]]] = {}
        self._shown: dict[CameraId, float] = {}
        """Watched cameras of which a picture was sent, and when the last one was; by the monotonic clock."""
        self._arrived = threading.Event()
        self._stop = threading.Event()
        self._trouble = ""
        self.sent = 0
        self.replaced = 0
        self._thread = threading.Thread(target=self._serve, name="watched", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; waits for the picture at hand."""
        self._stop.set()
        self._arrived.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def wants(self, camera_id: CameraId) -> bool:
        """A live view wants each key frame; a wall wants its first one soon."""
        wanted = self._wanted.get(camera_id)
        return wanted is not None and (wanted.is_live or camera_id not in self._shown)

    def saw(self, frame: Frame) -> None:
        """A key frame between two looks; what the last look found is drawn into it."""
        kept = self._boxes.get(frame.camera_id)
        is_fresh = kept is not None and self._clock.monotonic() - kept[0] <= BOXES_KEPT_S
        self._keep(frame, kept[1] if kept is not None and is_fresh else ())

    def looked(self, frame: Frame, found: FrameDetections | None) -> None:
        """A picture that was looked at; ``found`` is None where it was not fit for it."""
        detections = () if found is None else found.detections
        if len(self._boxes) > MOST_BOXES:
            self._boxes.clear()
        self._boxes[frame.camera_id] = (self._clock.monotonic(), detections)
        if frame.camera_id in self._wanted:
            self._keep(frame, detections)

    def _keep(self, frame: Frame, detections: tuple[Detection, ...]) -> None:
        shot = Shot(frame, detections, self._clock.monotonic(), self._clock.now())
        with self._lock:
            if frame.camera_id not in self._wanted:
                return
            self.replaced += frame.camera_id in self._waiting
            self._waiting[frame.camera_id] = shot
        self._arrived.set()

    def _serve(self) -> None:
        asked_s = float("-inf")
        while not self._stop.is_set():
            now_s = self._clock.monotonic()
            every_s = AWAY_EVERY_S if self._trouble else ASKED_EVERY_S if self._wanted else IDLE_EVERY_S
            try:
                if now_s - asked_s >= every_s:
                    asked_s = now_s
                    self._ask()
                shot = self._next()
                if shot is None:
                    self._arrived.wait(max(0.05, every_s - (self._clock.monotonic() - asked_s)))
                    continue
                begun_s = self._clock.monotonic()
                self._send(shot)
                self._stop.wait(self._clock.monotonic() - begun_s)
            except (ApiRefused, EvidenceError) as error:
                self._tell(str(error))  # of this picture; the next may be taken
            except DeliveryError as error:
                self._want({})
                self._tell(str(error))
            except Exception as error:  # noqa: BLE001 (the thread's outermost loop: it must not end)
                self._tell(f"{type(error).__name__}: {error}")

    def _ask(self) -> None:
        body = self._client.get(WATCHED)
        told = body.get("cameras")
        rows: list[Any] = told[:MOST_WATCHED] if isinstance(told, list) else []
        wanted = {
            CameraId(str(row["camera_id"])): Wanted(bool(row.get("live")))
            for row in rows
            if isinstance(row, Mapping) and "camera_id" in row
        }
        self._want(wanted)
        if self._trouble:
            log.info("pictures for whoever watches: the API answers again")
            self._trouble = ""

    def _want(self, wanted: Mapping[CameraId, Wanted]) -> None:
        """From now on these are watched; nothing of others is held."""
        with self._lock:
            self._wanted = wanted
            self._shown = {name: at_s for name, at_s in self._shown.items() if name in wanted}
            self._waiting = {name: shot for name, shot in self._waiting.items() if name in wanted}

    def _next(self) -> Shot | None:
        with self._lock:
            self._arrived.clear()
            return self._waiting.pop(next_of(self._waiting, self._shown)) if self._waiting else None

    def _send(self, shot: Shot) -> None:
        frame = shot.frame
        jpeg = render_glance(frame.picture, shot.detections, self._masker)
        waited_s = self._clock.monotonic() - shot.handed_on_s
        age_s = waited_s
        if not self._has_own_time(frame.camera_id):
            age_s += max(0.0, (shot.handed_on_at - frame.captured_at).total_seconds())
        headers = {"X-Captured-At": isoformat_z(frame.captured_at), "X-Age-S": f"{age_s:.3f}"}
        self._client.put_picture(f"/api/v1/cameras/{quote(frame.camera_id, safe='')}/picture", jpeg, headers)
        self.sent += 1
        self._shown[frame.camera_id] = self._clock.monotonic()

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("pictures for whoever watches wait: %s; trying on", trouble)
        self._trouble = trouble


def next_of(waiting: Collection[CameraId], shown: Mapping[CameraId, float]) -> CameraId:
    """Whose picture goes out next: the camera's whose last one went longest ago, however fast others send."""
    return min(waiting, key=lambda camera_id: shown.get(camera_id, float("-inf")))
