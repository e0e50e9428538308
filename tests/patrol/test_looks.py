"""The record of how well intervals are kept."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ids import CameraId
from patrol.looks import KEPT, LookLedger, share_below

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
ONE, OTHER = CameraId("CAM-01"), CameraId("CAM-02")


def note(ledger: LookLedger, camera: CameraId, second: float, age_s: float = 0.5, picture_every_s: float = 0.0) -> None:
    now = AT + timedelta(seconds=second)
    ledger.looked(camera, now - timedelta(seconds=age_s), now, second, picture_every_s)


def test_intervals_and_ages_are_of_the_camera_alone() -> None:
    ledger = LookLedger()
    for second in (0, 2, 4, 7):
        note(ledger, ONE, second, age_s=second / 10)
    note(ledger, OTHER, 3, age_s=9)
    figures = ledger.figures(ONE)
    assert (figures.looks, figures.interval_p50_s, figures.interval_p99_s) == (4, 2, 3)
    assert figures.age_p99_s == pytest.approx(0.7)
    assert ledger.figures(OTHER).interval_p50_s is None


def test_only_the_looks_of_late_are_kept_and_all_are_counted() -> None:
    ledger = LookLedger()
    note(ledger, ONE, 0)
    note(ledger, ONE, 1000)
    for step in range(KEPT):
        note(ledger, ONE, 1000 + 2 * (step + 1))
    figures = ledger.figures(ONE)
    assert (figures.looks, figures.interval_p99_s) == (KEPT + 2, 2)


def test_a_camera_that_is_gone_is_forgotten() -> None:
    ledger = LookLedger()
    note(ledger, ONE, 0)
    ledger.forget(ONE)
    assert ledger.figures(ONE).looks == 0


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_shares_are_nearest_ranks(share: float, value: float) -> None:
    assert share_below([float(n) for n in range(100, 0, -1)], share) == value
    assert share_below([], share) is None


def test_figures_are_told_without_what_is_not_known() -> None:
    ledger = LookLedger()
    note(ledger, ONE, 0)
    assert ledger.figures(ONE).as_json() == {
        "looks": 1,
        "late": 0,
        "last_at_s": AT.timestamp(),
        "age_p50_s": 0.5,
        "age_p99_s": 0.5,
    }


def test_a_look_more_than_half_an_interval_late_is_counted_and_one_that_nobody_promised_is_not() -> None:
    ledger = LookLedger()
    ledger.promise(ONE, 2.0)
    for second in (0, 2, 5, 8.1, 30, 32):
        note(ledger, ONE, second)
        note(ledger, OTHER, second)
    assert ledger.figures(ONE).late == 2
    assert ledger.figures(OTHER).late == 0
    assert ledger.figures(ONE).last_at_s == AT.timestamp() + 32


def test_a_camera_whose_key_frames_are_farther_apart_than_its_interval_is_not_called_late_for_that() -> None:
    ledger = LookLedger()
    for camera in (ONE, OTHER):
        ledger.promise(camera, 0.5)
    for second in (0, 1, 2, 3, 4.6):
        note(ledger, ONE, second, picture_every_s=1.0)
        note(ledger, OTHER, second)
    assert ledger.figures(ONE).late == 1
    assert ledger.figures(OTHER).late == 4
