"""Retention at work, on both engines: what goes, what stays, what is noted."""

import hashlib
import os
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cases.case import CloseReason, EvidenceRefs
from cases.evidence import EvidenceStore
from cases.keeping import lease, uses
from cases.keeping.job import KeepingJob
from cases.keeping.removed import Why
from cases.keeping.rules import KeepingRules
from cases.keeping.store import KeepingStore, PurgeReport
from cases.store import CaseStore
from core.clock import ManualClock
from core.errors import CaseConflict
from core.ids import CaseId
from tests.cases.reports import CAM_2, NOON, OTHER_CELL, SEEN, STALL, minute, post, report

RULES = KeepingRules()
DAY_S = 86_400.0


class Room:
    """The stores, and a clock at the day of the pictures."""

    def __init__(self, store: CaseStore, folder: Path) -> None:
        self.store = store
        self.evidence = EvidenceStore(folder / "evidence")
        self.keeping = KeepingStore(store.engine)
        self.clock = ManualClock(NOON)

    def upload(self, mark: str, at: datetime = NOON) -> str:
        data = b"\xff\xd8\xff" + mark.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        self.store.register_evidence(self.evidence.put(data, sha256), at)
        os.utime(self.evidence.path(sha256), (at.timestamp(), at.timestamp()))
        return sha256

    def look(self, mark: str) -> EvidenceRefs:
        return EvidenceRefs(*(self.upload(f"{mark} {kind}") for kind in ("original", "annotated", "crop")))

    def close(self, case_id: CaseId, at: datetime) -> None:
        self.store.close_case(case_id, CloseReason.HANDLED, "", "李敏", None, at)

    def purge(self, days_later: float, rules: KeepingRules = RULES, is_dry: bool = False) -> PurgeReport:
        clock = ManualClock(NOON + timedelta(days=days_later))
        return self.keeping.purge(self.evidence, rules, clock, is_dry=is_dry)

    def has(self, sha256: str) -> bool:
        on_disk, in_rows = self.evidence.path(sha256).exists(), self.store.evidence_file(sha256) is not None
        assert on_disk == in_rows
        return on_disk


@pytest.fixture
def room(store: CaseStore, tmp_path: Path) -> Room:
    return Room(store, tmp_path)


def test_a_closed_cases_pictures_go_after_their_days_and_it_is_noted_what_when_why(room: Room) -> None:
    look = room.look("first")
    receipt = post(room.store, report(evidence=look))
    room.close(receipt.case_id, minute(60))
    assert room.purge(89.9).total == 0
    assert all(room.has(sha256) for sha256 in look.all())
    done = room.purge(90.1)
    assert (done.removed, done.unreferenced, done.is_complete) == (3, 0, True)
    assert not any(room.has(sha256) for sha256 in look.all())
    noted = room.keeping.removed()
    assert {each.sha256 for each in noted} == set(look.all())
    assert {each.seq for each in noted} == {1, 2, 3}
    newest = noted[0]
    assert (newest.why, newest.case_numbers, newest.captured_at) == (Why.RETENTION, (receipt.case_number,), NOON)
    assert newest.rule == "default: 90 days from capture; 30 days from closing"
    assert newest.removed_at == NOON + timedelta(days=90.1)
    assert set(room.keeping.removed_among(look.all())) == set(look.all())
    assert room.purge(91).total == 0


def test_an_open_cases_pictures_stay_for_ever(room: Room) -> None:
    look = room.look("first")
    post(room.store, report(evidence=look))
    assert room.purge(3000).total == 0
    assert all(room.has(sha256) for sha256 in look.all())


def test_every_look_of_a_case_is_known_not_only_the_two_that_it_shows(room: Room) -> None:
    looks = [room.look(mark) for mark in ("first", "second", "third")]
    receipt = post(room.store, report(evidence=looks[0]))
    post(room.store, report(SEEN, minute(10), sequence=1, evidence=looks[1]))
    post(room.store, report(SEEN, minute(20), sequence=2, evidence=looks[2]))
    assert room.purge(3000).total == 0
    room.close(receipt.case_id, minute(30))
    assert room.purge(91).removed == 9


