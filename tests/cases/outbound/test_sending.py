"""Events on their way to webhooks: in order, none lost, whatever the receiver does."""

import threading
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from cases.case import CloseReason
from cases.outbound.lines import LineKind
from tests.cases.outbound.conftest import OpenSeal, Town
from tests.cases.outbound.receiver import BREAK, DRIP, FLOOD, HANG, Got, Say
from tests.cases.reports import STALL, minute


def seqs(got: list[Got]) -> list[int]:
    return [each.seq for each in got]


def test_events_arrive_in_their_order_once_each_and_the_line_is_empty(town: Town) -> None:
    line = town.endpoint()
    for _ in range(30):
        town.open_case()
    town.sender()
    town.receiver.wait_for(30)
    standing = town.settled(line.id)
    assert seqs(town.receiver.got) == list(range(1, 31))
    assert (standing.line.sent, standing.line.failed, standing.dead_letters) == (30, 0, 0)


def test_an_endpoint_hears_only_what_came_after_it_unless_it_asks_for_more(town: Town) -> None:
    town.open_case()
    late = town.endpoint("/late")
    town.open_case()
    town.sender()
    town.settled(late.id)
    assert seqs(town.receiver.got) == [2]


def test_the_message_tells_the_event_and_the_case_and_no_original_and_no_person(town: Town) -> None:
    line = town.endpoint()
    receipt = town.open_case()
    town.store.close_case(receipt.case_id, CloseReason.HANDLED, "已清运", "李敏", None, minute(5))
    town.sender()
    town.settled(line.id)
    opened, closed = (each.json for each in town.receiver.got)
    assert (opened["type"], closed["type"]) == ("case.opened", "case.closed")
    assert opened["data"]["version"] == 1
    assert opened["data"]["case"]["number"] == receipt.case_number
    assert opened["data"]["event"]["camera_id"] == "CAM-01"
    assert (closed["data"]["event"]["reason"], closed["data"]["event"]["by"]) == ("handled", "person")
    assert "李敏" not in town.receiver.got[1].body.decode()
    assert "original" not in town.receiver.got[0].body.decode()


def test_a_library_of_the_standard_verifies_the_signature(town: Town) -> None:
    town.clock.advance(0)
    line = town.endpoint()
    town.open_case()
    town.sender()
    town.settled(line.id)
    (got,) = town.receiver.got
    judge = Webhook(town.secret)
    stamp = int(got.headers["webhook-timestamp"])
    assert stamp == int(town.clock.now().timestamp())
    expected = judge.sign(got.headers["webhook-id"], town.clock.now().replace(tzinfo=None), got.body.decode())
    assert got.headers["webhook-signature"] == expected
    assert got.headers["webhook-id"].startswith("evt_1_")


def test_two_secrets_sign_after_a_rotation_and_one_when_the_old_ones_time_is_over(town: Town) -> None:
    line = town.endpoint()
    newer = "whsec_" + "QUJD" * 8
    sealed = OpenSeal().seal(newer, f"webhook:{line.id}")
    town.house.endpoints.rotate(line.id, sealed, 24.0, "admin", town.clock.now())
    town.open_case()
    town.sender()
    town.settled(line.id)
    town.clock.advance(timedelta(hours=25).total_seconds())
    town.open_case()
    town.settled(line.id)
    first, second = town.receiver.got
    at, body = town.clock.now() - timedelta(hours=25), first.body.decode()
    told = first.headers["webhook-signature"].split(" ")
    for secret in (newer, town.secret):
        assert Webhook(secret).sign(first.headers["webhook-id"], at.replace(tzinfo=None), body) in told
    assert len(second.headers["webhook-signature"].split(" ")) == 1


def test_filters_keep_the_rest_away_and_the_line_does_not_wait_for_it(town: Town) -> None:
    line = town.endpoint(kinds=("closed",), categories=("street_stall",))
    stall = town.open_case(category=STALL)
    garbage = town.open_case()
    for receipt in (stall, garbage):
        town.store.close_case(receipt.case_id, CloseReason.HANDLED, "", "李敏", None, minute(5))
    town.sender()
    standing = town.settled(line.id)
    assert [each.json["data"]["case"]["id"] for each in town.receiver.got] == [stall.case_id]
    assert standing.line.sent == 1


