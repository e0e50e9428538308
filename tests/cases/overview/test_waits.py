from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.overview.waits import MOST, STEP, bucket_of, median_s, start_of


@given(st.floats(1, 1e8))
def test_a_wait_lies_in_its_bucket(seconds: float) -> None:
    bucket = bucket_of(seconds)
    assert start_of(bucket) <= seconds * (1 + 1e-9)
    assert seconds <= start_of(bucket + 1) * (1 + 1e-9)


@pytest.mark.parametrize("seconds", [-5.0, 0.0, 0.99])
def test_less_than_a_second_is_the_first_bucket(seconds: float) -> None:
    assert bucket_of(seconds) == 0


def test_a_wait_beyond_all_measure_is_the_last_bucket() -> None:
    assert bucket_of(1e300) == MOST


@given(st.lists(st.floats(1, 1e7), min_size=1, max_size=80))
def test_the_median_is_at_most_a_bucket_off(waits: list[float]) -> None:
    held = Counter(bucket_of(wait) for wait in waits)
    found = median_s(held)
    assert found is not None
    middle = sorted(waits)[(len(waits) - 1) // 2]
    assert middle / (STEP * 1.0001) <= found <= middle * STEP * 1.0001


def test_nothing_has_no_median() -> None:
    assert median_s({}) is None
    assert median_s({4: 0}) is None
