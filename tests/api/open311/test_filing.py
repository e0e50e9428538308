"""Reports as portals post them: forms, pictures, keys, and what is refused."""

import hashlib
import logging
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from api.open311.pictures import size_of
from api.open311.settings import AttributeRule, Open311Settings
from cases.keys import Scope
from cases.roles import Role
from tests.api.city import CELL, City
from tests.api.open311.conftest import SETTINGS
from tests.api.open311.forms import errors, form, rows
from tests.api.people import signed_in

V2 = "/open311/v2/"
POST = V2 + "requests.json"


def only_request(city: City) -> dict[str, Any]:
    (request,) = city.client(Scope.READ).get("/api/v1/requests").json()["requests"]
    assert isinstance(request, dict)
    return request


def picture_of(image: Any, kind: str = ".png") -> bytes:
    _, encoded = cv2.imencode(kind, image)
    return bytes(encoded.tobytes())


def test_a_report_is_answered_with_its_id_and_the_cases_number(city: City, portal: httpx.Client, key: str) -> None:
    answer = portal.post(V2 + "requests.xml", data=form(key))
    (row,) = rows(answer)
    request = only_request(city)
    assert (answer.status_code, row["service_request_id"]) == (200, request["id"])
    assert "token" not in row
    assert request["case_number"] in str(row["service_notice"])
    assert (request["source"], request["filed_by"], request["cell_id"]) == ("citizen", "report-key", CELL)
    assert request["has_contact"] is True


def test_a_known_case_gets_a_report_of_its_own_with_the_same_answer(city: City, portal: httpx.Client, key: str) -> None:
    first, second = (portal.post(POST, data=form(key, description=each)).json()[0] for each in "ab")
    assert first["service_request_id"] != second["service_request_id"]
    assert first["service_notice"] == second["service_notice"]
    (case,) = city.client(Scope.READ).get("/api/v1/cases").json()["cases"]
    assert case["reports"] == {"citizen": 2}
    said = [portal.get(f"{V2}requests/{each['service_request_id']}.json").json()[0] for each in (first, second)]
    assert said[0]["status_notes"] == said[1]["status_notes"]


def test_the_very_same_posting_gets_the_id_that_it_got(city: City, portal: httpx.Client, key: str) -> None:
    said = [portal.post(POST, data=form(key)).json()[0]["service_request_id"] for _ in range(3)]
    assert len(set(said)) == 1
    assert only_request(city)["id"] == said[0]


def test_utf8_that_was_not_percent_encoded_is_read_as_utf8(city: City, portal: httpx.Client, key: str) -> None:
    fields = form(key, description=None)
    body = "&".join(f"{name}={value}" for name, value in fields.items()) + "&description=垃圾很多"
    answer = portal.post(POST, content=body.encode(), headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200, answer.text
    assert only_request(city)["description"] == "垃圾很多"


def test_a_grid_code_may_stand_for_the_place(city: City, portal: httpx.Client, key: str) -> None:
    (row,) = portal.post(POST, data=form(key, lat=None, long=None, address_id=CELL)).json()
    (told,) = portal.get(f"{V2}requests/{row['service_request_id']}.json").json()
    assert (told["lat"], told["long"], told["address_id"]) == (None, None, CELL)


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"api_key": None}, 403, "api_key is missing"),
        ({"api_key": "gp_wrong"}, 403, "not valid"),
        ({"api_key": "密钥"}, 403, "not valid"),
        ({"api_key": "x" * 5000}, 403, "not valid"),
        ({"service_code": None}, 400, "service_code is missing"),
        ({"service_code": "pothole"}, 404, "no service_code"),
        ({"jurisdiction_id": "elsewhere"}, 404, "jurisdiction_id"),
        ({"lat": None, "long": None}, 400, "a place is missing"),
        ({"lat": None, "long": None, "address_string": "春熙路"}, 400, "an address in words"),
        ({"lat": None, "long": None, "address_id": "none"}, 400, "no grid code"),
        ({"lat": "30.65", "long": None}, 400, "go together"),
        ({"lat": "104.0805", "long": "30.6505"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"lat": "31.0"}, 400, "outside this city's grid"),
        ({"description": "字" * 4001}, 400, "4001"),
        ({"address_string": "字" * 501}, 400, "501"),
        ({"attribute[AMOUNT]": "ton"}, 400, "none of the choices"),
        ({"attribute[SINCE]": ["a", "b"]}, 400, "once"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"media_url": [f"https://example.org/{number}.jpg" for number in range(4)]}, 400, "pictures"),
    ],
    ids=str,
)
def test_a_report_that_cannot_be_taken_is_refused_by_name(
    city: City, portal: httpx.Client, key: str, changed: dict[str, Any], status: int, said: str
) -> None:
    answer = portal.post(POST, data=form(key, **changed))
    assert answer.status_code == status, answer.text
    assert said in "; ".join(errors(answer))
    assert city.store.latest_seq() == 0


