"""Thousands of cameras' states in bodies that the API takes."""

import json

import httpx
import pytest

from cases.keys import Scope
from patrol.api_client import ApiClient
from patrol.camera_report import LARGEST_BODY, report_bodies
from tests.patrol.conftest import OutageApi
from tests.patrol.test_delivery import cameras

MANY = 5_000


def fleet(*numbers: int) -> list[dict[str, object]]:
    """Cameras that are down, with a fault as long as they get."""
    (one,) = cameras()
    fault = {"state": "down", "error_kind": "unreachable", "error": "看不到画面 " * 60}
    return [{**one, **fault, "camera_id": f"CAM-{number:05d}"} for number in numbers]


def test_a_small_fleet_is_one_body_that_speaks_for_the_whole() -> None:
    (body,) = report_bodies("worker-1", fleet(2, 1), ["a notice"])
    told = json.loads(body)
    assert "part" not in told
    assert [camera["camera_id"] for camera in told["cameras"]] == ["CAM-00001", "CAM-00002"]
    assert told["notices"] == ["a notice"]


def test_no_camera_at_all_is_told_too() -> None:
    (body,) = report_bodies("worker-1", [])
    assert json.loads(body) == {"worker_id": "worker-1", "notices": [], "cameras": []}


@pytest.mark.parametrize("largest", [1, 1500, 3000, 100_000])
def test_parts_meet_and_hold_every_camera_once(largest: int) -> None:
    told = [json.loads(body) for body in report_bodies("worker-1", fleet(*range(20)), largest=largest)]
    names = [camera["camera_id"] for part in told for camera in part["cameras"]]
    assert names == [f"CAM-{number:05d}" for number in range(20)]
    if len(told) > 1:
        parts = [part["part"] for part in told]
        assert (parts[0]["after"], parts[-1]["up_to"]) == (None, None)
        assert [part["up_to"] for part in parts[:-1]] == [part["after"] for part in parts[1:]]


def test_five_thousand_cameras_are_told_and_those_that_are_gone_are_taken_away(outage_api: OutageApi) -> None:
    outage_api.come()
    bodies = list(report_bodies("worker-1", fleet(*range(MANY))))
    assert len(bodies) > 5
    assert max(map(len, bodies)) < LARGEST_BODY + 10_000
    with ApiClient(outage_api.url, outage_api.key("worker-1", Scope.WORKER), timeout_s=60) as client:
        client.put_cameras("worker-1", fleet(*range(MANY)))
        assert len(outage_api.store.cameras()) == MANY
        client.put_cameras("worker-1", fleet(*range(0, MANY, 2)))
        assert [camera.camera_id for camera in outage_api.store.cameras()] == [
            f"CAM-{number:05d}" for number in range(0, MANY, 2)
        ]
        client.put_cameras("worker-1", fleet(7))
    assert [camera.camera_id for camera in outage_api.store.cameras()] == ["CAM-00007"]


def test_a_part_speaks_for_its_range_only(outage_api: OutageApi) -> None:
    outage_api.come()
    headers = {"Authorization": f"Bearer {outage_api.key('worker-1', Scope.WORKER)}"}
    with httpx.Client(base_url=outage_api.url, headers=headers, trust_env=False) as http:

        def put(numbers: list[int], **part: str) -> int:
            body = {"worker_id": "worker-1", "cameras": fleet(*numbers), "part": part}
            return http.put("/api/v1/cameras", json=body).status_code

        assert put([1, 2, 3, 4]) == 204
        assert put([2], after="CAM-00001", up_to="CAM-00003") == 204
        assert [camera.camera_id for camera in outage_api.store.cameras()] == ["CAM-00001", "CAM-00002", "CAM-00004"]
        assert put([4], up_to="CAM-00003") == 422


def test_what_a_worker_hid_in_pictures_is_told_with_its_cameras_and_stands_in_the_metrics(
    outage_api: OutageApi,
) -> None:
    outage_api.come()
    for worker_id, hidden in (("worker-1", 1), ("worker-1", 3), ("worker-2", 2)):
        counts = {"pictures": 10 * hidden, "heads": hidden}
        with ApiClient(outage_api.url, outage_api.key(f"{worker_id}-{hidden}", Scope.WORKER)) as client:
            client.put_cameras(worker_id, [], (), counts)
    headers = {"authorization": f"Bearer {outage_api.key('prometheus', Scope.READ)}"}
    told = httpx.get(f"{outage_api.url}/metrics", headers=headers, trust_env=False).text
    figures = {line.split()[0]: float(line.split()[1]) for line in told.splitlines() if "gridpatrol_masking{" in line}
    assert figures == {
        'gridpatrol_masking{what="pictures"}': 50.0,
        'gridpatrol_masking{what="hidden_whole"}': 0.0,
        'gridpatrol_masking{what="heads"}': 5.0,
        'gridpatrol_masking{what="plates"}': 0.0,
    }
