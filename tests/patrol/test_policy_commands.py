"""``gridpatrol policy`` at the command line."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cases.policy.errors import PolicyRefused
from core.clock import SystemClock
from core.errors import ConfigError
from patrol.cli import app
from patrol.demo.site import ASSETS
from patrol.settings import load_settings
from patrol.wiring import open_case_room
from tests.cases.reports import announce, report

LAYER = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"number": "临占-1", "name": "夜市", "cells": ["510104001001001"]},
            "geometry": None,
        }
    ],
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["policy", *(str(argument) for argument in arguments)])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copy(ASSETS / "grids.geojson", tmp_path / "grids.geojson")
    path = tmp_path / "gridpatrol.toml"
    path.write_text('[grid]\nfile = "grids.geojson"\n[cases.policy]\ndecisions_days = 1\n')
    return path


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    path = tmp_path / "permits.geojson"
    path.write_text(json.dumps(LAYER), encoding="utf-8")
    return path


def test_permits_go_in_are_listed_and_come_out_the_same(config: Path, layer: Path) -> None:
    assert "added 1" in run("import-permits", layer, "-c", config).output
    assert "unchanged 1" in run("import-permits", layer, "-c", config).output
    assert "permit:1\t临占-1\t夜市" in run("permits", "-c", config).output
    out = layer.with_name("out.geojson")
    assert run("export-permits", out, "-c", config).exit_code == 0
    (feature,) = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert feature["properties"]["cells"] == ["510104001001001"]
    assert "unchanged 1" in run("import-permits", out, "-c", config).output


def test_a_file_that_is_no_layer_is_refused_by_name(config: Path, layer: Path) -> None:
    layer.write_text("{}")
    assert isinstance(run("import-permits", layer, "-c", config).exception, PolicyRefused)
    layer.write_bytes(b"\xff\xfe")
    assert isinstance(run("import-permits", layer, "-c", config).exception, ConfigError)


def test_a_suppressed_report_is_explained_and_purged_in_time(config: Path, layer: Path) -> None:
    run("import-permits", layer, "-c", config)
    room = open_case_room(load_settings(config))
    announce(room.store)
    two_days_ago = SystemClock().now() - timedelta(days=2)
    sent = report(at=two_days_ago)
    room.store.take_in(sent, sent.idempotency_key, two_days_ago)
    room.engine.dispose()
    told = run("explain", "--incident", "incident-1", "-c", config).output
    assert "permit:1" in told
    assert "不立案" in told
    assert isinstance(run("explain", "-c", config).exception, PolicyRefused)
    assert "purged: 1" in run("purge", "-c", config).output
    assert "knows nothing" in run("explain", "--incident", "incident-1", "-c", config).output


def test_a_switch_is_turned_and_shown(config: Path) -> None:
    assert "measured" in run("auto-file", "exposed_garbage", "measured", "--camera", "CAM-01", "-c", config).output
    assert "switch:1\texposed_garbage\tCAM-01\tmeasured\tcli:" in run("auto-file", "-c", config).output
    assert isinstance(run("auto-file", "exposed_garbage", "-c", config).exception, PolicyRefused)
