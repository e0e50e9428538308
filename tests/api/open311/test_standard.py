"""GeoReport v2 as its text has it: what is read, how it is named, and how it is refused."""

import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from sqlalchemy import insert, select

from api.open311.addresses import Address, address_of
from api.open311.documents import Document, Format
from api.open311.errors import Open311Refused
from api.open311.settings import Open311Settings
from api.settings import ApiSettings
from cases.case import CloseReason
from cases.keys import Scope
from cases.requests.rules import RequestRules
from cases.requests.tables import service_request
from core.ids import CaseId
from tests.api.city import CELL, City
from tests.api.open311.forms import errors, form, rows

V2 = "/open311/v2/"
W3C = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
REQUEST_FIELDS = (
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
)
"""As the standard's example of GET requests has them, in its order."""


def filed(portal: httpx.Client, key: str, **changed: Any) -> str:
    answer = portal.post(V2 + "requests.json", data=form(key, **changed))
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["service_request_id"])


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/v2/services.xml", Address("services", None, Format.XML)),
        ("/v2services.json", Address("services", None, Format.JSON)),
        ("/v2//services", Address("services", None, None)),
        ("/services.xml", Address("services", None, Format.XML)),
        ("/v2/requests/R1.json", Address("requests", "R1", Format.JSON)),
        ("/v2/requests/R1,R2", Address("requests", "R1,R2", None)),
        ("/v2/requests/a%2Fb.xml", Address("requests", "a/b", Format.XML)),
        ("/v2/requests/a%00b.xml", Address("requests", "ab", Format.XML)),
        ("/v2/requests.xml/", Address("requests", None, Format.XML)),
        ("/v2/tokens/t-_x.xml", Address("tokens", "t-_x", Format.XML)),
        ("/v2/services/.xml", Address("services", None, Format.XML)),
        ("/v2/media/abc.jpg", Address("media", "abc", None)),
        ("/v2/update.xml", Address("servicerequestupdates", None, Format.XML)),
    ],
)
def test_an_address_means_the_same_however_endpoint_and_resource_are_glued(path: str, meant: Address) -> None:
    assert address_of(path) == meant


@pytest.mark.parametrize(("path", "status"), [("/v2/", 404), ("/v3/services.xml", 404), ("/v2/services.html", 400)])
def test_an_address_that_is_none_is_refused(path: str, status: int) -> None:
    with pytest.raises(Open311Refused) as refused:
        address_of(path)
    assert refused.value.status == status


