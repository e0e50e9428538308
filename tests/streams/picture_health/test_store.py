"""Reference pictures on the disk: found again, never mixed up, never trusted when damaged."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.ids import ViewId
from streams.picture_health.reference import Reference
from streams.picture_health.store import ReferenceStore, ReferenceUnwritable
from tests.streams.picture_health.streets import NOON, canvas, little, noisy, seen

VIEW = ViewId("CAM-01")
REFERENCE = Reference(little(noisy(seen(canvas(1)), 1)), NOON)


def test_a_reference_is_found_again_to_the_bit(tmp_path: Path) -> None:
    ReferenceStore(tmp_path / "views").save(VIEW, "tie", REFERENCE)
    found = ReferenceStore(tmp_path / "views").load(VIEW, "tie")
    assert found is not None
    assert np.array_equal(found.luma, REFERENCE.luma)
    assert found.taken_at == NOON


def test_a_view_that_is_tied_to_the_ground_anew_has_no_reference(tmp_path: Path) -> None:
    store = ReferenceStore(tmp_path)
    store.save(VIEW, "tie", REFERENCE)
    assert store.load(VIEW, "another tie") is None


def test_views_of_any_name_keep_apart_inside_the_folder(tmp_path: Path) -> None:
    store = ReferenceStore(tmp_path / "views")
    names = [ViewId(name) for name in ("CAM/01", "CAM_01", "../../etc", "东大街口", "东大街北", "a" * 200, "CAM 01")]
    for number, name in enumerate(names):
        store.save(name, "tie", Reference(np.full((18, 32), number, np.uint8), NOON))
    for number, name in enumerate(names):
        found = store.load(name, "tie")
        assert found is not None
        assert int(found.luma[0, 0]) == number
    assert {path.parent for path in tmp_path.rglob("*.*")} == {tmp_path / "views"}


def test_a_new_reference_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    store = ReferenceStore(tmp_path)
    for level in range(5):
        later = datetime(2026, 6, 1 + level, tzinfo=UTC)
        store.save(VIEW, "tie", Reference(np.full((18, 32), level, np.uint8), later))
    assert len(list(tmp_path.glob("*.png"))) == len(list(tmp_path.glob("*.json"))) == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_a_reference_that_was_let_go_is_gone(tmp_path: Path) -> None:
    store = ReferenceStore(tmp_path)
    store.save(VIEW, "tie", REFERENCE)
    assert store.drop(VIEW)
    assert not store.holds(VIEW)
    assert list(tmp_path.iterdir()) == []
    assert not store.drop(VIEW)


@pytest.mark.parametrize("damage", [b"", b"no picture", b"\x89PNG\r\n\x1a\n cut"], ids=["empty", "text", "cut off"])
def test_a_damaged_picture_is_no_reference(tmp_path: Path, damage: bytes) -> None:
    store = ReferenceStore(tmp_path)
    store.save(VIEW, "tie", REFERENCE)
    next(tmp_path.glob("*.png")).write_bytes(damage)
    assert store.load(VIEW, "tie") is None


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"view_id": "CAM-01"}', '{"picture": 7, "taken_at": 7, "signature": "tie"}'],
)
def test_a_damaged_line_is_no_reference(tmp_path: Path, damage: str) -> None:
    store = ReferenceStore(tmp_path)
    store.save(VIEW, "tie", REFERENCE)
    next(tmp_path.glob("*.json")).write_text(damage, encoding="utf-8")
    assert store.load(VIEW, "tie") is None


def test_a_picture_far_too_large_is_no_reference(tmp_path: Path) -> None:
    store = ReferenceStore(tmp_path)
    store.save(VIEW, "tie", Reference(np.zeros((4000, 4000), np.uint8), NOON))
    assert store.load(VIEW, "tie") is None


def test_a_folder_that_cannot_be_written_is_named_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "views").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ReferenceUnwritable, match=r"CAM-01.*mend: free disk space"):
        ReferenceStore(tmp_path / "views").save(VIEW, "tie", REFERENCE)
