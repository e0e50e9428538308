"""A command's name is kept as long as it may be repeated, then the purge forgets it; the case stays as it is."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from cases.evidence import EvidenceStore
from cases.keeping.rules import KeepingRules
from cases.transactions import reading
from cases.workflow.commands import Command
from cases.workflow.tables import case_command
from core.clock import ManualClock
from tests.cases.reports import minute
from tests.cases.workflow.office import EVERYBODY, Office, order

NOTE = order(Command.COMMENT)


def names(office: Office) -> int:
    with reading(office.engine) as connection:
        return connection.execute(select(func.count()).select_from(case_command)).scalar_one()


def test_names_go_after_their_days_with_a_purge_and_not_before(office: Office, tmp_path: Path) -> None:
    case = office.candidate()
    days = office.store.rules.command_names_days
    given = office.workflow.give(case.id, NOTE, EVERYBODY, minute(1), command_id="seat-7:1")
    office.workflow.give(case.id, NOTE, EVERYBODY, minute(2) + timedelta(days=1), command_id="seat-7:2")
    evidence = EvidenceStore(tmp_path / "evidence")

    clock = ManualClock(minute(1) + timedelta(days=days))
    assert office.house.keeping.purge(evidence, KeepingRules(), clock).expired == 0
    assert (
        office.workflow.give(case.id, NOTE, EVERYBODY, clock.now(), command_id="seat-7:1").version == given.version + 1
    )
    clock.advance(60)
    assert office.house.keeping.purge(evidence, KeepingRules(), clock).expired == 1
    assert names(office) == 1
    version = office.store.get_case(case.id).version
    assert office.workflow.give(case.id, NOTE, EVERYBODY, clock.now(), command_id="seat-7:2").version == version
    assert office.workflow.give(case.id, NOTE, EVERYBODY, clock.now(), command_id="seat-7:1").version == version + 1
    office.check_folds()
