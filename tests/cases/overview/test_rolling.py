"""The roll-ups say what a plain recount says, whatever happens to the cases, on both engines."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.case import CloseReason
from cases.database import downgrade, migrate
from cases.overview.rolling import rebuild
from cases.transactions import writing
from cases.workflow.commands import Command
from core.errors import CaseConflict, CaseError
from core.ids import CellId
from tests.cases.overview.recounting import every_case, kept, kept_waits, recount
from tests.cases.reports import GARBAGE, NOON, STALL, minute, report
from tests.cases.workflow.office import OTHER_UNIT, UNIT, Office

STEPS = ("candidate", "seen", "close", *(command.value for command in Command))
WALK = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.sampled_from([1, 40, 600, 9000]), st.booleans()),
    min_size=5,
    max_size=30,
)


def walk(office: Office, steps: list[tuple[str, int, int, bool]], start_minutes: float) -> None:
    """Do what can be done; what a case refuses is refused."""
    now = minute(start_minutes)
    cases = [office.candidate(now)]
    for step, which, minutes, flag in steps:
        now += timedelta(minutes=minutes)
        case = cases[which % len(cases)]
        try:
            if step == "candidate":
                # Half of them where another one may be closed by now: a repeat.
                cell = case.cell_id if flag else CellId(f"51010400{office.count:07d}")
                cases.append(office.candidate(now, cell_id=cell, category=STALL if flag else GARBAGE))
            elif step == "seen":
                sent = report(at=now, incident=f"s{office.count}-{now}", cell_id=case.cell_id, category=case.category)
                office.store.ingest(sent, sent.idempotency_key, now, unit=UNIT)
            elif step == "close":
                reason = CloseReason.HANDLED if flag else CloseReason.OTHER
                office.store.close_case(case.id, reason, "", "李敏", None, now)
            else:
                office.give(case.id, Command(step), at=now, unit=OTHER_UNIT if flag else UNIT)
        except (CaseConflict, CaseError):
            continue


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(steps=WALK, start=st.integers(0, 100_000))
def test_the_rollups_are_what_a_plain_recount_finds(
    office: Office, steps: list[tuple[str, int, int, bool]], start: int
) -> None:
    walk(office, steps, start)
    assert kept(office.engine) == recount(office)


def busy(office: Office) -> None:
    """A bit of everything, in several hours, zones and units."""
    way = [Command.ACCEPT, Command.DISPATCH, Command.TAKE, Command.REPORT, Command.VERIFY, Command.CLOSE]
    for length in range(len(way) + 1):
        case = office.candidate(minute(47 * length))
        for place, command in enumerate(way[:length]):
            office.give(case.id, command, at=minute(47 * length + 31 * (place + 1)))
    rejected, voided, moved = (office.candidate(minute(90 + each)) for each in range(3))
    office.give(rejected.id, Command.REJECT, at=minute(100))
    office.give(voided.id, Command.ACCEPT, at=minute(101))
    office.give(voided.id, Command.VOID, at=minute(102))
    office.give(moved.id, Command.ACCEPT, at=minute(103))
    office.give(moved.id, Command.DISPATCH, at=minute(104), unit=OTHER_UNIT)
    late = office.candidate(minute(5))
    for place, command in enumerate((Command.ACCEPT, Command.DISPATCH, Command.REPORT)):
        office.give(late.id, command, at=minute(6 + 60 * 24 * 20 * place))
    office.give(late.id, Command.REWORK, at=minute(60 * 24 * 50))


def test_a_migrated_database_gets_the_same_figures_for_its_old_cases(office: Office) -> None:
    busy(office)
    before, waits = kept(office.engine), kept_waits(office.engine)
    assert before == recount(office)
    assert sum(counts["opened"] for (dimension, _, _), counts in before.items() if dimension == "unit") == 11
    downgrade(office.engine, "v0014")
    migrate(office.engine)
    assert kept(office.engine) == before
    assert kept_waits(office.engine) == waits


def test_the_figures_made_anew_are_the_same(office: Office) -> None:
    busy(office)
    before, waits = kept(office.engine), kept_waits(office.engine)
    with writing(office.engine) as connection:
        rebuild(connection)
    assert (kept(office.engine), kept_waits(office.engine)) == (before, waits)


def test_a_case_that_goes_to_another_unit_counts_there_and_no_longer_at_the_first(office: Office) -> None:
    case = office.candidate()
    office.give(case.id, Command.ACCEPT)
    office.give(case.id, Command.DISPATCH, unit=OTHER_UNIT)
    units = {
        value: counts["opened"] for (dimension, _, value), counts in kept(office.engine).items() if dimension == "unit"
    }
    assert units == {OTHER_UNIT: 1}


def test_a_case_that_is_only_seen_again_changes_no_figure(office: Office) -> None:
    case = office.candidate()
    before = kept(office.engine)
    sent = report(at=minute(9), incident="again", cell_id=case.cell_id)
    office.store.ingest(sent, sent.idempotency_key, minute(9), unit=UNIT)
    assert office.store.get_case(case.id).sighting_count == 2
    assert kept(office.engine) == before


def test_a_refused_step_leaves_the_figures_alone(office: Office) -> None:
    case = office.candidate()
    before = kept(office.engine)
    with pytest.raises(CaseConflict):
        office.give(case.id, Command.VERIFY)
    assert kept(office.engine) == before
    assert [each.id for each in every_case(office)] == [case.id]
    assert NOON.hour == 4
