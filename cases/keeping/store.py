"""Retention at work: judges pictures in short transactions, notes what goes, then takes the files away."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine, delete, select

from cases import tables
from cases.access.audit import record
from cases.evidence import EvidenceStore
from cases.keeping import lease, references, removed, sweep, uses
from cases.keeping.removed import RemovedPicture, Why
from cases.keeping.rules import KeepingRules, judge, least_days
from cases.keeping.tables import picture_use
from cases.transactions import line_up, reading, writing
from core.clock import Clock

BATCH = 200
"""Pictures judged in one transaction, while no report can be taken in."""
LARGEST_PAGE = 500
ACTOR = "keeping"
"""Who removes, in the audit log."""

StillNeeded = Callable[[Connection, Collection[str]], set[str]]
"""Which of these pictures another part of the case room needs, such as citizens' media."""
Expire = Callable[[Connection, datetime], int]
"""Removes what another part must not keep any longer, such as citizens' contact data; returns how many."""
Progress = Callable[["PurgeReport"], bool]
"""Told after each batch; False ends the purge early."""


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge did, or with ``is_dry`` would do."""

    is_dry: bool = False
    judged: int = 0
    removed: int = 0
    unreferenced: int = 0
    size: int = 0
    """Bytes of the pictures removed."""
    leftovers: int = 0
    """Files of broken uploads, and files that no row knows."""
    expired: int = 0
    """Of other parts' data."""
    is_complete: bool = True

    @property
    def total(self) -> int:
        return self.removed + self.unreferenced


