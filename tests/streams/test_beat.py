"""When pictures are due: the interval in the mean, and no flutter between two key frames."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.beat import Beat


def taken(
    interval_s: float, gap_s: float, phase_s: float, jitter_s: float, seed: int = 1, looks: int = 200
) -> list[float]:
    """When a live camera's pictures are taken, of key frames that come each ``gap_s`` and jitter."""
    beat, chance, found = Beat(interval_s, is_live=True), random.Random(seed), []  # noqa: S311 (jitter)
    beat.key_frames_come_every(gap_s)
    beat.take(0.0)
    for number in itertools.count(1):
        at_s = phase_s + number * gap_s + chance.uniform(0, jitter_s)
        if beat.is_due(at_s):
            beat.take(at_s)
            found.append(at_s)
        if len(found) == looks:
            return found
    raise AssertionError


@pytest.mark.parametrize("phase_s", [0.0, 0.5, 0.9, 0.95, 1.0, 1.05, 1.5])
def test_a_camera_whose_key_frames_lie_just_between_is_looked_at_evenly(phase_s: float) -> None:
    found = taken(interval_s=10, gap_s=2, phase_s=phase_s, jitter_s=0.3)
    gaps = [later - earlier for earlier, later in itertools.pairwise(found)][2:]
    assert max(gaps) < 10.7
    assert min(gaps) > 9.3


@settings(max_examples=200)
@given(
    interval_s=st.floats(1, 20),
    gap_s=st.floats(0.4, 4),
    phase_s=st.floats(0, 4),
    jitter_share=st.floats(0, 0.2),
    seed=st.integers(0, 1000),
)
def test_the_interval_is_kept_in_the_mean(
    interval_s: float, gap_s: float, phase_s: float, jitter_share: float, seed: int
) -> None:
    found = taken(interval_s, gap_s, phase_s, jitter_share * gap_s, seed)
    mean_s = (found[-1] - found[0]) / (len(found) - 1)
    assert mean_s == pytest.approx(max(interval_s, gap_s), rel=0.06)


def test_after_a_gap_the_looks_that_were_missed_are_not_made_up_for() -> None:
    beat = Beat(10, is_live=True)
    beat.key_frames_come_every(2)
    beat.take(0)
    beat.take(100)
    assert not beat.is_due(103)
    assert beat.is_due(106)
    beat.take(106)
    assert not beat.is_due(113)


def test_a_stretched_interval_holds_once() -> None:
    beat = Beat(10, is_live=False)
    beat.take(0, stretch=3)
    assert not beat.is_due(28)
    assert beat.is_due(30)
    beat.take(30)
    assert beat.is_due(40)


def test_a_clip_is_taken_where_its_own_clock_says_whatever_its_key_frames_do() -> None:
    beat = Beat(2, is_live=False)
    beat.key_frames_come_every(1.5)
    found = []
    for number in range(20):
        if beat.is_due(1.5 * number):
            beat.take(1.5 * number)
            found.append(1.5 * number)
    assert found[:5] == [0, 3, 4.5, 6, 9]
