"""Places over HTTP: imported, read by day, used by cases; phones only for those who call people up."""

from typing import Any

from api.place_wire import EXAMPLE_LAYER, EXAMPLE_PLACE
from cases.keys import Scope
from tests.api.city import CELL, City, problem, slug

PLACES, LAYER, SHEET = "/api/v1/places", "/api/v1/places.geojson", "/api/v1/places.csv"
CSV, GEOJSON = {"content-type": "text/csv"}, {"content-type": "application/geo+json"}
PHONE = "13800000000"
DRAFT: dict[str, Any] = {**EXAMPLE_PLACE, "valid_from": None}


def put(city: City, code: str = CELL, tag: str = "*", **changes: Any) -> Any:
    return city.client(Scope.ADMIN).put(f"{PLACES}/{code}", json=DRAFT | changes, headers={"if-match": tag})


def test_a_place_is_made_read_and_changed_from_the_look_it_was_seen_at(city: City) -> None:
    assert slug(city.client(Scope.ADMIN).put(f"{PLACES}/{CELL}", json=DRAFT)) == "if-match-missing"
    assert put(city, tag='"3"').status_code == 404
    made = put(city)
    assert made.status_code == 200, made.text
    place = city.client(Scope.READ).get(f"{PLACES}/{CELL}")
    assert place.headers["etag"] == made.headers["etag"]
    assert (place.json()["zone"], place.json()["units"]) == ("strict", EXAMPLE_PLACE["units"])
    assert place.json()["on"] == "2026-03-02"
    changed = put(city, tag=made.headers["etag"], zone="general", units=None, people=None, geometry=None)
    assert changed.json()["zone"] == "general"
    assert changed.json()["units"] == EXAMPLE_PLACE["units"], "what is left out stays"
    assert put(city, tag=made.headers["etag"]).status_code == 412
    yesterday = city.client(Scope.READ).get(f"{PLACES}/{CELL}", params={"on": "2026-03-01"}).json()
    assert yesterday["zone"] == "strict"


def test_phones_are_for_those_who_call_people_up(city: City) -> None:
    put(city)
    for scope, sees in ((Scope.ADMIN, True), (Scope.OPERATOR, True), (Scope.READ, False)):
        client = city.client(scope)
        texts = [
            client.get(f"{PLACES}/{CELL}").text,
            client.get(PLACES).text,
            client.get(LAYER).text,
            client.get(SHEET, params={"kind": "people"}).text,
            client.get("/api/v1/responsible", params={"cell_id": CELL, "category": "exposed_garbage"}).text,
        ]
        assert [PHONE in text for text in texts] == [sees] * 5, scope
        assert all("李敏" in text for text in texts)
    assert slug(city.client(Scope.WORKER).get(PLACES)) == "scope-missing"
    assert slug(city.client(Scope.OPERATOR).put(f"{PLACES}/{CELL}", json=DRAFT)) == "role-missing"


def test_a_case_takes_grade_and_unit_from_the_kept_place(watched_city: City) -> None:
    reader = watched_city.client(Scope.READ)
    asked = {"cell_id": CELL, "category": "exposed_garbage"}
    by_file = reader.get("/api/v1/responsible", params=asked).json()
    put(watched_city, zone="strict", units={"*": "夜班中队"})
    assert reader.get("/api/v1/responsible", params=asked).json()["unit"] == "夜班中队" != by_file["unit"]
    case_id = watched_city.report().json()["case_id"]
    case = reader.get(f"/api/v1/cases/{case_id}").json()
    told = case.get("case", case)
    assert (told["zone"], told["unit"]) == ("strict", "夜班中队")


def test_a_sheet_in_gbk_is_tried_then_imported_and_assignments_end(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    sheet = f"编码,类别,责任单位,生效日期\n{CELL},暴露垃圾,环卫一所,2026-03-01\n".encode("gbk")
    tried = admin.post(SHEET, content=sheet, headers=CSV, params={"dry_run": "true"}).json()
    assert (tried["added"], tried["dry_run"]) == (2, True)
    assert admin.get(PLACES).json()["places"] == []
    done = admin.post(SHEET, content=sheet, headers=CSV).json()
    assert (done["added"], done["changes"]) == (2, tried["changes"])
    (unit,) = admin.get(f"{PLACES}/{CELL}").json()["assignments"]
    ended = admin.post(f"{PLACES}/assignments/unit/{unit['id']}/end", json={"last_day": "2026-03-01"})
    assert (ended.status_code, ended.json()["valid_to"]) == (200, "2026-03-01")
    assert admin.get(f"{PLACES}/{CELL}").json()["units"] == {}
    assert slug(admin.post(f"{PLACES}/assignments/zone/9/end", json={"last_day": "2026-03-01"})) == "place-not-found"


def test_a_layer_goes_in_and_comes_out_the_same_and_a_fault_names_its_feature(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    done = admin.post(LAYER, json=EXAMPLE_LAYER, headers=GEOJSON)
    assert (done.status_code, done.json()["added"]) == (200, 5), done.text
    out = admin.get(LAYER, params={"on": "2026-05-01"})
    assert out.headers["content-type"] == "application/geo+json"
    (feature,) = out.json()["features"]
    assert feature["properties"]["zone"] == "strict"
    assert feature["geometry"] == EXAMPLE_PLACE["geometry"]
    answer = admin.post(LAYER, content=b'{"type": "FeatureCollection", "features": [{}]}', headers=GEOJSON)
    assert slug(answer) == "place-refused"
    assert "feature 1" in problem(answer)["detail"]
    crossed = {"type": "Polygon", "coordinates": [[[104, 30], [105, 31], [105, 30], [104, 31], [104, 30]]]}
    assert slug(put(city, geometry=crossed)) == "grid-error"


def test_pages_go_on_by_code(city: City) -> None:
    for code in ("510104", "510104001", "510105"):
        put(city, code, geometry=None, people=None, units=None)
    reader = city.client(Scope.READ)
    first = reader.get(PLACES, params={"limit": 2, "within": "510104"}).json()
    assert [each["code"] for each in first["places"]] == ["510104", "510104001"]
    assert first["next_cursor"] is None
    first = reader.get(PLACES, params={"limit": 2}).json()
    rest = reader.get(PLACES, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [each["code"] for each in rest["places"]] == ["510105"]
    assert slug(reader.get(PLACES, params={"cursor": "%%"})) == "cursor-invalid"
    assert [each["code"] for each in reader.get(PLACES, params={"level": "street"}).json()["places"]] == ["510104001"]
