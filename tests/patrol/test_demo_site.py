"""The demo's little city is laid out so that its clock never meets the wall clock."""

from datetime import UTC, datetime, timedelta

import pytest

from patrol.demo.site import begin_of

CLIP = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(CLIP + timedelta(days=400), id="long after"),
        pytest.param(CLIP + timedelta(days=1), id="a day after"),
        pytest.param(CLIP - timedelta(days=300), id="on a machine whose clock is behind"),
    ],
)
def test_the_clips_begin_well_before_now_at_their_own_hour(now: datetime) -> None:
    begin = begin_of(CLIP, now)
    assert begin <= now - timedelta(days=30)
    assert (begin.hour, begin.minute) == (0, 30)


def test_the_burnt_in_date_stands_where_it_can() -> None:
    assert begin_of(CLIP, CLIP + timedelta(days=31)) == CLIP
