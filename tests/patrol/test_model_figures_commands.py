"""``models eval``, ``models compare`` and ``models export`` from the command line, on the shipped package."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from core.errors import ModelError
from detector.load import load_detector
from models.manifest import load_package
from models.registry import DEFAULT_MODEL, package_folder
from patrol.commands.models import app
from streams.frames import ImagePicture

FAST = ("--backend", "onnxruntime", "--threads", "1")


def _run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A night and a day, each grey all over, the day with a stall that nobody can see."""
    for folder in ("images/val", "labels/val"):
        (tmp_path / folder).mkdir(parents=True)
    for name, grey, label in (("night", 30, ""), ("day", 114, "0 0.5 0.5 0.2 0.1\n")):
        cv2.imwrite(str(tmp_path / f"images/val/{name}.png"), np.full((90, 160, 3), grey, np.uint8))
        (tmp_path / f"labels/val/{name}.txt").write_text(label)
    path = tmp_path / "data.yaml"
    path.write_text(json.dumps({"val": "images/val", "names": {"0": "street_stall"}}))
    return path


def test_the_figures_are_told_apart_by_light_size_kind_and_confidence(data: Path, tmp_path: Path) -> None:
    group = {"cls": None, "name": "terrace", "box": [10, 10, 60, 60]}
    (tmp_path / "day.json").write_text(json.dumps({"size": [160, 90], "groups": [group]}))
    figures = tmp_path / "figures.json"
    shown = _run("eval", "--data", data, "--json", figures, "--scenes", tmp_path, *FAST).output
    report = json.loads(figures.read_text())
    lights = {light: rows[0]["boxes"] for light, rows in report["by_light"].items()}
    assert lights == {"day": 1, "night": 0}
    # 32 x 9 px of a 160-px picture are 128 x 36 px of a 640-px one.
    assert [report["by_size"][size][0]["boxes"] for size in ("small", "medium", "large")] == [0, 1, 0]
    assert report["categories"][0]["ap50_interval"] == [0.0, 0.0]
    assert len(report["calibration"]["street_stall"]["confidence"]["bins"]) == 10
    assert report["hard_negatives"]["kinds"][0] == {
        "kind": "terrace",
        "objects": 1,
        "false_alarms": 0,
        "per_100_objects": 0.0,
    }
    assert "terrace" in shown


def test_the_report_folder_has_the_curves_and_the_mistakes(data: Path, tmp_path: Path) -> None:
    _run("eval", "--data", data, "--report", tmp_path / "report", *FAST)
    assert "street_stall" in (tmp_path / "report/precision_recall.svg").read_text()
    assert (tmp_path / "report/reliability.svg").is_file()
    missed = cv2.imread(str(tmp_path / "report/missed.png"))
    assert missed is not None
    assert bool((missed == (40, 210, 240)).all(axis=2).any())


def test_a_package_compared_with_itself_is_undecided_and_no_failure(data: Path, tmp_path: Path) -> None:
    figures = tmp_path / "compared.json"
    result = _run("compare", DEFAULT_MODEL, DEFAULT_MODEL, "--data", data, "--json", figures, "--fail-if-worse", *FAST)
    report = json.loads(figures.read_text())
    assert result.exit_code == 0
    assert report["a"]["sha256"] == report["b"]["sha256"]
    assert [row["verdict"] for row in report["categories"]] == ["undecided"]
    assert "undecided" in result.output


def test_a_worse_package_fails_the_comparison_where_that_was_asked_for(tmp_path: Path) -> None:
    data = _seen_by_the_shipped_model(tmp_path)
    muddled = _muddled(tmp_path)
    asked = ("compare", DEFAULT_MODEL, muddled, "--data", data, "--resamples", "100", *FAST)
    assert _run(*asked).exit_code == 0
    assert _run(*asked, "--fail-if-worse").exit_code == 1


@pytest.mark.parametrize("size", ["wide", "384x640x3", "384x", "-32"])
def test_a_size_that_is_no_size_is_refused_with_an_example(size: str, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"expected one side, e\.g\. 384, or height x width, e\.g\. 384x640"):
        _run("export", tmp_path, "--data", data, f"--size={size}")


@pytest.mark.parametrize(("size", "named"), [("100", "100x100"), ("384x650", "384x650")])
def test_a_size_is_height_by_width_and_must_fit_the_strides(size: str, named: str, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"input size {named} does not fit"):
        _run("export", tmp_path, "--data", data, "--size", size)


def _seen_by_the_shipped_model(folder: Path) -> Path:
    """Eight crops of a picture whose labels are what the shipped model itself finds there."""
    source = Path(__file__).parents[1] / "detector" / "pictures"
    pictures = sorted(p for p in source.iterdir() if p.suffix in {".jpg", ".png"})

    package = load_package(DEFAULT_MODEL)
    detector = load_detector(package, "onnxruntime", 1, 0.25)
    for name in ("images/val", "labels/val"):
        (folder / name).mkdir(parents=True)
    for number in range(8):
        image = cv2.imread(str(pictures[number % len(pictures)]))
        assert image is not None
        height, width = image.shape[:2]
        cv2.imwrite(str(folder / f"images/val/{number}.png"), image)
        lines = []
        for found in detector.detect(ImagePicture(np.asarray(image, dtype=np.uint8))):
            box = found.box
            shares = (
                (box.x0 + box.x1) / 2 / width,
                (box.y0 + box.y1) / 2 / height,
                box.width / width,
                box.height / height,
            )
            lines.append(f"{package.manifest.categories.index(found.category)} {' '.join(f'{s:.6f}' for s in shares)}")
        (folder / f"labels/val/{number}.txt").write_text("\n".join(lines))
    path = folder / "data.yaml"
    path.write_text(json.dumps({"val": "images/val", "names": list(package.manifest.categories)}))
    return path


def _muddled(folder: Path) -> Path:
    """The shipped package with its categories named in another order: it takes each thing for another."""
    copy = folder / "muddled"
    shutil.copytree(package_folder(DEFAULT_MODEL), copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["categories"] = manifest["categories"][1:] + manifest["categories"][:1]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    return copy
