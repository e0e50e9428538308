"""FixMyStreet as a client: XML only, the endpoint and the resource glued together, photos as repeated addresses,
tokens asked for five times, updates fetched by time and posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from xml.etree import ElementTree

import httpx
import pytest

from api.open311.settings import Open311Settings
from cases.case import CloseReason
from cases.keys import Scope
from cases.roles import Role
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.ids import CaseId
from tests.api.city import NOON, City
from tests.api.open311.conftest import INSIDE, SETTINGS

TOKEN_TRIES = 5
PHOTOS = ("https://photos.example/1.0.jpeg", "https://photos.example/1.1.jpeg")


@dataclass(frozen=True)
class FixMyStreet:
    """Does what its ``Open311.pm`` does."""

    http: httpx.Client
    endpoint: str
    api_key: str
    jurisdiction: str = "city.example"

    def send_service_request(self, photos: Sequence[str] = PHOTOS) -> str:
        fields = {
            "service_code": "exposed_garbage",
            **INSIDE,
            "description": "title: Garbage\n\ndetail: Bags\n\nurl: https://fixmystreet.example/report/7\n",
            "first_name": "Xiaoming",
            "last_name": "Wang",
            "email": "wang@example.org",
            "media_url": list(photos),
            "attribute[SINCE]": "this morning",
            "attribute[fixmystreet_id]": "7",
        }
        request = self._post("requests.xml", fields).find("request")
        assert request is not None
        return request.findtext("service_request_id") or self._id_of(request.findtext("token") or "")

    def get_service_requests(self, *ids: str) -> list[ElementTree.Element]:
        return self._get("requests.xml", {"service_request_id": ",".join(ids)}).findall("request")

    def get_updates(self, start: str, end: str) -> list[ElementTree.Element]:
        return self._get("servicerequestupdates.xml", {"start_date": start, "end_date": end}).findall("request_update")

    def post_update(self, request_id: str, status: str = "OPEN") -> str:
        fields = {
            "update_id": "99",
            "service_request_id": request_id,
            "updated_datetime": "2026-03-02T12:00:00+08:00",
            "status": status,
            "description": "Still there",
            "email": "wang@example.org",
            "first_name": "Xiaoming",
            "last_name": "Wang",
        }
        return self._post("servicerequestupdates.xml", fields).findtext("request_update/update_id") or ""

    def _id_of(self, token: str) -> str:
        for _ in range(TOKEN_TRIES):  # it waits two seconds between them; our answer is there at once
            found = self._get(f"tokens/{token}.xml", {}).findtext("request/service_request_id")
            if found:
                return found
        raise AssertionError("no id came for the token")

    def _get(self, path: str, query: dict[str, str]) -> ElementTree.Element:
        answer = self.http.get(self.endpoint + path, params={**query, "jurisdiction_id": self.jurisdiction})
        return self._read(answer)

    def _post(self, path: str, fields: Mapping[str, object]) -> ElementTree.Element:
        form = {"jurisdiction_id": self.jurisdiction, "api_key": self.api_key, **fields}
        return self._read(self.http.post(self.endpoint + path, data=form))

    def _read(self, answer: httpx.Response) -> ElementTree.Element:
        assert answer.status_code == 200, answer.text
        return ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer


@pytest.fixture(params=["/open311/v2/", "/open311/v2", "/open311/v2//"], ids=["slash", "no slash", "two"])
def fixmystreet(request: pytest.FixtureRequest, city: City, key: str) -> FixMyStreet:
    return FixMyStreet(city.client(), request.param, key)


def told_of(element: ElementTree.Element) -> dict[str, str | None]:
    return {field.tag: field.text for field in element}


def test_it_files_with_photos_elsewhere_and_reads_them_back(fixmystreet: FixMyStreet) -> None:
    request_id = fixmystreet.send_service_request()
    (request,) = fixmystreet.get_service_requests(request_id)
    assert tuple(each.text for each in request.findall("media_url")) == PHOTOS
    assert (request.findtext("status"), request.findtext("service_request_id")) == ("open", request_id)


@pytest.mark.parametrize("settings", [SETTINGS.model_copy(update={"answers": "batch"})], ids=["batch"])
def test_it_gets_the_id_for_a_token(settings: Open311Settings, fixmystreet: FixMyStreet) -> None:
    request_id = fixmystreet.send_service_request()
    assert fixmystreet.get_service_requests(request_id)


def test_it_learns_of_each_step_until_the_case_is_closed(city: City, fixmystreet: FixMyStreet) -> None:
    request_id = fixmystreet.send_service_request()
    (request,) = city.client(Scope.READ).get("/api/v1/requests").json()["requests"]
    case_id, house = CaseId(request["case_id"]), city.app.state.rooms.house
    leader = Seat("leader", frozenset(Role))
    for minutes, order in ((1, Order(Command.ACCEPT)), (2, Order(Command.DISPATCH, unit="环卫一所"))):
        house.workflow.give(case_id, order, leader, NOON + timedelta(minutes=minutes))
    city.store.close_case(case_id, CloseReason.HANDLED, "", "leader", None, NOON + timedelta(minutes=30))
    city.clock.advance(3600)
    updates = fixmystreet.get_updates("2026-03-02T11:00:00+08:00", "2026-03-02T13:00:00+08:00")
    said = [told_of(each) for each in updates]
    assert [each["status"] for each in said] == ["OPEN", "OPEN", "CLOSED"]
    assert {each["service_request_id"] for each in said} == {request_id}
    assert list(said[0]) == [
        "update_id",
        "service_request_id",
        "status",
        "updated_datetime",
        "description",
        "media_url",
    ]
    assert said[-1]["updated_datetime"] == "2026-03-02T04:30:00Z"
    assert len({each["update_id"] for each in said}) == 3
    assert fixmystreet.get_updates("2026-03-02T04:31:00Z", "2026-03-02T05:00:00Z") == []


@pytest.mark.parametrize("status", ["OPEN", "CLOSED", "FIXED", "INVESTIGATING"])
def test_what_its_users_add_is_a_comment_taken_once_and_not_told_back(
    city: City, fixmystreet: FixMyStreet, status: str
) -> None:
    request_id = fixmystreet.send_service_request()
    first, again = fixmystreet.post_update(request_id, status), fixmystreet.post_update(request_id, status)
    assert first == again != ""
    (case,) = city.client(Scope.READ).get("/api/v1/cases").json()["cases"]
    events = city.store.events_of(CaseId(case["id"]))
    assert [event.kind.value for event in events] == ["opened", "commented"]
    assert case["state"] == "open", "the city decides"
    assert fixmystreet.get_updates("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z") == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"service_request_id": "none"}, 404),
        ({"service_request_id": None}, 400),
        ({"description": None, "status": None}, 400),
        ({"status": "perhaps"}, 400),
        ({"updated_datetime": "now"}, 400),
        ({"description": "x" * 4001}, 400),
        ({"api_key": "gp_wrong"}, 403),
        ({"api_key": None}, 403),
    ],
    ids=str,
)
def test_an_update_that_cannot_be_taken_is_refused(
    city: City, fixmystreet: FixMyStreet, key: str, changed: dict[str, str | None], status: int
) -> None:
    fields = {"api_key": key, "service_request_id": fixmystreet.send_service_request(), "description": "x"} | changed
    sent = {name: value for name, value in fields.items() if value is not None}
    answer = city.client().post("/open311/v2/servicerequestupdates.xml", data=sent)
    assert answer.status_code == status, answer.text
    assert ElementTree.fromstring(answer.content).tag == "errors"  # noqa: S314 - our own answer
