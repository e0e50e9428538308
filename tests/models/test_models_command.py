"""``gridpatrol models`` from the command line, on the package that comes with Gridpatrol."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from core.errors import ModelError
from models.registry import DEFAULT_MODEL, package_folder
from patrol.commands.models import app


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One grey street without anything, one with a stall nobody can see."""
    for folder in ("images/val", "labels/val"):
        (tmp_path / folder).mkdir(parents=True)
    for name, label in (("empty", ""), ("stall", "0 0.5 0.5 0.2 0.2\n")):
        cv2.imwrite(str(tmp_path / f"images/val/{name}.png"), np.full((90, 160, 3), 114, np.uint8))
        (tmp_path / f"labels/val/{name}.txt").write_text(label)
    path = tmp_path / "data.yaml"
    path.write_text(json.dumps({"val": "images/val", "names": {"0": "street_stall"}}))
    return path


def test_the_shipped_package_is_listed_and_is_as_its_manifest_says() -> None:
    assert DEFAULT_MODEL in _run("list")
    assert "is as its manifest says" in _run("verify")


def test_the_shipped_package_shows_its_manifest_and_its_card() -> None:
    shown = _run("show")
    assert '"exposed_garbage"' in shown
    assert "## Known weaknesses" in shown


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(package_folder(DEFAULT_MODEL), folder)
    with (folder / "model.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="expected sha256"):
        _run("verify", str(folder))


def test_judging_writes_the_figures_as_json(data: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    _run("eval", "--data", str(data), "--json", str(figures), "--backend", "onnxruntime", "--threads", "1")
    report = json.loads(figures.read_text())
    assert (report["pictures"], report["negatives"], report["part"]) == (2, 1, "val")
    stall = next(row for row in report["categories"] if row["category"] == "street_stall")
    assert (stall["boxes"], stall["at_threshold"]["recall"]) == (1, 0.0)
    assert stall["false_alarms_per_100_negatives"] == 0.0


def test_judging_on_a_category_that_the_model_does_not_know_is_refused(data: Path) -> None:
    data.write_text(json.dumps({"val": "images/val", "names": ["stray_dog"]}))
    with pytest.raises(ModelError, match="does not know stray_dog"):
        _run("eval", "--data", str(data))
