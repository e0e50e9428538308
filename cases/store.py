"""The case store: reports and commands in, cases and their history out; each call is one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, or_, select, update

from cases import book, camera_states, tables
from cases.camera_states import WorkerNotice
from cases.cameras import ALL_IDS, CameraRecord, IdRange
from cases.case import Case, CaseEvent, CaseEventKind, CaseState, CloseReason
from cases.database import check_schema
from cases.evidence import EvidenceFile
from cases.incidents_in import IncidentReport
from cases.intake import CellFacts, Intake
from cases.lateness import is_late, is_nearly_late
from cases.ledger import Numbering
from cases.list_order import cursor_behind, ordered
from cases.number import zone_named
from cases.overview.verdicts import was_confirmed, was_rejected
from cases.policy.deciding import Policy
from cases.policy.errors import ReportSuppressed
from cases.policy.filing import accept
from cases.queries import (
    LARGEST_PAGE,
    CaseCount,
    CasePage,
    CaseQuery,
    ListOrder,
    Receipt,
    Suppressed,
)
from cases.regions import RegionCorrection, check_regions
from cases.rows import case_of, event_of
from cases.rules import CaseRules
from cases.transactions import (
    insert_new,
    line_up,
    reading,
    writing,
)
from cases.workflow.claims import check_claim, release_claim
from core.clock import as_utc
from core.errors import CaseConflict, CaseError, CaseNotFound
from core.ids import CameraId, CaseId, CategoryId
from grid.units import Ring

LONGEST_NOTE = 4000


class CaseStore:
    """Cases in a database that ``cases.database.migrate`` has prepared.

    Every method may raise ``DatabaseUnavailable`` (a ``CaseError``), whose text names the database and the mend.
    Threads may share one store.
    """

    def __init__(self, engine: Engine, rules: CaseRules | None = None) -> None:
        self._engine = engine
        self._rules = rules or CaseRules()
        zone = zone_named(self._rules.number_zone)
        self._policy = Policy(self._rules.policy, zone, accept)
        numbering = Numbering(zone, self._rules.number_source)
        self._intake = Intake(engine, self._rules, numbering, self._policy)

    @property
    def engine(self) -> Engine:
        """The database, for the stores beside this one."""
        return self._engine

    @property
    def intake(self) -> Intake:
        """Where reports come in, one by one or together."""
        return self._intake

    @property
    def policy(self) -> Policy:
        """What candidates are judged by, with its rules in memory."""
        return self._policy

    @property
    def rules(self) -> CaseRules:
        """The city's choices."""
        return self._rules

    def ingest(
        self,
        report: IncidentReport,
        idempotency_key: str,
        now: datetime,
        *,
        zone: str | None = None,
        unit: str | None = None,
        outline: Ring | None = None,
    ) -> Receipt:
        """``take_in`` for a caller that expects a case.

        Raises:
            ReportSuppressed: policy turned it away; that is kept, and sending it again will not help.
            IncidentRefused, CaseConflict: see ``take_in``.
        """
        answer = self.take_in(report, idempotency_key, now, zone=zone, unit=unit, outline=outline)
        if isinstance(answer, Suppressed):
            raise ReportSuppressed(
                f"report {report.idempotency_key} makes no case by {answer.rule} (decision {answer.decision}); "
                "see GET /api/v1/policy/explain, or remove that rule"
            )
        return answer

    def take_in(
        self,
        report: IncidentReport,
        idempotency_key: str,
        now: datetime,
        *,
        zone: str | None = None,
        unit: str | None = None,
        outline: Ring | None = None,
    ) -> Receipt | Suppressed:
        """Take in one report: once, whatever the number of postings, and on at most one open case.

        What would open a case is judged by policy first; a standing case is never taken away.

        Args:
            report: what a worker says.
            idempotency_key: the poster's name for this posting; ``report.idempotency_key`` is a good one.
            now: when it arrived; aware.
            zone: the cell's grade, kept on a case that this opens.
            unit: the responsible unit's name, kept likewise.
            outline: the cell's outer ring, lon/lat, for permitted areas.

        Raises:
            IncidentRefused: it cannot be true or cannot be stored; sending it again will not help.
            CaseConflict: the key or the incident's event number was used for another report.
        """
        return self.intake.take_in(self.intake.posting(report, idempotency_key, now, CellFacts(zone, unit, outline)))

    def list_cases(self, query: CaseQuery, cursor: str | None = None, limit: int = 50) -> CasePage:
        """Cases in the query's order, newest first; a page stays what it is when cases are opened meanwhile.

        Raises:
            CursorInvalid: the cursor is not one of ours.
        """
        statement = narrowed(ordered(select(tables.case), query.order, cursor), query)
        limit = max(1, min(limit, LARGEST_PAGE))
        with reading(self._engine) as connection:
            found = [case_of(row) for row in connection.execute(statement.limit(limit + 1))]
        more = len(found) > limit
        return CasePage(tuple(found[:limit]), cursor_behind(found[limit - 1], query.order) if more else None)

    def get_case(self, case_id: CaseId) -> Case:
        """Raises: CaseNotFound."""
        with reading(self._engine) as connection:
            return _case(connection, case_id)

    def events_of(self, case_id: CaseId) -> tuple[CaseEvent, ...]:
        """A case's history, oldest first. Raises: CaseNotFound."""
        table = tables.case_event
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(table).where(table.c.case_id == _storable(case_id)).order_by(table.c.seq)
            ).all()
        if not rows:
            raise _not_found(case_id)
        return tuple(event_of(row) for row in rows)

    def close_case(
        self,
        case_id: CaseId,
        reason: CloseReason,
        note: str,
        actor: str,
        expected_version: int | None,
        now: datetime,
        claimant: str | None = None,
    ) -> Case:
        """Close a case as a person decided, whatever its stage: the shift leader's shortcut.

        Args:
            case_id: which.
            reason: why.
            note: the person's words, may be empty.
            actor: the person's name, as their key says.
            expected_version: the ``version`` that the person looked at; None closes whatever stands there now.
            now: the moment of the decision; aware.
            claimant: the seat as claims name it; None closes whoever works on it.

        Raises:
            CaseNotFound: no such case.
            CaseConflict: closed already, or changed since it was looked at.
            CaseClaimed: another seat works on it.
            CaseError: the note cannot be stored.
        """
        if len(note) > LONGEST_NOTE or "\x00" in note:
            raise CaseError(f"note of {len(note)} characters is not usable; write up to {LONGEST_NOTE}, plain text")
        with writing(self._engine) as connection:
            line_up(connection)
            case = _case(connection, case_id)
            if claimant is not None:
                check_claim(connection, case.id, claimant, now)
                release_claim(connection, case.id, claimant)
            _refuse_if_moved_on(case, expected_version)
            data = {"reason": reason.value, "note": note}
            return book.append(connection, case, CaseEventKind.CLOSED, now, now, actor, data)

    def correct_regions(
        self, case_id: CaseId, correction: RegionCorrection, actor: str, expected_version: int | None, now: datetime
    ) -> Case:
        """Keep what a person drew in one of the case's pictures; it teaches the next model and changes nothing else.

        Raises:
            CaseNotFound: no such case.
            CaseConflict: changed since it was looked at.
            CaseError: a region that cannot be, or a picture that is not an original of this case.
        """
        check_regions(correction)
        with writing(self._engine) as connection:
            line_up(connection)
            case = _case(connection, case_id)
            _refuse_if_moved_on(case, expected_version)
            table = tables.case_event
            told = connection.execute(select(table.c.data).where(table.c.case_id == case.id)).scalars()
            if correction.picture not in {(data.get("evidence") or {}).get("original") for data in told}:
                raise CaseError(
                    f"picture {correction.picture[:64]!a} is not an original of case {case.number}; "
                    "take the SHA-256 of an original from the case's evidence"
                )
            return book.append(connection, case, CaseEventKind.CORRECTED, now, now, actor, correction.as_json())

    def events_after(self, seq: int, limit: int = LARGEST_PAGE) -> tuple[CaseEvent, ...]:
        """Events of all cases that follow ``seq``, oldest first; going on after the last one misses none."""
        table = tables.case_event
        statement = select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(max(1, min(limit, LARGEST_PAGE)))
        with reading(self._engine) as connection:
            return tuple(event_of(row) for row in connection.execute(statement))

    def latest_seq(self) -> int:
        """The newest event's number; 0 before the first."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.coalesce(func.max(tables.case_event.c.seq), 0))).scalar_one())

    def counts(self) -> tuple[CaseCount, ...]:
        """Cases by state and category; combinations without cases are left out."""
        table = tables.case
        keys = (table.c.state, table.c.category)
        statement = select(*keys, func.count().label("cases")).group_by(*keys).order_by(*keys)
        with reading(self._engine) as connection:
            return tuple(
                CaseCount(CaseState(row.state), CategoryId(row.category), row.cases)
                for row in connection.execute(statement)
            )

    def put_camera_statuses(self, worker_id: str, cameras: Sequence[CameraRecord], now: datetime) -> None:
        """Keep what a worker says of its cameras; this also makes them known. Others stay as they were."""
        if cameras:
            with writing(self._engine) as connection:
                camera_states.put_states(connection, worker_id, cameras, now)

    def put_camera_report(
        self,
        worker_id: str,
        cameras: Sequence[CameraRecord],
        notices: Sequence[str],
        now: datetime,
        within: IdRange = ALL_IDS,
    ) -> None:
        """All that a worker says: cameras that it names no more are gone, its notices replace the last ones.

        Args:
            within: which of the worker's cameras this is about; a fleet too large for one body is told in parts.
        """
        named = frozenset(str(record.camera_id) for record in cameras)
        with writing(self._engine) as connection:
            camera_states.put_states(connection, worker_id, cameras, now)
            camera_states.retire_unnamed(connection, worker_id, named, now, within)
            camera_states.put_notices(connection, worker_id, notices, now)

    def cameras(self) -> tuple[CameraRecord, ...]:
        """Every announced camera that is not gone, by id, with its last known state."""
        with reading(self._engine) as connection:
            return camera_states.states(connection)

    def camera(self, camera_id: CameraId) -> CameraRecord | None:
        """One camera's last known state; None where no worker told of it, or it is gone."""
        with reading(self._engine) as connection:
            return camera_states.state_of(connection, CameraId(_storable(camera_id)))

    def worker_notices(self) -> tuple[WorkerNotice, ...]:
        """What workers have to say about themselves."""
        with reading(self._engine) as connection:
            return camera_states.notices(connection)

    def register_evidence(self, file: EvidenceFile, now: datetime) -> bool:
        """Make a stored picture known, so that reports may name it; True when it was new."""
        row = {"sha256": file.sha256, "size": file.size, "media_type": file.media_type, "received_at": now}
        with writing(self._engine) as connection:
            is_new = insert_new(connection, tables.evidence, row)
            if not is_new:  # sent again, so a case is about to name it: the sweep of unnamed pictures waits anew
                table = tables.evidence
                connection.execute(update(table).where(table.c.sha256 == file.sha256).values(received_at=now))
            return is_new

    def evidence_file(self, sha256: str) -> EvidenceFile | None:
        """What is known of a picture; None when nobody has uploaded it."""
        statement = select(tables.evidence).where(tables.evidence.c.sha256 == _storable(sha256))
        with reading(self._engine) as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else EvidenceFile(row.sha256, row.size, row.media_type)

    def check_ready(self) -> None:
        """Raises: DatabaseUnavailable when it does not answer, DatabaseOutdated when its tables are of another age."""
        check_schema(self._engine)


