"""Whatever bytes come as a catalogue, a layer, a sheet or a list of days: they are read, or refused by name."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.catalogue.reading import JSON, TOML, read_catalogue, shipped
from cases.places.layers import read_layer
from cases.places.sheets import read_sheet
from cases.worktime.day_lists import read_days, with_days
from cases.worktime.documents import CalendarDocument
from core.errors import CaseError, GridError
from tests.cases.worktime.test_calendars import CSV, ICS
from tests.cases.worktime.test_calendars import JSON as DAYS

CATALOGUE = shipped().catalogue
LAYER = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "510104001001001",'
    ' "zone": "strict", "units": {"*": "甲"}, "people": [{"role": "r", "name": "n"}], "valid_from": "2026-05-01"},'
    ' "geometry": {"type": "Polygon", "coordinates": [[[104.08, 30.65], [104.09, 30.65], [104.09, 30.66],'
    " [104.08, 30.65]]]}}]}"
)
SHEET = "编码,名称,管控等级,生效日期\n510104001001001,春熙路,严管区,2026-05-01\n"
SPLICES = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 12),
        st.text(max_size=6)
        | st.sampled_from(["NaN", "1e999", "\x00", "\\ud800", "null", "[]", "{}", '"', ",", "\n", "9" * 5000, "0001"]),
    ),
    min_size=1,
    max_size=4,
)


def spliced(text: str, splices: list[tuple[float, int, str]]) -> bytes:
    """The text with pieces cut out and others put in."""
    for where, length, piece in splices:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    return text.encode("utf-8", "surrogatepass")


def refused_well() -> contextlib.AbstractContextManager[object]:
    """Lets a refusal pass that can be told over HTTP, and nothing else."""
    return _RefusedWell()


class _RefusedWell(contextlib.AbstractContextManager[object]):
    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, CaseError | GridError):
            str(error).encode()
            return True
        return False


@settings(max_examples=120, deadline=None)
@given(SPLICES, st.sampled_from([("days.json", DAYS), ("days.csv", CSV), ("days.ics", ICS)]))
def test_a_list_of_days_is_read_or_refused(splices: list[tuple[float, int, str]], sound: tuple[str, str]) -> None:
    with refused_well():
        with_days(CalendarDocument(), read_days(spliced(sound[1], splices), sound[0])).calendar()


@settings(max_examples=120, deadline=None)
@given(SPLICES)
def test_a_layer_and_a_sheet_are_read_or_refused(splices: list[tuple[float, int, str]]) -> None:
    with refused_well():
        read_layer(spliced(LAYER, splices), "x", CATALOGUE)
    with refused_well():
        read_sheet(spliced(SHEET, splices), "x", CATALOGUE)


@settings(max_examples=120, deadline=None)
@given(SPLICES, st.sampled_from([TOML, JSON]))
def test_a_catalogue_is_read_or_refused(splices: list[tuple[float, int, str]], media_type: str) -> None:
    sound = shipped().source if media_type == TOML else CATALOGUE.model_dump_json()
    with refused_well():
        text = spliced(sound, splices).decode("utf-8", "replace")
        read_catalogue(text, media_type, "x").catalogue.as_json()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["json", "csv", "ics"]))
def test_any_bytes_are_read_or_refused(data: bytes, ending: str) -> None:
    with refused_well():
        read_days(data, f"x.{ending}")
    with refused_well():
        read_layer(data, "x", CATALOGUE)
    with refused_well():
        read_sheet(data, "x", CATALOGUE)


def test_the_sound_ones_are_sound() -> None:
    assert read_layer(LAYER.encode(), "x", CATALOGUE).zones
    assert read_sheet(SHEET.encode(), "x", CATALOGUE).zones
    with pytest.raises(CaseError):
        read_sheet(b"", "x", CATALOGUE)
