"""The standard's own example calls, posted as they stand there, and the forms that it says the answers have."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import httpx
import pytest

from tests.api.open311.conftest import INSIDE

V2 = "/open311/v2/"
EXAMPLE_POST = (
    "api_key=xyz&jurisdiction_id=city.gov&service_code=001&lat=37.76524078&long=-122.4212043&"
    "address_string=1234+5th+street&email=smit333%40sfgov.edu&device_id=tt222111&account_id=123456&first_name=john&"
    "last_name=smith&phone=111111111&description=A+large+sinkhole+is+destroying+the+street&"
    "media_url=http%3A%2F%2Ffarm3.static.flickr.com%2F2002%2F2212426634_5ed477a060.jpg&"
    "attribute[WHISPAWN]=123456&attribute[WHISDORN]=COISL001"
)
"""GeoReport v2, POST Service Request, "Example Request"."""
CHILDREN: Mapping[str, set[str]] = {
    "services": {"service"},
    "service": {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"},
    "service_definition": {"service_code", "attributes"},
    "attributes": {"attribute"},
    "attribute": {
        "variable",
        "code",
        "datatype",
        "required",
        "datatype_description",
        "order",
        "description",
        "values",
    },
    "values": {"value"},
    "value": {"key", "name"},
    "service_requests": {"request"},
    "request": {
        "service_request_id",
        "token",
        "service_notice",
        "account_id",
        "status",
        "status_notes",
        "service_name",
        "service_code",
        "description",
        "agency_responsible",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "address",
        "address_id",
        "zipcode",
        "lat",
        "long",
        "media_url",
    },
    "errors": {"error"},
    "error": {"code", "description"},
    "discovery": {"changeset", "contact", "key_service", "endpoints"},
    "endpoints": {"endpoint"},
    "endpoint": {"specification", "url", "changeset", "type", "formats"},
    "formats": {"format"},
}
"""What may stand in what, by the standard's tables: "do not include foreign tags or namespaces"."""


def example(**ours: str) -> str:
    """The example's posting, with the key, city, service and place of our own."""
    fields = dict(parse_qsl(EXAMPLE_POST)) | ours
    return urlencode(fields)


def check(element: ElementTree.Element) -> None:
    """Every element has children that the standard knows there, and no attribute."""
    assert element.attrib == {}
    allowed = CHILDREN.get(element.tag, set())
    for child in element:
        assert child.tag in allowed, f"{child.tag} in {element.tag}"
        check(child)


def posted(portal: httpx.Client, form: str, suffix: str) -> httpx.Response:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return portal.post(f"{V2}requests.{suffix}", content=form, headers=headers)


def of_ours(key: str) -> dict[str, str]:
    return {"api_key": key, "jurisdiction_id": "city.example", "service_code": "exposed_garbage", **INSIDE}


def test_the_examples_posting_is_taken(portal: httpx.Client, key: str) -> None:
    answer = posted(portal, example(**of_ours(key)), "json")
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()
    assert set(row) == {"service_request_id", "service_notice", "account_id"}
    assert isinstance(row["service_request_id"], str)
    (told,) = portal.get(f"{V2}requests/{row['service_request_id']}.json").json()
    assert told["description"] == "A large sinkhole is destroying the street"
    assert told["address"] == "1234 5th street"
    assert told["media_url"] == "http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg"


@pytest.mark.parametrize(
    ("left", "status"), [("api_key", 403), ("jurisdiction_id", 404), ("service_code", 404), ("lat", 400)]
)
def test_the_examples_posting_is_refused_where_it_is_of_another_city(
    portal: httpx.Client, key: str, left: str, status: int
) -> None:
    ours = {name: value for name, value in of_ours(key).items() if name != left}
    answer = posted(portal, example(**ours), "xml")
    assert answer.status_code == status, answer.text
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer
    check(root)
    assert root.findtext("error/code") == str(status)


def test_every_answer_has_the_standards_elements_and_no_others(portal: httpx.Client, key: str) -> None:
    answers = [posted(portal, example(**of_ours(key)), "xml")]
    request_id = ElementTree.fromstring(answers[0].content).findtext("request/service_request_id")  # noqa: S314
    paths = (
        "discovery.xml",
        "services.xml?jurisdiction_id=city.example",
        "services/exposed_garbage.xml?jurisdiction_id=city.example",
        "requests.xml?start_date=2026-02-24T00:00:00Z&end_date=2026-03-24T00:00:00Z&status=open&jurisdiction_id=",
        f"requests/{request_id}.xml?jurisdiction_id=city.example",
        "requests/none.xml",
    )
    answers += [portal.get(V2 + path) for path in paths]
    for answer in answers:
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        check(ElementTree.fromstring(answer.content))  # noqa: S314 - our own answer


@pytest.mark.parametrize("path", ["services", "services/exposed_garbage", "requests"])
def test_json_says_what_xml_says(portal: httpx.Client, key: str, path: str) -> None:
    posted(portal, example(**of_ours(key)), "json")
    root = ElementTree.fromstring(portal.get(f"{V2}{path}.xml").content)  # noqa: S314 - our own answer
    said = portal.get(f"{V2}{path}.json").json()
    if isinstance(said, dict):
        assert spark(said) == plain(root)
    else:
        assert [spark(each) for each in said] == [plain(each) for each in root]


def plain(element: ElementTree.Element) -> Any:
    """An element as lists, texts and dicts."""
    if element.tag in ("attributes", "values"):
        return [plain(each) for each in element]
    return {each.tag: plain(each) for each in element} if len(element) else element.text


def spark(value: Any) -> Any:
    """JSON with every plain value as the text that XML has."""
    if isinstance(value, dict):
        return {name: spark(part) for name, part in value.items()}
    if isinstance(value, list):
        return [spark(each) for each in value]
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