def test_discovery_names_the_endpoint_its_formats_and_whom_to_ask(portal: httpx.Client) -> None:
    said = portal.get(V2 + "discovery.json").json()
    (endpoint,) = said["endpoints"]
    assert endpoint["url"] == "http://gridpatrol.test/open311/v2/"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["type"] == "production"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["changeset"] == said["changeset"]
    assert (said["contact"], said["key_service"]) == ("热线 12345 / hotline 12345", "key@city.example")
    root = ElementTree.fromstring(portal.get("/open311/discovery.xml").content)  # noqa: S314 - our own answer
    assert root.tag == "discovery"
    assert [each.text for each in root.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_the_public_address_is_told_where_a_proxy_stands_in_front(city: City) -> None:
    settings = city.settings.model_copy(update={"public_url": "https://patrol.city.example/"})
    object.__setattr__(city.app.state.rooms, "settings", settings)
    (endpoint,) = city.client().get(V2 + "discovery.json").json()["endpoints"]
    assert endpoint["url"] == "https://patrol.city.example/open311/v2/"


def test_services_are_the_catalogues_categories(portal: httpx.Client) -> None:
    answer = portal.get(V2 + "services.xml", params={"jurisdiction_id": "city.example"})
    services = {row["service_code"]: row for row in rows(answer)}
    assert {"street_stall", "exposed_garbage", "roadside_clutter"} <= set(services)
    garbage = services["exposed_garbage"]
    assert list(garbage) == ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"]
    assert garbage["service_name"] == "暴露垃圾 / Exposed garbage"
    assert (garbage["metadata"], garbage["type"]) == ("true", "realtime")
    assert services["street_stall"]["metadata"] == "false"
    (same,) = [row for row in portal.get(V2 + "services.json").json() if row["service_code"] == "exposed_garbage"]
    assert same["metadata"] is True


def test_a_definition_tells_what_is_asked_in_order(portal: httpx.Client) -> None:
    said = portal.get(V2 + "services/exposed_garbage.json").json()
    assert said["service_code"] == "exposed_garbage"
    amount, since = said["attributes"]
    assert (amount["code"], amount["order"], amount["variable"], amount["required"]) == ("AMOUNT", 1, True, False)
    assert amount["values"][0] == {"key": "bag", "name": "一袋 / a bag"}
    assert "values" not in since
    root = ElementTree.fromstring(portal.get(V2 + "services/exposed_garbage.xml").content)  # noqa: S314
    assert root.tag == "service_definition"
    assert [each.text for each in root.findall("attributes/attribute/code")] == ["AMOUNT", "SINCE"]
    assert [each.text for each in root.findall("attributes/attribute/values/value/key")] == ["bag", "heap"]
    assert portal.get(V2 + "services/street_stall.json").json()["attributes"] == []


def test_a_request_is_told_with_the_standards_fields_in_both_formats(portal: httpx.Client, key: str) -> None:
    request_id = filed(portal, key)
    (told,) = rows(portal.get(f"{V2}requests/{request_id}.xml"))
    assert tuple(told) == REQUEST_FIELDS
    assert told["service_request_id"] == request_id
    assert (told["status"], told["service_code"]) == ("open", "exposed_garbage")
    assert told["description"] == "垃圾袋 <堆> & 散落\n第二行"
    assert "received, waits to be confirmed" in str(told["status_notes"])
    assert told["agency_responsible"] == "环卫一所"
    assert (told["lat"], told["long"], told["address_id"]) == ("30.6505", "104.0805", CELL)
    assert W3C.fullmatch(str(told["requested_datetime"]))
    assert W3C.fullmatch(str(told["updated_datetime"]))
    (same,) = portal.get(f"{V2}requests/{request_id}.json").json()
    assert tuple(same) == REQUEST_FIELDS
    assert (same["service_request_id"], same["lat"], same["zipcode"]) == (request_id, 30.6505, None)


def test_nobody_is_told_who_asked(portal: httpx.Client, key: str) -> None:
    request_id = filed(portal, key)
    for path in (f"requests/{request_id}.xml", "requests.json", "servicerequestupdates.xml"):
        said = portal.get(V2 + path).text
        assert not [each for each in ("小明", "王", "138-0000", "wang@") if each in said]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("text/html, application/json;q=0.9", "application/json"),
        ("application/xml", "text/xml"),
        ("*/*", "text/xml"),
        ("", "text/xml"),
    ],
)
def test_without_a_suffix_the_accept_header_chooses_and_xml_is_the_rule(
    portal: httpx.Client, accept: str, kind: str
) -> None:
    answer = portal.get(V2 + "services", headers={"accept": accept})
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"


def test_the_suffix_counts_before_the_accept_header(portal: httpx.Client) -> None:
    answer = portal.get(V2 + "services.xml", headers={"accept": "application/json"})
    assert answer.headers["content-type"].startswith("text/xml")


def test_a_closed_request_says_why_without_the_desks_words(city: City, portal: httpx.Client, key: str) -> None:
    request_id = filed(portal, key)
    (request,) = city.client(Scope.READ).get("/api/v1/requests").json()["requests"]
    city.clock.advance(600)
    city.store.close_case(
        CaseId(request["case_id"]), CloseReason.PERMITTED, "内部说明", "leader", None, city.clock.now()
    )
    (told,) = portal.get(f"{V2}requests/{request_id}.json").json()
    assert (told["status"], told["updated_datetime"]) == ("closed", "2026-03-02T04:10:00Z")
    assert "by permission" in told["status_notes"]
    assert "内部说明" not in str(told)


def test_several_requests_are_asked_for_by_a_list_in_the_path_or_the_query(portal: httpx.Client, key: str) -> None:
    first, second = filed(portal, key), filed(portal, key, description="2")
    by_path = portal.get(f"{V2}requests/{first},{second},R1.json").json()
    by_query = portal.get(V2 + "requests.json", params={"service_request_id": f"{first},{second}", "status": "closed"})
    assert {each["service_request_id"] for each in by_path} == {first, second}
    assert by_query.json() == by_path, "the list sets all other filters aside"


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ({}, True),
        ({"status": ""}, True),
        ({"service_code": "exposed_garbage,street_stall"}, True),
        ({"service_code": "street_stall"}, False),
        ({"status": "open"}, True),
        ({"status": "Open,closed"}, True),
        ({"status": "closed"}, False),
        ({"start_date": "2026-03-02T03:59:59Z", "end_date": "2026-03-02T12:00:00+08:00"}, True),
        ({"start_date": "2026-03-02T12:00:01+08:00"}, False),
        ({"end_date": "2026-03-02T03:59:59Z"}, False),
        ({"start_date": "2025-12-10T00:00:00Z"}, True),
        ({"start_date": "2025-11-01T00:00:00Z"}, False),
        ({"bbox": "104.08,30.65,104.09,30.66"}, True),
        ({"bbox": "104.09,30.65,104.10,30.66"}, False),
        ({"lat": "30.6506", "long": "104.0806", "radius": "100"}, True),
        ({"lat": "30.67", "long": "104.0806", "radius": "100"}, False),
        ({"page": "2"}, False),
        ({"page": "1", "page_size": "1"}, True),
        ({"page_size": "100000"}, True),
        ({"end_date": "2026-05-30T00:00:00Z"}, True),
        ({"end_date": "2026-06-02T00:00:00Z"}, False),
    ],
    ids=str,
)
def test_a_filter_finds_or_leaves_out(portal: httpx.Client, key: str, asked: dict[str, str], finds: bool) -> None:
    filed(portal, key)
    answer = portal.get(V2 + "requests.json", params=asked)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()) == finds