def test_a_picture_that_an_open_case_shares_stays(room: Room) -> None:
    look = room.look("shared")
    closed = post(room.store, report(evidence=look))
    post(room.store, report(incident="incident-2", cell_id=OTHER_CELL, evidence=look))
    room.close(closed.case_id, minute(60))
    assert room.purge(400).total == 0
    assert all(room.has(sha256) for sha256 in look.all())


def test_each_camera_and_category_has_its_own_days(room: Room) -> None:
    short, long = room.look("short"), room.look("long")
    rules = KeepingRules(days=60, cameras={"CAM-02": 30}, categories={"street_stall": 365})
    first = post(room.store, report(evidence=short, camera_id=CAM_2))
    second = post(room.store, report(incident="incident-2", category=STALL, evidence=long, camera_id=CAM_2))
    for receipt in (first, second):
        room.close(receipt.case_id, minute(60))
    assert room.purge(31, rules).removed == 3
    assert [room.has(sha256) for sha256 in (short.original, long.original)] == [False, True]
    assert room.purge(366, rules).removed == 3


def test_a_dry_run_tells_the_same_and_removes_nothing(room: Room) -> None:
    look = room.look("first")
    room.close(post(room.store, report(evidence=look)).case_id, minute(60))
    room.upload("stray")
    told = room.purge(91, is_dry=True)
    assert (told.removed, told.unreferenced, told.size > 0) == (3, 1, True)
    assert all(room.has(sha256) for sha256 in look.all())
    assert room.keeping.removed() == ()
    assert room.purge(91).total == told.total


def test_a_picture_that_no_case_named_is_swept_after_a_day_and_not_before(room: Room) -> None:
    stray = room.upload("stray")
    assert room.purge(0.9).total == 0
    assert room.purge(1.1).unreferenced == 1
    assert not room.has(stray)
    assert room.keeping.removed()[0].why is Why.UNREFERENCED


def test_a_picture_that_was_sent_again_waits_another_day_for_its_case(room: Room) -> None:
    sha256 = room.upload("late")
    room.upload("late", NOON + timedelta(days=3))
    assert room.purge(3.5).total == 0
    assert room.has(sha256)


def test_a_removed_picture_that_comes_again_is_kept_again(room: Room) -> None:
    sha256 = room.upload("stray")
    room.purge(2)
    room.upload("stray", NOON + timedelta(days=3))
    assert room.keeping.removed_among([sha256]) == {}
    assert room.has(sha256)


def test_what_another_part_needs_stays(room: Room) -> None:
    media, stray = room.upload("media"), room.upload("stray")
    asked: list[set[str]] = []

    def needs(_connection: Connection, pictures: Collection[str]) -> set[str]:
        asked.append(set(pictures))
        return {media} & set(pictures)

    keeping = KeepingStore(room.store.engine, also_needed_by=[needs])
    keeping.purge(room.evidence, RULES, ManualClock(NOON + timedelta(days=2)))
    assert {media, stray} in asked
    assert [room.has(media), room.has(stray)] == [True, False]


def test_other_parts_expire_their_own_with_each_purge(room: Room) -> None:
    at = NOON + timedelta(days=2)
    keeping = KeepingStore(room.store.engine, expiring=[lambda _connection, now: 7 if now == at else 0])
    assert keeping.purge(room.evidence, RULES, ManualClock(at)).expired == 7


def test_files_of_broken_uploads_and_files_without_a_row_are_swept_when_old(room: Room) -> None:
    kept = room.look("kept")
    post(room.store, report(evidence=kept))
    folder = room.evidence.path(kept.original).parent
    broken, young, half_gone = folder / ".incoming-x1", folder / ".incoming-x2", folder / f".leaving-{'ab' * 32}.jpg"
    unknown = room.evidence.path("cd" * 32)
    unknown.parent.mkdir(parents=True, exist_ok=True)
    foreign = folder / "README"
    for file in (broken, young, half_gone, unknown, foreign):
        file.write_bytes(b"x")
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))
    os.utime(young, ((NOON + timedelta(days=2)).timestamp(),) * 2)
    assert room.purge(2).leftovers == 3
    assert [file.exists() for file in (broken, young, half_gone, unknown, foreign)] == [False, True, False, False, True]
    assert all(room.has(sha256) for sha256 in kept.all())