@pytest.mark.parametrize("fault", [Say(500), Say(503), HANG, BREAK, DRIP, FLOOD, Say(302, headers={"location": "/x"})])
def test_a_receiver_that_fails_holds_up_the_line_and_gets_everything_in_order_later(
    town: Town, fault: Say | str
) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda _got: fault
    for _ in range(3):
        town.open_case()
    town.sender(timeout_s=2.0)
    town.until(lambda: town.line(line.id).line.head_tries == 1, "the first try fails")
    held = town.line(line.id).line
    assert held.cursor == 0
    assert held.next_try_at is not None
    assert timedelta(seconds=0.75) <= held.next_try_at - town.clock.now() <= timedelta(seconds=1.25)
    assert held.last_error is not None
    assert "; " in held.last_error, "it names the mend"
    town.receiver.behave = lambda _got: Say()
    town.clock.advance(2)
    standing = town.settled(line.id)
    assert seqs(town.receiver.got) == [1, 1, 2, 3]
    assert (standing.line.sent, standing.line.failed) == (3, 1)
    assert standing.line.last_error is None
    assert {each.path for each in town.receiver.got} == {"/hook"}, "no redirect was followed"


def test_a_tried_again_message_keeps_its_id(town: Town) -> None:
    line = town.endpoint()
    answers = iter([Say(500), Say()])
    town.receiver.behave = lambda _got: next(answers)
    town.open_case()
    town.sender()
    town.until(lambda: town.line(line.id).line.head_tries == 1, "the first try fails")
    town.clock.advance(2)
    town.settled(line.id)
    assert len({each.headers["webhook-id"] for each in town.receiver.got}) == 1


def test_a_receiver_may_ask_for_more_time(town: Town) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda _got: Say(503, headers={"retry-after": "120"})
    town.open_case()
    town.sender()
    town.until(lambda: town.line(line.id).line.head_tries == 1, "the first try fails")
    assert town.line(line.id).line.next_try_at == town.clock.now() + timedelta(seconds=120)


def test_one_receiver_that_hangs_does_not_hold_up_another(town: Town) -> None:
    slow, quick = town.endpoint("/slow"), town.endpoint("/quick")
    town.receiver.behave = lambda got: HANG if got.path == "/slow" else Say()
    for _ in range(5):
        town.open_case()
    town.sender()
    town.settled(quick.id)
    assert town.line(slow.id).waiting == 5


def test_an_event_that_is_refused_dies_and_the_line_goes_on_without_a_wait(town: Town) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda got: Say(422, "不认识".encode()) if got.seq == 2 else Say()
    for _ in range(3):
        town.open_case()
    town.sender(refused_tries=2)
    town.until(lambda: town.line(line.id).line.head_tries == 1, "the second event is refused")
    town.clock.advance(2)
    standing = town.settled(line.id)
    assert seqs(town.receiver.got) == [1, 2, 2, 3]
    assert (standing.line.sent, standing.line.dead, standing.dead_letters) == (2, 1, 1)
    (letter,) = town.house.lines.dead_letters(line.id)
    assert (letter.event_seq, letter.tries, letter.status) == (2, 2, 422)
    assert "不认识" in letter.error


def test_an_event_dies_of_age_and_the_next_one_is_not_tried_faster(town: Town) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda _got: Say(500)
    for _ in range(2):
        town.open_case()
    town.sender(give_up_hours=1.0)
    town.until(lambda: town.line(line.id).line.head_tries == 1, "the first try fails")
    town.clock.advance(3600)
    town.until(lambda: town.line(line.id).dead_letters == 1, "an hour later it is given up")
    held = town.line(line.id).line
    assert (held.cursor, held.head_tries) == (1, 0)
    assert held.next_try_at is not None
    assert held.next_try_at > town.clock.now(), "the receiver is away for the second event, too"


