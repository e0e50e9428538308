"""Backup while others write, and restore: what comes back is whole, consistent and of one moment."""

import errno
import hashlib
import os
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from cases.case import fold
from cases.database import check_schema, migrate, open_database, schema_of
from cases.evidence import EvidenceStore
from cases.keeping import lease, snapshot
from cases.keeping.backup import BackupReport, back_up
from cases.keeping.manifest import read_manifest
from cases.keeping.restore import RestoreTarget, restore
from cases.keeping.rules import KeepingRules
from cases.keeping.snapshot import BackupError, copy_sqlite
from cases.keeping.store import KeepingStore
from cases.queries import CaseQuery
from cases.store import CaseStore
from cases.transactions import writing
from core.clock import ManualClock
from core.errors import CaseConflict
from core.ids import CellId
from tests.cases.reports import NOON, SEEN, announce, minute, post, report

CLOCK = ManualClock(NOON)


@pytest.fixture
def live(tmp_path: Path, migrated_sqlite: Path) -> CaseStore:
    """A SQLite case store in ``tmp_path/live``."""
    (tmp_path / "live").mkdir()
    shutil.copy(migrated_sqlite, tmp_path / "live" / "cases.db")
    store = CaseStore(open_database(f"sqlite:///{tmp_path / 'live' / 'cases.db'}"))
    announce(store)
    return store


@pytest.fixture
def pictures(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "live" / "evidence")


def upload(store: CaseStore, pictures: EvidenceStore, mark: str) -> str:
    data = b"\xff\xd8\xff" + mark.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    store.register_evidence(pictures.put(data, sha256), NOON)
    return sha256


def save(store: CaseStore, pictures: EvidenceStore, folder: Path) -> BackupReport:
    return back_up(store.engine, pictures, folder, CLOCK, config={"gridpatrol.toml": "[api]\n"}, version="1.2.3")


def bring_back(folder: Path, place: Path) -> CaseStore:
    """Restore, and open what came back."""
    restore(folder, RestoreTarget(place / "cases.db", place / "evidence"))
    engine = open_database(f"sqlite:///{place / 'cases.db'}")
    check_schema(engine)
    return CaseStore(engine)


def is_consistent(store: CaseStore) -> int:
    """Every stored case is what its events make; returns how many cases."""
    count, cursor = 0, None
    while True:
        page = store.list_cases(CaseQuery(), cursor, 200)
        for case in page.cases:
            assert fold(store.events_of(case.id)) == case
        count += len(page.cases)
        cursor = page.next_cursor
        if cursor is None:
            return count


def test_what_comes_back_is_what_was(live: CaseStore, pictures: EvidenceStore, tmp_path: Path) -> None:
    receipt = post(live, report())
    shown = upload(live, pictures, "one")
    done = save(live, pictures, tmp_path / "backup")
    assert (done.copied, done.dropped, done.missing) == (1, 0, ())
    back = bring_back(tmp_path / "backup", tmp_path / "new")
    assert back.get_case(receipt.case_id) == live.get_case(receipt.case_id)
    assert EvidenceStore(tmp_path / "new" / "evidence").read(shown) == pictures.read(shown)
    manifest = read_manifest(tmp_path / "backup")
    assert (manifest.gridpatrol, manifest.engine, manifest.pictures) == ("1.2.3", "sqlite", 1)
    assert [each.path for each in manifest.config] == ["config/gridpatrol.toml"]
    assert CLOCK.now() == manifest.made_at
    assert KeepingStore(back.engine).purge(pictures, KeepingRules(), CLOCK).is_complete


def test_a_backup_amid_busy_writers_is_of_one_moment(live: CaseStore, pictures: EvidenceStore, tmp_path: Path) -> None:
    posted = threading.Semaphore(0)
    stop = threading.Event()
    faults: list[BaseException] = []

    def write(writer: int) -> None:
        number = 0
        try:
            while not stop.is_set():
                cell = CellId(f"51010400100{writer}{number % 7:03d}")
                incident = f"incident-{writer}-{number % 7}"
                sent = report(SEEN if number >= 7 else report().kind, minute(number), incident, number, cell_id=cell)
                post(live, sent, now=minute(number + 1))
                posted.release()
                number += 1
        except BaseException as error:  # noqa: BLE001 - told to the test
            faults.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in writers:
        thread.start()
    try:
        for _ in range(20):
            assert posted.acquire(timeout=30)
        steps: list[int] = []

        def told(_what: str, done: int, _of: int) -> None:
            steps.append(done)
            assert posted.acquire(timeout=30)  # a write was done between these two steps

        copy_sqlite(tmp_path / "live" / "cases.db", tmp_path / "copy.db", told, pages=8)
        save(live, pictures, tmp_path / "backup")
    finally:
        stop.set()
        for thread in writers:
            thread.join(60)
    assert faults == []
    assert len(steps) > 3
    assert steps == sorted(steps), "the copy began anew"
    assert is_consistent(CaseStore(open_database(f"sqlite:///{tmp_path / 'copy.db'}"))) >= 1
    back = bring_back(tmp_path / "backup", tmp_path / "new")
    assert is_consistent(back) >= 1
    assert back.latest_seq() <= live.latest_seq()
    assert len(back.events_after(0, 500)) == min(back.latest_seq(), 500)


