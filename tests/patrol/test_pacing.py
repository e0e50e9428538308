"""A machine that cannot keep up stretches every interval alike, says so, and stops saying so when it can again."""

import logging
from collections.abc import Mapping

import pytest

from core.clock import ManualClock
from core.ids import CameraId
from patrol.pacing import MIND_EVERY_S, PaceKeeper, Pictures
from tests.patrol.test_view_memory import NOW

ONE, TWO = CameraId("CAM-01"), CameraId("CAM-02")


class Fleet:
    """Two cameras' counts, set by the test."""

    def __init__(self) -> None:
        self.counts = {ONE: Pictures(0, 0), TWO: Pictures(0, 0)}

    def picture_counts(self) -> Mapping[CameraId, Pictures]:
        return dict(self.counts)

    def go_on(self, decoded: int, lost: int) -> None:
        for camera_id, before in self.counts.items():
            self.counts[camera_id] = Pictures(before.decoded + decoded, before.lost + lost)


def after_round(keeper: PaceKeeper, clock: ManualClock, fleet: Fleet, busy: float, decoded: int, lost: int) -> None:
    fleet.go_on(decoded, lost)
    clock.advance(MIND_EVERY_S)
    keeper.looked(busy * MIND_EVERY_S, fleet)


def test_a_machine_that_keeps_up_stretches_nothing_and_says_nothing() -> None:
    clock, fleet = ManualClock(NOW), Fleet()
    keeper = PaceKeeper(1, clock)
    for _ in range(5):
        after_round(keeper, clock, fleet, busy=0.9, decoded=50, lost=0)
    assert keeper.stretch == 1.0
    assert keeper.notices == ()


def test_lost_pictures_stretch_every_interval_and_the_operator_is_told_in_both_languages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, fleet = ManualClock(NOW), Fleet()
    keeper = PaceKeeper(1, clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            after_round(keeper, clock, fleet, busy=1.0, decoded=50, lost=15)
    assert keeper.stretch > 1.3
    (notice,) = keeper.notices
    assert f"{keeper.stretch:.2f}" in notice
    assert "巡查间隔" in notice
    assert "mend:" in notice
    assert [record for record in caplog.records if "cannot keep up" in record.message]


def test_it_comes_back_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    clock, fleet = ManualClock(NOW), Fleet()
    keeper = PaceKeeper(1, clock)
    for _ in range(3):
        after_round(keeper, clock, fleet, busy=1.0, decoded=50, lost=15)
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            after_round(keeper, clock, fleet, busy=0.3, decoded=30, lost=0)
    assert keeper.stretch == 1.0
    assert keeper.notices == ()
    assert [record for record in caplog.records if "keeps up again" in record.message]


def test_the_pictures_of_the_first_seconds_and_of_cameras_that_come_anew_do_not_count() -> None:
    clock, fleet = ManualClock(NOW), Fleet()
    keeper = PaceKeeper(2, clock)
    after_round(keeper, clock, fleet, busy=1.0, decoded=500, lost=400)
    assert keeper.stretch == 1.0
    fleet.counts[TWO] = Pictures(3, 3)  # connected anew: its counts began again
    fleet.counts[CameraId("CAM-03")] = Pictures(100, 90)
    fleet.counts[ONE] = Pictures(fleet.counts[ONE].decoded + 50, fleet.counts[ONE].lost)
    clock.advance(MIND_EVERY_S)
    keeper.looked(1.0, fleet)
    assert keeper.stretch == 1.0
