"""``gridpatrol config`` and ``gridpatrol keys``: what is wrong is named, what is secret is not."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.clock import SystemClock
from core.errors import ConfigError, PatrolError
from patrol.cli import app
from patrol.demo.site import ASSETS, lay_out
from patrol.settings import load_settings
from patrol.wiring import open_case_room

WEIGHTS = Path(__file__).parents[2] / "models" / "weights" / "gridpatrol-n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(result: Result) -> str:
    """The message the entry point shows for a named error."""
    assert isinstance(result.exception, PatrolError), result.output
    return str(result.exception)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The demo's own configuration, with its grids beside it and the plain runtime."""
    config = lay_out(tmp_path / "demo", 8650, fresh=True, now=datetime(2026, 11, 22, tzinfo=UTC))
    shutil.copy(ASSETS / "grids.geojson", config.parent / "grids.geojson")
    change(config, json.dumps(str(ASSETS / "grids.geojson")), '"grids.geojson"')
    change(config, "\ngrid = ", '\ndetector = { backend = "onnxruntime", threads = 1 }\ngrid = ')
    return config


def change(config: Path, old: str, new: str) -> None:
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new, 1), encoding="utf-8")


def change_grids(config: Path, mend: Callable[[list[Any]], None]) -> None:
    file = config.parent / "grids.geojson"
    document = json.loads(file.read_text(encoding="utf-8"))
    mend(document["features"])
    file.write_text(json.dumps(document), encoding="utf-8")


def test_init_writes_a_file_that_loads_and_never_replaces_one_unasked(tmp_path: Path) -> None:
    path = tmp_path / "city" / "gridpatrol.toml"
    assert run("config", "init", path).exit_code == 0
    assert load_settings(path).grid.file.exists()
    path.write_text("mine", encoding="utf-8")
    assert f"{path} is there already; --force" in told(run("config", "init", path))
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("config", "init", path, "--force").exit_code == 0
    assert load_settings(path).cameras


def test_the_file_that_init_writes_passes_its_check(tmp_path: Path) -> None:
    path = tmp_path / "gridpatrol.toml"
    run("config", "init", path)
    change(path, 'backend = "auto"', 'backend = "onnxruntime"')
    result = run("config", "check", "-c", path)
    assert result.exit_code == 0, result.exception


def test_the_demos_configuration_passes_and_every_camera_is_listed(config: Path) -> None:
    result = run("config", "check", "-c", config)
    assert result.exit_code == 0, result.exception
    for number in range(1, 5):
        assert f"camera CAM-0{number}" in result.output


def unknown_key(config: Path) -> None:
    change(config, "interval_s = ", "intervall_s = ")


def missing_grid_file(config: Path) -> None:
    (config.parent / "grids.geojson").unlink()


def self_crossing_ring(config: Path) -> None:
    def cross(features: list[Any]) -> None:
        ring = features[0]["geometry"]["coordinates"][0]
        ring[1], ring[2] = ring[2], ring[1]

    change_grids(config, cross)


def duplicate_code(config: Path) -> None:
    change_grids(config, lambda features: features.append(features[0]))


def swapped_coordinates(config: Path) -> None:
    def swap(features: list[Any]) -> None:
        geometry = features[0]["geometry"]
        geometry["coordinates"] = [[[lat, lon] for lon, lat in ring] for ring in geometry["coordinates"]]

    change_grids(config, swap)


def missing_clip(config: Path) -> None:
    change(config, json.dumps(str(ASSETS / "CAM-02.mp4")), '"nowhere.mp4"')


