"""The storm's cameras: three real RTSP servers and doors of ours in front of some, and what can go wrong with each."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from benchmarks.rtsp_fleet import cell_code
from benchmarks.storm_clips import StormClips
from benchmarks.storm_doors import Door, Manner
from benchmarks.storm_watch import Shown
from core.errors import ConfigError
from patrol.demo.site import quoted

if TYPE_CHECKING:
    from tests.support.rtsp_server import RtspServer

SHARES = {"killed": 10, "frozen": 10, "silent": 5, "garbage": 5, "resized": 5, "locked": 5}
"""Of 40 cameras."""
USERNAME, PASSWORD, OTHER_PASSWORD = "op", "st0rm-Right", "st0rm-Other"  # of our own server on loopback


@dataclass(frozen=True, slots=True)
class Look:
    """What a camera must show; None: anything."""

    states: frozenset[str]
    error_kinds: frozenset[str | None] = frozenset({None})
    findings: frozenset[str] = frozenset()
    size_wh: tuple[int, int] | None = None

    def is_shown_by(self, camera: Shown) -> bool:
        return (
            camera.state in self.states
            and camera.error_kind in self.error_kinds
            and camera.findings - {"lost"} == self.findings
            and self.size_wh in (None, camera.size_wh)
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with some cameras, and what mends it."""

    name: str
    cameras: tuple[str, ...]
    begin: Callable[[], None]
    cure: Callable[[], None]
    shows: Look
    """What these cameras show while it lasts."""


AWAY = frozenset({"down", "connecting", "stalled"})
"""A camera that is gone is tried again and again, and shows so for moments; it is never ``live``."""


class StormStreet:
    """``count`` cameras, each with a part to play."""

    def __init__(self, count: int, clips: StormClips) -> None:
        self._clips = clips
        self.parts = shared_out(count)
        self.camera_ids = tuple(camera_id for ids in self.parts.values() for camera_id in ids)
        self._stack = ExitStack()
        self.doors: dict[str, Door] = {}
        self.urls: dict[str, str] = {}
        killed, locked = self.parts["killed"], self.parts["locked"]
        others = [camera_id for camera_id in self.camera_ids if camera_id not in {*killed, *locked}]
        make = rtsp_server_class()
        self.first = make(dict.fromkeys(killed, clips.lively))
        self.guarded = make(dict.fromkeys(locked, clips.lively), username=USERNAME, password=PASSWORD)
        self.main = make(dict.fromkeys(others, clips.lively))

    def __enter__(self) -> Self:
        try:
            for server in self.servers:
                self._stack.enter_context(server)
            for camera_id in (*self.parts["silent"], *self.parts["garbage"]):
                self.doors[camera_id] = self._stack.enter_context(Door(("127.0.0.1", self.main.port)))
        except BaseException:
            self._stack.close()
            raise
        for camera_id in self.camera_ids:
            self.urls[camera_id] = self._url(camera_id)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def servers(self) -> tuple["RtspServer", ...]:
        return self.first, self.guarded, self.main

    @property
    def well(self) -> Look:
        """What a camera with nothing wrong shows."""
        return Look(frozenset({"live"}), size_wh=self._clips.lively_wh)

    def faults(self) -> tuple[Fault, ...]:
        """One of each kind, in the order of the parts."""
        parts, clips = self.parts, self._clips
        return (
            Fault("killed", parts["killed"], self.first.kill, self.first.start, Look(AWAY, frozenset({"unreachable"}))),
            Fault(
                "frozen",
                parts["frozen"],
                lambda: self._show(parts["frozen"], clips.frozen),
                lambda: self._show(parts["frozen"], clips.lively),
                Look(frozenset({"live"}), findings=frozenset({"frozen"}), size_wh=clips.lively_wh),
            ),
            Fault(
                "silent",
                parts["silent"],
                lambda: self._doors(parts["silent"], Manner.SAYS_NOTHING),
                lambda: self._doors(parts["silent"], Manner.LEADS_THROUGH),
                Look(frozenset({"stalled", "connecting"}), frozenset({"stalled"})),
            ),
            Fault(
                "garbage",
                parts["garbage"],
                lambda: self._doors(parts["garbage"], Manner.SENDS_RUBBISH),
                lambda: self._doors(parts["garbage"], Manner.LEADS_THROUGH),
                Look(AWAY, frozenset({"corrupt"})),
            ),
            Fault(
                "resized",
                parts["resized"],
                lambda: self._show(parts["resized"], clips.smaller),
                lambda: self._show(parts["resized"], clips.lively),
                Look(frozenset({"live"}), size_wh=clips.smaller_wh),
            ),
            Fault(
                "locked",
                parts["locked"],
                lambda: self._lock(OTHER_PASSWORD),
                lambda: self._lock(PASSWORD),
                Look(AWAY, frozenset({"auth"})),
            ),
        )

    def outage(self, number: int) -> Fault:
        """Every server is killed, and started again."""

        def fall() -> None:
            for server in self.servers:
                server.kill()

        def rise() -> None:
            for server in self.servers:
                server.start()

        # Behind a door the port still answers, and hangs up.
        kinds = frozenset({"unreachable", "ended"})
        return Fault(f"restart {number}", self.camera_ids, fall, rise, Look(AWAY, kinds))

    def _url(self, camera_id: str) -> str:
        if camera_id in self.doors:
            return f"rtsp://127.0.0.1:{self.doors[camera_id].port}/{camera_id}"
        if camera_id in self.parts["locked"]:
            return self.guarded.url(camera_id, USERNAME, PASSWORD)
        return (self.first if camera_id in self.parts["killed"] else self.main).url(camera_id)

    def _show(self, camera_ids: Sequence[str], clip: Path) -> None:
        for camera_id in camera_ids:
            self.main.show(camera_id, clip)

    def _doors(self, camera_ids: Sequence[str], manner: Manner) -> None:
        for camera_id in camera_ids:
            self.doors[camera_id].manner = manner

    def _lock(self, password: str) -> None:
        """The recorder's password is changed; it lets nobody stay who came in with the old one."""
        self.guarded.kill()
        self.guarded.password = password
        self.guarded.start()


