"""Notices that another model was promoted, and has it loaded and tried before the worker hears of it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from core.detections import FrameDetections, ModelRef
from core.errors import PatrolError
from core.ids import CategoryId
from detector.ports import Detector
from models.manifest import ModelPackage
from models.probability import ConfidenceMap
from models.promotion import ModelShelf
from streams.frames import ImagePicture

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""Between two looks at the ledger; one ``stat`` each."""
RETRY_S = 30.0
"""A package that could not be loaded is tried again so often: its disk may have been away."""
BLANK_SHAPE = (96, 128, 3)
"""Of the picture that a new model must get through before it counts."""

Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Watchman:
    """Detectors of one model, one a lane, and what the model says of the categories."""

    detectors: tuple[Detector, ...]
    wanted: frozenset[CategoryId]
    """Those that make cases."""
    probability: Mapping[CategoryId, ConfidenceMap] = field(default_factory=dict)
    """How likely a confidence is right; without those for which it was not measured."""
    sure: Mapping[CategoryId, float] = field(default_factory=dict)
    """Confidence from which a detection is relied on by itself; those below only go on with what a sure one began."""

    def surely(self, found: FrameDetections) -> FrameDetections:
        """Without what is not relied on by itself."""
        kept = tuple(each for each in found.detections if each.confidence >= self.sure.get(each.category, 0.0))
        return replace(found, detections=kept)

    @property
    def model(self) -> ModelRef:
        return self.detectors[0].model


class ModelWatch(Protocol):
    """Where a worker gets its next detector from."""

    def start(self) -> None: ...

    def take(self) -> Watchman | None:
        """The one to look with from now on, given once; None: go on as before. Never waits."""
        ...

    def stop(self) -> None: ...


class ShelfWatch:
    """Watches a site's shelf from a thread of its own.

    Args:
        seen: the ledger's signature from before the running model was read, so that no change falls between.
        load: makes a package ready to look.
    """

    def __init__(
        self,
        shelf: ModelShelf,
        load: Callable[[ModelPackage], Watchman],
        seen: Signature | None,
        every_s: float = LOOK_EVERY_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._shelf = shelf
        self._load = load
        self._seen = seen
        self._every_s = every_s
        self._retry_s = retry_s
        self._retry_at_s: float | None = None
        self._trouble = ""
        self._ready: Watchman | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self) -> Watchman | None:
        with self._lock:
            ready, self._ready = self._ready, None
            return ready

    def stop(self) -> None:
        """A load at hand is waited for a little; it ends by itself."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _watch(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self._look()
            except PatrolError as error:
                self._keep_the_old_one(str(error))
            except Exception as error:  # noqa: BLE001 (the thread's outermost loop: the old model goes on)
                self._keep_the_old_one(f"{type(error).__name__}: {error}")

    def _look(self) -> None:
        signature = self._shelf.signature()
        is_retry = self._retry_at_s is not None and time.monotonic() >= self._retry_at_s
        if signature == self._seen and not is_retry:
            return
        self._seen, self._retry_at_s = signature, None
        watchman = self._load(self._shelf.active())
        watchman.detectors[0].detect(ImagePicture(np.zeros(BLANK_SHAPE, dtype=np.uint8)))
        with self._lock:
            self._ready = watchman
        self._trouble = ""

    def _keep_the_old_one(self, trouble: str) -> None:
        """Told once, however often it is tried again."""
        self._retry_at_s = time.monotonic() + self._retry_s
        if trouble != self._trouble:
            self._trouble = trouble
            log.error("the promoted model cannot be used, the one before goes on: %s", trouble)


class ScriptedWatch:
    """The scripted twin: gives each watchman when its number of askings is reached."""

    def __init__(self, script: dict[int, Watchman]) -> None:
        self._script = script
        self._asked = 0

    def start(self) -> None:
        """Nothing to start."""

    def take(self) -> Watchman | None:
        self._asked += 1
        return self._script.get(self._asked)

    def stop(self) -> None:
        """Nothing to stop."""
