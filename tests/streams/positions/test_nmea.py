"""NMEA as it comes from a receiver in a car: damaged, in gaps, across midnight."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.positions import Fix
from streams.positions.nmea import NmeaReader
from streams.positions.track import PositionTrack
from tests.streams.positions.sentences import gga, rmc, sentence


def read(*lines: bytes, day: date | None = None) -> tuple[list[Fix], NmeaReader]:
    reader = NmeaReader(day)
    return [fix for line in lines if (fix := reader.read(line)) is not None], reader


def test_an_rmc_tells_time_place_course_and_speed() -> None:
    (fix,), reader = read(rmc("083000.20"))
    assert fix.at == datetime(2026, 5, 14, 8, 30, 0, 200_000, tzinfo=UTC)
    assert (fix.place.x, fix.place.y) == pytest.approx((104.0661, 30.66002))
    assert fix.course_deg == 87.5
    assert fix.speed_mps == pytest.approx(16.2 * 1852 / 3600)
    assert reader.counts.fixes == 1


def test_south_and_west_are_negative() -> None:
    (fix,), _ = read(sentence("GPRMC,083000.00,A,3039.60120,S,10403.96600,W,000.0,,140526,,,A"))
    assert (fix.place.x, fix.place.y) == pytest.approx((-104.0661, -30.66002))
    assert fix.course_deg is None


def test_rmc_and_gga_of_one_moment_are_one_fix_with_the_receivers_exactness() -> None:
    fixes, _ = read(rmc("083000.00"), gga("083000.00", hdop="1.5"))
    track = PositionTrack()
    for fix in fixes:
        track.add(fix)
    (one,) = track.around(fixes[0].at, 1.0)
    assert one.course_deg == 87.5
    assert one.error_m == 4.5


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(rmc("083000.00").replace(b"3039.6", b"3089.6"), id="a digit changed on the way"),
        pytest.param(rmc("083000.00").rpartition(b"*")[0] + b"\r\n", id="no checksum"),
        pytest.param(rmc("083000.00")[:40] + b"\r\n", id="cut off"),
        pytest.param(rmc("083000.00")[:-4] + b"ZZ\r\n", id="a checksum that is none"),
        pytest.param(sentence("GNRMC,256199.00,A,3039.60120,N,10403.96600,E,1,1,140526,,,A"), id="no time of day"),
        pytest.param(sentence("GNRMC,083000.00,A,,,,,,,140526,,,A"), id="no place"),
        pytest.param(sentence("GNRMC,083000.00,A,9939.60120,N,10403.96600,E,1,1,140526,,,A"), id="no latitude"),
        pytest.param(b"\xff\xfe\x00garbage", id="another protocol's bytes"),
        pytest.param(b"$GNRMC," + b"9" * 10_000, id="a line without end"),
    ],
)
def test_a_damaged_sentence_is_counted_and_costs_only_itself(line: bytes) -> None:
    fixes, reader = read(rmc("082959.00"), line, rmc("083001.00"))
    assert [fix.at.second for fix in fixes] == [59, 1]
    assert reader.counts.bad == 1


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(rmc("083000.00", status="V"), id="RMC void"),
        pytest.param(gga("083000.00", quality=0), id="GGA without a fix"),
        pytest.param(gga("083000.00", quality=6), id="dead reckoning"),
        pytest.param(sentence("GNRMC,083000.00,A,3039.60120,N,10403.96600,E,1,1,140526,,,S"), id="a simulator"),
    ],
)
def test_a_receiver_without_a_fix_is_told_apart_from_a_damaged_line(line: bytes) -> None:
    fixes, reader = read(line)
    assert fixes == []
    assert (reader.counts.no_fix, reader.counts.bad) == (1, 0)


def test_other_sentences_and_empty_lines_are_no_faults() -> None:
    _, reader = read(sentence("GNGSA,A,3,,,,,1.2,0.9,0.8"), b"\r\n", b"!AIVDM,1,1,,A,x,0*00\r\n")
    assert (reader.counts.other, reader.counts.bad) == (3, 0)


def test_midnight_turns_the_day_also_for_gga_which_does_not_tell_it() -> None:
    lines = [rmc("235958.00"), gga("235959.00"), gga("000000.00"), gga("000001.00"), rmc("000002.00", date="150526")]
    fixes, _ = read(*lines)
    assert [(fix.at.day, fix.at.second) for fix in fixes] == [(14, 58), (14, 59), (15, 0), (15, 1), (15, 2)]


def test_a_gga_that_comes_late_over_midnight_belongs_to_the_day_before() -> None:
    fixes, _ = read(rmc("000001.00", date="150526"), gga("235959.00"))
    assert [fix.at.day for fix in fixes] == [15, 14]


def test_gga_alone_needs_the_day_from_the_settings_and_then_turns_it_by_itself() -> None:
    lines = [gga("235959.00"), gga("000000.00")]
    unknown, _ = read(*lines)
    known, _ = read(*lines, day=date(2026, 5, 14))
    assert unknown == []
    assert [(fix.at.day, fix.at.hour) for fix in known] == [(14, 23), (15, 0)]


def test_sentences_in_the_wrong_order_are_sorted_by_their_time() -> None:
    fixes, _ = read(rmc("083002.00"), rmc("083000.00"), rmc("083001.00"))
    track = PositionTrack()
    for fix in fixes:
        track.add(fix)
    assert [fix.at.second for fix in track.around(fixes[0].at, 10.0)] == [0, 1, 2]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(line=st.binary(max_size=200))
def test_no_bytes_whatsoever_make_the_reader_fail(line: bytes) -> None:
    reader = NmeaReader()
    reader.read(line)
    reader.read(b"$GPRMC," + line)
    counts = reader.counts
    assert counts.fixes + counts.no_fix + counts.bad + counts.other == 2