@pytest.mark.parametrize("scope", [Scope.READ, Scope.WORKER, Scope.OPERATOR])
def test_a_key_for_something_else_files_nothing(city: City, portal: httpx.Client, scope: Scope) -> None:
    answer = portal.post(POST, data=form(city.key[scope]))
    assert answer.status_code == 403
    assert "scope report" in errors(answer)[0]


def test_a_portals_key_opens_nothing_else(city: City) -> None:
    client = city.client(Scope.REPORT)
    for path in ("/api/v1/cases", "/api/v1/requests", "/metrics", "/api/v1/cameras"):
        assert client.get(path).status_code == 403, path
    assert client.post("/api/v1/requests", json={}).status_code in (403, 422)


def test_the_key_may_come_in_the_query_or_the_header(portal: httpx.Client, key: str) -> None:
    assert portal.post(POST, params={"api_key": key}, data=form(key, api_key=None)).status_code == 200
    bearer = {"authorization": f"Bearer {key}"}
    assert portal.post(POST, headers=bearer, data=form(key, api_key=None)).status_code == 200


def test_key_and_name_are_in_no_log_and_no_refusal(
    portal: httpx.Client, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [portal.post(POST, params={"api_key": key}, data=form(key)).text]
    said += [portal.post(POST, data=form(key, lat="0")).text, portal.post(POST, data=form("gp_wrong")).text]
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "POST /open311/v2/requests.json 200" in ours
    for secret in (key, "gp_wrong", "小明", "138-0000", "wang@example"):
        assert all(secret not in text for text in (ours, *said)), secret


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS.model_copy(
            update={
                "attributes": {
                    "exposed_garbage": (
                        AttributeRule(code="HOW", description="怎样？ / How?", required=True),
                        AttributeRule(code="WHEN", description="何时？ / When?", required=True),
                        AttributeRule(code="READ", description="须知 / Mind", required=True, variable=False),
                    )
                }
            }
        )
    ],
    ids=["required"],
)
def test_each_answer_that_is_missing_is_an_error_of_its_own(city: City, portal: httpx.Client, key: str) -> None:
    assert len(errors(portal.post(POST, data=form(key)))) == 2
    assert "HOW" in errors(portal.post(POST, data=form(key, **{"attribute[WHEN]": "x"})))[0]
    answers = {"attribute[HOW]": "a", "attribute[WHEN]": "b", "attribute[OTHER]": "of nobody's asking"}
    answer = portal.post(POST, data=form(key, **answers))
    assert answer.status_code == 200
    kept = city.app.state.rooms.house.requests.get(answer.json()[0]["service_request_id"]).attributes
    assert dict(kept) == {"HOW": ("a",), "WHEN": ("b",)}


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="values"):
        AttributeRule(code="A", description="a", datatype="singlevaluelist")
    rule = AttributeRule(code="A", description="a")
    with pytest.raises(ValueError, match="twice"):
        Open311Settings(attributes={"exposed_garbage": (rule, rule)})


