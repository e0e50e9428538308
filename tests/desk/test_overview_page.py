"""The overview's days, bars and files, without a browser."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.overview_charts import HEIGHT, Column, chart_of, round_above
from desk.overview_page import percent
from desk.overview_span import Span, SpanKind
from desk.sheet_files import RISKY_FIRST, Sheet, csv_text, guarded, write_xlsx

NOW = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
"""Half past midnight of the third, in Shanghai."""


def test_today_is_the_citys_day() -> None:
    assert Span.from_query({}, NOW) == Span(SpanKind.DAY, date(2026, 3, 3), date(2026, 3, 3))
    assert Span.from_query({}, NOW).since == datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({"span": "week"}, "2026-03-02", "2026-03-08"),
        ({"span": "month", "on": "2026-02-14"}, "2026-02-01", "2026-02-28"),
        ({"span": "month", "on": "2026-12-31"}, "2026-12-01", "2026-12-31"),
        ({"span": "own", "from": "2026-02-10", "to": "2026-02-01"}, "2026-02-01", "2026-02-10"),
        ({"from": "2026-02-10"}, "2026-02-10", "2026-02-10"),
        ({"span": "own", "from": "2020-01-01", "to": "2026-01-01"}, "2020-01-01", "2020-12-31"),
        ({"span": "never", "on": "31.12."}, "2026-03-03", "2026-03-03"),
    ],
)
def test_days_are_read_from_the_address(query: dict[str, str], first: str, last: str) -> None:
    span = Span.from_query(query, NOW)
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)


@given(st.sampled_from(SpanKind), st.dates(date(1991, 1, 1), date(2900, 1, 1)), st.integers(0, 40))
def test_the_spans_before_and_after_touch_it(kind: SpanKind, day: date, more: int) -> None:
    span = Span.of(kind, day)
    assert span.before.until == span.since
    assert span.after.since == span.until
    assert span.after.before == span
    assert more >= 0


@given(st.integers(0, 10**9))
def test_a_scale_ends_at_a_round_even_number_above(most: int) -> None:
    top = round_above(most)
    assert top >= most
    assert top % 2 == 0
    assert int(str(top).rstrip("0") or "0") in (1, 2, 4)
    assert top == 2 or top < 2.5 * most + 1e-9 or most == 0


@given(st.lists(st.tuples(*[st.integers(0, 500)] * 3), min_size=1, max_size=60))
def test_bars_stay_in_their_drawing_and_are_as_tall_as_their_counts(counts: list[tuple[int, int, int]]) -> None:
    chart = chart_of([Column(f"{place:02d}", f"{place}", *three) for place, three in enumerate(counts)])
    assert len(chart.pieces) == sum(count > 0 for three in counts for count in three)
    for piece in chart.pieces:
        assert chart.left - 0.1 <= piece.x
        assert piece.x + piece.width <= chart.right_edge + 0.1
        assert 0 <= piece.y <= HEIGHT
    assert chart.total == sum(map(sum, counts))


@pytest.mark.parametrize(
    ("share", "text"), [(None, "—"), (0.0, "0.0 %"), (0.0001, "0.1 %"), (0.99999, "99.9 %"), (1.0, "100.0 %")]
)
def test_not_quite_all_never_reads_as_all(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize("first", RISKY_FIRST)
def test_what_a_spreadsheet_takes_for_a_formula_is_guarded(first: str) -> None:
    assert guarded(f"{first}cmd") == f"'{first}cmd"


def test_plain_texts_and_numbers_are_not_changed() -> None:
    sheet = Sheet("t", ["a", "b"], [["环卫一所", -1.5], [None, 3]])
    assert "".join(csv_text(sheet)) == "\ufeffa,b\r\n环卫一所,-1.5\r\n,3\r\n"


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_any_text_can_stand_in_a_workbook(texts: list[str]) -> None:
    file = io.BytesIO()
    kept = [text.encode("utf-8", "replace").decode() for text in texts]
    write_xlsx(file, [Sheet("t", ["text"], [[text] for text in kept])], "t")
    sheet = openpyxl.load_workbook(io.BytesIO(file.getvalue())).worksheets[0]
    types = {cell.data_type for (cell,) in sheet.iter_rows(min_row=2) if cell.value is not None}
    assert types <= {"s", "inlineStr"}