@dataclass(frozen=True, slots=True)
class KeepingStore:
    """Pictures' retention over one database. Threads may share one.

    Args:
        also_needed_by: other parts that hold pictures in another way than by a column of SHA-256 (those are known, see
            ``references``); a picture that one of them needs stays.
        expiring: other parts' own expiries, run with each purge.
    """

    engine: Engine
    also_needed_by: Sequence[StillNeeded] = ()
    expiring: Sequence[Expire] = ()
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)

    def removed(self, before_seq: int | None = None, limit: int = 50) -> tuple[RemovedPicture, ...]:
        """What was removed, newest first."""
        with reading(self.engine) as connection:
            return removed.newest_first(connection, before_seq, max(1, min(limit, LARGEST_PAGE)))

    def removed_among(self, pictures: Collection[str]) -> dict[str, RemovedPicture]:
        """Which of these pictures are kept no more; one that came again is not among them."""
        if not pictures:
            return {}
        with reading(self.engine) as connection:
            gone = removed.among(connection, pictures)
            known = tables.evidence.c.sha256
            back = connection.execute(select(known).where(known.in_(set(gone)))).scalars().all() if gone else ()
        return {sha256: each for sha256, each in gone.items() if sha256 not in back}

    def purge(
        self,
        evidence: EvidenceStore,
        rules: KeepingRules,
        clock: Clock,
        *,
        is_dry: bool = False,
        progress: Progress = lambda _report: True,
    ) -> PurgeReport:
        """Remove what need not be kept any longer; safe beside running workers, and to interrupt at any moment.

        Raises:
            CaseConflict: another purge is running.
            EvidenceError: a file cannot be removed; what was noted stays noted, the next purge takes the file.
        """
        now = clock.now()
        with lease.held(self.engine, self.holder, now):
            report = self._purge(evidence, rules, clock, PurgeReport(is_dry), progress)
            if not is_dry and report.is_complete:
                report = replace(report, leftovers=sweep.leftovers(evidence, self._known, self._day_ago(rules, now)))
                report = replace(report, expired=self._expire(now))
            lease.give_back(self.engine, self.holder, clock.now(), 0 if is_dry else report.total)
        progress(report)
        return report

    def _purge(
        self, evidence: EvidenceStore, rules: KeepingRules, clock: Clock, report: PurgeReport, progress: Progress
    ) -> PurgeReport:
        uses.gather_all(self.engine)
        now = clock.now()
        after: tuple[datetime, str] | None = None
        while True:
            report, after = self._batch(evidence, rules, now, report, after)
            if not progress(report):
                return replace(report, is_complete=False)
            lease.take(self.engine, self.holder, clock.now())
            if after is None:
                break
        last: str | None = ""
        while last is not None:
            report, last = self._unreferenced(evidence, rules, now, report, last)
            if not progress(report):
                return replace(report, is_complete=False)
        return report

    def _batch(
        self,
        evidence: EvidenceStore,
        rules: KeepingRules,
        now: datetime,
        report: PurgeReport,
        after: tuple[datetime, str] | None,
    ) -> tuple[PurgeReport, tuple[datetime, str] | None]:
        """One batch of pictures that closed cases name; what is left ends with None."""
        with writing(self.engine) as connection:
            line_up(connection)
            uses.gather(connection)  # what came in since: from here to the end of the transaction nothing is added
            before = now - timedelta(days=least_days(rules))
            found = uses.used_before(connection, before, after, BATCH)
            pictures = list(dict.fromkeys(sha256 for _, sha256 in found))
            named = uses.uses_of(connection, pictures)
            needed = self._needed(connection, pictures)
            going: list[RemovedPicture] = []
            sizes = _sizes(connection, pictures)
            for sha256 in pictures:
                verdict = judge(named.get(sha256, ()), rules, now)
                if not verdict.may_go or sha256 in needed:
                    continue
                numbers = tuple(dict.fromkeys(use.case_number for use in named[sha256]))
                captured_at = min(use.captured_at for use in named[sha256])
                size = sizes.get(sha256)
                if size is not None:
                    going.append(
                        RemovedPicture(0, sha256, size, now, Why.RETENTION, verdict.rule, numbers, captured_at)
                    )
                elif not report.is_dry:  # a SHA-256 of something else, or gone before
                    connection.execute(delete(picture_use).where(picture_use.c.sha256 == sha256))
            if not report.is_dry:
                going = _note(connection, going, self._day_ago(rules, now))
        self._take_away(evidence, () if report.is_dry else going)
        report = replace(
            report,
            judged=report.judged + len(pictures),
            removed=report.removed + len(going),
            size=report.size + sum(each.size for each in going),
        )
        return report, found[-1] if len(found) == BATCH else None

    def _unreferenced(
        self, evidence: EvidenceStore, rules: KeepingRules, now: datetime, report: PurgeReport, after: str
    ) -> tuple[PurgeReport, str | None]:
        """One batch of pictures that no case names."""
        table = tables.evidence
        with writing(self.engine) as connection:
            line_up(connection)
            uses.gather(connection)
            is_named = select(picture_use.c.sha256).where(picture_use.c.sha256 == table.c.sha256).exists()
            statement = (
                select(table.c.sha256, table.c.size)
                .where(table.c.received_at <= self._day_ago(rules, now), table.c.sha256 > after, ~is_named)
                .order_by(table.c.sha256)
                .limit(BATCH)
            )
            rows = connection.execute(statement).all()
            needed = self._needed(connection, [row.sha256 for row in rows])
            rule = f"no case named it within {rules.unreferenced_hours:g} hours"
            going = [
                RemovedPicture(0, row.sha256, row.size, now, Why.UNREFERENCED, rule, (), None)
                for row in rows
                if row.sha256 not in needed
            ]
            if not report.is_dry:
                going = _note(connection, going, self._day_ago(rules, now))
        self._take_away(evidence, () if report.is_dry else going)
        report = replace(
            report,
            judged=report.judged + len(rows),
            unreferenced=report.unreferenced + len(going),
            size=report.size + sum(each.size for each in going),
        )
        return report, rows[-1].sha256 if len(rows) == BATCH else None

    def _take_away(self, evidence: EvidenceStore, going: Sequence[RemovedPicture]) -> None:
        """After the transaction: a crash in between leaves a file that no row knows, which a later sweep takes."""
        for each in going:
            sweep.take_away(evidence.path(each.sha256), partial(self._is_known, each.sha256))

    def _known(self, pictures: Collection[str]) -> set[str]:
        """Which of these have a row."""
        known = tables.evidence.c.sha256
        with reading(self.engine) as connection:
            return set(connection.execute(select(known).where(known.in_(pictures))).scalars())

    def _is_known(self, sha256: str) -> bool:
        return bool(self._known([sha256]))

    def _needed(self, connection: Connection, pictures: Collection[str]) -> set[str]:
        if not pictures:
            return set()
        told = (needs(connection, pictures) for needs in self.also_needed_by)
        return references.named_in_tables(connection, pictures).union(*told)

    def _expire(self, now: datetime) -> int:
        count = 0
        for expire in self.expiring:
            with writing(self.engine) as connection:
                line_up(connection)
                count += expire(connection, now)
        return count

    @staticmethod
    def _day_ago(rules: KeepingRules, now: datetime) -> datetime:
        return now - timedelta(hours=rules.unreferenced_hours)


def _note(connection: Connection, going: Sequence[RemovedPicture], received_before: datetime) -> list[RemovedPicture]:
    """Take the rows away and note each; a picture that was sent again in between stays, and is not among them."""
    table = tables.evidence
    gone = []
    for each in going:
        statement = delete(table).where(table.c.sha256 == each.sha256, table.c.received_at <= received_before)
        if connection.execute(statement.returning(table.c.sha256)).first() is None:
            continue
        connection.execute(delete(picture_use).where(picture_use.c.sha256 == each.sha256))
        gone.append(removed.write(connection, each))
    if gone:
        first, last = gone[0].seq, gone[-1].seq
        counted = {"why": gone[0].why.value, "pictures": len(gone), "bytes": sum(each.size for each in gone)}
        subject = f"removed_picture:{first}-{last}"
        record(connection, actor=ACTOR, action="picture.remove", subject=subject, data=counted, now=gone[0].removed_at)
    return gone


def _sizes(connection: Connection, pictures: Collection[str]) -> dict[str, int]:
    table = tables.evidence
    rows = connection.execute(select(table.c.sha256, table.c.size).where(table.c.sha256.in_(pictures)))
    return {row.sha256: row.size for row in rows}
