"""What followers are told of a request, and what they add to it; who asked, sealed and forgotten."""

import pytest
from sqlalchemy import Engine, select

from cases.access.errors import ReasonMissing
from cases.access.tables import audit_entry
from cases.case import CaseEventKind, CloseReason
from cases.evidence import EvidenceStore
from cases.house import CaseHouse
from cases.keeping.rules import KeepingRules
from cases.requests.contact import Contact
from cases.requests.errors import RequestUnknown, TooManyRequests
from cases.requests.store import RequestStore, expire_contacts
from cases.requests.tables import service_request
from cases.requests.updates import UpdateDraft
from cases.roles import Role
from cases.store import CaseStore
from cases.transactions import reading, writing
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from cases.workflow.store import WorkflowStore
from core.clock import ManualClock
from tests.cases.reports import NOON, minute
from tests.cases.requests.drafts import WANG, PlainSealer, draft

LEADER = Seat("leader", frozenset(Role))


def update(request_id: str, **changed: object) -> UpdateDraft:
    fields: dict[str, object] = {
        "request_id": request_id,
        "their_id": "77",
        "description": "还在那里",
        "at": minute(5),
        "is_open": True,
    }
    return UpdateDraft(**fields | changed)  # type: ignore[arg-type]  # each test its own


def test_each_step_of_the_case_is_an_update_of_every_request_that_was_there(
    requests: RequestStore, engine: Engine
) -> None:
    first = requests.file(draft(), "portal", NOON).request
    workflow = WorkflowStore(engine)
    workflow.give(first.case.id, Order(Command.ACCEPT), LEADER, minute(1))
    second = requests.file(draft(description="2"), "portal", minute(2)).request
    workflow.give(first.case.id, Order(Command.DISPATCH, unit="环卫一所"), LEADER, minute(3))
    workflow.give(first.case.id, Order(Command.COMMENT, note="内部意见"), LEADER, minute(4))
    CaseStore(engine).close_case(first.case.id, CloseReason.FALSE_ALARM, "内部原因", "leader", None, minute(9))
    told = requests.updates(NOON, minute(60), 1000)
    assert [(each.request_id, each.at, each.is_open) for each in told] == [
        (first.id, minute(1), True),
        (first.id, minute(3), True),
        (second.id, minute(3), True),
        (first.id, minute(9), False),
        (second.id, minute(9), False),
    ]
    assert len({each.id for each in told}) == 5
    assert all(" / " in each.words for each in told)
    assert not any("内部" in each.words for each in told)
    assert "nothing was found" in told[-1].words


def test_updates_are_those_of_the_time_asked_for_and_no_more_than_asked_for(
    requests: RequestStore, engine: Engine
) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    workflow = WorkflowStore(engine)
    workflow.give(filed.case.id, Order(Command.ACCEPT), LEADER, minute(1))
    workflow.give(filed.case.id, Order(Command.DISPATCH, unit="环卫一所"), LEADER, minute(3))
    assert [each.at for each in requests.updates(minute(2), minute(3), 1000)] == [minute(3)]
    assert [each.at for each in requests.updates(NOON, minute(60), 1)] == [minute(1)]
    assert requests.updates(minute(4), minute(60), 1000) == ()


def test_what_a_seat_took_down_has_no_public_updates(requests: RequestStore, engine: Engine) -> None:
    filed = requests.file(draft(is_public=False), "seat", NOON).request
    WorkflowStore(engine).give(filed.case.id, Order(Command.ACCEPT), LEADER, minute(1))
    assert requests.updates(NOON, minute(60), 1000) == ()


def test_an_update_from_outside_is_a_comment_on_the_case_and_is_taken_once(
    requests: RequestStore, store: CaseStore
) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    first = requests.add_update(update(filed.id), "portal", minute(6))
    assert requests.add_update(update(filed.id, description="edited"), "portal", minute(7)) == first
    assert requests.add_update(update(filed.id, their_id="78"), "portal", minute(8)) != first
    events = store.events_of(filed.case.id)
    assert [event.kind for event in events[1:]] == [CaseEventKind.COMMENTED] * 2
    assert events[1].data["update_id"] == first
    assert "still there" in events[1].data["note"]
    assert "还在那里" not in str(events[1].data)
    assert store.get_case(filed.case.id).is_open


