"""Whatever is called, the answer is sound: never a 5xx, always XML or JSON in the standard's form."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.settings import ApiSettings
from cases.keys import Scope
from tests.api.city import City
from tests.api.open311.conftest import SETTINGS

V2 = "/open311/v2/"
WORDS = st.text(max_size=12) | st.sampled_from(
    ["exposed_garbage", "open", "CLOSED", "30.6505", "104.0805", "nan", "1e400", "-1", "2026-03-02T04:00:00Z", "\x00"]
)
KNOWN = (
    *("service_code", "lat", "long", "radius", "bbox", "status", "start_date", "end_date", "page", "page_size"),
    *("service_request_id", "description", "address_string", "address_id", "media_url", "jurisdiction_id", "phone"),
    *("attribute[AMOUNT]", "attribute[SINCE][]", "update_id", "updated_datetime", "attribute[", "[]"),
)
NAMES = st.sampled_from(KNOWN) | st.text(max_size=5)
FIELDS = st.lists(st.tuples(NAMES, WORDS), max_size=12)
RESOURCES = st.sampled_from(["services", "requests", "tokens", "servicerequestupdates", "discovery", "media", ""])


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[City]:
    """One for all examples: they may build on each other."""
    folder = tmp_path_factory.mktemp("any_call")
    made = City(folder, ApiSettings(port=0, open311=SETTINGS), template=migrated_file)
    yield made
    made.close()


@pytest.fixture(scope="module")
def portal(city: City) -> httpx.Client:
    return city.client()


def check(answer: httpx.Response) -> None:
    assert answer.status_code in (200, 400, 403, 404), (str(answer.request.url), answer.text)
    kind = answer.headers["content-type"]
    if kind.startswith("text/xml"):
        root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer
        assert (root.tag == "errors") == (answer.status_code != 200)
    else:
        assert kind == "application/json; charset=utf-8", str(answer.request.url)
        assert isinstance(answer.json(), list | dict)


@settings(max_examples=150, deadline=None)
@given(resource=RESOURCES, name=st.none() | WORDS, suffix=st.sampled_from(["", ".xml", ".json"]), fields=FIELDS)
def test_any_look(
    portal: httpx.Client, resource: str, name: str | None, suffix: str, fields: list[tuple[str, str]]
) -> None:
    path = resource + ("" if name is None else "/" + quote(name, safe="")) + suffix
    check(portal.get(V2 + path, params=urlencode(fields)))


@settings(max_examples=150, deadline=None)
@given(
    resource=st.sampled_from(["requests", "servicerequestupdates"]),
    suffix=st.sampled_from(["", ".xml", ".json"]),
    fields=FIELDS,
    is_sound=st.booleans(),
)
def test_any_posting(
    city: City, portal: httpx.Client, resource: str, suffix: str, fields: list[tuple[str, str]], is_sound: bool
) -> None:
    sound = {"service_code": "exposed_garbage", "lat": "30.6505", "long": "104.0805"} if is_sound else {}
    form = {"api_key": city.key[Scope.REPORT], **dict(fields), **sound}
    check(portal.post(f"{V2}{resource}{suffix}", data=form))


@pytest.mark.parametrize("path", ["", "services/%0A", "requests/%0D%0Ax.json", "%0A.xml", "tokens/a%0Ab%2F"])
def test_an_address_that_leads_nowhere_is_told_so_in_the_standards_form(portal: httpx.Client, path: str) -> None:
    answer = portal.get(V2 + path)
    assert answer.status_code == 404
    check(answer)


def test_what_was_filed_by_any_posting_is_told_soundly(portal: httpx.Client) -> None:
    for suffix in (".xml", ".json"):
        check(portal.get(f"{V2}requests{suffix}"))
        check(portal.get(f"{V2}servicerequestupdates{suffix}"))
