"""Every camera's interval stretches alike under load, and comes back."""

from hypothesis import given
from hypothesis import strategies as st

from patrol.pace import MOST, Load, Pace


def test_what_is_promised_is_kept_while_nothing_is_lost() -> None:
    pace = Pace()
    for busy_share in (0.2, 0.9, 1.0):
        assert not pace.adapt(Load(decoded=100, lost=0, busy_share=busy_share))
    assert pace.stretch == 1.0


def test_it_settles_where_the_machine_can_follow_and_nothing_is_lost_any_more() -> None:
    pace, looks_per_s, wanted_per_s = Pace(), 40.0, 90.0
    for _ in range(40):
        offered = wanted_per_s / pace.stretch
        pace.adapt(
            Load(round(offered * 5), max(0, round((offered - looks_per_s) * 5)), min(1.0, offered / looks_per_s))
        )
    assert 90 / 40 * 0.98 <= pace.stretch <= 90 / 40 * 1.25


def test_it_comes_back_to_the_promise_when_the_load_is_gone() -> None:
    pace = Pace()
    pace.adapt(Load(decoded=100, lost=60, busy_share=1.0))
    assert pace.stretch > 1.5
    for _ in range(20):
        pace.adapt(Load(decoded=60, lost=0, busy_share=0.5))
    assert pace.stretch == 1.0


def test_lanes_that_look_busy_and_lose_nothing_come_back_to_the_promise() -> None:
    """The decoders share the lanes' cores: a rush at the start must not slow the patrol down for ever."""
    pace = Pace()
    pace.adapt(Load(decoded=300, lost=45, busy_share=1.0))
    assert pace.stretch > 1.15
    for _ in range(4):
        pace.adapt(Load(decoded=300, lost=0, busy_share=0.95))
    assert pace.stretch == 1.0


def test_where_shorter_intervals_cost_pictures_they_are_tried_ever_less_often() -> None:
    pace, tries = Pace(), []
    for round_number in range(400):
        before = pace.stretch
        lost = 30 if pace.stretch < 1.5 else 0
        pace.adapt(Load(decoded=300, lost=lost, busy_share=0.97))
        if round_number > 20 and pace.stretch < before:
            tries.append(round_number)
    assert len(tries) >= 3
    assert tries[-1] - tries[-2] > 20
    assert 1.4 < pace.stretch < 1.9


def test_a_single_lost_picture_in_many_changes_nothing() -> None:
    pace = Pace()
    assert not pace.adapt(Load(decoded=200, lost=1, busy_share=0.9))


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1), st.floats(0, 1)), max_size=60))
def test_the_stretch_is_bounded_whatever_happens(loads: list[tuple[int, float, float]]) -> None:
    pace = Pace()
    for decoded, lost_share, busy_share in loads:
        pace.adapt(Load(decoded, int(decoded * lost_share), busy_share))
        assert 1.0 <= pace.stretch <= MOST
