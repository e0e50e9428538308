"""What a worker tells of a vehicle's camera reaches programs and Prometheus."""

from api.metrics import VEHICLE_PICTURES
from cases.keys import Scope
from patrol.vehicles import VehicleCounts
from tests.api.city import City

VEHICLE = {"placed": 120, "gap": 7, "no_heading": 3, "waiting": 1, "position_age_s": 4}


def put(city: City, vehicle: dict[str, int]) -> None:
    camera = {
        "camera_id": "CAR-07",
        "address": "rtsp://192.0.2.7/live",
        "state": "live",
        "since": "2026-03-02T03:00:00Z",
    }
    body = {"worker_id": "worker-1", "cameras": [camera | {"vehicle": vehicle}]}
    answer = city.client(Scope.WORKER).put("/api/v1/cameras", json=body)
    assert answer.status_code == 204, answer.text


def test_a_vehicles_counts_are_kept_and_shown(city: City) -> None:
    put(city, VEHICLE)
    (camera,) = city.client(Scope.READ).get("/api/v1/cameras").json()["cameras"]
    assert camera["vehicle"] == VEHICLE


def test_metrics_tell_how_many_pictures_were_placed_and_how_old_positions_are(city: City) -> None:
    put(city, VEHICLE)
    text = city.client(Scope.READ).get("/metrics").text
    assert 'gridpatrol_vehicle_pictures{outcome="placed"} 120.0' in text
    assert 'gridpatrol_vehicle_pictures{outcome="gap"} 7.0' in text
    assert "gridpatrol_vehicle_position_age_seconds 4.0" in text


def test_metrics_name_every_outcome_that_the_worker_counts() -> None:
    assert set(VEHICLE_PICTURES) == set(VehicleCounts.__dataclass_fields__)
