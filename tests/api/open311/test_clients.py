"""Two clients of the standard that others made, against our service on a real socket: read and filed, XML and JSON."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from cases.keys import Scope
from tests.api.city import City
from tests.api.open311.three_client import three_client

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from georeport import GeoReport

both_formats = pytest.mark.parametrize("form", ["xml", "json"])
REPORT = {"lat": "30.6505", "long": "104.0805", "description": "垃圾袋 <堆> & 散落", "name": "小明 王", "phone": "138"}


def only(found: Any) -> dict[str, Any]:
    """The one of a list; XML readers give one item without a list around it."""
    if isinstance(found, list):
        (found,) = found
    assert isinstance(found, dict)
    return found.get("request", found) if "request" in found else found


@both_formats
def test_three_files_and_reads(city: City, endpoint: str, key: str, form: str) -> None:
    client = three_client(endpoint, format=form, api_key=key, jurisdiction="city.example")
    codes = [each["service_code"] for each in rows_of(client.services(), "service")]
    assert "exposed_garbage" in codes
    definition = client.services("exposed_garbage")
    assert definition["service_code"] == "exposed_garbage"
    answer = only(client.post("exposed_garbage", **REPORT))
    assert client.post_response.status_code == 200
    request_id = answer["service_request_id"]
    told = only(client.request(request_id))
    assert (told["service_request_id"], told["status"]) == (request_id, "open")
    assert told["description"] == REPORT["description"]
    assert only(client.requests("exposed_garbage"))["service_request_id"] == request_id
    assert only(client.requests(start="03-01-2026", end="03-03-2026"))["service_request_id"] == request_id
    token = city.app.state.rooms.house.requests.get(request_id).token
    assert only(client.token(token))["service_request_id"] == request_id
    assert request_id == city.client(Scope.READ).get("/api/v1/requests").json()["requests"][0]["id"]


@both_formats
def test_three_files_a_picture(city: City, endpoint: str, key: str, form: str, jpeg: bytes, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg)
    client = three_client(endpoint, format=form, api_key=key)
    with photo.open("rb") as opened:
        answer = only(client.post("exposed_garbage", media=opened, **REPORT))
    told = only(client.request(answer["service_request_id"]))
    assert told["media_url"].startswith(f"{endpoint}media/")
    assert client.session.get(told["media_url"]).content.startswith(b"\xff\xd8\xff")


@both_formats
def test_three_is_told_what_is_wrong(endpoint: str, form: str) -> None:
    client = three_client(endpoint, format=form, api_key="gp_wrong")
    refused = client.post("exposed_garbage", **REPORT)
    assert client.post_response.status_code == 403
    error = only(refused)
    assert str(error.get("error", error)["code"]) == "403"


@both_formats
def test_three_finds_the_service_by_discovery(endpoint: str, form: str) -> None:
    said = three_client(endpoint, format=form).discovery()
    (found,) = said["endpoints"] if isinstance(said["endpoints"], list) else [said["endpoints"]["endpoint"]]
    assert found["url"] == endpoint


@both_formats
def test_georeport_reads(city: City, endpoint: str, key: str, form: str) -> None:
    three_client(endpoint, api_key=key).post("exposed_garbage", **REPORT)
    three_client(endpoint, api_key=key).post("street_stall", **REPORT)
    client = GeoReport(endpoint, jurisdiction="city.example", output_format=form)
    assert "exposed_garbage" in [each["service_code"] for each in client.get_service_list()]
    attributes = client.get_service_definition("exposed_garbage")["attributes"]
    asked = attributes if form == "json" else attributes["attribute"]
    assert [each["code"] for each in asked] == ["AMOUNT", "SINCE"]
    found = client.get_service_requests(start_date="2026-03-01T00:00:00Z", end_date="2026-03-03T00:00:00Z")
    assert [each["service_code"] for each in found] == ["street_stall", "exposed_garbage"]
    one = client.get_service_request(found[0]["service_request_id"])
    assert one == found[0]
    narrowed = client.get_service_requests(service_code="street_stall", status="open")
    assert only(narrowed) == one


def rows_of(found: Any, item: str) -> list[Any]:
    return list(found[item] if isinstance(found, dict) else found)
