"""Every (stage, command, role): allowed or refused as the table says, purely and through the store."""

import itertools
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cases.case import Case, CaseEventKind, CloseReason
from cases.database import open_database
from cases.life import Life, Stage
from cases.roles import Role
from cases.workflow.commands import STEPS, Command, Need
from cases.workflow.orders import CommandIncomplete, CommandOutOfPlace, Order, Seat, SeatRefused, happening, possible
from tests.cases.reports import NOON, minute
from tests.cases.workflow.office import EVERYBODY, OTHER_UNIT, SOUND, UNIT, Office, allowed_role, order, seat

EVERY = list(itertools.product(Stage, Command, Role))
NOW = minute(3)
WANTED: dict[Command, dict[str, Any]] = {
    Command.RESUME: {"suspended_at": minute(1)},
    Command.GRANT_EXTENSION: {"extension_hours": 2.0},
    Command.REFUSE_EXTENSION: {"extension_hours": 2.0},
}
"""What a command wants of a case beside its stage."""


@pytest.fixture(scope="module")
def plain_case(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Case:
    """A case to be moved about in memory."""
    path = tmp_path_factory.mktemp("table") / "cases.db"
    shutil.copy(migrated_sqlite, path)
    engine = open_database(f"sqlite:///{path}")
    case = Office(engine).candidate()
    engine.dispose()
    return replace(case, unit=UNIT)


def standing(case: Case, stage: Stage, command: Command) -> Case:
    """The case at a stage, with what the command further wants of it."""
    life: dict[str, Any] = {"stage": stage, **WANTED.get(command, {})}
    return replace(case, life=replace(Life(), **life))


def outcome(case: Case, given: Order, by: Seat) -> object:
    try:
        return happening(case, given, by, NOW)[0]
    except (SeatRefused, CommandOutOfPlace, CommandIncomplete) as error:
        return type(error)


@pytest.mark.parametrize(("stage", "command", "role"), EVERY, ids=lambda each: str(each))
def test_the_table_alone_says_what_is_allowed(plain_case: Case, stage: Stage, command: Command, role: Role) -> None:
    step = STEPS[command]
    expected: object = step.event
    if role not in step.roles:
        expected = SeatRefused
    elif stage not in step.stages:
        expected = CommandOutOfPlace
    case = standing(plain_case, stage, command)
    assert outcome(case, order(command), seat(role)) == expected
    assert (command in possible(case, seat(role), NOW)) == (expected is step.event)


@pytest.mark.parametrize("command", Command)
@pytest.mark.parametrize("need", Need)
def test_a_command_without_what_it_needs_is_incomplete(plain_case: Case, command: Command, need: Need) -> None:
    step = STEPS[command]
    case = standing(plain_case, next(iter(step.stages)), command)
    given = order(command, **{need.value: "" if need is Need.NOTE else None})
    by = seat(allowed_role(command))
    expected = CommandIncomplete if need in step.needs else step.event
    assert outcome(case, given, by) == expected


@pytest.mark.parametrize("command", Command)
def test_what_is_set_aside_waits_for_its_resumption(plain_case: Case, command: Command) -> None:
    step = STEPS[command]
    case = standing(plain_case, next(iter(step.stages)), command)
    case = replace(case, life=replace(case.life, suspended_at=minute(1)))
    expected = step.event if step.while_suspended else CommandOutOfPlace
    assert outcome(case, order(command), seat(allowed_role(command))) == expected


@pytest.mark.parametrize("command", [command for command in Command if Role.HANDLING_UNIT in STEPS[command].roles])
@pytest.mark.parametrize("unit", [OTHER_UNIT, None])
def test_a_handling_unit_acts_for_its_own_cases_only(plain_case: Case, command: Command, unit: str | None) -> None:
    case = standing(plain_case, next(iter(STEPS[command].stages)), command)
    assert outcome(case, order(command), seat(Role.HANDLING_UNIT, unit)) is SeatRefused
    assert outcome(replace(case, unit=None), order(command), seat(Role.HANDLING_UNIT, unit)) is SeatRefused
    assert outcome(case, order(command), seat(Role.HANDLING_UNIT)) is STEPS[command].event


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"note": "x" * 4001}, "4001 characters"),
        ({"note": "a\x00b"}, "plain text"),
        ({"handler": "a\nb"}, "handler"),
        ({"unit": "x" * 257}, "unit"),
    ],
    ids=["long note", "NUL", "line break", "long unit"],
)
def test_what_cannot_be_kept_is_refused_with_its_name(plain_case: Case, changed: dict[str, Any], said: str) -> None:
    case = standing(plain_case, Stage.REGISTERED, Command.DISPATCH)
    with pytest.raises(CommandIncomplete, match=said):
        happening(case, order(Command.DISPATCH, **changed), seat(Role.DISPATCHER), NOW)


