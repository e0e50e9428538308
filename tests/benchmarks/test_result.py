"""What a benchmark measured is printed whatever becomes of its file."""

import json
from pathlib import Path

import pytest
import typer

from benchmarks.result import finish

RESULT = {"cameras": 64, "machine": {"processor": "x86_64"}}


def test_the_file_and_its_folder_are_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finish(RESULT, tmp_path / "new" / "result.json")
    assert json.loads((tmp_path / "new" / "result.json").read_text()) == RESULT
    assert json.loads(capsys.readouterr().out) == RESULT


def test_a_file_that_cannot_be_written_is_named_and_the_result_is_still_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(typer.Exit) as ended:
        finish(RESULT, tmp_path / "taken" / "result.json")
    told = capsys.readouterr()
    assert (ended.value.exit_code, json.loads(told.out)) == (1, RESULT)
    assert "taken/result.json cannot be written" in told.err
