"""The codes of unit grids and what their prefixes mean: district, street, community, grid.

A unit grid's code has 14 or 15 digits: 6 district + 3 street + 3 community + 2 or 3 sequence.
A dedupe cell is a unit grid, or a square inside one: ``<code>/<row>-<col>``.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.errors import GridError
from core.ids import CellId

_CODE = re.compile(r"[0-9]{14,15}")
_CELL = re.compile(r"(?P<code>[0-9]{14,15})(?:/(?P<row>0|[1-9][0-9]*)-(?P<col>0|[1-9][0-9]*))?")


class Level(StrEnum):
    """A step of the city's hierarchy that a code's prefix names."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"


_PREFIX_DIGITS = {Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12}


@dataclass(frozen=True, slots=True)
class SubCell:
    """One square inside a unit grid: row from its south edge, column from its west edge, both from 0."""

    row: int
    col: int


def check_code(code: object, where: str) -> CellId:
    """The code as text, once it is one.

    Raises:
        GridError: it is a number, or not 14 or 15 digits; ``where`` names the feature.
    """
    if isinstance(code, int | float) and not isinstance(code, bool):
        raise GridError(f'{where}: code {code} is a number; codes are text, write "code": "{code}"')
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise GridError(
            f"{where}: code {code!r} is not 14 or 15 digits; "
            "write 6 district + 3 street + 3 community + 2 or 3 sequence digits, without spaces"
        )
    return CellId(code)


def prefix_of(cell: CellId, level: Level) -> str:
    """The code of the district, street, community or unit grid that a cell lies in."""
    code, _ = split_cell(cell)
    return code if level is Level.GRID else code[: _PREFIX_DIGITS[level]]


def level_of(prefix: str) -> Level:
    """What a prefix names: 6 digits a district, 9 a street, 12 a community, 14 or 15 a unit grid.

    Raises:
        GridError: no level has that many digits.
    """
    if _CODE.fullmatch(prefix):
        return Level.GRID
    for level, digits in _PREFIX_DIGITS.items():
        if re.fullmatch(rf"[0-9]{{{digits}}}", prefix):
            return level
    raise GridError(
        f"{prefix!r} names no level of the grid; "
        "give 6 digits (district), 9 (street), 12 (community) or 14 to 15 (unit grid)"
    )


def split_cell(cell: str) -> tuple[CellId, SubCell | None]:
    """A cell's unit-grid code and, for a finer dedupe cell, its square.

    Raises:
        GridError: the text is neither ``<code>`` nor ``<code>/<row>-<col>``.
    """
    match = _CELL.fullmatch(cell)
    if match is None:
        raise GridError(f"{cell!r} is not a cell; write a unit-grid code of 14 or 15 digits, or <code>/<row>-<col>")
    code = CellId(match["code"])
    if match["row"] is None:
        return code, None
    return code, SubCell(int(match["row"]), int(match["col"]))


def sub_cell_id(code: CellId, sub: SubCell) -> CellId:
    """The id of one square inside a unit grid."""
    return CellId(f"{code}/{sub.row}-{sub.col}")
