"""When a failed event is tried again, and when it is given up: pure, for every history."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.outbound.errors import NotDelivered
from cases.outbound.ladder import GiveUp, NextTry, Trouble, after_failure
from cases.outbound.settings import OutboundSettings
from tests.cases.reports import NOON

RULES = OutboundSettings()
AWAY = NotDelivered("away; wait")
REFUSED = NotDelivered("no; mend", status=422, is_refusal=True)
CHANCES = st.floats(0, 1)


def trouble(tries: int, in_row: int | None = None, hours: float = 0.0) -> Trouble:
    return Trouble(tries, tries if in_row is None else in_row, NOON - timedelta(hours=hours))


@given(tries=st.integers(1, 15), chance=CHANCES)
def test_waits_double_up_to_an_hour_and_vary_by_a_quarter(tries: int, chance: float) -> None:
    verdict = after_failure(trouble(tries), AWAY, NOON, RULES, chance)
    assert isinstance(verdict, NextTry)
    wait_s = (verdict.at - NOON).total_seconds()
    plain_s = min(3600.0, 2.0 ** (tries - 1))
    assert plain_s * 0.75 - 1e-6 <= wait_s <= min(3600.0, plain_s * 1.25) + 1e-6


@given(tries=st.integers(1, 1000), in_row=st.integers(1, 100_000), hours=st.floats(0, 1000), chance=CHANCES)
def test_no_history_makes_the_line_wait_for_ever_or_an_event_live_for_ever(
    tries: int, in_row: int, hours: float, chance: float
) -> None:
    verdict = after_failure(trouble(tries, in_row, hours), AWAY, NOON, RULES, chance)
    at = verdict.at if isinstance(verdict, NextTry) else verdict.line_goes_on_at
    assert timedelta(0) < at - NOON <= timedelta(seconds=RULES.longest_wait_s)
    assert isinstance(verdict, GiveUp) == (tries >= RULES.tries or hours >= RULES.give_up_hours)


@given(in_row=st.integers(1, 1000), chance=CHANCES)
def test_a_refused_message_dies_sooner_and_holds_up_nothing(in_row: int, chance: float) -> None:
    again = after_failure(trouble(RULES.refused_tries - 1, in_row), REFUSED, NOON, RULES, chance)
    assert isinstance(again, NextTry)
    assert again.at - NOON <= timedelta(seconds=10), "a receiver that answers is not asked as if it were away"
    assert after_failure(trouble(RULES.refused_tries, in_row), REFUSED, NOON, RULES, chance) == GiveUp(NOON)


def test_what_only_a_person_can_decide_is_given_up_at_once() -> None:
    final = NotDelivered("nobody knows; look", is_final=True)
    assert after_failure(trouble(1), final, NOON, RULES, 0.5) == GiveUp(NOON)


@given(asked_s=st.floats(0, 1e9), chance=CHANCES)
def test_a_receivers_wish_is_honoured_up_to_the_bound(asked_s: float, chance: float) -> None:
    verdict = after_failure(trouble(1), NotDelivered("busy; wait", retry_after_s=asked_s), NOON, RULES, chance)
    assert isinstance(verdict, NextTry)
    wait_s = (verdict.at - NOON).total_seconds()
    assert min(asked_s, 3600.0) - 1e-6 <= wait_s <= 3600.0 + 1e-6