def rtsp_server_class() -> "type[RtspServer]":
    """
    Raises:
        ConfigError: this is no checkout of the repository.
    """
    try:
        from tests.support.rtsp_server import RtspServer
    except ImportError as error:
        raise ConfigError(
            f"the storm's RTSP server is part of the tests ({error.name} is missing); "
            "run it in a checkout with the dev extra"
        ) from error
    return RtspServer


def shared_out(count: int) -> Mapping[str, tuple[str, ...]]:
    """Camera ids by the part they play, in the proportions of ``SHARES``, at least one each; the rest stays calm."""
    whole = sum(SHARES.values())
    numbers = {part: max(1, count * share // whole) for part, share in SHARES.items()}
    numbers["calm"] = max(0, count - sum(numbers.values()))
    return {part: tuple(f"{part}-{number:02d}" for number in range(1, most + 1)) for part, most in numbers.items()}


def lay_out(
    folder: Path, urls: Mapping[str, str], api_port: int, interval_s: float, timeout_s: float, frozen_s: float
) -> Path:
    """A configuration of these cameras, each over a cell of its own."""
    features = []
    for number, camera_id in enumerate(urls):
        west, south = 104.06 + 0.002 * (number % 32), 30.66 + 0.002 * (number // 32)
        ring = [[west, south], [west + 0.001, south], [west + 0.001, south + 0.001], [west, south + 0.001]]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": cell_code(number), "name": camera_id, "zone": "controlled"},
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )
    grids = {"type": "FeatureCollection", "features": features}
    (folder / "grids.geojson").write_text(json.dumps(grids), encoding="utf-8")
    lines = [
        f"api = {{ port = {api_port}, access_log = false }}",
        'grid = { file = "grids.geojson" }',
        "worker = { status_every_s = 0.5 }",
        f"health = {{ frozen_s = {frozen_s}, raise_pictures = 2 }}",
    ]
    whole = "[[0, 0], [4000, 0], [4000, 4000], [0, 4000]]"
    for number, (camera_id, url) in enumerate(urls.items()):
        lines += [
            "[[cameras]]",
            f"id = {quoted(camera_id)}",
            f"url = {quoted(url)}",
            f"interval_s = {interval_s}",
            f"timeout_s = {timeout_s}",
            f'view.regions = [{{ cell = "{cell_code(number)}", polygon = {whole} }}]',
        ]
    config = folder / "gridpatrol.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config
