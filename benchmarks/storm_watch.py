"""What the patrol says of its cameras while the storm blows: read over the API a few times a second, judged purely."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from core.errors import PatrolError
from patrol.api_client import ApiClient
from patrol.demo.run import rows

READ_EVERY_S = 0.4
_ROW = re.compile(r'id="camera-\d+"[^>]*>(?P<id>[^<]+)</a>.*?class="cam-state cam-(?P<state>\w+)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """One camera as the API told of it at one moment."""

    camera_id: str
    state: str
    error_kind: str | None
    findings: frozenset[str]
    size_wh: tuple[int | None, int | None]
    looks: int
    late: int
    last_at_s: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """All cameras at one moment; ``at_s`` of the monotonic clock."""

    at_s: float
    cameras: Mapping[str, Shown]


def shown(camera: Mapping[str, Any]) -> Shown:
    looks: Mapping[str, float] = camera["looks"]
    return Shown(
        camera_id=str(camera["camera_id"]),
        state=str(camera["state"]),
        error_kind=camera["error_kind"],
        findings=frozenset(str(found["kind"]) for found in camera["health"]["findings"]),
        size_wh=(camera["width_px"], camera["height_px"]),
        looks=int(looks.get("looks", 0)),
        late=int(looks.get("late", 0)),
        last_at_s=looks.get("last_at_s"),
    )


def gaps_s(readings: Iterable[Reading], camera_id: str) -> list[float]:
    """Seconds between two looks that ended, as the worker itself dates them.

    Where the readings missed looks, what lies between two known ones is shared out evenly: no gap is made up.
    """
    found: list[float] = []
    last: Shown | None = None
    for reading in readings:
        camera = reading.cameras.get(camera_id)
        if camera is None or camera.last_at_s is None:
            continue
        if last is not None and last.last_at_s is not None and camera.looks > last.looks:
            number = camera.looks - last.looks
            found += [(camera.last_at_s - last.last_at_s) / number] * number
        if last is None or camera.looks != last.looks:
            last = camera
    return found


def open_gap_s(readings: Sequence[Reading], camera_id: str) -> float:
    """How long the camera's count of looks has stood still at the end of the readings."""
    if not readings or camera_id not in readings[-1].cameras:
        return 0.0
    looks = readings[-1].cameras[camera_id].looks
    since_s = readings[-1].at_s
    for reading in reversed(readings):
        camera = reading.cameras.get(camera_id)
        if camera is None or camera.looks != looks:
            break
        since_s = reading.at_s
    return readings[-1].at_s - since_s


@dataclass
class Observer:
    """A thread that reads the cameras; forgets what was read before the last ``begin``."""

    client: ApiClient
    failures: int = 0
    """Readings that the API did not answer."""
    _readings: list[Reading] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._read_on, name="storm-observer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def begin(self) -> None:
        """What is read from now on is another chapter."""
        with self._lock:
            del self._readings[:-1]

    def readings(self) -> tuple[Reading, ...]:
        with self._lock:
            return tuple(self._readings)

    def newest(self) -> Mapping[str, Shown]:
        with self._lock:
            return self._readings[-1].cameras if self._readings else {}

    def until(self, is_so: Callable[[Mapping[str, Shown]], bool], timeout_s: float) -> float | None:
        """Seconds until it was so; None when it never was."""
        began_s = time.monotonic()
        while time.monotonic() - began_s < timeout_s:
            if is_so(self.newest()):
                return round(time.monotonic() - began_s, 1)
            self._stop.wait(READ_EVERY_S / 2)
        return None

    def _read_on(self) -> None:
        while not self._stop.wait(READ_EVERY_S):
            try:
                cameras = [shown(camera) for camera in rows(self.client.get("/api/v1/cameras"), "cameras")]
            except (httpx.HTTPError, PatrolError):
                self.failures += 1
                continue
            reading = Reading(time.monotonic(), {camera.camera_id: camera for camera in cameras})
            with self._lock:
                self._readings.append(reading)


def states_in_page(html: str) -> dict[str, str]:
    """Camera and state, as the desk's cameras page has them in its rows."""
    return {match["id"]: match["state"] for match in _ROW.finditer(html)}


def labelled(metrics: str, name: str) -> dict[str, float]:
    """``name{label="x"} 3.0`` as ``{"x": 3.0}``; series of value 0 are left out."""
    found = re.findall(rf'^{name}\{{\w+="([^"]+)"\}} (\S+)$', metrics, re.MULTILINE)
    return {label: float(value) for label, value in found if float(value)}


def tally(values: Iterable[str | None]) -> dict[str, float]:
    return {value: float(number) for value, number in Counter(values).items() if value is not None}
