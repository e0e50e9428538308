"""Evidence on disk: whole, unchanged, or an error that says so."""

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from cases.evidence import EvidenceFile, EvidenceStore
from core.errors import EvidenceError

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
SHA256 = hashlib.sha256(JPEG).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


def files_in(store: EvidenceStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_a_picture_lies_under_its_hash_and_comes_back(store: EvidenceStore) -> None:
    assert store.put(JPEG, SHA256) == EvidenceFile(SHA256, len(JPEG), "image/jpeg")
    assert store.path(SHA256) == store.folder / SHA256[:2] / SHA256[2:4] / f"{SHA256}.jpg"
    assert store.read(SHA256) == JPEG


def test_putting_it_again_leaves_one_untouched_file(store: EvidenceStore) -> None:
    store.put(JPEG, SHA256)
    before = store.path(SHA256).stat().st_mtime_ns
    store.put(JPEG, SHA256)
    assert files_in(store) == [store.path(SHA256)]
    assert store.path(SHA256).stat().st_mtime_ns == before


def test_a_picture_that_was_cut_on_its_way_is_refused_and_not_kept(store: EvidenceStore) -> None:
    with pytest.raises(EvidenceError, match=SHA256):
        store.put(JPEG[:-3], SHA256)
    assert not store.folder.exists()


def test_something_else_than_a_jpeg_is_refused(store: EvidenceStore) -> None:
    data = b"<html>"
    with pytest.raises(EvidenceError, match="not a JPEG"):
        store.put(data, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, f"{'a' * 64}\n", "../" + "a" * 61])
def test_a_name_that_is_no_hash_is_refused(store: EvidenceStore, name: str) -> None:
    with pytest.raises(EvidenceError, match="not a SHA-256"):
        store.read(name)
    with pytest.raises(EvidenceError, match="not a SHA-256"):
        store.put(JPEG, name)


def test_a_picture_changed_on_the_disk_is_not_handed_out(store: EvidenceStore) -> None:
    store.put(JPEG, SHA256)
    store.path(SHA256).write_bytes(JPEG + b"x")
    with pytest.raises(EvidenceError, match=r"no longer matches.*backup"):
        store.read(SHA256)


def test_putting_a_damaged_picture_again_mends_it(store: EvidenceStore) -> None:
    store.put(JPEG, SHA256)
    store.path(SHA256).write_bytes(b"")
    store.put(JPEG, SHA256)
    assert store.read(SHA256) == JPEG


def test_a_missing_picture_is_named(store: EvidenceStore) -> None:
    with pytest.raises(EvidenceError, match=f"{SHA256} is not in"):
        store.read(SHA256)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "is full; free space"),
        (errno.EDQUOT, "is full; free space"),
        (errno.EROFS, "cannot be written"),
        (errno.EIO, "check its disk"),
    ],
    ids=["full", "over quota", "read-only", "broken"],
)
def test_a_disk_that_fails_is_named_with_its_mend_and_nothing_half_stays(
    store: EvidenceStore, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", fail)
        with pytest.raises(EvidenceError, match=said) as raised:
            store.put(JPEG, SHA256)
    assert str(store.folder) in str(raised.value)
    assert files_in(store) == []
    store.put(JPEG, SHA256)
    assert store.read(SHA256) == JPEG


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "evidence").touch()
    with pytest.raises(EvidenceError, match="evidence"):
        EvidenceStore(tmp_path / "evidence").put(JPEG, SHA256)


def test_threads_that_put_the_same_picture_leave_one_whole_file(store: EvidenceStore) -> None:
    start = threading.Barrier(6)

    def put() -> None:
        start.wait(30)
        store.put(JPEG, SHA256)

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert files_in(store) == [store.path(SHA256)]
    assert store.read(SHA256) == JPEG