def test_updates_without_a_name_of_their_own_are_told_apart_by_their_words(requests: RequestStore) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    said = [requests.add_update(update(filed.id, their_id="", description=each), "portal", minute(6)) for each in "aab"]
    assert said[0] == said[1] != said[2]


def test_an_update_may_come_after_the_closing_and_does_not_open_the_case_again(
    requests: RequestStore, store: CaseStore
) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    store.close_case(filed.case.id, CloseReason.HANDLED, "", "leader", None, minute(1))
    requests.add_update(update(filed.id), "portal", minute(6))
    assert not store.get_case(filed.case.id).is_open


def test_an_update_to_a_request_that_is_not_there_or_not_public_is_refused(requests: RequestStore) -> None:
    hidden = requests.file(draft(is_public=False), "seat", NOON).request
    for request_id in (hidden.id, "R1"):
        with pytest.raises(RequestUnknown):
            requests.add_update(update(request_id), "portal", minute(6))


def test_a_key_adds_no_more_than_its_share_of_an_hour(requests: RequestStore) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    for number in range(5):
        requests.add_update(update(filed.id, their_id=f"{number}"), "portal", minute(6))
    with pytest.raises(TooManyRequests):
        requests.add_update(update(filed.id, their_id="one more"), "portal", minute(7))


def test_who_asked_is_sealed_and_opened_only_for_a_reason_that_the_log_keeps(
    requests: RequestStore, engine: Engine
) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    assert filed.has_contact
    with reading(engine) as connection:
        kept = connection.execute(select(service_request.c.contact)).scalar_one()
    assert kept is not None
    assert kept.startswith("sealed:")
    with pytest.raises(ReasonMissing):
        requests.contact_of(filed.id, "seat", " ", NOON)
    assert requests.contact_of(filed.id, "seat", "回访", NOON) == WANG
    with reading(engine) as connection:
        (entry,) = connection.execute(select(audit_entry)).all()
    assert (entry.actor, entry.action, entry.subject) == ("seat", "request.contact", f"request:{filed.id}")
    assert entry.data == {"reason": "回访"}


def test_who_asked_is_forgotten_when_asked_and_when_the_days_have_passed(
    requests: RequestStore, store: CaseStore, engine: Engine
) -> None:
    asked = requests.file(draft(), "portal", NOON).request
    later = requests.file(draft(description="2"), "portal", minute(60)).request
    requests.erase_contact(asked.id, "leader", minute(2))
    requests.erase_contact(asked.id, "leader", minute(2))
    assert requests.contact_of(asked.id, "seat", "回访", minute(2)) is None
    assert requests.get(asked.id).description == asked.description
    month = 30 * 24 * 60
    with writing(engine) as connection:
        assert expire_contacts(connection, minute(month)) == 0
        assert expire_contacts(connection, minute(month + 60)) == 1
    assert not requests.get(later.id).has_contact
    assert store.get_case(later.case.id).is_open
    with reading(engine) as connection:
        actions = list(connection.execute(select(audit_entry.c.action).order_by(audit_entry.c.seq)).scalars())
    assert actions == ["request.forget", "request.forget"]


def test_the_purge_forgets_who_asked(store: CaseStore, tmp_path_factory: pytest.TempPathFactory) -> None:
    house = CaseHouse.over(store, sealer=PlainSealer())
    filed = house.requests.file(draft(), "portal", NOON).request
    evidence = EvidenceStore(tmp_path_factory.mktemp("evidence"))
    report = house.keeping.purge(evidence, KeepingRules(), ManualClock(minute(181 * 24 * 60)))
    assert report.expired == 1
    assert not house.requests.get(filed.id).has_contact


def test_who_asked_is_not_kept_where_nothing_can_seal_it_or_nothing_was_said(engine: Engine) -> None:
    unsealed = RequestStore(engine).file(draft(), "portal", NOON).request
    silent = RequestStore(engine, None, PlainSealer()).file(draft(contact=Contact()), "other", NOON).request
    assert (unsealed.has_contact, silent.has_contact) == (False, False)