def test_a_crash_between_the_two_renamings_loses_no_picture_that_has_a_row(room: Room) -> None:
    kept = room.look("kept")
    post(room.store, report(evidence=kept))
    path = room.evidence.path(kept.crop)
    path.rename(path.with_name(f".leaving-{path.name}"))
    room.purge(2)
    assert room.has(kept.crop)


def test_a_second_purge_meanwhile_is_refused_and_one_that_died_is_waited_for_half_an_hour(room: Room) -> None:
    room.upload("stray")
    assert lease.take(room.store.engine, "another process", NOON + timedelta(days=2))
    with pytest.raises(CaseConflict, match="another purge"):
        room.purge(2)
    assert room.purge(2 + 31 / (24 * 60)).unreferenced == 1


def test_an_interrupted_purge_gives_the_lease_back_and_the_next_one_ends_it(room: Room) -> None:
    room.close(post(room.store, report(evidence=room.look("first"))).case_id, minute(60))
    clock = ManualClock(NOON + timedelta(days=91))

    def interrupt(_report: PurgeReport) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        room.keeping.purge(room.evidence, RULES, clock, progress=interrupt)
    assert len(room.keeping.removed()) == 3
    early = room.keeping.purge(room.evidence, RULES, clock, progress=lambda _report: False)
    assert not early.is_complete
    assert room.purge(91).is_complete


def test_the_events_are_gathered_in_batches_and_only_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        post(room.store, report(incident=f"incident-{number}", at=minute(number), evidence=room.look(str(number))))
    monkeypatch.setattr(uses, "BATCH", 3)
    assert uses.gather_all(room.store.engine) == 7
    assert uses.gather_all(room.store.engine) == 0


def test_many_pictures_go_in_several_transactions(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from cases.keeping import store as module

    monkeypatch.setattr(module, "BATCH", 2)
    for number in range(3):
        sent = report(incident=f"incident-{number}", at=minute(10 * number), evidence=room.look(str(number)))
        room.close(post(room.store, sent).case_id, minute(10 * number + 1))
    for number in range(3):
        room.upload(f"stray {number}")
    told: list[int] = []
    clock = ManualClock(NOON + timedelta(days=91))

    def tell(report: PurgeReport) -> bool:
        told.append(report.total)
        return True

    done = room.keeping.purge(room.evidence, RULES, clock, progress=tell)
    assert (done.removed, done.unreferenced) == (9, 3)
    assert len(told) > 6


def test_what_was_removed_is_noted_for_good(room: Room, engine: Engine) -> None:
    room.upload("stray")
    room.purge(2)
    for statement in ("DELETE FROM removed_picture", "UPDATE removed_picture SET rule = ''"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


def test_the_job_purges_when_it_is_time_and_not_again_before(room: Room) -> None:
    room.upload("stray")
    room.clock.advance(2 * DAY_S)
    job = KeepingJob(room.keeping, room.evidence, RULES, room.clock)
    assert job.run_if_due()
    assert not job.run_if_due()
    room.clock.advance(6 * 3600.0)
    assert job.run_if_due()
    assert len(room.keeping.removed()) == 1


def test_a_picture_that_another_parts_table_names_stays_for_as_long_as_its_row(room: Room, engine: Engine) -> None:
    named, stray = room.upload("named"), room.upload("stray")
    row = {"t": named, "n": "x", "s": "[]", "e": NOON + timedelta(days=9)}
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO login_token (token_sha256, name, scopes, expires_at) VALUES (:t, :n, :s, :e)"), row
        )
    room.purge(2)
    assert [room.has(named), room.has(stray)] == [True, False]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM login_token"))
    room.purge(3)
    assert not room.has(named)


def test_what_goes_stands_in_the_audit_log(room: Room, engine: Engine) -> None:
    room.upload("stray")
    room.purge(2)
    with engine.connect() as connection:
        entries = connection.execute(text("SELECT actor, action, subject FROM audit_entry")).all()
    assert [tuple(entry) for entry in entries] == [("keeping", "picture.remove", "removed_picture:1-1")]
