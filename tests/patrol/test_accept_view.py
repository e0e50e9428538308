"""``gridpatrol feeds accept-view``."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.errors import ConfigError
from core.ids import ViewId
from patrol.cli import app
from patrol.demo.site import lay_out
from patrol.settings import load_settings
from streams.picture_health.reference import Reference
from streams.picture_health.store import ReferenceStore


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "demo", 8650, fresh=True, now=datetime(2026, 11, 22, tzinfo=UTC))


def test_accepting_a_view_lets_its_reference_go_and_no_other(config: Path) -> None:
    store = ReferenceStore(load_settings(config).views_dir)
    for name in ("CAM-01", "CAM-02"):
        store.save(ViewId(name), "tie", Reference(np.zeros((18, 32), np.uint8), datetime(2026, 5, 14, tzinfo=UTC)))
    answer = CliRunner().invoke(app, ["feeds", "accept-view", "CAM-01", "--config", str(config)])
    assert answer.exit_code == 0, answer.output
    assert "2026-05-14" in answer.output
    assert (store.holds(ViewId("CAM-01")), store.holds(ViewId("CAM-02"))) == (False, True)


def test_a_view_without_a_reference_says_when_it_gets_one(config: Path) -> None:
    answer = CliRunner().invoke(app, ["feeds", "accept-view", "CAM-01", "--config", str(config)])
    assert answer.exit_code == 0
    assert "尚无参照画面" in answer.output


def test_a_camera_that_is_not_there_is_named_with_those_that_are(config: Path) -> None:
    answer = CliRunner().invoke(app, ["feeds", "accept-view", "CAM-99", "--config", str(config)])
    assert isinstance(answer.exception, ConfigError)
    assert "CAM-99" in str(answer.exception)
    assert "CAM-01" in str(answer.exception)
