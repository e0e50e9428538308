"""States, faults, late looks and gateways' calls, as workers tell them and Prometheus reads them."""

from typing import Any

from api.metrics import CAMERA_STATES, FAULT_KINDS
from cases.keys import Scope
from core import errors
from streams.camera import CameraState
from tests.api.city import City


def put(city: City, *cameras: dict[str, Any], worker_id: str = "worker-1") -> None:
    since = {"since": "2026-03-02T03:00:00Z", "state": "live"}
    told = [{"address": "rtsp://192.0.2.7/live", **since, **camera} for camera in cameras]
    answer = city.client(Scope.WORKER).put("/api/v1/cameras", json={"worker_id": worker_id, "cameras": told})
    assert answer.status_code == 204, answer.text


def metrics(city: City) -> str:
    return str(city.client(Scope.READ).get("/metrics").text)


def test_states_and_faults_are_counted_and_those_of_no_camera_are_0(city: City) -> None:
    put(
        city,
        {"camera_id": "CAM-01"},
        {"camera_id": "CAM-02", "state": "down", "error_kind": "auth"},
        {"camera_id": "CAM-03", "state": "connecting", "error_kind": "auth"},
        {"camera_id": "CAM-04", "state": "stalled", "error_kind": "stalled"},
    )
    text = metrics(city)
    for state, number in (("live", 1), ("down", 1), ("connecting", 1), ("stalled", 1), ("disabled", 0), ("ended", 0)):
        assert f'gridpatrol_cameras{{state="{state}"}} {number}.0' in text
    for kind, number in (("auth", 2), ("stalled", 1), ("unreachable", 0), ("corrupt", 0)):
        assert f'gridpatrol_camera_faults{{kind="{kind}"}} {number}.0' in text


def test_every_state_and_kind_of_fault_that_a_feed_knows_has_its_series() -> None:
    kinds = {
        each.kind for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.FeedError)
    }
    assert kinds <= set(FAULT_KINDS)
    assert {state.value for state in CameraState} == set(CAMERA_STATES)


def test_late_looks_are_summed_over_all_cameras(city: City) -> None:
    put(city, {"camera_id": "CAM-01", "looks": {"looks": 9, "late": 2}}, {"camera_id": "CAM-02", "looks": {"late": 3}})
    assert "gridpatrol_looks_late 5.0" in metrics(city)


def test_a_gateways_calls_are_counted_once_a_worker_however_many_cameras_it_has(city: City) -> None:
    one = {"address": "wvp://east/34020000001320000001/34020000001320000001"}
    calls = {"plays": 7, "stops": 4, "failed_stops": 1}
    put(city, {"camera_id": "CAM-01", **one, "gateway": calls}, {"camera_id": "CAM-02", **one, "gateway": calls})
    put(city, {"camera_id": "CAM-03", **one, "gateway": {**calls, "plays": 2}}, worker_id="worker-2")
    put(city, {"camera_id": "CAM-04"}, worker_id="worker-3")
    text = metrics(city)
    assert 'gridpatrol_gateway_calls{call="plays",gateway="east"} 9.0' in text
    assert 'gridpatrol_gateway_calls{call="failed_stops",gateway="east"} 2.0' in text
    listed = city.client(Scope.READ).get("/api/v1/cameras").json()["cameras"]
    assert [camera["gateway"] for camera in listed] == [calls, calls, {**calls, "plays": 2}, {}]
