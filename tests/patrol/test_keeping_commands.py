"""``gridpatrol backup``, ``restore`` and ``keeping`` at the command line."""

import hashlib
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cases.evidence import EvidenceStore
from cases.keeping.snapshot import BackupError
from core.clock import SystemClock
from patrol.cli import app
from patrol.demo.site import ASSETS
from patrol.settings import load_settings
from patrol.wiring import open_case_room

JPEG = b"\xff\xd8\xff a picture"
SHA = hashlib.sha256(JPEG).hexdigest()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation whose one picture, two days old, no case names."""
    shutil.copy(ASSETS / "grids.geojson", tmp_path / "grids.geojson")
    path = tmp_path / "gridpatrol.toml"
    path.write_text('[grid]\nfile = "grids.geojson"\n[keeping]\ndays = 60\n')
    room = open_case_room(load_settings(path))
    long_ago = SystemClock().now() - timedelta(days=2)
    room.store.register_evidence(room.evidence.put(JPEG, SHA), long_ago)
    os.utime(room.evidence.path(SHA), (long_ago.timestamp(), long_ago.timestamp()))
    room.engine.dispose()
    return path


def elsewhere(config: Path) -> Path:
    """The same installation on a new machine: the file, and nothing else."""
    folder = config.parent / "new"
    folder.mkdir()
    for name in ("gridpatrol.toml", "grids.geojson"):
        shutil.copy(config.parent / name, folder / name)
    return folder / "gridpatrol.toml"


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_backup_comes_back_on_a_new_machine(config: Path, name: str) -> None:
    target = config.parent / name
    made = run("backup", target, "-c", config)
    assert made.exit_code == 0, made.output
    assert "1 张图片" in made.output
    assert "secret.key" in made.output
    new = elsewhere(config)
    back = run("restore", target, "-c", new)
    assert back.exit_code == 0, back.output
    assert EvidenceStore(load_settings(new).evidence_dir).read(SHA) == JPEG
    assert [path.name for path in config.parent.iterdir() if path.name.startswith(".")] == []
    assert [path.name for path in load_settings(new).site.data_dir.iterdir() if path.name.startswith(".")] == []
    again = run("restore", target, "-c", new)
    assert isinstance(again.exception, BackupError)
    assert "is there already" in str(again.exception)


def test_a_backup_that_lacks_a_picture_says_which_and_fails(config: Path) -> None:
    EvidenceStore(load_settings(config).evidence_dir).path(SHA).unlink()
    made = run("backup", config.parent / "backup", "-c", config)
    assert made.exit_code == 1
    assert f"missing or damaged: {SHA}" in made.output


def test_a_dry_purge_tells_and_a_purge_removes_and_the_list_names_it(config: Path) -> None:
    told = run("keeping", "purge", "--dry-run", "-c", config)
    assert "would remove 1 pictures" in told.output
    assert EvidenceStore(load_settings(config).evidence_dir).read(SHA) == JPEG
    done = run("keeping", "purge", "-c", config)
    assert "已删除 1 张图片" in done.output
    assert not EvidenceStore(load_settings(config).evidence_dir).path(SHA).exists()
    assert SHA in run("keeping", "removed", "-c", config).output


def test_fewer_than_thirty_days_are_refused_with_the_settings_name(config: Path) -> None:
    config.write_text(config.read_text().replace("60", "29"))
    refused = run("keeping", "purge", "-c", config)
    assert "keeping.days" in str(refused.exception)


def test_without_a_database_there_is_nothing_to_back_up_and_none_is_made(config: Path) -> None:
    refused = run("backup", config.parent / "backup", "-c", elsewhere(config))
    assert isinstance(refused.exception, BackupError)
    assert "is not there" in str(refused.exception)
    assert not (config.parent / "new" / "var").exists()
