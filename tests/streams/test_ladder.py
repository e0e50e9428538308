import pytest

from streams.ladder import ReconnectLadder


def test_waits_climb_rung_by_rung_and_the_last_is_repeated() -> None:
    ladder = ReconnectLadder((1, 2, 5), spread=lambda: 0.5)
    assert [ladder.next_s(live_s=0) for _ in range(5)] == [1, 2, 5, 5, 5]


def test_a_feed_that_was_live_for_a_while_starts_at_the_foot_again() -> None:
    ladder = ReconnectLadder((1, 2, 5), reset_after_s=30, spread=lambda: 0.5)
    assert [ladder.next_s(live_s) for live_s in (0, 0, 29, 30, 0)] == [1, 2, 5, 1, 2]


def test_waits_are_spread_by_a_fifth_to_either_side() -> None:
    assert ReconnectLadder((10,), spread=lambda: 0.0).next_s(0) == pytest.approx(8)
    assert ReconnectLadder((10,), spread=lambda: 1.0).next_s(0) == pytest.approx(12)


def test_a_ladder_without_rungs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one wait"):
        ReconnectLadder(())