def test_a_second_backup_copies_only_what_is_new_and_drops_what_is_kept_no_more(
    live: CaseStore, pictures: EvidenceStore, tmp_path: Path
) -> None:
    first = upload(live, pictures, "first")
    save(live, pictures, tmp_path / "backup")
    stored = EvidenceStore(tmp_path / "backup" / "evidence")
    before = stored.path(first).stat().st_mtime_ns
    upload(live, pictures, "second")
    again = save(live, pictures, tmp_path / "backup")
    assert (again.copied, again.dropped, again.manifest.pictures) == (1, 0, 2)
    assert stored.path(first).stat().st_mtime_ns == before
    KeepingStore(live.engine).purge(pictures, KeepingRules(), ManualClock(NOON + timedelta(days=2)))
    last = save(live, pictures, tmp_path / "backup")
    assert (last.copied, last.dropped, last.manifest.pictures) == (0, 2, 0)
    assert not stored.path(first).exists()
    assert len(list((tmp_path / "backup").glob("database-*"))) == 1


def test_a_missing_or_damaged_picture_is_named_and_costs_nothing_else(
    live: CaseStore, pictures: EvidenceStore, tmp_path: Path
) -> None:
    lost, changed, sound = (upload(live, pictures, mark) for mark in ("lost", "changed", "sound"))
    pictures.path(lost).unlink()
    pictures.path(changed).write_bytes(b"\xff\xd8\xffother")
    done = save(live, pictures, tmp_path / "backup")
    assert set(done.missing) == {lost, changed}
    bring_back(tmp_path / "backup", tmp_path / "new")
    assert EvidenceStore(tmp_path / "new" / "evidence").path(sound).exists()


@pytest.mark.parametrize("there", ["database", "evidence"])
def test_restore_overwrites_nothing(live: CaseStore, pictures: EvidenceStore, tmp_path: Path, there: str) -> None:
    save(live, pictures, tmp_path / "backup")
    place = tmp_path / "new"
    file = place / ("cases.db" if there == "database" else "evidence/ab/old.jpg")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"mine")
    with pytest.raises(BackupError, match="is there already"):
        bring_back(tmp_path / "backup", place)
    assert file.read_bytes() == b"mine"


@pytest.mark.parametrize("part", ["database", "picture", "list", "manifest", "config"])
def test_a_damaged_backup_is_refused_and_nothing_is_left_behind(
    live: CaseStore, pictures: EvidenceStore, tmp_path: Path, part: str
) -> None:
    shown = upload(live, pictures, "one")
    manifest = save(live, pictures, tmp_path / "backup").manifest
    folder = tmp_path / "backup"
    file = {
        "database": folder / manifest.database.path,
        "picture": EvidenceStore(folder / "evidence").path(shown),
        "list": folder / "evidence.txt",
        "manifest": folder / "manifest.json",
        "config": folder / "config" / "gridpatrol.toml",
    }[part]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(BackupError, match=r"does not match|is not a manifest"):
        bring_back(folder, tmp_path / "new")
    left = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert left == []


def test_a_manifest_cannot_name_a_file_elsewhere(live: CaseStore, pictures: EvidenceStore, tmp_path: Path) -> None:
    save(live, pictures, tmp_path / "backup")
    path = tmp_path / "backup" / "manifest.json"
    text = path.read_text().replace('"database-', '"../../database-')
    path.write_text(text)
    with pytest.raises(BackupError, match="not a manifest"):
        bring_back(tmp_path / "backup", tmp_path / "new")


def test_a_backup_of_a_newer_version_is_refused(live: CaseStore, pictures: EvidenceStore, tmp_path: Path) -> None:
    revision = save(live, pictures, tmp_path / "backup").manifest.schema_revision
    path = tmp_path / "backup" / "manifest.json"
    path.write_text(path.read_text().replace(f'"{revision}"', '"v9999"'))
    with pytest.raises(BackupError, match="newer Gridpatrol"):
        bring_back(tmp_path / "backup", tmp_path / "new")


@pytest.mark.parametrize("revision", ["v0004", "v0010"])
def test_an_older_database_is_backed_up_as_it_stands_comes_back_and_is_brought_up_to_date(
    tmp_path: Path, revision: str
) -> None:
    (tmp_path / "live").mkdir()
    engine = open_database(f"sqlite:///{tmp_path / 'live' / 'cases.db'}")
    migrate(engine, revision)
    save(CaseStore(engine), EvidenceStore(tmp_path / "live" / "evidence"), tmp_path / "backup")
    assert schema_of(engine) == revision
    done = restore(tmp_path / "backup", RestoreTarget(tmp_path / "new" / "cases.db", tmp_path / "new" / "evidence"))
    assert done.manifest.schema_revision == revision
    back = open_database(f"sqlite:///{tmp_path / 'new' / 'cases.db'}")
    migrate(back)
    check_schema(back)


