"""Patrols every lapse at once, through the whole chain, and reads back over the API what was filed."""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from api.server import BackgroundApi
from cases.keys import Scope
from core.clock import SystemClock
from core.detections import ModelRef
from core.geometry import Box
from core.ids import CameraId, CaseId, CategoryId, CellId
from grid.cells import Zone
from patrol.api_client import ApiClient
from patrol.demo.run import all_cases, rows
from patrol.demo.score import FiledCase
from patrol.gating import GateCounts
from patrol.lapses.score import JudgedCase
from patrol.lapses.site import stays_of
from patrol.lapses.stays import JudgeRules, Stay
from patrol.lapses.truth import Lapse, LapseError
from patrol.model_watch import Watchman
from patrol.outbox import Outbox
from patrol.settings import Settings
from patrol.wiring import build_api, open_case_room, open_city
from patrol.worker import Worker
from streams.camera import CameraState

POLL_S = 0.25
DRAIN_S = 300.0
"""The outbox is on the same machine as the API; one that is not empty by then never will be."""

Progress = Callable[[int], None]
"""Told how many pictures have been decoded so far."""


@dataclass(frozen=True, slots=True)
class FiledEvidence:
    """Where a person finds a case's picture."""

    number: str
    annotated: Path | None


@dataclass(frozen=True, slots=True)
class PatrolOutcome:
    """What a patrol of the lapses filed."""

    model: ModelRef
    cases: tuple[JudgedCase, ...]
    evidence: Mapping[CaseId, FiledEvidence]
    looks: int
    """Pictures that counted as a look, whether the gate passed them or not."""
    gate: GateCounts
    wall_s: float


def patrol_lapses(
    settings: Settings, lapses: Sequence[Lapse], watchman: Watchman, stop: threading.Event, progress: Progress
) -> PatrolOutcome | None:
    """Run API and worker until every clip was looked at to its end; None when ``stop`` was set before.

    Raises:
        LapseError: a clip cannot be played, or not every picture of it became a look.
    """
    refuse_blind(watchman.wanted, lapses, watchman.model.name)
    clock = SystemClock()
    begun_s = time.monotonic()
    room = open_case_room(settings)
    name = secrets.token_hex(4)
    worker_key = room.keys.create(f"judge-worker-{name}", {Scope.WORKER}, clock.now())
    reader_key = room.keys.create(f"judge-{name}", {Scope.READ}, clock.now())
    on_a_free_port = settings.api.model_copy(update={"port": 0})
    try:
        with BackgroundApi(build_api(settings, room), on_a_free_port) as api:
            outbox, client = Outbox(settings.outbox_path), ApiClient(api.url, worker_key)
            worker = Worker(settings, watchman, open_city(settings), outbox, client)
            if not _play(worker, stop, progress):
                return None
            looks = _checked_looks(settings, lapses)
            with ApiClient(api.url, reader_key) as reader:
                details = [reader.get(f"/api/v1/cases/{case['id']}") for case in all_cases(reader)]
    finally:
        room.engine.dispose()
    light = {lapse.camera_id: lapse.light for lapse in lapses}
    cases = tuple(_case(detail, light) for detail in details)
    evidence = {case.id: _evidence(detail, room.evidence.path) for case, detail in zip(cases, details, strict=True)}
    return PatrolOutcome(watchman.model, cases, evidence, looks, worker.gate_counts, time.monotonic() - begun_s)


def refuse_blind(wanted: Collection[CategoryId], lapses: Sequence[Lapse], model: str) -> None:
    """Raise when the lapses hold a category that the model files no cases for.

    Raises:
        LapseError: naming the category and the first lapse that has it.
    """
    for lapse in lapses:
        for event in lapse.events:
            if event.category is not None and event.category not in wanted:
                raise LapseError(
                    f"{lapse.folder}: event {event.id} is {event.category}, for which the model {model} files no case; "
                    f"mend: judge a model that does (this one: {', '.join(sorted(wanted))})"
                )


