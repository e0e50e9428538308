"""From the worker's pictures of a place that is clear to the proposal on the desk; commands by ``gridpatrol cases``."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from cases.keys import Scope
from core.detections import ModelRef
from core.errors import ConfigError
from core.geometry import Box
from core.ids import CategoryId
from detector.evidence import LABELS, render_clearing
from grid.incidents import IncidentKind
from patrol.api_client import ApiKeyRefused, ApiRefused
from patrol.cli import app
from patrol.incident_messages import message_of
from tests.api.city import incident
from tests.patrol.conftest import OutageApi
from tests.patrol.street import CELL, cases, run, until, worker
from tests.patrol.test_gated_worker import film, filmed, sees_the_bag
from tests.patrol.test_policy_delivery import EVENT

GARBAGE = CategoryId("exposed_garbage")


def gridpatrol(api: OutageApi, key: str, *args: str) -> Result:
    return CliRunner().invoke(app, ["cases", *args, "--api", api.url, "--key", key])


def done(api: OutageApi, key: str, *args: str) -> str:
    result = gridpatrol(api, key, *args)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def test_a_case_goes_from_the_camera_to_its_closing_by_the_picture_after(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrol = worker(tmp_path, [filmed("CAM-01", film(tmp_path / "street.mp4"), CELL)], outage_api, sees_the_bag)
    run(patrol, lambda: patrol.has_ended and until(lambda: any(case.cleared_at for case in cases(outage_api))))
    (case,) = cases(outage_api)
    key = outage_api.key("duty", Scope.OPERATOR)
    assert case.number in done(outage_api, key, "list", "--stage", "collected")
    assert "accept, reject, comment" in done(outage_api, key, "show", case.number)
    done(outage_api, key, "accept", case.number)
    assert "环卫一所" in done(outage_api, key, "dispatch", case.id, "--unit", "环卫一所", "--handler", "王强")
    done(outage_api, key, "take", case.number)
    assert "reported" in done(outage_api, key, "report", case.number, "--note", "已清运")
    shown: dict[str, Any] = json.loads(done(outage_api, key, "show", case.number, "--json"))
    assert shown["case"]["proposal"] == "absent"
    proposed = shown["events"][-1]
    assert (proposed["kind"], proposed["actor"]) == ("proposed", "rule:verification")
    before, after = proposed["data"]["before"], proposed["data"]["after"]
    assert before["annotated"] != after["annotated"]
    shape = picture(outage_api, key, after["annotated"]).shape
    assert shape == picture(outage_api, key, before["annotated"]).shape
    assert picture(outage_api, key, after["crop"]).shape[0] < shape[0], "the place alone"
    done(outage_api, key, "verify", case.number)
    assert "closed" in done(outage_api, key, "close", case.number)
    (line,) = [line for line in done(outage_api, key, "list", "--state", "all").splitlines() if case.number in line]
    assert "closed" in line


def picture(api: OutageApi, key: str, sha256: str) -> "np.ndarray[Any, Any]":
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.get(f"{api.url}/api/v1/evidence/{sha256}", headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return np.asarray(cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR))


def test_a_case_is_set_aside_extended_and_made_void_from_the_command_line(outage_api: OutageApi) -> None:
    outage_api.come()
    worker_key, key = outage_api.key("worker", Scope.WORKER), outage_api.key("duty", Scope.ADMIN)
    as_worker = {"Authorization": f"Bearer {worker_key}", "Idempotency-Key": "incident-1:0"}
    camera = {"camera_id": "CAM-01", "address": "clip.mp4", "state": "live", "since": "2026-03-02T03:00:00Z"}
    with httpx.Client(base_url=outage_api.url, headers=as_worker, trust_env=False) as street:
        street.put("/api/v1/cameras", json={"worker_id": "worker-1", "cameras": [camera]}).raise_for_status()
        posted = street.post("/api/v1/incidents", json=incident())
    assert posted.is_success, posted.text
    number = str(posted.json()["case_number"])
    done(outage_api, key, "accept", number)
    done(outage_api, key, "dispatch", number, "--unit", "环卫一所")
    with pytest.raises(ConfigError, match="--note"):
        raise gridpatrol(outage_api, key, "suspend", number).exception or AssertionError
    done(outage_api, key, "suspend", number, "--note", "道路施工")
    assert "resume" in done(outage_api, key, "show", number)
    before = done(outage_api, key, "resume", number).split("\t")[3]
    done(outage_api, key, "extend", number, "--hours", "4", "--note", "等吊车")
    assert "grant-extension, refuse-extension" in done(outage_api, key, "show", number)
    done(outage_api, key, "refuse-extension", number, "--note", "车已到")
    done(outage_api, key, "extend", number, "--hours", "4", "--note", "车坏了")
    assert done(outage_api, key, "grant-extension", number).split("\t")[3] > before
    assert "void" in done(outage_api, key, "void", number, "--reason", "false_alarm", "--note", "误报")
    shown = done(outage_api, key, "show", number)
    assert all(note in shown for note in ("道路施工", "等吊车", "车已到", "误报"))


@pytest.mark.parametrize(
    ("args", "error", "said"),
    [
        (("dispatch", "x", "--note", "a"), ConfigError, "--unit"),
        (("accept", "../keys"), ConfigError, "cases list"),
        (("accept", "5101042026030201000001"), ConfigError, "no case has the number"),
        (("accept", "nobody"), ApiRefused, "404"),
    ],
    ids=["nothing to send it to", "no id", "unknown number", "unknown id"],
)
def test_what_cannot_be_done_is_told_with_its_mend(
    outage_api: OutageApi, args: tuple[str, ...], error: type[Exception], said: str
) -> None:
    outage_api.come()
    result = gridpatrol(outage_api, outage_api.key("duty", Scope.OPERATOR), *args)
    assert isinstance(result.exception, error)
    assert said in str(result.exception)


def test_a_key_that_may_not_is_told_so(outage_api: OutageApi) -> None:
    outage_api.come()
    result = gridpatrol(outage_api, outage_api.key("watcher", Scope.READ), "accept", "nobody")
    assert isinstance(result.exception, ApiKeyRefused)


def test_a_clearing_brings_the_place_with_dashes_and_one_without_a_place_brings_nothing() -> None:
    image = np.full((180, 320, 3), 90, dtype=np.uint8)
    gone = replace(EVENT, category=GARBAGE, kind=IncidentKind.CLEARED, boxes=(), last_boxes=(Box(100, 60, 160, 120),))
    model = ModelRef("gridpatrol-n", "ab" * 32)
    message = message_of(gone, image, (), model, "worker-1", {})
    evidence = message.body["evidence"]
    assert isinstance(evidence, dict)
    assert set(message.pictures) == set(evidence.values())
    assert (message.body["boxes"], "probability" in message.body) == ([], False)
    assert message_of(replace(gone, last_boxes=()), image, (), model, "worker-1", {}).body["evidence"] is None


def test_the_dashes_leave_gaps_and_the_original_stays_as_it_was() -> None:
    image = np.full((180, 320, 3), 90, dtype=np.uint8)
    made = render_clearing(image, GARBAGE, (Box(100, 60, 160, 120),), "CAM-01")
    drawn = decoded(made.annotated)
    edge = drawn[60:120, 160].astype(int)
    coloured = np.abs(edge - np.array(LABELS[GARBAGE][1])).sum(axis=1) < 90
    assert 10 < coloured.sum() < 55, "some of the edge, not all of it"
    assert np.ptp(decoded(made.original)) <= 2
    assert decoded(made.crop).shape[:2] == (60 + 2 * 21 + 1, 60 + 2 * 21 + 1)


def decoded(data: bytes) -> "np.ndarray[Any, Any]":
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
