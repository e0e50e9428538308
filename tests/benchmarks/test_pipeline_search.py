"""The search for the most cameras, and the limits it is told beside."""

import pytest

from benchmarks.decode_limit import DecodeCost, DecodeLimits
from benchmarks.pipeline import cameras_at_decode_limit, holds, most_that_hold


@pytest.mark.parametrize("first", [20, 40, 47, 50, 60, 75])
def test_the_search_ends_within_a_step_below_what_the_machine_carries(first: int) -> None:
    tried: list[int] = []

    def held(cameras: int) -> bool:
        tried.append(cameras)
        return cameras <= 50

    most = most_that_hold(held, first)
    assert most is not None
    assert 50 - 0.08 * 50 <= most <= 50 or len(tried) == 9
    assert len(tried) == len(set(tried)) <= 9


def test_a_machine_that_carries_nothing_is_told_as_such() -> None:
    assert most_that_hold(lambda cameras: False, 3) is None


def test_one_look_a_key_frame_is_limited_by_decoding_every_key_frame() -> None:
    limits = DecodeLimits(DecodeCost(0.0125, 0.5), DecodeCost(0.0005, 0.0), DecodeCost(0.1, 25))
    assert cameras_at_decode_limit(limits, 2.0) == pytest.approx(80)
    assert cameras_at_decode_limit(limits, 1.0) == pytest.approx(80), "there are no more key frames to decode"
    assert cameras_at_decode_limit(limits, 10.0) == pytest.approx(1 / (0.0005 + 0.012 / 5))


@pytest.mark.parametrize(
    ("p99_s", "looks", "is_kept"), [(2.4, 300, True), (2.5, 300, False), (2.0, 280, False), (None, 300, False)]
)
def test_an_interval_is_kept_by_its_worst_camera_and_without_lost_looks(
    p99_s: float | None, looks: int, is_kept: bool
) -> None:
    assert holds({"interval_p99_s": p99_s, "looks": looks, "looks_wanted": 300}, 2.0) is is_kept