def test_dead_letters_are_replayed_one_or_all_and_leave_when_taken(town: Town) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda _got: Say(400)
    for _ in range(3):
        town.open_case()
    town.sender(refused_tries=1)
    town.until(lambda: town.line(line.id).dead_letters == 3, "all are refused")
    assert town.house.lines.replay(line.id, 2, "admin", town.clock.now()) == 1
    town.until(lambda: town.house.lines.dead_letters(line.id)[1].tries == 2, "it is refused again")
    assert town.house.lines.dead_letters(line.id)[1].replay_at is None
    town.receiver.behave = lambda _got: Say()
    assert town.house.lines.replay(line.id, None, "admin", town.clock.now()) == 3
    town.until(lambda: town.line(line.id).dead_letters == 0, "all are taken")
    assert seqs(town.receiver.got) == [1, 2, 3, 2, 1, 2, 3]


def test_a_line_with_too_many_dead_letters_pauses_and_gives_up_on_no_more(town: Town) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda _got: Say(400)
    for _ in range(4):
        town.open_case()
    town.sender(refused_tries=1, dead_letters=2)
    town.until(lambda: town.line(line.id).line.is_paused, "it pauses")
    standing = town.line(line.id)
    assert (standing.dead_letters, standing.line.cursor, standing.waiting) == (2, 2, 2)
    assert "discard" in (standing.line.paused_why or "")


def test_a_receiver_that_is_gone_is_not_called_again_until_somebody_says_so(town: Town) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda _got: Say(410)
    town.open_case()
    town.sender()
    town.until(lambda: town.line(line.id).line.is_paused, "it pauses")
    assert "410" in (town.line(line.id).line.paused_why or "")
    town.receiver.behave = lambda _got: Say()
    town.house.lines.resume(line.id, "admin", town.clock.now())
    assert town.settled(line.id).line.sent == 1


def test_a_paused_line_keeps_its_events(town: Town) -> None:
    line, other = town.endpoint("/paused"), town.endpoint("/other")
    town.house.lines.pause(line.id, "admin", town.clock.now())
    for _ in range(3):
        town.open_case()
    town.sender()
    town.settled(other.id)
    assert town.line(line.id).waiting == 3
    town.house.lines.resume(line.id, "admin", town.clock.now())
    town.settled(line.id)
    assert [each.seq for each in town.receiver.got if each.path == "/paused"] == [1, 2, 3]


def test_an_endpoint_that_is_removed_half_way_hurts_nobody(town: Town) -> None:
    line, other = town.endpoint("/going"), town.endpoint("/staying")
    going = threading.Event()

    def behave(got: Got) -> Say:
        if got.path == "/going" and not going.is_set():
            going.set()
            town.house.endpoints.remove(line.id, None, "admin", town.clock.now())
        return Say()

    town.receiver.behave = behave
    for _ in range(3):
        town.open_case()
    town.sender()
    town.settled(other.id)
    town.open_case()
    town.settled(other.id)
    assert [each.id for each in town.house.endpoints.all()] == [other.id]


def test_two_senders_take_turns_and_nothing_is_sent_twice(town: Town) -> None:
    line = town.endpoint()
    first, second = town.sender(), town.sender()
    for _ in range(20):
        town.open_case()
    town.settled(line.id)
    assert [first.holds_the_lease, second.holds_the_lease].count(True) == 1
    holder, other = (first, second) if first.holds_the_lease else (second, first)
    holder.stop()
    town.open_case()
    town.settled(line.id)
    town.until(lambda: other.holds_the_lease, "the other one takes over")
    assert seqs(town.receiver.got) == list(range(1, 22))


def test_stopping_in_the_middle_of_a_hanging_call_is_quick_and_loses_nothing(town: Town) -> None:
    line = town.endpoint()
    town.receiver.behave = lambda got: HANG if got.seq == 2 and len(town.receiver.got) < 2 else Say()
    for _ in range(3):
        town.open_case()
    sender = town.sender(timeout_s=50.0, lease_s=150.0)
    town.receiver.wait_for(2)
    sender.stop()
    assert town.line(line.id).line.head_tries == 0, "our stopping is no failure of the receiver's"
    town.sender()
    town.settled(line.id)
    assert seqs(town.receiver.got) == [1, 2, 2, 3]


def test_a_line_of_a_platform_that_the_settings_name_no_more_waits(town: Town) -> None:
    town.house.lines.ensure("upper:old", LineKind.UPPER, town.clock.now())
    line = town.endpoint()
    town.open_case()
    town.sender()
    town.settled(line.id)
    assert town.line("upper:old").waiting == 1