def narrowed(statement: Select[Any], query: CaseQuery) -> Select[Any]:
    """A statement on the table of cases, to those that the query asks for."""
    table = tables.case
    if query.state is not None and not (query.state is CaseState.OPEN and _is_by_deadline(query)):
        statement = statement.where(table.c.state == query.state.value)
    for column, wanted in (
        (table.c.category, query.category),
        (table.c.cell_id, query.cell_id),
        (table.c.unit, query.unit),
        (table.c.zone, query.zone),
    ):
        if wanted is not None:
            statement = statement.where(column == _storable(wanted))
    statement = _by_life(statement, query)
    if query.camera_id is not None:
        seen_by = tables.case_camera
        of_camera = select(seen_by.c.case_id).where(seen_by.c.camera_id == _storable(query.camera_id))
        statement = statement.where(table.c.id.in_(of_camera))
    if query.since is not None:
        statement = statement.where(table.c.opened_at >= _aware("since", query.since))
    if query.until is not None:
        statement = statement.where(table.c.opened_at < _aware("until", query.until))
    if query.text:
        statement = statement.where(_by_text(query, query.text))
    return statement


def _by_text(query: CaseQuery, text: str) -> ColumnElement[bool]:
    """What fits a text by what the case holds, or by the names of its place."""
    table, seen_by = tables.case.c, tables.case_camera.c
    columns = (table.number, table.cell_id, table.unit)
    fits: list[ColumnElement[bool]] = [column.icontains(_storable(text), autoescape=True) for column in columns]
    if query.text_cells:
        fits.append(table.cell_id.in_(query.text_cells))
    if query.text_cameras:
        fits.append(table.id.in_(select(seen_by.case_id).where(seen_by.camera_id.in_(query.text_cameras))))
    return or_(*fits)