def test_a_picture_is_kept_sealed_and_shown_without_what_the_telephone_told(
    city: City, portal: httpx.Client, key: str, jpeg: bytes
) -> None:
    files = {"media": ("photo.jpg", jpeg, "image/jpeg")}
    answer = portal.post(POST, data=form(key), files=files)
    assert answer.status_code == 200, answer.text
    (told,) = portal.get(V2 + "requests.json").json()
    shown = city.client().get(told["media_url"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["x-robots-tag"] == "noindex"
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    assert b"SecretPhone" not in shown.content
    assert b"Exif" not in shown.content
    case_id = only_request(city)["case_id"]
    evidence = city.client(Scope.READ).get(f"/api/v1/cases/{case_id}").json()["case"]["evidence"]
    assert evidence["annotated"] == hashlib.sha256(shown.content).hexdigest()
    original = city.evidence.read(evidence["original"])
    assert b"SecretPhone" not in original
    reader = city.client(Scope.READ)
    assert reader.get(f"/api/v1/evidence/{evidence['annotated']}").status_code == 200
    assert reader.get(f"/api/v1/evidence/{evidence['original']}").status_code == 403, "sealed"


def test_a_picture_goes_with_its_row(city: City, portal: httpx.Client, key: str, jpeg: bytes) -> None:
    portal.post(POST, data=form(key), files={"media": ("photo.jpg", jpeg, "image/jpeg")})
    url = portal.get(V2 + "requests.json").json()[0]["media_url"]
    with city.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM evidence")  # as the purge does
    assert portal.get(V2 + "requests.json").json()[0]["media_url"] is None
    assert portal.get(url).status_code == 404


def test_several_pictures_and_addresses_are_told_in_order(
    city: City, portal: httpx.Client, key: str, jpeg: bytes
) -> None:
    png = picture_of(np.full((40, 60, 4), 90, np.uint8))
    files = [("photo1", ("1.jpg", jpeg, "image/jpeg")), ("photo2", ("2.png", png, "image/png"))]
    answer = portal.post(POST, data=form(key, media_url="https://example.org/a.jpg"), files=files)
    assert answer.status_code == 200, answer.text
    (told,) = portal.get(V2 + "requests.json").json()
    assert len(told["media_url"]) == 3
    assert told["media_url"][2] == "https://example.org/a.jpg"
    (row,) = portal.get(V2 + "requests.xml").text.split("<request>")[1:]
    assert row.count("<media_url>") == 3
    assert [city.client().get(url).status_code for url in told["media_url"][:2]] == [200, 200]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JPEG"),
        (b"GIF89a...", "no JPEG"),
        (b"<svg onload='alert(1)'/>", "no JPEG"),
        (b"\xff\xd8\xff\xe0 not a picture", "no JPEG"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (100_000).to_bytes(4, "big") * 2, "pixels"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (10).to_bytes(4, "big") * 2, "cannot be opened"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 1_000_000, "1000000"),
    ],
    ids=["empty", "gif", "svg", "torn jpeg", "a bomb", "torn png", "too large"],
)
def test_what_is_no_sound_picture_is_refused_and_nothing_is_filed(
    city: City, portal: httpx.Client, key: str, data: bytes, said: str
) -> None:
    answer = portal.post(POST, data=form(key), files={"media": ("photo.jpg", data, "image/jpeg")})
    assert answer.status_code == 400, answer.text
    assert said in errors(answer)[0]
    assert city.store.latest_seq() == 0


def test_more_pictures_than_are_taken_are_refused(city: City, portal: httpx.Client, key: str, jpeg: bytes) -> None:
    files = [("media", (f"{number}.jpg", jpeg, "image/jpeg")) for number in range(4)]
    answer = portal.post(POST, data=form(key), files=files)
    assert answer.status_code == 400
    assert "3 pictures" in errors(answer)[0]
    assert city.store.latest_seq() == 0


def test_a_body_larger_than_is_taken_is_refused_before_it_is_read(portal: httpx.Client, key: str) -> None:
    big = {"media": ("big.jpg", b"\xff\xd8\xff" + b"x" * 4_000_000, "image/jpeg")}
    answer = portal.post(POST, data=form(key), files=big)
    assert (answer.status_code, answer.json()[0]["code"]) == (400, 413)
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"<request/>", "text/xml"),
        (b"x", ""),
        (b"--no boundary", "multipart/form-data"),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b"),
        (b"&".join(b"a%d=1" % number for number in range(500)), "application/x-www-form-urlencoded"),
    ],
    ids=["json", "xml", "nothing", "no boundary", "broken", "500 fields"],
)
def test_a_body_that_is_no_form_is_refused(portal: httpx.Client, content: bytes, kind: str) -> None:
    answer = portal.post(POST, content=content, headers={"content-type": kind})
    assert answer.status_code in (400, 403), answer.text
    assert answer.headers["content-type"].startswith("application/json")


def test_the_size_of_a_picture_is_read_from_its_beginning(jpeg: bytes) -> None:
    assert size_of(jpeg) == (640, 480)
    assert size_of(picture_of(np.zeros((3, 7, 3), np.uint8))) == (7, 3)
    assert size_of(b"\xff\xd8\xff\xff\xff\xff") is None
    assert size_of(b"\xff\xd8\xff\xe0\x00\x00" * 10) is None


