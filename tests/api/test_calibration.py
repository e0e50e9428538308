"""A view tied to the ground over the API: points tried out with words for each fault, and the grid around a place."""

from typing import Any

import httpx
import pytest

from cases.keys import Scope
from cases.roles import Role
from tests.api.city import CELL, City, sha256_of, slug
from tests.api.people import signed_in
from tests.desk.calibration_street import MARKS, SIZE, mark

FIT = "/api/v1/calibration/fit"
GROUND = "/api/v1/calibration/ground"


@pytest.fixture
def reader(city: City) -> httpx.Client:
    return city.client(Scope.READ)


def fit(reader: httpx.Client, *marks: Any, **more: Any) -> dict[str, Any]:
    points = [{"pixel": pixel, "lonlat": lonlat} for pixel, lonlat in marks]
    answer = reader.post(FIT, json={"frame_size": SIZE, "control_points": points} | more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_true_points_are_usable_and_show_the_cell_in_the_picture(reader: httpx.Client) -> None:
    found = fit(reader, *MARKS)
    assert (found["usable"], found["faults"]) == (True, [])
    assert found["rms_m"] < 0.1
    assert found["rms_m"] <= found["worst_m"] == max(found["errors_m"])
    (seen,) = found["cells"]
    assert seen["cell"] == CELL
    assert all(0 <= x <= SIZE[0] and 0 <= y <= SIZE[1] for x, y in seen["polygon"])


def test_the_error_grows_with_a_slip_and_the_cells_move(reader: httpx.Client) -> None:
    right = fit(reader, *MARKS)
    wrong = fit(reader, *MARKS[:4], (MARKS[4][0], mark(4.0, 0.0)[1]))
    assert wrong["rms_m"] > 1 > right["rms_m"]
    assert wrong["cells"][0]["polygon"] != right["cells"][0]["polygon"]
    (fault,) = wrong["faults"]
    assert (fault["kind"], fault["refuses"], fault["points"]) == ("off", True, [5])
    assert "Point 5 is off by" in fault["said"]["en"]
    assert "第 5 点偏差" in fault["said"]["zh"]


def test_faults_are_said_with_their_numbers(reader: httpx.Client) -> None:
    (few,) = fit(reader, MARKS[0])["faults"]
    assert few["said"]["en"].startswith("3 more points are needed")
    swapped = fit(reader, *MARKS[:3], (MARKS[3][0], MARKS[3][1][::-1]))
    assert "swapped" in swapped["faults"][0]["said"]["en"]
    assert fit(reader)["errors_m"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"frame_size": [0, 720], "control_points": []},
        {"frame_size": [1280, 720], "control_points": [{"pixel": [1, 2]}]},
        {"frame_size": [1280, 720], "control_points": [{"pixel": [1e9, 2], "lonlat": [104, 30]}]},
        {"frame_size": [1280, 720], "control_points": [{"pixel": [1, 2], "lonlat": [104, 30]}] * 65},
        {"frame_size": [1280, 720], "control_points": [], "max_error_m": 0},
        {"frame_size": [1280, 720], "control_points": [], "more": 1},
    ],
)
def test_bodies_that_cannot_be_are_refused(reader: httpx.Client, body: dict[str, Any]) -> None:
    assert slug(reader.post(FIT, json=body)) == "invalid-request"


def test_the_ground_is_told_around_a_cell_a_place_or_the_city(reader: httpx.Client) -> None:
    for query in ({}, {"cell": CELL}, {"lon": 104.0805, "lat": 30.6505}):
        found = reader.get(GROUND, params=query).json()
        assert [unit["code"] for unit in found["units"]] == [CELL]
        assert found["centre"] == pytest.approx([104.0805, 30.6505])
        assert (found["cells"], found["more"]) == ([], False)
    assert reader.get(GROUND, params={"lon": 100.0, "lat": 30.0}).json()["units"] == []


def test_an_unknown_cell_and_half_a_place_are_refused(reader: httpx.Client) -> None:
    assert slug(reader.get(GROUND, params={"cell": "510104999999999"})) == "cell-not-found"
    assert slug(reader.get(GROUND, params={"cell": "nonsense"})) == "cell-not-found"
    assert slug(reader.get(GROUND, params={"lon": 104.0})) == "invalid-request"
    assert slug(reader.get(GROUND, params={"radius_m": 0})) == "invalid-request"


def test_a_person_of_a_handling_unit_sees_no_camera_page(city: City) -> None:
    bound = signed_in(city, "unit", Role.HANDLING_UNIT, unit="环卫一所")
    city.register_cameras("CAM-01")
    for path in ("/cameras", "/cameras/CAM-01", "/cameras/CAM-01/calibrate", "/cameras/CAM-01/still", GROUND):
        assert bound.get(path).status_code == 403


def test_pages_of_a_camera_that_nobody_knows_are_not_found(city: City) -> None:
    boss = signed_in(city, "boss", Role.ADMIN)
    for path in ("", "/edit", "/calibrate", "/still"):
        assert boss.get(f"/cameras/none{path}").status_code == 404


def test_a_picture_falls_back_to_the_newest_evidence_of_this_very_camera(city: City) -> None:
    city.register_cameras("CAM-01", "CAM-02")
    worker = city.client(Scope.WORKER)
    jpeg = b"\xff\xd8\xff\xe0 annotated \xff\xd9"
    refs = {}
    for name in ("original", "annotated", "crop"):
        data = jpeg + name.encode()
        sha = sha256_of(data)
        worker.put(f"/api/v1/evidence/{sha}", content=data, headers={"content-type": "image/jpeg"})
        refs[name] = sha
    assert city.report(evidence=refs).status_code == 201
    reader = city.client(Scope.READ)
    shown = reader.get("/cameras/CAM-01/still")
    assert shown.content == jpeg + b"annotated"
    assert slug(reader.get("/cameras/CAM-02/still")) == "no-still"
    assert "最近的证据图" in city.browser(Scope.READ).get("/cameras/CAM-01").text
