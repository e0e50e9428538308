"""Codes of unit grids, their prefixes and finer cells."""

import pytest

from core.errors import GridError
from core.ids import CellId
from grid.codes import Level, SubCell, check_code, level_of, prefix_of, split_cell, sub_cell_id

CODE = CellId("510104001002003")


@pytest.mark.parametrize(
    ("level", "prefix"),
    [
        (Level.DISTRICT, "510104"),
        (Level.STREET, "510104001"),
        (Level.COMMUNITY, "510104001002"),
        (Level.GRID, "510104001002003"),
    ],
)
def test_a_code_names_its_district_street_community_and_grid(level: Level, prefix: str) -> None:
    assert prefix_of(CODE, level) == prefix
    assert prefix_of(CellId(f"{CODE}/3-14"), level) == prefix
    assert level_of(prefix) is level


@pytest.mark.parametrize("code", ["51010400100101", "510104001001001"])
def test_codes_of_14_and_of_15_digits_are_kept_as_text(code: str) -> None:
    assert check_code(code, "feature 1") == code
    assert level_of(code) is Level.GRID


@pytest.mark.parametrize(
    "code",
    [
        "",
        "5101040010010",
        "5101040010010011",
        "51010400100100a",
        " 510104001001001",
        "5101040010010０1",
        None,
        True,
        [],
    ],
)
def test_a_code_of_another_form_is_refused_by_name(code: object) -> None:
    with pytest.raises(GridError, match=r"feature 7: code .* is not 14 or 15 digits"):
        check_code(code, "feature 7")


def test_a_code_written_as_a_number_is_told_to_become_text() -> None:
    with pytest.raises(GridError, match=r'is a number; codes are text, write "code": "510104001001001"'):
        check_code(510104001001001, "feature 7")


@pytest.mark.parametrize("prefix", ["", "5101", "51010400", "abcdef", "5101040010010011"])
def test_a_prefix_between_the_levels_names_nothing(prefix: str) -> None:
    with pytest.raises(GridError, match="names no level"):
        level_of(prefix)


def test_a_finer_cell_is_its_code_and_its_square() -> None:
    cell = sub_cell_id(CODE, SubCell(3, 14))
    assert cell == "510104001002003/3-14"
    assert split_cell(cell) == (CODE, SubCell(3, 14))
    assert split_cell(CODE) == (CODE, None)


@pytest.mark.parametrize("cell", ["", "x", f"{CODE}/", f"{CODE}/1", f"{CODE}/01-2", f"{CODE}/-1-2", f"{CODE}/1-2\n"])
def test_text_that_is_no_cell_is_refused(cell: str) -> None:
    with pytest.raises(GridError, match="is not a cell"):
        split_cell(cell)
