"""Shares, their intervals and latencies."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.lapses.figures import Figures, interval_95, latency_of


def test_a_duplicate_counts_against_precision_and_an_unjudged_case_does_not() -> None:
    figures = Figures(violations=10, found=9, right=9, wrong=1, duplicates=2, unjudged=5, latency=None)
    assert figures.precision == pytest.approx(9 / 12)
    assert figures.recall == pytest.approx(0.9)
    assert figures.missed == 1


def test_nothing_to_count_is_no_share() -> None:
    figures = Figures(0, 0, 0, 0, 0, 0, None)
    assert (figures.precision, figures.recall, figures.precision_95, figures.recall_95) == (None, None, None, None)
    assert latency_of([]) is None


def test_the_interval_is_wilsons() -> None:
    """Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662; 0 of 20 is 0 to 0.1611; 29 of 29 is 0.8830 to 1."""
    assert interval_95(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert interval_95(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert interval_95(29, 29) == pytest.approx((0.8830, 1.0), abs=5e-5)


@given(of=st.integers(1, 500), data=st.data())
def test_the_interval_holds_the_share(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    low, high = interval_95(hits, of) or (1.0, 0.0)
    assert 0 <= low <= hits / of + 1e-12
    assert hits / of - 1e-12 <= high <= 1


def test_latencies_are_values_that_occurred() -> None:
    minutes = [timedelta(minutes=value) for value in (9, 3, 4, 30, 5, 6, 7, 8, 10, 11)]
    latency = latency_of(minutes)
    assert latency is not None
    assert (latency.median_s, latency.p90_s, latency.most_s) == (7 * 60, 11 * 60, 30 * 60)