def _play(worker: Worker, stop: threading.Event, progress: Progress) -> bool:
    """True once every clip was looked at to its end and every incident delivered; False when told to stop."""
    worker.start()
    has_ended = False
    try:
        while not has_ended and not stop.wait(POLL_S):
            statuses = worker.camera_statuses()
            for status in statuses:
                if status["state"] in (CameraState.DOWN.value, CameraState.STALLED.value):
                    raise LapseError(f"{status['error']}; mend: render the lapse again, or remove its folder")
            progress(sum(int(str(status["frames_decoded"])) for status in statuses))
            has_ended = worker.has_ended
    finally:
        worker.stop(drain_s=DRAIN_S if has_ended else 0.0)
    return has_ended


def _checked_looks(settings: Settings, lapses: Sequence[Lapse]) -> int:
    """How many looks there were.

    Raises:
        LapseError: a clip had fewer or more than its truth has pictures, or an incident did not reach the API.
    """
    outbox = Outbox(settings.outbox_path)
    try:
        looks, waiting, refusals = outbox.progress().looks, outbox.waiting_count(), outbox.refusals()
    finally:
        outbox.close()
    if waiting or refusals:
        why = refusals[0][1] if refusals else "the API did not take them in time"
        raise LapseError(
            f"{waiting + len(refusals)} incidents are not in the case room: {why}; mend: see the log above"
        )
    for lapse in lapses:
        looked = looks.get(lapse.camera_id, 0)
        if looked != lapse.frames:
            raise LapseError(
                f"{lapse.clip}: {looked} pictures were looked at, its truth has {lapse.frames}; "
                "mend: write the clip with one picture a second, each a key frame"
            )
    return sum(looks.values())


def rules_of(settings: Settings, lapses: Sequence[Lapse]) -> JudgeRules:
    """The patrol's own rules, as the judge applies them; every cell of the judge's city is a controlled zone."""
    rules = settings.confirmation
    categories = {event.category for lapse in lapses for event in lapse.events if event.category is not None}
    step = {lapse.camera_id: lapse.step for lapse in lapses}
    forget = timedelta(seconds=rules.forget_s)
    return JudgeRules(
        dwell={category: timedelta(seconds=rules.dwell_in(category, Zone.CONTROLLED)) for category in categories},
        memory={camera_id: max(forget, rules.window * each) for camera_id, each in step.items()},
        step=step,
    )


def all_stays(settings: Settings, lapses: Sequence[Lapse]) -> tuple[Stay, ...]:
    """Everything that stands in the lapses, in the city's cells and the patrol's time."""
    city = open_city(settings)
    cameras = {camera.id: camera for camera in settings.cameras}
    return tuple(stay for lapse in lapses for stay in stays_of(lapse, cameras[lapse.camera_id], city))


def _case(detail: Mapping[str, object], light: Mapping[CameraId, str]) -> JudgedCase:
    """A case from the body of ``GET /api/v1/cases/{id}``."""
    case = mapping(detail["case"])
    camera_id = CameraId(str(listed(case["cameras"])[0]))
    filed = FiledCase(
        CellId(str(case["cell_id"])),
        CategoryId(str(case["category"])),
        datetime.fromisoformat(str(case["first_seen_at"])),
        datetime.fromisoformat(str(case["last_seen_at"])),
    )
    boxes = tuple(
        Box(*(float(str(edge)) for edge in listed(corners)))
        for event in rows(detail, "events")
        for corners in listed(mapping(event["data"]).get("boxes", []))
    )
    opened_at = datetime.fromisoformat(str(case["opened_at"]))
    return JudgedCase(CaseId(str(case["id"])), camera_id, light[camera_id], filed, opened_at, boxes)


def _evidence(detail: Mapping[str, object], path_of: Callable[[str], Path]) -> FiledEvidence:
    case = mapping(detail["case"])
    pictures = case["evidence"]
    annotated = None if pictures is None else path_of(str(mapping(pictures)["annotated"]))
    return FiledEvidence(str(case["number"]), annotated)


def mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