def test_without_dates_the_last_ninety_days_are_told(city: City, portal: httpx.Client, key: str) -> None:
    request_id = filed(portal, key)
    city.clock.advance(89 * 86_400.0)
    assert [each["service_request_id"] for each in portal.get(V2 + "requests.json").json()] == [request_id]
    city.clock.advance(2 * 86_400.0)
    assert portal.get(V2 + "requests.json").json() == []
    assert portal.get(f"{V2}requests/{request_id}.json").status_code == 200, "by its id it is found for ever"


@pytest.mark.parametrize("asked", [{}, {"page_size": "5000"}], ids=["no size", "a larger size"])
def test_an_answer_has_a_thousand_requests_at_most_and_the_rest_is_on_the_next_page(
    city: City, portal: httpx.Client, key: str, asked: dict[str, str]
) -> None:
    copy_of(city, filed(portal, key), 1002)
    told = [portal.get(V2 + "requests.json", params={**asked, "page": str(page)}).json() for page in (1, 2, 3)]
    assert [len(each) for each in told] == [1000, 3, 0]
    assert len({row["service_request_id"] for page in told for row in page}) == 1003
    assert len(portal.get(V2 + "requests.json", params=asked).json()) == 1000


def copy_of(city: City, request_id: str, times: int) -> None:
    """As many people asked for the same."""
    with city.engine.begin() as connection:
        row = connection.execute(select(service_request).where(service_request.c.id == request_id)).one()
        copies = [
            {**row._asdict(), "id": f"R9{number:06}", "seq": row.seq + number, "token": f"t{number}"}
            for number in range(1, times + 1)
        ]
        connection.execute(insert(service_request), copies)


def test_a_plus_sign_that_was_not_encoded_is_understood(portal: httpx.Client, key: str) -> None:
    filed(portal, key)
    assert len(portal.get(V2 + "requests.json?start_date=2026-03-02T11:59:00+08:00").json()) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"start_date": "2026-03-02"}, "start_date"),
        ({"start_date": "2026-03-02T03:59:59"}, "with its zone"),
        ({"end_date": "yesterday"}, "end_date"),
        ({"start_date": "0001-01-01T00:00:00Z"}, "start_date"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"}, "90 days"),
        ({"start_date": "2026-03-02T00:00:00Z", "end_date": "2026-03-01T00:00:00Z"}, "exchange"),
        ({"status": "pending"}, "open or closed"),
        ({"page": "0"}, "page"),
        ({"page_size": "-1"}, "page_size"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "104.09,30.65,104.08,30.66"}, "bbox"),
        ({"bbox": "nan,nan,nan,nan"}, "bbox"),
        ({"lat": "30.65"}, "both"),
        ({"radius": "10"}, "lat and long"),
        ({"lat": "north", "long": "1"}, "lat"),
        ({"service_request_id": ",".join(f"R{number}" for number in range(1001))}, "1000"),
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_read_is_named(portal: httpx.Client, asked: dict[str, str], said: str) -> None:
    answer = portal.get(V2 + "requests.json", params=asked)
    assert answer.status_code == 400
    assert said in errors(answer)[0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing.json", 404),
        ("services/none.json", 404),
        ("requests/none.json", 404),
        ("tokens/none.json", 404),
        ("tokens.json", 400),
        ("media/none.json", 404),
        ("services.json?jurisdiction_id=other.example", 404),
        ("requests/R1%00.json", 404),
    ],
)
def test_what_is_not_there_is_404_in_the_standards_form(portal: httpx.Client, path: str, status: int) -> None:
    answer = portal.get(V2 + path)
    assert answer.status_code == status, answer.text
    assert errors(answer)


def test_a_refusal_in_xml_is_a_list_of_errors(portal: httpx.Client) -> None:
    answer = portal.get(V2 + "services/none.xml")
    (error,) = rows(answer)
    assert (answer.status_code, error["code"]) == (404, "404")
    assert "no service_code" in str(error["description"])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_refused(portal: httpx.Client, method: str) -> None:
    answer = portal.request(method, V2 + "requests.json")
    assert answer.status_code == 400
    assert errors(answer)


