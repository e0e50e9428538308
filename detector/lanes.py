"""Several detectors side by side: each picture goes to one that is free, results come back as they are done."""

import queue
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.detections import Detection, ModelRef
from detector.ports import Detector
from streams.frames import Picture

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Looked(Generic[Key]):
    """One picture's outcome; ``fault`` instead of detections where the detector failed."""

    key: Key
    detections: tuple[Detection, ...]
    model: ModelRef
    fault: Exception | None = None


class Lanes(Generic[Key]):
    """Owns its detectors and their threads; all calls come from one thread, the owner's.

    Args:
        detectors: one a lane; each is used by one thread at a time.
        on_done: called from a lane's thread when a result waits, so that the owner can sleep until then.
    """

    def __init__(self, detectors: Sequence[Detector], on_done: Callable[[], None] | None = None) -> None:
        if not detectors:
            raise ValueError("a lane needs a detector")
        self._free = list(detectors)
        self._width = len(detectors)
        self._on_done = on_done
        self._done: queue.SimpleQueue[tuple[Looked[Key], Detector]] = queue.SimpleQueue()
        self._in_hand: set[Key] = set()
        self._current = tuple(detectors)
        self._fresh: list[Detector] = []
        self._pool = ThreadPoolExecutor(self._width, thread_name_prefix="look")

    @property
    def has_free(self) -> bool:
        return bool(self._free)

    @property
    def in_hand(self) -> frozenset[Key]:
        """What is being looked at, or waits to be collected."""
        return frozenset(self._in_hand)

    def look(self, key: Key, picture: Picture) -> None:
        """Give the picture to a free lane; ``has_free`` is true before, and ``key`` is not in hand."""
        if key in self._in_hand:
            raise ValueError(f"{key} is being looked at")
        detector = self._free.pop()
        self._in_hand.add(key)
        self._pool.submit(self._run, key, picture, detector)

    def collect(self) -> list[Looked[Key]]:
        """What was done since the last call, in the order in which it was done; never waits."""
        found: list[Looked[Key]] = []
        while True:
            try:
                looked, detector = self._done.get_nowait()
            except queue.Empty:
                return found
            self._in_hand.discard(looked.key)
            is_current = any(detector is one for one in self._current)
            self._free.append(detector if is_current else self._fresh.pop())
            found.append(looked)

    def relieve(self, detectors: Sequence[Detector]) -> None:
        """From the next picture on these look; looks in hand end with the old ones.

        Raises:
            ValueError: another number of detectors than lanes.
        """
        if len(detectors) != self._width:
            raise ValueError(f"{len(detectors)} detectors for {self._width} lanes")
        free = len(self._free)
        self._current = tuple(detectors)
        self._free, self._fresh = list(detectors[:free]), list(detectors[free:])

    def close(self) -> None:
        """Wait for looks in hand; ``collect`` gives their results."""
        self._pool.shutdown(wait=True)

    def _run(self, key: Key, picture: Picture, detector: Detector) -> None:
        try:
            looked = Looked(key, detector.detect(picture), detector.model)
        except Exception as error:  # noqa: BLE001 (the thread's outermost call: a fault costs this look, never the lane)
            looked = Looked(key, (), detector.model, error)
        self._done.put((looked, detector))
        if self._on_done is not None:
            self._on_done()
