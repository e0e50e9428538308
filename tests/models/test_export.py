"""What export writes beside the weights; the export itself needs the train extra."""

import importlib.util
from pathlib import Path

import pytest

from core.errors import ModelError
from models.evaluation import JudgedPicture, evaluate
from models.export import ExportRequest, export, record_figures
from models.manifest import Manifest, read_manifest, write_manifest

HAS_TORCH = importlib.util.find_spec("ultralytics") is not None


@pytest.fixture
def package(tmp_path: Path) -> Path:
    manifest = Manifest(
        name="small",
        version="1",
        sha256="0" * 64,
        categories=("street_stall", "garbage_bin"),
        violations=("street_stall",),
        input_size=(64, 64),
        thresholds={"street_stall": 0.25, "garbage_bin": 0.25},
        metrics={"earlier": 1},
        licence="AGPL-3.0-or-later",
    )
    write_manifest(manifest, tmp_path)
    return tmp_path


def test_figures_and_thresholds_are_written_into_the_manifest_and_the_rest_stays(package: Path) -> None:
    report = evaluate([JudgedPicture({}, ())], {"street_stall": 0.61})
    record_figures(package, {"street_stall": 0.61, "garbage_bin": 0.4}, {"val": report})
    manifest = read_manifest(package / "manifest.json")
    assert manifest.thresholds == {"street_stall": 0.61, "garbage_bin": 0.4}
    assert set(manifest.metrics) == {"earlier", "val"}
    assert (manifest.name, manifest.input_size) == ("small", (64, 64))


def test_figures_without_a_threshold_for_every_category_are_refused(package: Path) -> None:
    with pytest.raises(ValueError, match="thresholds has no value for garbage_bin"):
        record_figures(package, {"street_stall": 0.61}, {})


def test_exporting_a_run_without_weights_names_the_file_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"weights/best\.pt; mend: name a finished run's folder"):
        export(ExportRequest(tmp_path, "small", "1", 64, tmp_path / "out"), [])


@pytest.mark.skipif(HAS_TORCH, reason="the train extra is installed here")
def test_exporting_without_the_train_extra_names_it_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "best.pt").write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"pip install 'gridpatrol\[train\]'"):
        export(ExportRequest(tmp_path / "best.pt", "small", "1", 64, tmp_path / "out"), [])
    assert not (tmp_path / "out").exists()