def test_a_post_to_what_is_only_read_is_refused(portal: httpx.Client, key: str) -> None:
    for path in ("services.json", "requests/R1.json", "discovery.json"):
        assert portal.post(V2 + path, data=form(key)).status_code == 400


@pytest.mark.parametrize("settings", [Open311Settings(reading="key")], ids=["reading=key"])
def test_a_city_may_show_requests_to_holders_of_a_key_only(city: City, portal: httpx.Client, key: str) -> None:
    request_id = filed(portal, key)
    for path in ("requests.json", f"requests/{request_id}.json", "servicerequestupdates.json"):
        assert portal.get(V2 + path).status_code == 403
        assert portal.get(V2 + path, params={"api_key": key}).status_code == 200
        assert portal.get(V2 + path, params={"api_key": city.key[Scope.READ]}).status_code == 200
        assert portal.get(V2 + path, params={"api_key": city.key[Scope.WORKER]}).status_code == 403
        bearer = {"authorization": f"Bearer {key}"}
        assert portal.get(V2 + path, headers=bearer).status_code == 200
    assert portal.get(V2 + "services.json").status_code == 200


@pytest.mark.parametrize("settings", [Open311Settings(services=("street_stall",))], ids=["one service"])
def test_a_city_may_offer_some_categories_only(portal: httpx.Client, key: str) -> None:
    assert [each["service_code"] for each in portal.get(V2 + "services.json").json()] == ["street_stall"]
    assert portal.get(V2 + "services/exposed_garbage.json").status_code == 404
    assert portal.post(V2 + "requests.json", data=form(key)).status_code == 404


@pytest.mark.parametrize("settings", [Open311Settings(answers="batch")], ids=["batch"])
def test_a_city_may_answer_with_a_token(portal: httpx.Client, key: str) -> None:
    assert portal.get(V2 + "services.json").json()[0]["type"] == "batch"
    (answer,) = portal.post(V2 + "requests.json", data=form(key)).json()
    assert "service_request_id" not in answer
    (told,) = rows(portal.get(f"{V2}tokens/{answer['token']}.xml"))
    assert told["token"] == answer["token"]
    assert portal.get(f"{V2}requests/{told['service_request_id']}.json").status_code == 200


def test_any_text_makes_sound_xml_and_json() -> None:
    strange = "\x00\x0b\ud800\uffff\U0001f600 <&>\"' ]]>"
    document = Document("services", "service", ({"description": strange, "lat": 1.5, "metadata": False, "zip": None},))
    root = ElementTree.fromstring(document.as_bytes(Format.XML))  # noqa: S314 - our own
    assert root.findtext("service/description") == "\ufffd" * 4 + "\U0001f600 <&>\"' ]]>"
    assert b"\\u0000" in document.as_bytes(Format.JSON)


def test_the_desks_database_away_is_no_fault_of_the_caller(city: City, portal: httpx.Client) -> None:
    with city.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE service_request RENAME TO elsewhere")
    answer = portal.get(V2 + "requests.json")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "service_request" not in answer.text
    assert "sqlite" not in answer.text.lower()


def test_calls_are_measured_by_resource_and_not_by_address(city: City, portal: httpx.Client) -> None:
    for path in ("services.xml", "services/none.xml", "requests/R1.json", "nothing.xml"):
        portal.get(V2 + path)
    said = city.client(Scope.READ).get("/metrics").text
    counted = re.findall(r'request_seconds_count\{method="GET",route="(/open311[^"]*)",status="(\d+)"\} (\d)', said)
    assert sorted(counted) == [
        ("/open311/v2/requests", "404", "1"),
        ("/open311/v2/services", "200", "1"),
        ("/open311/v2/services", "404", "1"),
    ]


def test_the_shipped_templates_section_is_understood() -> None:
    template = Path("patrol/templates/gridpatrol.toml").read_text(encoding="utf-8")
    lines = template[template.index("# [api.open311]") :].split("\n\n", 1)[0].splitlines()
    document = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines))
    settings = ApiSettings.model_validate(document["api"]).open311
    assert settings.attributes["exposed_garbage"][0].values[1].key == "heap"
    assert settings.body_bytes == settings.media_count * settings.media_bytes + 256 * 1024
    requests = template[template.index("# [cases.requests]") :].split("\n\n", 1)[0].splitlines()
    said = tomllib.loads("\n".join(line.removeprefix("# ") for line in requests))
    assert RequestRules.model_validate(said["cases"]["requests"]) == RequestRules()
