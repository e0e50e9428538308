"""What export writes beside the weights; the export itself needs the train extra."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ModelError
from models.evaluation import JudgedPicture, evaluate
from models.export import ExportRequest, Measured, export, record_figures
from models.manifest import Manifest, ThresholdChoice, read_manifest, write_manifest
from models.probability import ConfidenceMap

HAS_TORCH = importlib.util.find_spec("ultralytics") is not None


def _unread(path: Path, size: tuple[int, int]) -> NDArray[np.float32]:
    raise AssertionError(f"{path} was prepared before the weights were found")


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
    choice = ThresholdChoice(rule="by_hand", wanted_precision=0.9, parts=("val",), boxes=3, precision=0.5, recall=1)
    told = ConfidenceMap(slope=0.8, offset=-0.2, detections=4)
    measured = Measured({"street_stall": 0.61, "garbage_bin": 0.4}, {"street_stall": choice}, {"street_stall": told})
    record_figures(package, measured, {"val": report})
    manifest = read_manifest(package / "manifest.json")
    assert manifest.thresholds == {"street_stall": 0.61, "garbage_bin": 0.4}
    assert set(manifest.metrics) == {"earlier", "val"}
    assert (manifest.threshold_choices, manifest.probability) == ({"street_stall": choice}, {"street_stall": told})
    assert (manifest.name, manifest.input_size) == ("small", (64, 64))


def test_figures_without_a_threshold_for_every_category_are_refused(package: Path) -> None:
    with pytest.raises(ValueError, match="thresholds has no value for garbage_bin"):
        record_figures(package, Measured({"street_stall": 0.61}, {}, {}), {})


def test_exporting_a_run_without_weights_names_the_file_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"weights/best\.pt; mend: name a finished run's folder"):
        export(ExportRequest(tmp_path, "small", "1", ((64, 64),), tmp_path / "out"), [], _unread)


@pytest.mark.skipif(HAS_TORCH, reason="the train extra is installed here")
def test_exporting_without_the_train_extra_names_it_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "best.pt").write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"pip install 'gridpatrol\[train\]'"):
        export(ExportRequest(tmp_path / "best.pt", "small", "1", ((64, 64),), tmp_path / "out"), [], _unread)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [(384, 650), (0, 640)])
def test_an_input_size_that_the_strides_do_not_divide_is_refused_before_anything_is_read(
    size: tuple[int, int], tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=f"input size {size[0]}x{size[1]} does not fit; mend: two multiples of 32"):
        export(ExportRequest(tmp_path, "small", "1", ((64, 64), size), tmp_path / "out"), [], _unread)
