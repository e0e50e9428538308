"""How readings become findings."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.picture_health.findings import FindingKind, Reading
from streams.picture_health.rules import HealthRules
from streams.picture_health.standing import Standing, settle
from tests.streams.picture_health.streets import NOON

RULES = HealthRules(raise_pictures=4, raise_s=30.0, clear_pictures=3)
GOOD, BAD, NEITHER = (Reading(0.5, 0.4, is_bad) for is_bad in (False, True, None))


def after(readings: list[Reading | None], step_s: float = 10.0) -> Standing:
    standing = Standing()
    for number, reading in enumerate(readings):
        standing = settle(standing, reading, NOON + timedelta(seconds=number * step_s), RULES)
    return standing


@pytest.mark.parametrize(
    ("readings", "step_s", "is_raised"),
    [
        pytest.param([BAD] * 3, 60.0, False, id="long enough, too few"),
        pytest.param([BAD] * 8, 1.0, False, id="enough, too short"),
        pytest.param([BAD] * 4, 10.0, True, id="enough and long enough"),
        pytest.param([BAD, BAD, BAD, GOOD, BAD], 10.0, False, id="a good one begins anew"),
        pytest.param([BAD, NEITHER, BAD, None, BAD, BAD], 10.0, True, id="those that say nothing do not count"),
        pytest.param([*[BAD] * 4, GOOD, GOOD], 10.0, True, id="two good ones end nothing"),
        pytest.param([*[BAD] * 4, GOOD, GOOD, BAD, GOOD, GOOD], 10.0, True, id="nor two and two"),
        pytest.param([*[BAD] * 4, GOOD, NEITHER, GOOD, GOOD], 10.0, False, id="three end it"),
    ],
)
def test_a_finding_takes_several_pictures_to_begin_and_to_end(
    readings: list[Reading | None], step_s: float, is_raised: bool
) -> None:
    assert after(readings, step_s).is_raised is is_raised


def test_a_finding_dates_from_its_first_bad_picture() -> None:
    finding = after([GOOD, *[BAD] * 6]).finding(FindingKind.COVERED)
    assert finding is not None
    assert finding.since == NOON + timedelta(seconds=10)


def test_a_reading_may_be_enough_by_itself_or_need_longer() -> None:
    at_once = Reading(200.0, 120.0, True, raise_s=0.0, since=NOON - timedelta(seconds=120))
    raised = after([at_once]).finding(FindingKind.FROZEN)
    assert raised is not None
    assert raised.since == NOON - timedelta(seconds=120)
    weak = Reading(1.0, 0.015, True, raise_s=300.0)
    assert not after([weak] * 30).is_raised
    assert after([weak] * 31).is_raised


@given(st.lists(st.sampled_from([GOOD, BAD, NEITHER, None]), max_size=60))
def test_a_finding_never_begins_with_a_good_picture_nor_ends_with_a_bad_one(readings: list[Reading | None]) -> None:
    standing = Standing()
    for number, reading in enumerate(readings):
        before = standing
        standing = settle(standing, reading, NOON + timedelta(seconds=10 * number), RULES)
        if standing.is_raised and not before.is_raised:
            assert reading is BAD
        if before.is_raised and not standing.is_raised:
            assert reading is GOOD
        assert standing.good_pictures <= RULES.clear_pictures
