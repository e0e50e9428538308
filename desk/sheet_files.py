"""Tables as files: CSV that a spreadsheet opens as it is, and XLSX; row by row, whatever their length.

A text that a spreadsheet would take for a formula (``=``, ``+``, ``-``, ``@``, tab, carriage return first) gets an
apostrophe before it in CSV, as OWASP advises; in XLSX every text is written as a text, so nothing is changed there.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it ships no type information

from desk.render import DESK_ZONE

Cell = str | int | float | datetime | None
BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for the machine's old code page and Chinese is unreadable."""
RISKY_FIRST = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are the full-width forms, which some spreadsheets take for the same."""
LONGEST_TEXT = 32_767
"""What a cell of Excel holds."""
ROWS_TOGETHER = 200
_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table with its headings."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    """Read once, while the file is written."""


def csv_text(sheet: Sheet) -> Iterator[str]:
    """The file in pieces, some rows together; RFC 4180 with a byte order mark."""
    held = io.StringIO()
    writer = csv.writer(held)
    held.write(BOM)
    writer.writerow([guarded(heading) for heading in sheet.headings])
    for count, row in enumerate(sheet.rows, start=1):
        writer.writerow([_in_csv(cell) for cell in row])
        if count % ROWS_TOGETHER == 0:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


def write_xlsx(file: IO[bytes], sheets: Sequence[Sheet], title: str) -> None:
    """Write a workbook; one row at a time is in memory."""
    book = Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    book.set_properties({"title": title, "author": "Gridpatrol"})
    heading_form = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    time_form = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        for column, heading in enumerate(sheet.headings):
            page.set_column(column, column, max(12, min(30, len(heading) + 4)))
        for column, heading in enumerate(sheet.headings):
            page.write_string(0, column, heading, heading_form)
        for place, row in enumerate(sheet.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    if cell:
                        page.write_string(place, column, _printable(cell)[:LONGEST_TEXT])
                elif isinstance(cell, datetime):
                    page.write_datetime(place, column, cell.astimezone(DESK_ZONE).replace(tzinfo=None), time_form)
                elif cell is not None:
                    page.write_number(place, column, cell)
    book.close()


def guarded(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(RISKY_FIRST) else text


def _in_csv(cell: Cell) -> str:
    if isinstance(cell, str):
        return guarded(_printable(cell))
    if isinstance(cell, datetime):
        return cell.astimezone(DESK_ZONE).strftime(_TIME)
    return "" if cell is None else str(cell)


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold; line ends and tabs stay."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")
