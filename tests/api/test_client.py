"""The client for other systems, against the real API: over a socket, and field by field against OpenAPI."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from api.app import create_app
from api.cell_directory import ScriptedCells
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.keys import Scope
from gridpatrol_client import (
    Away,
    CaseHappened,
    Client,
    Conflict,
    Greeting,
    Incident,
    KeyRefused,
    NotFound,
    Refused,
    Strange,
)
from gridpatrol_client.client import OPERATIONS
from gridpatrol_client.events import FOLLOW
from gridpatrol_client.models import (
    Case,
    CaseDetail,
    CaseEvent,
    CasePage,
    CloseReason,
    Closing,
    CommandName,
    IncidentKind,
    Order,
    Picture,
    Receipt,
)
from tests.api.city import JPEG, City, incident, sha256_of
from tests.cases.outbound.receiver import Say, listening

ANSWERS: dict[str, type[BaseModel]] = {
    "CaseWire": Case,
    "CaseEventWire": CaseEvent,
    "EvidencePictureWire": Picture,
    "CaseDetailWire": CaseDetail,
    "CasePageWire": CasePage,
    "ReceiptWire": Receipt,
}
REQUESTS: dict[str, type[BaseModel]] = {"IncidentWire": Incident, "CloseWire": Closing, "CommandWire": Order}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    city = City(tmp_path_factory.mktemp("document"))
    found: dict[str, Any] = city.client(Scope.READ).get("/openapi.json").json()
    city.close()
    return found


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_every_operation_of_the_client_is_in_the_document_with_its_parameters(
    document: dict[str, Any], operation: Any
) -> None:
    told = document["paths"][operation.path][operation.method.lower()]
    named = {(each["in"], each["name"]) for each in told.get("parameters", ())}
    assert {("query", name) for name in operation.query} <= named
    assert {("header", name) for name in operation.headers} <= named
    needed = {each["name"] for each in told.get("parameters", ()) if each["required"] and each["in"] != "path"}
    assert needed <= {*operation.query, *operation.headers}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_field_that_the_client_reads_is_told_and_may_be_null_where_it_may(
    document: dict[str, Any], name: str
) -> None:
    ours = ANSWERS[name].model_json_schema()
    theirs = document["components"]["schemas"][name]
    assert set(ours["properties"]) <= set(theirs["properties"]), "the client reads what nobody tells"
    assert set(theirs["properties"]) <= set(ours["properties"]), "the API tells what the client does not know"
    for field, schema in theirs["properties"].items():
        if _takes_null(schema):
            assert _takes_null(ours["properties"][field]), f"{field} may be null"


@pytest.mark.parametrize("name", REQUESTS)
def test_every_field_that_the_client_sends_is_taken_and_none_that_is_needed_is_missing(
    document: dict[str, Any], name: str
) -> None:
    ours = REQUESTS[name].model_json_schema()
    theirs = document["components"]["schemas"][name]
    assert set(ours["properties"]) == set(theirs["properties"])
    assert set(theirs.get("required", ())) <= set(ours.get("required", ()))


def _takes_null(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "null" or any(_takes_null(each) for each in schema.get("anyOf", ()))


@pytest.fixture
def served(watched_city: City) -> Iterator[BackgroundApi]:
    with BackgroundApi(watched_city.app, watched_city.settings) as server:
        yield server


def client(city: City, served: BackgroundApi, scope: Scope = Scope.OPERATOR) -> Client:
    return Client(served.url, city.key[scope])


def step(**changes: Any) -> Incident:
    return Incident.model_validate(incident(**changes))


def test_an_incident_is_posted_with_its_picture_read_and_closed(watched_city: City, served: BackgroundApi) -> None:
    sha256 = sha256_of(JPEG)
    pictures = {"original": sha256, "annotated": sha256, "crop": sha256}
    with client(watched_city, served, Scope.WORKER) as worker:
        worker.put_picture(sha256, JPEG)
        receipt = worker.post_incident(step(evidence=pictures))
        assert worker.post_incident(step(evidence=pictures)).outcome == "duplicate"
    assert receipt.case_id is not None
    with client(watched_city, served) as desk:
        detail = desk.case(receipt.case_id)
        assert detail.case.number == receipt.case_number
        assert detail.events[0].kind == "opened"
        assert {picture.kind for picture in detail.evidence} == {"original", "annotated", "crop"}
        closed = desk.close_case(receipt.case_id, "handled", "已清运", expected_version=detail.case.version)
        assert (closed.state, closed.close_note) == ("closed", "已清运")
        with pytest.raises(Conflict):
            desk.close_case(receipt.case_id, "handled")


def test_a_case_is_commanded_once_however_often_the_command_is_sent(watched_city: City, served: BackgroundApi) -> None:
    case_id = watched_city.report().json()["case_id"]
    with client(watched_city, served, Scope.ADMIN) as leader:
        accepted = leader.command(case_id, Order(command="accept"), command_id="one")
        assert accepted.stage == "registered"
        assert leader.command(case_id, Order(command="accept"), command_id="one").version == accepted.version
        with pytest.raises(Conflict):
            leader.command(case_id, Order(command="accept"))


def test_every_command_and_reason_of_the_api_has_its_name_in_the_client(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert list(get_args(CommandName)) == schemas["Command"]["enum"]
    assert list(get_args(CloseReason)) == schemas["CloseReason"]["enum"]
    assert list(get_args(IncidentKind)) == schemas["IncidentKind"]["enum"]


def test_cases_come_page_after_page_each_once_also_while_new_ones_are_opened(
    watched_city: City, served: BackgroundApi
) -> None:
    for number in range(7):
        watched_city.report(incident_id=f"i-{number}", cell_id=f"51010400100{number:04d}")
    with client(watched_city, served) as desk:
        found: list[str] = []
        for case in desk.cases(state="open", category="exposed_garbage", page_size=3):
            if len(found) == 4:
                watched_city.report(incident_id="late", cell_id="510104001009999")
            found.append(case.id)
        assert len(found) == len(set(found)) == 7
        assert list(desk.cases(since=datetime(2026, 3, 3, tzinfo=UTC))) == []
        noon = datetime(2026, 3, 2, 12, 0).astimezone(UTC)
        assert len(list(desk.cases(until=noon + timedelta(days=1)))) == 8


def test_events_go_on_after_the_server_was_away_without_a_gap_or_a_double(watched_city: City) -> None:
    with BackgroundApi(watched_city.app, watched_city.settings) as first:
        ours = client(watched_city, first)
        stream = ours.events(after=0, give_up_after_s=20.0)
        watched_city.report(incident_id="one")
        heard = list(islice(stream, 2))
    watched_city.report(incident_id="two", camera_id="CAM-02")
    settings = watched_city.settings.model_copy(update={"port": int(first.url.rpartition(":")[2])})
    with BackgroundApi(same_city_again(watched_city, settings), settings):
        heard += islice(stream, 2)
        ours.close()
    assert [each.seq if isinstance(each, Greeting) else each.event.seq for each in heard] == [0, 1, 1, 2]
    assert [type(each) for each in heard] == [Greeting, CaseHappened] * 2


def same_city_again(city: City, settings: ApiSettings) -> FastAPI:
    """Another process over the same database."""
    return create_app(settings, city.store, city.evidence, city.keys, ScriptedCells(), city.clock)


@pytest.mark.parametrize(
    ("status", "slug", "kind"),
    [
        (401, "key-refused", KeyRefused),
        (403, "scope-missing", KeyRefused),
        (404, "case-not-found", NotFound),
        (409, "conflict", Conflict),
        (422, "incident-refused", Refused),
        (503, "database-unavailable", Away),
        (200, "", Strange),
        (302, "", Strange),
    ],
)
def test_refusals_are_told_apart_with_the_servers_words(status: int, slug: str, kind: type[Exception]) -> None:
    body = f'{{"type": "https://x/{slug}", "detail": "因此 because"}}'.encode() if slug else b"<html>"
    with listening() as receiver, Client(receiver.url, "gp_x", timeout_s=2.0) as ours:
        receiver.behave = lambda _got: Say(status, body, {"content-type": "application/problem+json"})
        with pytest.raises(kind) as raised:
            ours.case("x")
        if slug:
            assert "because" in str(raised.value)
        assert len(receiver.got) == 1


def test_what_is_safe_to_repeat_is_repeated_and_the_rest_is_not() -> None:
    with listening() as receiver, Client(receiver.url, "gp_x", timeout_s=2.0) as ours:
        receiver.behave = lambda _got: "break"
        with pytest.raises(Away):
            ours.case("x")
        assert len(receiver.got) == 3
        with pytest.raises(Away):
            ours.close_case("x", "handled")
        assert len(receiver.got) == 4


def test_an_id_never_becomes_another_path() -> None:
    with listening() as receiver, Client(receiver.url, "gp_x", timeout_s=2.0) as ours:
        receiver.behave = lambda _got: Say(404, b'{"type": "x/case-not-found"}')
        with pytest.raises(NotFound):
            ours.case("../keys?x=1")
        assert receiver.got[0].path == "/api/v1/cases/..%2Fkeys%3Fx%3D1"


def test_a_stream_that_breaks_is_taken_up_after_the_last_event_and_ends_when_the_key_does() -> None:
    event = (
        'id: 42\nevent: case\ndata: {"seq":42,"case_id":"c","kind":"seen","at":"2026-03-02T01:15:00Z",'
        '"recorded_at":"2026-03-02T01:15:00Z","actor":"worker:w","data":{}}\n\n: alive\n\nevent: newer\ndata: {}\n\n'
    )
    hello = 'retry: 1\nid: 41\nevent: hello\ndata: {"seq":41,"reset":false}\n\n'
    answers = iter([Say(200, (hello + event).encode()), Say(401, b'{"type": "x/key-refused"}')])
    with listening() as receiver, Client(receiver.url, "gp_x", timeout_s=2.0) as ours:
        receiver.behave = lambda _got: next(answers)
        stream = ours.events(after=41)
        heard = list(islice(stream, 2))
        with pytest.raises(KeyRefused):
            next(stream)
        assert [type(each) for each in heard] == [Greeting, CaseHappened]
        assert [got.headers.get("last-event-id") for got in receiver.got] == ["41", "42"]
        assert {got.path for got in receiver.got} == {FOLLOW.path}