def test_an_interrupted_backup_leaves_the_earlier_one_whole(
    live: CaseStore, pictures: EvidenceStore, tmp_path: Path
) -> None:
    upload(live, pictures, "one")
    save(live, pictures, tmp_path / "backup")
    post(live, report())
    upload(live, pictures, "two")

    def interrupt(what: str, _done: int, _of: int) -> None:
        if what == "pictures":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(live.engine, pictures, tmp_path / "backup", CLOCK, told=interrupt)
    assert list((tmp_path / "backup").rglob("*partial*")) == []
    assert is_consistent(bring_back(tmp_path / "backup", tmp_path / "new")) == 0
    assert save(live, pictures, tmp_path / "backup").manifest.pictures == 2


def test_a_full_disk_is_told_before_anything_is_copied(
    live: CaseStore, pictures: EvidenceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(live, pictures, "one")
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as disk:
        disk.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
        with pytest.raises(BackupError, match="MB free"):
            save(live, pictures, tmp_path / "backup")
    assert not (tmp_path / "backup" / "manifest.json").exists()
    assert save(live, pictures, tmp_path / "backup").manifest.pictures == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.ENOSPC, "is full; free space"), (errno.EACCES, "check the rights")],
    ids=["full", "rights"],
)
def test_a_disk_that_fails_while_copying_is_named_and_the_earlier_backup_stays(
    live: CaseStore, pictures: EvidenceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    save(live, pictures, tmp_path / "backup")
    before = (tmp_path / "backup" / "manifest.json").read_bytes()
    upload(live, pictures, "one")

    def fail(_source: Path, _target: Path) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as disk:
        disk.setattr(shutil, "copyfile", fail)
        with pytest.raises(BackupError, match=said):
            save(live, pictures, tmp_path / "backup")
    assert (tmp_path / "backup" / "manifest.json").read_bytes() == before
    assert save(live, pictures, tmp_path / "backup").manifest.pictures == 1


def test_a_backup_and_a_purge_wait_for_each_other(live: CaseStore, pictures: EvidenceStore, tmp_path: Path) -> None:
    assert lease.take(live.engine, "a purge", NOON)
    with pytest.raises(CaseConflict, match="another purge or backup"):
        save(live, pictures, tmp_path / "backup")
    lease.give_back(live.engine, "a purge", NOON, None)
    save(live, pictures, tmp_path / "backup")
    assert lease.take(live.engine, "a purge", NOON)


def test_nobody_is_signed_in_on_the_restored_machine(live: CaseStore, pictures: EvidenceStore, tmp_path: Path) -> None:
    with writing(live.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO login_token (token_sha256, name, scopes, expires_at) VALUES ('ab', 'x', '[]', '2030-01-01')"
        )
    save(live, pictures, tmp_path / "backup")
    (file,) = (tmp_path / "backup").glob("database-*.db")
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT count(*) FROM login_token").fetchone() == (0,)


ON_POSTGRES = [pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="PostgreSQL's client programs are not installed")
@pytest.mark.parametrize("database_url", ON_POSTGRES, indirect=True)
@pytest.mark.parametrize("empty_url", ON_POSTGRES, indirect=True)
def test_a_dump_of_postgres_comes_back_into_an_empty_database(engine: Engine, empty_url: str, tmp_path: Path) -> None:
    store, pictures = CaseStore(engine), EvidenceStore(tmp_path / "evidence")
    announce(store)
    receipt = post(store, report())
    shown = upload(store, pictures, "one")
    manifest = save(store, pictures, tmp_path / "backup").manifest
    assert (manifest.engine, manifest.pictures) == ("postgresql", 1)
    assert restore(tmp_path / "backup", RestoreTarget(None, tmp_path / "new" / "evidence")).pictures == 1
    assert EvidenceStore(tmp_path / "new" / "evidence").path(shown).exists()
    dump = tmp_path / "backup" / manifest.database.path
    subprocess.run(["pg_restore", "--no-owner", f"--dbname={empty_url}", dump], check=True, timeout=60)
    back = open_database(empty_url)
    check_schema(back)
    assert CaseStore(back).get_case(receipt.case_id) == store.get_case(receipt.case_id)
    assert is_consistent(CaseStore(back)) == 1
    back.dispose()


@pytest.mark.parametrize("database_url", ON_POSTGRES, indirect=True)
def test_without_postgres_programs_the_command_to_run_is_told_without_the_password(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    url = engine.url.set(password="hunter2")
    with pytest.raises(BackupError, match=r"pg_dump is not on this machine.*pg_dump --format=custom") as raised:
        snapshot.copy_postgres(url, tmp_path / "x.dump")
    assert "hunter2" not in str(raised.value)


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="PostgreSQL's client programs are not installed")
def test_a_dump_that_fails_says_what_postgres_said_and_not_the_password(tmp_path: Path) -> None:
    url = make_url("postgresql://nobody:hunter2@127.0.0.1:1/none")
    with pytest.raises(BackupError, match="pg_dump failed") as raised:
        snapshot.copy_postgres(url, tmp_path / "x.dump")
    assert "hunter2" not in str(raised.value)
