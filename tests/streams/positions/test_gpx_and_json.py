"""GPX from anybody's recorder, and JSON-lines from a vehicle's router."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.positions.gpx_file import read_gpx
from streams.positions.json_lines import JsonLinesReader
from streams.positions.track import PositionTrack

HEAD = (
    '<?xml version="1.0"?><gpx version="1.1" creator="recorder" xmlns="http://www.topografix.com/GPX/1/1" '
    'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">'
)


def document(*points: str) -> bytes:
    return f"{HEAD}<trk><trkseg>{''.join(points)}</trkseg></trk></gpx>".encode()


def point(time: str | None, more: str = "") -> str:
    when = "" if time is None else f"<time>{time}</time>"
    return f'<trkpt lat="30.66" lon="104.066">{when}{more}</trkpt>'


def test_times_of_any_zone_are_one_moment() -> None:
    fixes, _ = read_gpx(document(point("2026-05-14T08:30:00+08:00"), point("2026-05-14T00:30:01.250Z")))
    assert [fix.at for fix in fixes] == [
        datetime(2026, 5, 14, 0, 30, tzinfo=UTC),
        datetime(2026, 5, 14, 0, 30, 1, 250_000, tzinfo=UTC),
    ]


def test_a_time_without_a_zone_is_refused_with_the_mend() -> None:
    with pytest.raises(ValueError, match=r"no zone.*export it again"):
        read_gpx(document(point("2026-05-14T08:30:00")))


def test_course_and_speed_of_an_extension_and_the_exactness_are_read() -> None:
    extension = (
        "<hdop>1.5</hdop><extensions><gpxtpx:TrackPointExtension><gpxtpx:speed>8.2</gpxtpx:speed>"
        "<gpxtpx:course>90.5</gpxtpx:course></gpxtpx:TrackPointExtension></extensions>"
    )
    (fix,), _ = read_gpx(document(point("2026-05-14T00:30:00Z", extension)))
    assert (fix.course_deg, fix.speed_mps, fix.error_m) == (90.5, 8.2, 4.5)


def test_points_in_the_wrong_order_are_sorted_and_those_without_a_time_counted() -> None:
    fixes, left_out = read_gpx(
        document(
            point("2026-05-14T00:30:01Z"), point(None), point("2026-05-14T00:30:00Z"), point("", "<fix>none</fix>")
        )
    )
    assert [fix.at.second for fix in fixes] == [0, 1]
    assert left_out == 2


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"no XML", id="no XML"),
        pytest.param(document(point("yesterday")), id="no time"),
        pytest.param(document(point("2026-05-14T00:30:00Z")).replace(b"30.66", b"130.66"), id="no latitude"),
        pytest.param(document(point("2026-05-14T00:30:00Z", "<hdop>good</hdop>")), id="no number"),
        pytest.param(document(point("2026-05-14T00:30:00Z"))[:-20], id="cut off"),
    ],
)
def test_what_is_no_gpx_is_refused_with_the_mend(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not a GPX document"):
        read_gpx(raw)


@pytest.mark.parametrize(
    ("line", "second"),
    [
        pytest.param(b'{"at": "2026-05-14T08:30:07+08:00", "lon": 104.066, "lat": 30.66}', 7, id="with a zone"),
        pytest.param(b'{"at": 1778718609.5, "lon": 104.066, "lat": 30.66, "volt": 12.1}', 9, id="epoch and more"),
    ],
)
def test_a_json_line_tells_a_fix(line: bytes, second: int) -> None:
    fix = JsonLinesReader().read(line)
    assert fix is not None
    assert (fix.at.hour, fix.at.minute, fix.at.second) == (0, 30, second)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"at": "2026-05-14T08:30:07", "lon": 104.066, "lat": 30.66}', id="no zone"),
        pytest.param(b'{"at": "2026-05-14T08:30:07Z", "lon": 104.066}', id="half a place"),
        pytest.param(b'{"at": "2026-05-14T08:30:07Z", "lon": 404.0, "lat": 30.66}', id="no longitude"),
        pytest.param(b'{"at": "2026-05-14T08:30:07Z", "lon": NaN, "lat": 30.66}', id="not finite"),
        pytest.param(b'{"at": "2026-05-14T08:30:07Z", "lon": 104.0, "lat": 30.6, "speed_mps": -1}', id="speed"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b'{"at": "' + b"9" * 5000, id="too long"),
    ],
)
def test_a_json_line_that_tells_none_is_counted(line: bytes) -> None:
    reader = JsonLinesReader()
    assert reader.read(line) is None
    assert reader.counts.bad == 1


def test_a_null_place_says_that_there_is_no_fix() -> None:
    reader = JsonLinesReader()
    assert reader.read(b'{"at": "2026-05-14T08:30:07Z", "lon": null, "lat": null}') is None
    assert (reader.counts.no_fix, reader.counts.bad) == (1, 0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seconds=st.lists(st.integers(0, 500), max_size=80), most=st.integers(1, 40))
def test_a_track_keeps_the_newest_in_order_and_counts_the_rest(seconds: list[int], most: int) -> None:
    reader, track = JsonLinesReader(), PositionTrack(most)
    for second in seconds:
        fix = reader.read(f'{{"at": {1778718600 + second}, "lon": 104.066, "lat": 30.66}}'.encode())
        assert fix is not None
        track.add(fix)
    kept = track.around(datetime(2026, 5, 14, 0, 30, tzinfo=UTC), 10_000.0)
    assert [fix.at for fix in kept] == sorted({fix.at for fix in kept})
    assert len(kept) <= most
    if len(set(seconds)) <= most:
        assert len(kept) == len(set(seconds))
        assert track.dropped == 0
