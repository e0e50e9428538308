"""The page of all settings is what the code reads, and leaves nothing unexplained."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol.commands.config import app
from patrol.settings_reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_what_the_command_prints() -> None:
    result = CliRunner().invoke(app, ["reference"])
    assert result.exit_code == 0
    assert PAGE.read_text(encoding="utf-8") == result.stdout, (
        "make it anew: gridpatrol config reference > docs/settings.md"
    )


def test_every_key_says_what_it_is() -> None:
    untold = re.findall(r"^\| `(\w+)` .*\|  \|$", reference(), re.MULTILINE)
    assert untold == [], "a description or a docstring below the field"


@pytest.mark.parametrize(
    "line",
    [
        "| `port` | whole number, ≥ 0, ≤ 65535 | `8650` | TCP port; 0 takes any free one |",  # Field(description=…)
        '| `url` | text | `""` | SQLAlchemy URL; empty means SQLite in `site.data_dir`. '
        "PostgreSQL: `postgresql://user@host/name`. |",  # a docstring below the field
        "## `[[cameras]]`",
        "## `[gateways.NAME]`",
        "## `[cameras.vehicle.track]`",
    ],
)
def test_tables_and_kinds_of_every_depth_are_there(line: str) -> None:
    assert line in reference().splitlines()


def test_no_word_of_the_code_is_left_for_a_reader() -> None:
    """Types are told in words; what the code calls them helps nobody who writes TOML."""
    kinds = re.findall(r"^\| `\w+` \| ([^|]+) \|", reference(), re.MULTILINE)
    strange = {
        kind
        for kind in kinds
        if re.search(r"\b(str|int|float|bool|NoneType|secretstr|httpurl|tuple)\b|typing|e\+", kind)
    }
    assert strange == set()
    assert "**required**" in reference()
