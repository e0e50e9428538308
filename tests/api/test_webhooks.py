"""Webhook endpoints over the API: administrators only, secrets once, nothing on our own side is called by default."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel
from sqlalchemy import select

from api.app import create_app
from api.cell_directory import ScriptedCells
from api.outbound_desk import OutboundDesk
from api.outbound_wire import LineWire, WebhookDraftWire, WebhookPatchWire
from api.server import BackgroundApi
from cases.access.tables import audit_entry
from cases.keys import Scope
from cases.outbound.calls import HttpCaller
from cases.outbound.runner import OutboundRunner
from cases.outbound.settings import OutboundSettings
from cases.transactions import reading
from core.clock import ManualClock
from gridpatrol_client import WebhookRefused, verify
from streams.sealing import Sealer
from tests.api.city import City, slug
from tests.cases.outbound.receiver import Receiver, Say, listening

WEBHOOKS = "/api/v1/webhooks"
LINES = "/api/v1/outbound"


class Hooked:
    """A city whose API tells others."""

    def __init__(self, city: City, receiver: Receiver) -> None:
        self.city = city
        self.receiver = receiver
        self.rules = OutboundSettings(
            allow_networks=("127.0.0.0/8",), poll_s=0.02, timeout_s=5.0, lease_s=20.0, endpoints=3
        )
        self.sealer = Sealer(city.folder / "secret.key", {})
        caller = HttpCaller(self.rules.allow_networks, self.rules.timeout_s, self.rules.answer_bytes)
        runner = OutboundRunner(city.engine, self.rules, self.sealer, caller, city.clock)
        desk = OutboundDesk(self.rules, self.sealer, caller, runner)
        city.app = create_app(
            city.settings, city.store, city.evidence, city.keys, ScriptedCells(), city.clock, outbound=desk
        )
        city.register_cameras("CAM-01", "CAM-02")
        self.admin = city.client(Scope.ADMIN)

    def add(self, **changes: Any) -> Any:
        answer = self.admin.post(WEBHOOKS, json={"name": "platform", "url": self.receiver.url + "/hook"} | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def line(self, line_id: str) -> Any:
        return self.admin.get(f"{LINES}/{line_id}").json()


@pytest.fixture
def hooked(city: City) -> Iterator[Hooked]:
    with listening() as receiver:
        yield Hooked(city, receiver)


def test_an_event_reaches_the_endpoint_signed_while_the_api_runs(hooked: Hooked) -> None:
    made = hooked.add()
    with BackgroundApi(hooked.city.app, hooked.city.settings):
        hooked.city.report()
        (got,) = hooked.receiver.wait_for(1)
    message = verify(got.body, got.headers, made["secret"], hooked.city.clock.now())
    assert (message["type"], message["data"]["event"]["seq"]) == ("case.opened", 1)
    line = hooked.line(made["webhook"]["id"])
    assert (line["sent"], line["waiting"]) == (1, 0)
    with pytest.raises(WebhookRefused, match="no signature fits"):
        verify(got.body + b" ", got.headers, made["secret"], hooked.city.clock.now())


def test_a_secret_is_told_once_and_kept_sealed(hooked: Hooked) -> None:
    made = hooked.add()
    identity, secret = made["webhook"]["id"], made["secret"]
    assert secret.startswith("whsec_")
    for path in (WEBHOOKS, f"{WEBHOOKS}/{identity}", LINES, "/metrics"):
        assert secret[6:] not in hooked.admin.get(path).text
    (kept,) = hooked.city.store.engine.connect().exec_driver_sql("SELECT secrets FROM webhook_endpoint").scalars()
    assert secret[6:] not in kept
    newer = hooked.admin.post(f"{WEBHOOKS}/{identity}/secret").json()
    assert newer["secret"] != secret
    assert newer["webhook"]["old_secret_until"] == "2026-03-03T04:00:00Z"


def test_every_change_is_audited_without_the_secret(hooked: Hooked) -> None:
    made = hooked.add()
    identity = made["webhook"]["id"]
    hooked.admin.patch(f"{WEBHOOKS}/{identity}", json={"name": "other"})
    hooked.admin.post(f"{WEBHOOKS}/{identity}/secret")
    hooked.admin.post(f"{LINES}/{identity}/pause")
    hooked.admin.post(f"{LINES}/{identity}/resume")
    hooked.admin.delete(f"{WEBHOOKS}/{identity}")
    with reading(hooked.city.engine) as connection:
        rows = connection.execute(select(audit_entry).order_by(audit_entry.c.seq)).all()
    told = [row.action for row in rows if row.action.startswith(("webhook.", "outbound."))]
    assert told == [
        "webhook.add",
        "webhook.change",
        "webhook.rotate",
        "outbound.pause",
        "outbound.resume",
        "webhook.remove",
    ]
    assert made["secret"][6:] not in str(rows)


@pytest.mark.parametrize("scope", [None, Scope.READ, Scope.WORKER, Scope.OPERATOR])
def test_only_administrators_may_see_or_change_endpoints(hooked: Hooked, scope: Scope | None) -> None:
    client = hooked.city.client(scope)
    identity = "wh_" + "0" * 16
    answers: list[httpx.Response] = [
        client.get(WEBHOOKS),
        client.post(WEBHOOKS, json={"name": "x", "url": "https://platform.example/"}),
        client.post(f"{WEBHOOKS}/{identity}/test"),
        client.get(LINES),
        client.post(f"{LINES}/{identity}/dead-letters/replay"),
    ]
    assert {answer.status_code for answer in answers} == {401 if scope is None else 403}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"url": "https://10.0.0.7/hook"}, "webhook-refused"),
        ({"url": "http://169.254.169.254/latest"}, "webhook-refused"),
        ({"url": "https://user:geheim@platform.example/"}, "webhook-refused"),
        ({"url": "file:///etc/passwd"}, "invalid-request"),
        ({"kinds": ["exploded"]}, "invalid-request"),
        ({"secret": "mine"}, "invalid-request"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(hooked: Hooked, changes: dict[str, Any], expected: str) -> None:
    answer = hooked.admin.post(WEBHOOKS, json={"name": "x", "url": hooked.receiver.url} | changes)
    assert (answer.status_code, slug(answer)) == (422, expected)
    assert "geheim" not in answer.text


def test_a_change_of_another_version_is_refused_and_a_patch_keeps_the_rest(hooked: Hooked) -> None:
    identity = hooked.add(kinds=["opened"])["webhook"]["id"]
    path = f"{WEBHOOKS}/{identity}"
    changed = hooked.admin.patch(path, json={"categories": ["exposed_garbage"]}, headers={"if-match": '"1"'})
    assert (changed.json()["kinds"], changed.json()["categories"]) == (["opened"], ["exposed_garbage"])
    assert changed.headers["etag"] == '"2"'
    late = hooked.admin.patch(path, json={"name": "late"}, headers={"if-match": '"1"'})
    assert (late.status_code, slug(late)) == (412, "webhook-changed")
    assert hooked.admin.delete(path, headers={"if-match": '"1"'}).status_code == 412
    assert hooked.admin.delete(path).status_code == 204
    assert slug(hooked.admin.get(path)) == "line-not-found"


def test_there_are_as_many_endpoints_as_the_settings_allow(hooked: Hooked) -> None:
    for _ in range(3):
        hooked.add()
    answer = hooked.admin.post(WEBHOOKS, json={"name": "x", "url": hooked.receiver.url})
    assert (answer.status_code, slug(answer)) == (409, "webhooks-full")


def test_a_test_message_tells_what_it_met(hooked: Hooked) -> None:
    made = hooked.add()
    path = f"{WEBHOOKS}/{made['webhook']['id']}/test"
    assert hooked.admin.post(path).json() == {"delivered": True, "status": 200, "error": None}
    (got,) = hooked.receiver.got
    assert verify(got.body, got.headers, made["secret"], hooked.city.clock.now())["type"] == "test"
    hooked.receiver.behave = lambda _got: Say(500, b"broken")
    met = hooked.admin.post(path).json()
    assert (met["delivered"], met["status"]) == (False, 500)
    assert "broken" in met["error"]


def test_dead_letters_are_paged_replayed_and_dropped(hooked: Hooked) -> None:
    identity = hooked.add()["webhook"]["id"]
    hooked.receiver.behave = lambda _got: Say(422)
    for number in range(5):
        hooked.city.report(incident_id=f"i-{number}", cell_id=f"51010400100{number:04d}")
    clock = hooked.city.clock
    assert isinstance(clock, ManualClock)
    with BackgroundApi(hooked.city.app, hooked.city.settings):
        while hooked.line(identity)["dead_letters"] < 5:
            clock.advance(1)
            hooked.receiver.release.wait(0.02)
    path = f"{LINES}/{identity}/dead-letters"
    first = hooked.admin.get(path, params={"limit": 3}).json()
    rest = hooked.admin.get(path, params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [each["event_seq"] for each in first["dead_letters"] + rest["dead_letters"]] == [1, 2, 3, 4, 5]
    assert rest["next_cursor"] is None
    assert hooked.admin.post(f"{path}/4/replay").json() == {"asked": 1}
    assert slug(hooked.admin.post(f"{path}/9/replay")) == "letter-not-found"
    assert hooked.admin.delete(f"{path}/5").status_code == 204
    assert hooked.admin.post(f"{path}/replay").json() == {"asked": 4}


def test_the_figures_tell_what_was_sent_what_waits_and_for_how_long(hooked: Hooked) -> None:
    identity = hooked.add()["webhook"]["id"]
    hooked.city.report()
    clock = hooked.city.clock
    clock.advance(90)
    told = hooked.admin.get("/metrics").text
    assert f'gridpatrol_outbound_sent_total{{line="{identity}"}} 0.0' in told
    assert f'gridpatrol_outbound_waiting_events{{line="{identity}"}} 1.0' in told
    assert f'gridpatrol_outbound_lag_seconds{{line="{identity}"}} 90.0' in told


def test_where_a_case_was_filed_is_told_and_an_unknown_case_is_not(hooked: Hooked) -> None:
    case_id = hooked.city.report().json()["case_id"]
    reader = hooked.city.client(Scope.READ)
    assert reader.get(f"/api/v1/cases/{case_id}/filings").json() == {"filings": []}
    assert slug(reader.get("/api/v1/cases/nobody/filings")) == "case-not-found"


@pytest.mark.parametrize("model", [WebhookDraftWire, WebhookPatchWire, LineWire], ids=lambda model: model.__name__)
def test_the_examples_in_the_document_are_sound_messages(hooked: Hooked, model: type[BaseModel]) -> None:
    document = hooked.admin.get("/openapi.json").json()
    (example,) = document["components"]["schemas"][model.__name__]["examples"]
    assert model.model_validate(example).model_dump(mode="json", exclude_unset=True) == example
