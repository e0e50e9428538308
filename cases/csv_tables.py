"""Tables from spreadsheets: CSV in UTF-8 (with or without a byte order mark) or GBK, as Excel in China writes it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from core.errors import CaseError

LONGEST_TABLE = 64 * 1024 * 1024
MOST_LINES = 500_000
BOM = "\ufeff"
"""Put before what we write, so that Excel reads it as UTF-8."""


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One line below the head; columns by our names, values without outer spaces."""

    where: str
    """``file.csv: line 7``."""
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A table's lines, empty ones left out."""

    source: str
    lines: tuple[CsvLine, ...]
    columns: frozenset[str]


def read_csv(
    data: bytes, source: str, heads: Mapping[str, Sequence[str]], needed: frozenset[str], refused: type[CaseError]
) -> CsvTable:
    """A table by its head line.

    Args:
        data: the file.
        source: what errors call it.
        heads: what each of our columns may be called.
        needed: the columns that have to be there.
        refused: which error to raise.

    Raises:
        CaseError: as ``refused``; the text names line, column and mend.
    """

    def refuse(text: str, cause: Exception | None = None) -> NoReturn:
        raise refused(f"{source}: {text}") from cause

    if len(data) > LONGEST_TABLE:
        refuse(f"{len(data)} bytes; split it into files of at most {LONGEST_TABLE}")
    text = decoded(data, source, refused)
    separator = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    separator = "\t" if "\t" in text.split("\n", 1)[0] else separator
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        head = next(rows, None)
        if head is None:
            refuse("is empty; write a head line and the lines below it")
        columns = _columns([name.strip() for name in head], heads, needed, refuse)
        lines = []
        for values in rows:
            if not any(value.strip() for value in values):
                continue
            where = f"{source}: line {rows.line_num}"
            if len(values) > len(head):
                raise refused(
                    f"{where}: {len(values)} values for {len(head)} columns; put values with commas in quotes"
                )
            lines.append(CsvLine(where, {columns[n]: value.strip() for n, value in enumerate(values) if n in columns}))
            if len(lines) > MOST_LINES:
                refuse(f"more than {MOST_LINES} lines; split the file")
    except csv.Error as error:
        refuse(f"line {rows.line_num}: {error}; save it as CSV again", error)
    return CsvTable(source, tuple(lines), frozenset(columns.values()))


def decoded(data: bytes, source: str, refused: type[CaseError]) -> str:
    """Text of a file in UTF-8 or GB 18030 (GBK).

    Raises:
        CaseError: as ``refused``.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise refused(f"{source}: neither UTF-8 nor GBK text; in Excel save it as “CSV UTF-8”")


def write_csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that Excel opens; a value that it would take for a formula gets an apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return BOM + out.getvalue()


def plain(value: str) -> str:
    """A value as it was before ``write_csv`` made it harmless."""
    return value[1:] if value.startswith("'") else value


def _harmless(value: str) -> str:
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _columns(
    head: Sequence[str], heads: Mapping[str, Sequence[str]], needed: frozenset[str], refuse: Callable[[str], NoReturn]
) -> dict[int, str]:
    by_head = {name.casefold(): ours for ours, names in heads.items() for name in (ours, *names)}
    columns: dict[int, str] = {}
    for number, name in enumerate(head):
        if name == "":
            continue
        ours = by_head.get(name.casefold())
        if ours is None:
            near = get_close_matches(name.casefold(), by_head, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"columns are {', '.join(by_head)}"
            refuse(f"line 1: unknown column {name[:40]!r}; {hint}")
        if ours in columns.values():
            refuse(f"line 1: column {name[:40]!r} is there twice; keep one")
        columns[number] = ours
    for missing in sorted(needed - set(columns.values())):
        refuse(f"line 1: no column {missing!r}; add it (also called {', '.join(heads[missing])})")
    return columns
