"""The map's data: outlines once, colours and cameras again and again, places in degrees; tiles only as allowed."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from api.map_settings import MapSettings
from api.settings import ApiSettings
from cases.keys import Scope
from core.geometry import Point
from grid.datum import Datum, to_datum
from grid.web_mercator import to_mercator
from tests.api.city import CELL, City, slug

TILES = "https://tiles.example:8443/{z}/{x}/{y}.png"
PLACE = Point(104.0805, 30.6505)


def mapped(folder: Path, **settings: Any) -> City:
    return City(folder, ApiSettings(port=0, map=MapSettings.model_validate(settings)))


def test_the_citys_outlines_are_sent_once_and_known_by_their_tag(city: City) -> None:
    reader = city.client(Scope.READ)
    answer = reader.get("/api/v1/map/base")
    (cell,) = answer.json()["cells"]
    assert (cell["code"], cell["name"], len(cell["ring"])) == (CELL, "春熙路一段", 8)
    assert min(cell["ring"]) == 0, "counted from the city's south-west corner"
    assert [area["code"] for area in answer.json()["areas"]] == ["510104001001", "510104001", "510104"]
    again = reader.get("/api/v1/map/base", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("datum", list(Datum))
def test_outlines_lie_where_the_tiles_datum_shows_them_and_places_come_back_in_wgs84(
    tmp_path: Path, datum: Datum
) -> None:
    city = mapped(tmp_path, datum=datum)
    reader = city.client(Scope.READ)
    base = reader.get("/api/v1/map/base").json()
    corner = to_mercator(to_datum(Point(104.08, 30.65), datum))
    assert base["origin_m"][0] == pytest.approx(corner.x, abs=2.0)
    shown = to_mercator(to_datum(PLACE, datum))
    found = reader.get("/api/v1/map/place", params={"x_m": shown.x, "y_m": shown.y}).json()
    assert found == {"lon": pytest.approx(PLACE.x, abs=1e-6), "lat": pytest.approx(PLACE.y, abs=1e-6), "cell_id": CELL}
    city.close()


def test_figures_count_open_and_late_cases_and_tell_those_that_lie_elsewhere(city: City) -> None:
    city.register_cameras("CAM-01")
    for number, cell in enumerate((CELL, f"{CELL}/0-1", "510104001001999")):
        assert city.report(incident_id=f"i{number}", cell_id=cell).is_success
    reader = city.client(Scope.READ)
    found = reader.get("/api/v1/map/figures").json()
    assert found["cells"] == [{"code": CELL, "value": 2, "step": 2, "open": 2, "late": 0}], "a finer cell is its grid's"
    assert found["elsewhere"] == 1
    assert {area["code"]: area["value"] for area in found["areas"]} == {
        "510104001001": 2,
        "510104001": 2,
        "510104": 2,
    }
    assert reader.get("/api/v1/map/figures", params={"show": "late"}).json()["cells"][0]["value"] == 0
    assert reader.get("/api/v1/map/figures", params={"show": "weather"}).status_code == 422


def test_a_camera_without_a_place_is_counted_and_one_with_regions_stands_in_its_grid(city: City) -> None:
    city.register_cameras("CAM-01", "CAM-02")
    admin = city.client(Scope.ADMIN)
    view = {"regions": [{"cell": CELL, "polygon": [[0, 0], [9, 0], [9, 9]]}]}
    added = admin.post("/api/v1/cameras", json={"id": "CAM-01", "url": "rtsp://192.0.2.1/1", "view": view})
    assert added.status_code == 201, added.text
    found = city.client(Scope.READ).get("/api/v1/map/cameras").json()
    (drawn,) = found["cameras"]
    assert (drawn["camera_id"], drawn["state"], drawn["ring"], drawn["cells"]) == ("CAM-01", "live", [], [CELL])
    assert found["unplaced"] == 1
    figures = city.client(Scope.READ).get("/api/v1/map/figures", params={"show": "coverage"}).json()
    assert figures["cells"][0]["step"] == 2


def test_the_cards_beside_the_map_know_their_places(city: City) -> None:
    city.register_cameras("CAM-01")
    reader = city.client(Scope.READ)
    assert CELL in reader.get(f"/map/cells/{CELL}").text
    assert "CAM-01" in reader.get("/map/cameras/CAM-01").text
    for path in ("/map/cells/510104001001999", "/map/cameras/CAM-99"):
        assert reader.get(path, headers={"accept": "application/json"}).status_code == 404


def test_the_policy_lets_the_tile_server_in_on_the_map_page_only(tmp_path: Path) -> None:
    city = mapped(tmp_path, tiles=TILES, attribution="© somebody")
    reader = city.client(Scope.READ)
    policy = reader.get("/map").headers["content-security-policy"]
    assert "img-src 'self' data: https://tiles.example:8443;" in policy
    assert "tiles.example" not in reader.get("/").headers["content-security-policy"]
    assert "default-src 'self';" in policy
    city.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"tiles": "https://t.example/{z}/{x}.png", "attribution": "©"}, "{y}", id="no row"),
        pytest.param({"tiles": "ftp://t.example/{z}/{x}/{y}", "attribution": "©"}, "https://", id="another protocol"),
        pytest.param({"tiles": "https://u:p@t.example/{z}/{x}/{y}", "attribution": "©"}, "password", id="a password"),
        pytest.param(
            {"tiles": "https://{x}.t.example/{z}/{x}/{y}", "attribution": "©"}, "one and the same", id="many hosts"
        ),
        pytest.param(
            {"tiles": "https://t.example; script-src */{z}/{x}/{y}", "attribution": "©"}, "character", id="a policy"
        ),
        pytest.param({"tiles": TILES}, "attribution", id="nobody's map"),
        pytest.param({"datum": "wgs72"}, "gcj02", id="an unknown datum"),
        pytest.param({"tile": TILES}, "tile", id="an unknown key"),
    ],
)
def test_tiles_that_cannot_be_are_refused_with_the_mend(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("{", "\\{").replace("}", "\\}")):
        MapSettings.model_validate(settings)


def test_tiles_of_this_server_need_nothing_in_the_policy() -> None:
    assert MapSettings(tiles="/tiles/{z}/{x}/{y}.png", attribution="©").tile_origin == ""


def test_nobody_without_a_key_sees_the_map(city: City) -> None:
    client: httpx.Client = city.client()
    for path in ("/api/v1/map/base", "/api/v1/map/cameras", "/api/v1/map/figures", "/map"):
        assert client.get(path, headers={"accept": "application/json"}).status_code in (401, 303)
    assert slug(client.get("/api/v1/map/base")) == "key-missing"
