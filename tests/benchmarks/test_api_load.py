"""``gridpatrol bench api`` on a small past: what it tells, and a filled database that serves again."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import api_load
from cases.access.verifying import verify
from cases.database import open_database
from core.errors import ConfigError

KEYS = {"engine", "incidents_per_s", "intake_p50_ms", "intake_p99_ms", "queue_query_ms", "cases_stored"}


def measure(database: str, cases: int, result: Path) -> dict[str, Any]:
    api_load.main("sqlite", cases, seconds=1.0, clients=1, connections=2, database=database, json_file=result)
    told: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return told


def test_the_load_is_answered_and_a_filled_database_serves_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    first = measure(url, 60, tmp_path / "first.json")
    assert first.keys() >= KEYS
    assert first["incidents"] > 0
    assert first["cases_stored"] > 60
    capsys.readouterr()
    second = measure(url, 60, tmp_path / "second.json")
    assert "filled by an earlier run" in capsys.readouterr().out
    assert second["cases_stored"] > first["cases_stored"], "cases of its own"
    engine = open_database(url)
    assert all(chain.is_sound for chain in verify(engine))
    engine.dispose()


def test_a_database_with_other_cases_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    measure(url, 20, tmp_path / "first.json")
    with pytest.raises(ConfigError, match="not the 30 of this benchmark"):
        measure(url, 30, tmp_path / "second.json")


def test_a_url_of_another_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no sqlite URL"):
        measure("postgresql://app@127.0.0.1/postgres", 20, tmp_path / "first.json")
