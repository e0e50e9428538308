"""A model package is what its manifest says, or it is refused with the file and the mend."""

import json
from pathlib import Path

import pytest

from core.errors import ModelError
from models.manifest import load_package, read_manifest, sha256_of, write_manifest
from models.registry import DEFAULT_MODEL, package_names
from tests.detector.packages import copied_package, edit_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied_package(tmp_path)


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_package(folder)
    return str(caught.value)


def test_the_shipped_package_holds() -> None:
    package = load_package(DEFAULT_MODEL)
    assert DEFAULT_MODEL in package_names()
    assert package.ref.sha256 == sha256_of(package.weights_path)
    assert set(package.manifest.violations) <= set(package.categories)


def test_a_package_is_found_by_folder_and_by_its_manifest(folder: Path) -> None:
    assert load_package(folder) == load_package(str(folder)) == load_package(folder / "manifest.json")


def test_a_written_manifest_reads_the_same(folder: Path, tmp_path: Path) -> None:
    manifest = read_manifest(folder / "manifest.json")
    assert read_manifest(write_manifest(manifest, tmp_path)) == manifest


def test_other_bytes_are_refused_with_both_hashes(folder: Path) -> None:
    weights = folder / "model.onnx"
    expected = load_package(folder).manifest.sha256
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    text = refusal(folder)
    for part in (str(weights), expected, sha256_of(weights), "fetch the package", "models export"):
        assert part in text


def test_missing_weights_are_named(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    text = refusal(folder)
    assert f"{folder / 'model.onnx'} is missing" in text
    assert "fetch the package 'gridpatrol-n' again" in text


def test_a_folder_without_a_manifest_says_what_belongs_there(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    text = refusal(folder)
    assert f"{folder} has no manifest.json" in text
    assert "name the folder that holds model.onnx" in text


def test_weights_given_in_place_of_their_folder_are_told_so(folder: Path) -> None:
    text = refusal(folder / "model.onnx")
    assert "is a file; name its package folder" in text


def test_a_mistyped_name_gets_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"no model package 'gridpatrol-m'; did you mean 'gridpatrol-n'\?"):
        load_package("gridpatrol-m")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"categories": None}, "categories: Field required", id="no-categories"),
        pytest.param({"categories": []}, "categories: ", id="empty-categories"),
        pytest.param({"thresholds": {"street_stall": 0.2}}, "thresholds has no value for exposed", id="no-threshold"),
        pytest.param({"thresholds": None}, "thresholds: Field required", id="no-thresholds"),
        pytest.param({"violations": ["litter"]}, "violations names litter", id="unknown-violation"),
        pytest.param({"categories": ["bin_overflow"] * 2}, "categories has a name twice", id="a-name-twice"),
        pytest.param({"input_size": [380, 384]}, "input_size: ", id="not-a-multiple-of-32"),
        pytest.param({"input_size": [0, 384]}, "input_size: ", id="no-size"),
        pytest.param({"file": "../model.onnx"}, "file: ", id="weights-elsewhere"),
        pytest.param({"sha256": "abc"}, "sha256: ", id="half-a-hash"),
        pytest.param({"nms_iou": 1.5}, "nms_iou: ", id="an-iou-above-one"),
        pytest.param({"preprocessing": {"channels": "bgr"}}, "preprocessing.channels: ", id="other-preprocessing"),
        pytest.param({"treshold": 1}, "treshold: Extra inputs", id="unknown-key"),
    ],
)
def test_a_manifest_that_does_not_hold_names_the_field(folder: Path, changes: dict[str, object], expected: str) -> None:
    edit_manifest(folder, **changes)
    text = refusal(folder)
    assert text.startswith(f"{folder / 'manifest.json'} is not a usable manifest: ")
    assert expected in text
    assert text.endswith("correct it or fetch the package again")


def test_a_threshold_above_one_is_refused(folder: Path) -> None:
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    edit_manifest(folder, thresholds=facts["thresholds"] | {"bin_overflow": 1.2})
    assert "thresholds.bin_overflow: " in refusal(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00\xff"])
def test_a_manifest_that_is_not_json_is_named(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, encoding="latin-1")
    assert f"{folder / 'manifest.json'} is not a usable manifest" in refusal(folder)


def test_a_category_the_model_lacks_is_refused_with_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"cannot see category 'exposed_garbag'; did you mean 'exposed_garbage'\?"):
        load_package(DEFAULT_MODEL).require_categories(["street_stall", "exposed_garbag"])


def test_categories_the_model_has_are_taken() -> None:
    package = load_package(DEFAULT_MODEL)
    package.require_categories(package.manifest.violations)
