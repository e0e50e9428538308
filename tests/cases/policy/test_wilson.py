"""The Wilson bound against published figures and its own properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.policy.wilson import Measured, wilson_lower


@pytest.mark.parametrize(
    ("right", "reviewed", "z", "expected"),
    [(81, 263, 1.96, 0.2553), (15, 148, 1.96, 0.0624), (0, 20, 1.96, 0.0), (29, 29, 1.96, 0.8830)],
    ids=["Newcombe 1998 a", "Newcombe 1998 b", "Newcombe 1998 c", "Newcombe 1998 d"],
)
def test_the_bound_is_that_of_the_published_intervals(right: int, reviewed: int, z: float, expected: float) -> None:
    assert wilson_lower(right, reviewed, z) == pytest.approx(expected, abs=1e-4)


@given(st.integers(1, 10_000), st.data(), st.floats(0.1, 5))
def test_the_bound_lies_between_zero_and_the_precision_and_rises_with_each_right_one(
    reviewed: int, data: st.DataObject, z: float
) -> None:
    right = data.draw(st.integers(0, reviewed))
    bound = wilson_lower(right, reviewed, z)
    assert 0.0 <= bound <= right / reviewed + 1e-12
    if right < reviewed:
        assert wilson_lower(right + 1, reviewed, z) > bound


def test_nothing_reviewed_is_not_assessed() -> None:
    assert (Measured(0, 0).precision, Measured(0, 0).lower_bound(1.645)) == (None, None)