def test_a_hotline_seat_takes_a_request_down_and_a_citizen_joins_it(city: City, portal: httpx.Client, key: str) -> None:
    body = {
        "source": "hotline",
        "category": "exposed_garbage",
        "place": {"longitude": 104.0805, "latitude": 30.6505},
        "description": "来电：垃圾堆放",
        "contact": {"name": "王女士", "phone": "028-1"},
    }
    seat = city.client(Scope.OPERATOR)
    first = seat.post("/api/v1/requests", json=body)
    assert (first.status_code, first.json()["outcome"]) == (201, "opened")
    again = seat.post("/api/v1/requests", json=body)
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    assert portal.post(POST, data=form(key)).status_code == 200
    (case,) = seat.get("/api/v1/cases").json()["cases"]
    assert case["reports"] == {"hotline": 1, "citizen": 1}
    assert case["source"] == "hotline"
    request_id = first.json()["request"]["id"]
    assert portal.get(f"{V2}requests/{request_id}.json").status_code == 404, "not public"
    found = seat.get("/api/v1/requests", params={"case_id": case["id"], "limit": 1}).json()
    rest = seat.get("/api/v1/requests", params={"case_id": case["id"], "cursor": found["next_cursor"]}).json()
    assert [each["source"] for each in found["requests"] + rest["requests"]] == ["citizen", "hotline"]
    assert rest["next_cursor"] is None
    assert seat.get(f"/api/v1/requests/{request_id}").json()["description"] == "来电：垃圾堆放"
    assert "王女士" not in seat.get("/api/v1/requests").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"place": {"longitude": 1, "latitude": 1}}, "outside the city's grid"),
        ({"place": None, "cell_id": "none"}, "no cell"),
        ({"place": None}, "one of them"),
        ({"category": "pothole"}, "no service"),
        ({"source": "citizen"}, "source"),
    ],
    ids=str,
)
def test_a_seats_request_that_cannot_be_taken_is_refused(city: City, changed: dict[str, Any], said: str) -> None:
    place = {"longitude": 104.0805, "latitude": 30.6505}
    body = {"source": "hotline", "category": "exposed_garbage", "place": place, "description": "x"} | changed
    answer = city.client(Scope.OPERATOR).post("/api/v1/requests", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_who_asked_is_shown_for_a_reason_and_forgotten_on_request(city: City, portal: httpx.Client, key: str) -> None:
    portal.post(POST, data=form(key))
    path = f"/api/v1/requests/{only_request(city)['id']}/contact"
    seat = city.client(Scope.OPERATOR)
    assert city.client(Scope.READ).post(path, json={"reason": "回访"}).status_code == 403
    assert seat.post(path, json={"reason": "x"}).status_code == 422
    shown = seat.post(path, json={"reason": "回访"}).json()
    assert shown["contact"] == {"name": "王 小明", "phone": "138-0000-0000", "email": "wang@example.org"}
    assert seat.delete(path).status_code == 204
    assert seat.post(path, json={"reason": "回访"}).json() == {"contact": None}
    assert seat.post("/api/v1/requests/none/contact", json={"reason": "回访"}).status_code == 404


def test_someone_of_a_handling_unit_sees_no_requests(city: City) -> None:
    worker = signed_in(city, "unit-1", Role.HANDLING_UNIT, unit="环卫一所")
    assert worker.get("/api/v1/requests").status_code == 403


def test_the_desk_shows_what_people_said_and_not_who_they_are(
    city: City, portal: httpx.Client, key: str, jpeg: bytes
) -> None:
    fields = form(key, description="<script>垃圾</script>", address_string="路口东侧")
    answer = portal.post(POST, data=fields, files={"media": ("a.jpg", jpeg, "image/jpeg")})
    request_id = answer.json()[0]["service_request_id"]
    update = {"api_key": key, "service_request_id": request_id, "description": "还在", "update_id": "1"}
    assert portal.post(V2 + "servicerequestupdates.json", data=update).status_code == 200
    case_id = only_request(city)["case_id"]
    for language, said in (("zh", "来件"), ("en", "What people said")):
        page = city.browser(Scope.OPERATOR).get(f"/cases/{case_id}", params={"lang": language})
        assert page.status_code == 200
        for shown in (said, "&lt;script&gt;垃圾", "路口东侧", "还在", request_id):
            assert shown in page.text, shown
        for hidden in ("小明", "138-0000", "wang@", "<script>垃圾"):
            assert hidden not in page.text, hidden
