"""``models card`` with a data set: measured with the shipped weights, kept beside the card, told in it."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import ModelError
from models.failure_sheet import MOST_BYTES
from models.known_failures import read_failures
from models.manifest import load_package
from models.registry import CARD_NAME, DEFAULT_MODEL, package_folder
from models.reliability import DIAGRAM_NAME, read_reliability
from tests.patrol.test_model_figures_commands import _run

SEEN = Path(__file__).parents[1] / "detector" / "pictures"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The shipped one, with a card of marked places only."""
    copy = shutil.copytree(package_folder(DEFAULT_MODEL), tmp_path / "package")
    marks = [f"<!-- {name} -->\n<!-- /{name} -->" for name in ("reliability", "failures")]
    (copy / CARD_NAME).write_text("\n".join(marks), encoding="utf-8")
    return copy


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Pictures in which the labels name a stall where the model sees none; their renders lie in ``scenes``."""
    for folder in ("images/render_val", "labels/render_val", "scenes"):
        (tmp_path / folder).mkdir(parents=True)
    pictures = sorted(path for path in SEEN.iterdir() if path.suffix in {".jpg", ".png"})[:3]
    for number, source in enumerate(pictures):
        image = cv2.imread(str(source))
        assert image is not None
        name = f"rd_{number:06d}"
        cv2.imwrite(str(tmp_path / f"scenes/{name}.png"), image)
        (tmp_path / f"scenes/{name}.json").write_text(
            json.dumps({"seed": number, "size": [image.shape[1], image.shape[0]], "groups": []})
        )
        cv2.imwrite(str(tmp_path / f"images/render_val/{name}.jpg"), image)
        (tmp_path / f"labels/render_val/{name}.txt").write_text("0 0.05 0.05 0.08 0.08\n")
    path = tmp_path / "data.yaml"
    names = load_package(DEFAULT_MODEL).manifest.categories
    path.write_text(json.dumps({"render_val": "images/render_val", "names": list(names)}))
    return path


def test_one_command_measures_draws_and_tells(package: Path, data: Path) -> None:
    scenes = data.parent / "scenes"
    asked = ("--reliability", data, "--part", "render_val", "--failures", data, "--scenes", scenes, "--threads", "1")
    shown = _run("card", package, *asked).output
    assert "CARD.md" in shown
    manifest = load_package(package).manifest
    measured, failures = read_reliability(package, manifest), read_failures(package, manifest)
    assert (measured.parts, measured.pictures, failures.pictures) == (("render_val",), 3, 3)
    assert failures.counts["street_stall"].missed == 3
    jpeg = (package / "failures.jpg").read_bytes()
    assert len(jpeg) <= MOST_BYTES
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) is not None
    card = (package / CARD_NAME).read_text(encoding="utf-8")
    assert "](failures.jpg)" in card
    assert f"]({DIAGRAM_NAME})" in card
    before = {path.name: path.read_bytes() for path in package.iterdir()}
    assert "says what was measured" in _run("card", package, *asked).output
    assert {path.name: path.read_bytes() for path in package.iterdir()} == before, "the same again"


def test_pictures_without_their_renders_are_not_shown(package: Path, data: Path) -> None:
    (data.parent / "scenes" / "rd_000001.json").unlink()
    before = (package / "failures.jpg").read_bytes()
    with pytest.raises(ModelError, match=r"1 of 3 pictures are not proven to be renders"):
        _run("card", package, "--failures", data, "--scenes", data.parent / "scenes", "--threads", "1")
    with pytest.raises(ModelError, match="mend: add --scenes"):
        _run("card", package, "--failures", data)
    assert (package / "failures.jpg").read_bytes() == before


def test_reliability_is_measured_on_the_parts_that_fitted_the_maps_unless_told(package: Path, data: Path) -> None:
    with pytest.raises(ModelError, match="has no part 'val'"):
        _run("card", package, "--reliability", data, "--threads", "1")
