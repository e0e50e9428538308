"""Keeps a worker's fleet what the configuration file and the API want it to be, while it runs."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.ids import CameraId
from patrol.camera_fleet_wanted import WantedCamera

log = logging.getLogger(__name__)

FILE_LOOK_S = 2.0
"""Between two looks at the configuration file; one ``stat`` each."""
_JOIN_S = 15.0


class CameraSource(Protocol):
    """One place where cameras are kept."""

    @property
    def wanted(self) -> Sequence[WantedCamera]: ...

    @property
    def notices(self) -> Sequence[str]:
        """What an operator should know; empty when all is well."""
        ...

    def look(self, is_urgent: bool = False) -> bool:
        """Look for changes, and wait for nobody longer than some seconds; True when there are any."""
        ...


class Fleet(Protocol):
    """What follows the changes: ``patrol.camera_fleet``."""

    def apply(self, wanted: Sequence[WantedCamera]) -> None: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """A source, and how often it is looked at."""

    name: str
    source: CameraSource
    every_s: float


class CameraWatch:
    """A thread for each source, so that an API that does not answer never keeps the file waiting.

    Args:
        sources: where two have a camera of one id, the first counts.
    """

    def __init__(self, sources: Sequence[Watched]) -> None:
        self._sources = tuple(sources)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._urgent = [threading.Event() for _ in self._sources]
        self._threads: list[threading.Thread] = []
        self._doubles: tuple[str, ...] = ()
        self._is_due = False

    @property
    def notices(self) -> Sequence[str]:
        return (*(notice for each in self._sources for notice in each.source.notices), *self._doubles)

    def start(self, fleet: Fleet) -> None:
        """The fleet has what is known by now when this returns."""
        self._apply(fleet)
        for each, urgent in zip(self._sources, self._urgent, strict=True):
            name = f"camera-watch-{each.name}"
            thread = threading.Thread(target=self._watch, args=(each, urgent, fleet), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def reload(self) -> None:
        """Look at every source now; safe in a signal handler."""
        for urgent in self._urgent:
            urgent.set()

    def stop(self) -> None:
        """A look at hand is waited for."""
        self._stop.set()
        self.reload()
        for thread in self._threads:
            thread.join(_JOIN_S)

    def _watch(self, each: Watched, urgent: threading.Event, fleet: Fleet) -> None:
        wait_s = 0.0
        trouble = ""
        while not self._stop.is_set():
            is_urgent = urgent.wait(wait_s)
            wait_s = each.every_s
            urgent.clear()
            if self._stop.is_set():
                return
            try:
                if each.source.look(is_urgent) or self._is_due:
                    self._apply(fleet)
                trouble = ""
            except Exception as error:
                if trouble != f"{type(error).__name__}: {error}":
                    trouble = f"{type(error).__name__}: {error}"
                    log.error("the cameras stay as they are: a fault of ours", exc_info=error)

    def _apply(self, fleet: Fleet) -> None:
        with self._lock:
            merged: dict[CameraId, WantedCamera] = {}
            doubles = []
            for each in self._sources:
                for wanted in each.source.wanted:
                    first = merged.setdefault(wanted.camera_id, wanted)
                    if first is not wanted:
                        doubles.append(
                            f"camera {wanted.camera_id} stands in {first.kept_in} and is kept by the API, too; "
                            "the file's counts; mend: remove one of them"
                        )
            if tuple(doubles[:5]) != self._doubles:
                self._doubles = tuple(doubles[:5])
                for double in self._doubles:
                    log.warning("%s", double)
            self._is_due = True  # until it is done: a change that failed is tried again at the next look
            fleet.apply(tuple(merged.values()))
            self._is_due = False