@pytest.mark.parametrize("hours", [0.0, -1.0, 10_001.0, float("nan"), float("inf")])
def test_hours_that_cannot_be_are_refused(plain_case: Case, hours: float) -> None:
    case = standing(plain_case, Stage.HANDLING, Command.ASK_EXTENSION)
    assert outcome(case, order(Command.ASK_EXTENSION, hours=hours), seat(Role.DISPATCHER)) is CommandIncomplete


def test_handled_is_no_reason_to_void_and_other_needs_words(plain_case: Case) -> None:
    case = standing(plain_case, Stage.REGISTERED, Command.VOID)
    by = seat(Role.SHIFT_LEADER)
    assert outcome(case, order(Command.VOID, reason=CloseReason.HANDLED), by) is CommandIncomplete
    assert outcome(case, order(Command.VOID, reason=CloseReason.OTHER, note=" "), by) is CommandIncomplete
    assert outcome(case, order(Command.VOID, reason=CloseReason.OTHER), by) is CaseEventKind.CLOSED


def test_the_store_refuses_every_other_step_and_keeps_the_case_as_it_was(office: Office) -> None:
    """Each stage once: all that is refused there, by every role."""
    for stage in Stage:
        case = office.at_stage(stage)
        for command, role in itertools.product(Command, Role):
            step = STEPS[command]
            if role in step.roles and stage in step.stages:
                continue
            expected = SeatRefused if role not in step.roles else CommandOutOfPlace
            with pytest.raises(expected):
                office.give(case.id, command, seat(role), NOW)
        assert office.store.get_case(case.id) == case
        assert len(office.store.events_of(case.id)) == case.version


def test_the_store_takes_every_step_of_the_table(office: Office) -> None:
    taken = 0
    for command in Command:
        for stage in STEPS[command].stages:
            case = office.at_stage(stage)
            if command is Command.RESUME:
                office.give(case.id, Command.SUSPEND)
            if command in (Command.GRANT_EXTENSION, Command.REFUSE_EXTENSION):
                office.give(case.id, Command.ASK_EXTENSION)
            by, at = seat(allowed_role(command)), NOW
            if command is Command.UNDO:  # by whoever decided, at once
                by, at = EVERYBODY, NOON
            after = office.give(case.id, command, by, at)
            written = [event.kind for event in office.store.events_of(case.id)[case.version :]]
            assert STEPS[command].event in written
            assert after == office.store.get_case(case.id)
            taken += 1
    assert taken == sum(len(step.stages) for step in STEPS.values())
    office.check_folds()


@pytest.mark.parametrize("role", Role)
def test_whoever_has_no_part_in_a_step_is_told_who_has(plain_case: Case, role: Role) -> None:
    for command in (command for command in Command if role not in STEPS[command].roles):
        with pytest.raises(SeatRefused, match=sorted(STEPS[command].roles)[0]):
            happening(plain_case, Order(command, **SOUND), seat(role), NOW)
