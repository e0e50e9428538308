"""Promotions and roll-backs: what runs is what was judged, one file says which, and every step is kept."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ModelError
from models.manifest import load_package, sha256_of
from models.promotion import Approval, Ledger, ModelShelf, Step, ancestry
from models.registry import DEFAULT_MODEL
from tests.detector.packages import copied_package, edit_manifest

NOON = datetime(2026, 5, 14, 4, 0, tzinfo=UTC)
APPROVAL = Approval(NOON, "王工", {"part": "val"}, "ab" * 32)


def package(folder: Path, version: str) -> Path:
    """The shipped package under another version, with weights of its own (a note at the file's end)."""
    folder.mkdir()
    made = copied_package(folder)
    weights = made / "model.onnx"
    weights.write_bytes(weights.read_bytes() + note(version))
    edit_manifest(made, version=version, sha256=sha256_of(weights))
    return made


def note(text: str) -> bytes:
    """A ``doc_string`` (field 6 of an ONNX model), as protobuf writes it: the weights' hash changes, nothing else."""
    return b"\x32" + bytes([len(text)]) + text.encode()


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    return ModelShelf(tmp_path / "site" / "models", DEFAULT_MODEL)


def promote(shelf: ModelShelf, folder: Path) -> Step:
    return shelf.promote(load_package(folder), shelf.ledger().active, APPROVAL)


def test_before_the_first_promotion_the_configured_model_runs(shelf: ModelShelf) -> None:
    assert shelf.active().manifest.name == DEFAULT_MODEL
    assert shelf.signature() is None
    assert not shelf.folder.exists()


def test_what_was_promoted_runs_whatever_becomes_of_the_folder_it_came_from(shelf: ModelShelf, tmp_path: Path) -> None:
    folder = package(tmp_path / "a", "2")
    step = promote(shelf, folder)
    (folder / "model.onnx").write_bytes(b"something else")
    active = shelf.active()
    assert active.manifest.version == "2"
    assert active.weights_path.parent.parent == shelf.folder
    assert active.weights_path.parent.name == f"gridpatrol-n-2-{step.manifest_sha256[:8]}"
    assert not active.weights_path.stat().st_mode & 0o222
    assert step.previous == f"{DEFAULT_MODEL} {load_package(DEFAULT_MODEL).manifest.version} " + (
        load_package(DEFAULT_MODEL).manifest.sha256
    )


def test_rolling_back_goes_one_promotion_back_each_time_and_is_kept_itself(shelf: ModelShelf, tmp_path: Path) -> None:
    for version in ("2", "3"):
        promote(shelf, package(tmp_path / version, version))
    assert shelf.rollback(NOON, "王工").version == "2"
    assert shelf.active().manifest.version == "2"
    promote(shelf, package(tmp_path / "4", "4"))
    assert shelf.rollback(NOON, "王工").version == "2"
    shelf.rollback(NOON, "王工")
    assert shelf.active().manifest == load_package(DEFAULT_MODEL).manifest
    assert [step.kind for step in shelf.ledger().steps] == ["promoted"] * 2 + ["rolled_back", "promoted"] + [
        "rolled_back"
    ] * 2
    with pytest.raises(ModelError, match="none to go back from"):
        shelf.rollback(NOON, "王工")


def test_rolling_back_to_a_damaged_package_is_refused_and_nothing_changes(shelf: ModelShelf, tmp_path: Path) -> None:
    first = promote(shelf, package(tmp_path / "2", "2"))
    promote(shelf, package(tmp_path / "3", "3"))
    weights = shelf.folder / str(first.folder) / "model.onnx"
    weights.chmod(0o644)
    weights.write_bytes(b"cut")
    with pytest.raises(ModelError, match="is not the file its manifest names"):
        shelf.rollback(NOON, "王工")
    assert shelf.active().manifest.version == "3"


def test_a_manifest_that_was_changed_on_the_shelf_is_not_what_was_promoted(shelf: ModelShelf, tmp_path: Path) -> None:
    step = promote(shelf, package(tmp_path / "2", "2"))
    manifest = shelf.folder / str(step.folder) / "manifest.json"
    manifest.chmod(0o644)
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"thresholds": dict.fromkeys(content["thresholds"], 0.01)}))
    with pytest.raises(ModelError, match="not the package that was promoted"):
        shelf.active()


def test_promoting_again_mends_a_damaged_copy(shelf: ModelShelf, tmp_path: Path) -> None:
    folder = package(tmp_path / "2", "2")
    step = promote(shelf, folder)
    weights = shelf.folder / str(step.folder) / "model.onnx"
    weights.unlink()
    with pytest.raises(ModelError, match="is missing"):
        shelf.active()
    shelf.rollback(NOON, "王工")
    promote(shelf, folder)
    assert shelf.active().manifest.version == "2"


def test_of_two_who_promote_at_once_the_second_must_judge_again(shelf: ModelShelf, tmp_path: Path) -> None:
    before = shelf.ledger().active
    promote(shelf, package(tmp_path / "2", "2"))
    with pytest.raises(ModelError, match="has changed since it was judged"):
        shelf.promote(load_package(package(tmp_path / "3", "3")), before, APPROVAL)
    assert shelf.active().manifest.version == "2"


def test_a_ledger_that_is_none_is_named_with_the_mend(shelf: ModelShelf) -> None:
    shelf.folder.mkdir(parents=True)
    shelf.ledger_path.write_text('{"steps": 7}')
    with pytest.raises(ModelError, match=r"active\.json cannot be read.*mend"):
        shelf.active()


def test_a_folder_outside_the_shelf_cannot_be_named(shelf: ModelShelf, tmp_path: Path) -> None:
    step = promote(shelf, package(tmp_path / "2", "2"))
    outside = step.model_dump(mode="json") | {"folder": "../../elsewhere"}
    shelf.ledger_path.write_text(json.dumps({"steps": [outside]}))
    with pytest.raises(ModelError, match="cannot be read"):
        shelf.active()


def test_the_ledger_tells_who_when_and_on_what_figures(shelf: ModelShelf, tmp_path: Path) -> None:
    promote(shelf, package(tmp_path / "2", "2"))
    (step,) = Ledger.model_validate_json(shelf.ledger_path.read_bytes()).steps
    assert (step.at, step.by, step.figures, step.data_fingerprint) == (NOON, "王工", {"part": "val"}, "ab" * 32)


def test_a_models_ancestry_goes_back_as_far_as_packages_at_hand_tell() -> None:
    root = load_package(DEFAULT_MODEL).manifest.model_copy(
        update={"parents": (f"coco.pt {'0' * 64}",), "checkpoint_sha256": None}
    )
    middle = root.model_copy(
        update={"name": "city-n", "version": "2", "sha256": "2" * 64, "parents": (f"{root.name}.pt {'9' * 64}",)}
    ).model_copy(update={"checkpoint_sha256": "c" * 64})
    youngest = middle.model_copy(
        update={"version": "3", "sha256": "3" * 64, "parents": (f"last.pt {'c' * 64}",), "checkpoint_sha256": None}
    )
    assert ancestry(youngest, [youngest, middle, root]) == (
        f"city-n 3 {'3' * 64}",
        f"last.pt {'c' * 64}  = city-n 2",
        f"{root.name}.pt {'9' * 64}  = {root.name} {root.version}",
        f"coco.pt {'0' * 64}",
    )
    assert ancestry(youngest, []) == (f"city-n 3 {'3' * 64}", f"last.pt {'c' * 64}")
