"""Cases from before there were stages, there and back."""

import pytest
from sqlalchemy import Engine, inspect, text

from cases.case import CloseReason, fold
from cases.database import downgrade, migrate, open_database
from cases.life import Stage
from cases.queries import CaseQuery
from cases.sources import Source
from cases.store import CaseStore
from cases.workflow.commands import Command
from tests.cases.reports import CLEARED, SEEN, minute, post, report
from tests.cases.workflow.office import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def old_cases(office: Office) -> None:
    """What a version without stages could write: seen, gone, and closed for each reason."""
    for number, reason in enumerate((None, *CloseReason)):
        case = office.candidate(incident=f"old{number}")
        seen = report(SEEN, minute(5), incident=f"old{number}", sequence=1, cell_id=case.cell_id)
        post(office.store, seen)
        post(office.store, report(CLEARED, minute(30), incident=f"old{number}", sequence=2, cell_id=case.cell_id))
        if reason is not None:
            office.store.close_case(case.id, reason, "", "李敏", None, minute(40))


def check(store: CaseStore) -> None:
    for case in store.list_cases(CaseQuery(), limit=500).cases:
        assert case == fold(store.events_of(case.id))


def test_old_cases_stand_at_the_beginning_or_at_an_end_and_come_back_unharmed(
    office: Office, database_url: str
) -> None:
    old_cases(office)
    before = office.store.list_cases(CaseQuery(), limit=500).cases
    downgrade(office.engine, "v0004")
    columns = {column["name"] for column in inspect(office.engine).get_columns("case")}
    assert "stage" not in columns
    assert "case_claim" not in inspect(office.engine).get_table_names()
    office.engine.dispose()
    again = open_database(database_url)
    migrate(again)
    store = CaseStore(again)
    after = store.list_cases(CaseQuery(), limit=500).cases
    assert after == before
    check(store)
    assert [case.life.stage for case in after] == [Stage.VOID, Stage.VOID, Stage.VOID, Stage.CLOSED, Stage.COLLECTED]
    assert all(dict(case.life.reports) == {Source.VIDEO_AI: 2} for case in after)
    again.dispose()


def test_going_back_keeps_cases_that_went_further_and_their_whole_history(office: Office) -> None:
    stages = [office.at_stage(stage) for stage in Stage]
    office.workflow.claim(stages[0].id, "李敏", minute(1))
    office.give(stages[1].id, Command.COMMENT)
    with office.engine.connect() as connection:
        events = connection.execute(text("SELECT count(*) FROM case_event")).scalar_one()
        states = connection.execute(text('SELECT id, state FROM "case" ORDER BY id')).all()
    downgrade(office.engine, "v0004")
    with office.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM case_event")).scalar_one() == events
        assert connection.execute(text('SELECT id, state FROM "case" ORDER BY id')).all() == states
