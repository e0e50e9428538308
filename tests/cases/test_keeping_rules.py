"""May a picture go? Decided from its cases, the rules and the moment alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cases.keeping.rules import KeepingRules, PictureUse, days_of, judge, least_days

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def use(captured_days: float, closed_days: float | None, camera: str | None = "CAM-01") -> PictureUse:
    """A case whose picture was captured, and which was closed, so many days ago."""
    closed_at = None if closed_days is None else NOW - timedelta(days=closed_days)
    return PictureUse(
        "id", "51010420261122010001", camera, "exposed_garbage", NOW - timedelta(days=captured_days), closed_at
    )


@pytest.mark.parametrize("section", [{"days": 29}, {"cameras": {"CAM-01": 7}}, {"categories": {"street_stall": 0}}])
def test_less_than_the_thirty_days_of_the_law_are_refused(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 30"):
        KeepingRules.model_validate(section)


@pytest.mark.parametrize(
    ("captured_days", "closed_days", "may_go"),
    [
        pytest.param(91, 31, True, id="both-have-passed"),
        pytest.param(89, 31, False, id="captured-too-late"),
        pytest.param(91, 29, False, id="closed-too-late"),
        pytest.param(4000, None, False, id="open-for-years"),
    ],
)
def test_a_picture_goes_when_its_days_and_the_days_after_closing_have_passed(
    captured_days: float, closed_days: float | None, may_go: bool
) -> None:
    assert judge([use(captured_days, closed_days)], KeepingRules(), NOW).may_go is may_go


def test_one_case_that_still_needs_it_keeps_a_shared_picture() -> None:
    gone, kept = use(200, 100), use(200, None)
    assert judge([gone], KeepingRules(), NOW).may_go
    assert not judge([gone, kept], KeepingRules(), NOW).may_go
    assert not judge([kept, gone], KeepingRules(), NOW).may_go


def test_a_picture_that_no_case_names_is_not_for_this_rule() -> None:
    assert not judge([], KeepingRules(), NOW).may_go


def test_of_a_cameras_and_a_categorys_days_the_longer_count() -> None:
    rules = KeepingRules(days=60, cameras={"CAM-01": 30}, categories={"exposed_garbage": 45})
    assert days_of("CAM-01", "exposed_garbage", rules) == (45, "category exposed_garbage")
    assert days_of("CAM-01", "street_stall", rules) == (30, "camera CAM-01")
    assert days_of("CAM-02", "street_stall", rules) == (60, "default")
    assert least_days(rules) == 30


@given(
    st.lists(st.tuples(st.floats(0, 400), st.none() | st.floats(0, 400)), max_size=4),
    st.integers(30, 365),
    st.integers(30, 365),
)
def test_nothing_younger_than_thirty_days_and_nothing_of_an_open_case_ever_goes(
    ages: list[tuple[float, float | None]], days: int, after_closing: int
) -> None:
    uses = [use(captured, closed) for captured, closed in ages]
    if judge(uses, KeepingRules(days=days, after_closing_days=after_closing), NOW).may_go:
        assert uses
        assert all(closed is not None and captured >= 30 and closed >= 30 for captured, closed in ages)