def wrong_hash(config: Path) -> None:
    folder = config.parent / "weights"
    shutil.copytree(WEIGHTS, folder)
    weights = bytearray((folder / "model.onnx").read_bytes())
    weights[len(weights) // 2] ^= 1
    (folder / "model.onnx").write_bytes(weights)
    change(config, 'backend = "onnxruntime"', 'backend = "onnxruntime", model = "./weights"')


def dwell_without_category(config: Path) -> None:
    change(config, "\ngrid = ", "\nconfirmation = { dwell_s = { snow_drift = 60.0 } }\ngrid = ")


def confidence_without_category(config: Path) -> None:
    change(config, 'backend = "onnxruntime"', 'backend = "onnxruntime", confidence = { snow_drift = 0.5 }')


def database_in_a_file(config: Path) -> None:
    (config.parent / "taken").touch()
    change(config, "\ngrid = ", '\ndatabase = { url = "sqlite:///taken/cases.db" }\ngrid = ')


def database_of_another_kind(config: Path) -> None:
    change(config, "\ngrid = ", '\ndatabase = { url = "mysql://me:s3cret@db/cases" }\ngrid = ')


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        pytest.param(unknown_key, ["cameras[0].intervall_s", "did you mean 'interval_s'?"], id="unknown key"),
        pytest.param(missing_grid_file, ["grids.geojson"], id="missing grid file"),
        pytest.param(self_crossing_ring, ["feature 1", "510104001001001", "cross"], id="self-crossing ring"),
        pytest.param(duplicate_code, ["duplicate code 510104001001001"], id="duplicate code"),
        pytest.param(swapped_coordinates, ["feature 1", "swap"], id="swapped coordinates"),
        pytest.param(missing_clip, ["CAM-02", "nowhere.mp4"], id="missing clip"),
        pytest.param(wrong_hash, ["model.onnx", "sha256"], id="weights with a wrong hash"),
        pytest.param(dwell_without_category, ["confirmation.dwell_s", "snow_drift"], id="dwell of no category"),
        pytest.param(confidence_without_category, ["snow_drift"], id="threshold of no category"),
        pytest.param(database_in_a_file, ["taken"], id="database that cannot be opened"),
        pytest.param(database_of_another_kind, ["mysql"], id="database of another kind"),
    ],
)
def test_a_check_fails_and_names_the_thing(config: Path, spoil: Callable[[Path], None], named: list[str]) -> None:
    spoil(config)
    result = run("config", "check", "-c", config)
    message = told(result)
    assert result.exit_code == 1
    for part in named:
        assert part.lower() in message.lower(), message
    assert "s3cret" not in message


def test_a_key_is_shown_once_and_never_listed(config: Path) -> None:
    created = run("keys", "create", "reader", "--scope", "read", "-c", config)
    plain = created.output.strip()
    assert plain.startswith("gp_")
    listed = run("keys", "list", "-c", config).output
    assert "reader\tread\t有效 / in force" in listed
    assert "gp_" not in listed
    assert plain not in listed
    assert run("keys", "revoke", "reader", "-c", config).exit_code == 0
    room = open_case_room(load_settings(config))
    assert room.keys.verify(plain, SystemClock().now()) is None
    room.engine.dispose()
    assert "reader\tread\t已作废 / revoked" in run("keys", "list", "-c", config).output
    assert "no key 'reader' is in force" in told(run("keys", "revoke", "reader", "-c", config))


def test_a_saved_key_is_its_owners_only_and_not_printed(config: Path) -> None:
    created = run("keys", "create", "worker-1", "--scope", "worker", "--save", "-c", config)
    file = config.parent / "worker-1.key"
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_text(encoding="ascii").startswith("gp_")
    assert "gp_" not in created.output
    assert "exists" in told(run("keys", "create", "worker-1", "--scope", "worker", "-c", config))


def test_a_data_folder_that_cannot_be_made_is_named(config: Path) -> None:
    (config.parent / "taken").touch()
    change(config, 'data_dir = "."', 'data_dir = "taken/var"')
    with pytest.raises(ConfigError, match="taken"):
        open_case_room(load_settings(config))


def test_up_tells_a_camera_without_a_place_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "grids.geojson").write_text(
        Path("patrol/templates/grids.geojson").read_text(encoding="utf-8"), encoding="utf-8"
    )
    config = tmp_path / "gridpatrol.toml"
    config.write_text('grid = { file = "grids.geojson" }\n[[cameras]]\nid = "A"\nurl = "a.mp4"\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["up", "--config", str(config), "--seconds", "1"])
    assert result.exit_code != 0
    assert "view A: 0 control points are given" in str(result.exception)
    assert not (tmp_path / "var").exists()
