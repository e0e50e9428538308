"""The demo's streets as a patrol that can be sent to look again, hours or days later: real API, worker and model."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from api.server import BackgroundApi
from benchmarks.case_life_clips import compose
from cases.keys import Scope
from core.clock import isoformat_z
from core.errors import PatrolError
from patrol.api_client import ApiClient
from patrol.demo.site import ASSETS
from patrol.model_watch import Watchman
from patrol.outbox import Outbox
from patrol.settings import Settings
from patrol.wiring import build_api, open_case_room, open_city, open_watchman
from patrol.worker import Worker

STEP = timedelta(seconds=90)
"""City time between two pictures, as in the demo."""
LOOKS_S = 240.0
"""A watch of thirty pictures that takes longer than this has come to a standstill."""
ANSWER_S = 20.0


class StoryClock:
    """Runs as the machine's clock does, but tells the story's day."""

    def __init__(self, at: datetime) -> None:
        self._ahead = at - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        return time.monotonic()

    def be(self, at: datetime) -> None:
        """Go on from another moment."""
        self._ahead = at - datetime.now(UTC)


class Refused(PatrolError):
    """The API did not do what the story asked for."""


class Desk:
    """Asks the API by one key."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=ANSWER_S, trust_env=False
        )

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **params: str) -> Any:
        return self._read("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        return self._read("POST", path, json=body)

    def picture(self, sha256: str) -> bytes:
        """A kept JPEG."""
        return self._answer("GET", f"/api/v1/evidence/{sha256}").content

    def command(self, case: Mapping[str, Any], *commands: Mapping[str, object] | str) -> Any:
        """The case after these steps."""
        for each in commands:
            body = {"command": each} if isinstance(each, str) else each
            case = self.post(f"/api/v1/cases/{case['id']}/commands", body)
        return case

    def cases(self, category: str, **params: str) -> list[Mapping[str, Any]]:
        """The oldest first."""
        found: list[Mapping[str, Any]] = self.get("/api/v1/cases", category=category, **params)["cases"]
        return found[::-1]

    def events(self, case_id: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.get(f"/api/v1/cases/{case_id}")["events"]
        return found

    def _read(self, method: str, path: str, **request: Any) -> Any:
        return self._answer(method, path, **request).json()

    def _answer(self, method: str, path: str, **request: Any) -> httpx.Response:
        answer = self._http.request(method, path, **request)
        if not answer.is_success:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer


class Street:
    """One case room with its API; cameras look when they are told to. Use it in a ``with``.

    Args:
        folder: database, evidence, outbox, clips.
        at: when the story begins.
    """

    def __init__(self, folder: Path, at: datetime, watchman: Watchman | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.clock = StoryClock(at)
        self.settings = self._settings([])
        self.watchman = watchman or open_watchman(self.settings)
        self._room = open_case_room(self.settings)
        make = self._room.keys.create
        self._worker_key = make("story-worker", {Scope.WORKER}, at)
        desk_key, admin_key = make("story-desk", {Scope.OPERATOR}, at), make("story-admin", {Scope.ADMIN}, at)
        self._api = BackgroundApi(
            build_api(self.settings, self._room, self.clock), self.settings.api.model_copy(update={"port": 0})
        )
        self._api.start()
        self.desk, self.admin = Desk(self._api.url, desk_key), Desk(self._api.url, admin_key)
        self._watches = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.desk.close()
        self.admin.close()
        self._api.stop()
        self._room.engine.dispose()

    def watch(self, camera: str, pictures: Sequence[int], at: datetime) -> datetime:
        """A camera looks at these pictures of its clip from then on, and all that it found is delivered.

        Returns:
            When the last picture was taken.

        Raises:
            PatrolError: it could not, or took too long.
        """
        self._watches += 1
        clip = compose(self.folder / f"watch-{self._watches}-{camera}.mp4", camera, pictures)
        ends_at = at + (len(pictures) - 1) * STEP
        self.clock.be(ends_at)
        settings = self._settings([self._camera(camera, clip, at)])
        outbox = Outbox(settings.outbox_path)
        client = ApiClient(self._api.url, self._worker_key)
        worker = Worker(settings, self.watchman, open_city(settings), outbox, client, self.clock)
        worker.start()
        try:
            gives_up_s = time.monotonic() + LOOKS_S
            while not worker.has_ended:
                if time.monotonic() > gives_up_s:
                    raise PatrolError(f"{camera} did not end its clip: {worker.camera_statuses()}")
                threading.Event().wait(0.05)
        finally:
            worker.stop(drain_s=LOOKS_S)
        self._check_delivered(settings)
        return ends_at

    def _check_delivered(self, settings: Settings) -> None:
        outbox = Outbox(settings.outbox_path)
        try:
            waiting, refusals = outbox.waiting_count(), outbox.refusals()
        finally:
            outbox.close()
        if waiting or refusals:
            raise PatrolError(f"{waiting} incidents did not reach the API, refused: {refusals}; see the log")

    def _settings(self, cameras: Sequence[Mapping[str, object]]) -> Settings:
        return Settings.model_validate(
            {
                "site": {"data_dir": self.folder},
                "grid": {"file": ASSETS / "grids.geojson"},
                "api": {"access_log": False, "log_level": "error"},
                "cameras": list(cameras),
            }
        )

    def _camera(self, name: str, clip: Path, at: datetime) -> Mapping[str, object]:
        truth = json.loads((ASSETS / "truth.json").read_text(encoding="utf-8"))
        told = next(each for each in truth["cameras"] if each["camera"] == name)
        return {
            "id": name,
            "name": told["name"],
            "url": str(clip),
            "started_at": isoformat_z(at),
            "time_scale": STEP.total_seconds(),
            "pace": "fast",
            "interval_s": 0,
            "view": {"frame_size": truth["size"], "control_points": told["control_points"]},
        }