def _is_by_deadline(query: CaseQuery) -> bool:
    """Such a query names the open ones by itself, in the way that finds them by their deadline's index."""
    return query.order is ListOrder.DUE or query.overdue_at is not None or query.near_due_at is not None


def _by_life(statement: Select[Any], query: CaseQuery) -> Select[Any]:
    """Narrowed to how far cases have come."""
    columns = tables.case.c
    if query.stage is not None:
        statement = statement.where(columns.stage == query.stage.value)
    if query.source is not None:
        statement = statement.where(columns.source == query.source.value)
    if query.recurring is not None:
        statement = statement.where(columns.recurrence > 0 if query.recurring else columns.recurrence == 0)
    if query.confirmed is not None:
        statement = statement.where(was_confirmed() if query.confirmed else was_rejected())
    if query.overdue_at is not None:
        statement = statement.where(is_late(_aware("overdue", query.overdue_at)))
    if query.near_due_at is not None:
        statement = statement.where(is_nearly_late(_aware("near_due", query.near_due_at)))
    return statement


def _case(connection: Connection, case_id: CaseId) -> Case:
    row = connection.execute(select(tables.case).where(tables.case.c.id == _storable(case_id))).one_or_none()
    if row is None:
        raise _not_found(case_id)
    return case_of(row)


def _refuse_if_moved_on(case: Case, expected_version: int | None) -> None:
    if expected_version is not None and expected_version != case.version:
        raise CaseConflict(
            f"case {case.number} has changed since (version {case.version}, not {expected_version}); "
            "read it again, then decide"
        )


def _not_found(case_id: CaseId) -> CaseNotFound:
    return CaseNotFound(f"no case {case_id[:40]!a}; take the id (not the number) from the list of cases")


def _storable(text: str) -> str:
    """PostgreSQL cannot even compare with a NUL or a lone surrogate; no stored text holds their stand-in."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _aware(name: str, moment: datetime) -> datetime:
    try:
        return as_utc(moment)
    except ValueError as error:
        raise CaseError(f"{name}: {error}") from error
