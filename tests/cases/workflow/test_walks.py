"""Cases walked at random beside a plain model: reports, commands, claims, people's words, and time."""

import itertools
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from cases.case import Case, CloseReason, fold
from cases.ledger import Numbering
from cases.life import Stage
from cases.queries import CaseQuery
from cases.roles import Role
from cases.sources import Source
from cases.transactions import writing
from cases.workflow.claims import CLAIM_S, CaseClaimed
from cases.workflow.commands import Command
from cases.workflow.joining import join_or_open
from cases.workflow.orders import CommandOutOfPlace, Seat, SeatRefused
from cases.workflow.undoing import UNDO_S
from core.ids import CameraId, CaseId, CategoryId, CellId
from grid.incidents import IncidentKind
from tests.cases.reports import CAM_1, CAM_2, GARBAGE, NOON, STALL, announce, report
from tests.cases.workflow.office import UNIT, Office, order

STEPS_VARIABLE = "GRIDPATROL_WORKFLOW_STEPS"
STEPS_OF_A_WALK = 40
"""At most; some end sooner."""
STEPS_IN_THE_MEAN = 35
"""A little fewer than they take, so that those asked for are taken."""
_worlds = itertools.count()

ROLES: dict[str, set[str]] = {
    "acceptor": {"accept", "reject", "undo", "comment"},
    "shift_leader": {
        *("accept", "reject", "undo", "dispatch", "verify", "rework", "close", "void"),
        *("grant_extension", "refuse_extension", "suspend", "resume", "comment"),
    },
    "dispatcher": {"dispatch", "take", "hand_back", "report", "ask_extension", "comment"},
    "handling_unit": {"take", "hand_back", "report", "ask_extension", "comment"},
    "inspector": {"verify", "rework", "comment"},
    "admin": {command.value for command in Command},
    "auditor": set(),
}
"""Who may do what, written down a second time."""
WAYS = {
    ("collected", "accept"): "registered",
    ("collected", "reject"): "void",
    ("registered", "undo"): "collected",
    ("void", "undo"): "collected",
    **{(stage, "dispatch"): "dispatched" for stage in ("registered", "dispatched", "handling")},
    ("dispatched", "take"): "handling",
    **{(stage, "hand_back"): "registered" for stage in ("dispatched", "handling")},
    **{(stage, "report"): "reported" for stage in ("dispatched", "handling")},
    ("reported", "verify"): "verified",
    **{(stage, "rework"): "dispatched" for stage in ("reported", "verified")},
    ("verified", "close"): "closed",
    **{(stage, "void"): "void" for stage in ("registered", "dispatched", "handling", "reported", "verified")},
    **{
        (stage, command): stage
        for stage in ("dispatched", "handling")
        for command in ("ask_extension", "grant_extension", "refuse_extension")
    },
    **{
        (stage, command): stage
        for stage in ("registered", "dispatched", "handling")
        for command in ("suspend", "resume")
    },
    **{(stage.value, "comment"): stage.value for stage in Stage},
}
"""Where each command leads from where."""
WHILE_SUSPENDED = {"void", "resume", "comment"}


@dataclass
class Modelled:
    """What a case should be."""

    case_id: CaseId
    stage: str = "collected"
    suspended: bool = False
    asked: bool = False
    told: dict[Source, int] = field(default_factory=dict)
    claim: tuple[str, datetime] | None = None
    decided: tuple[str, datetime] | None = None
    """Who decided on the candidate and when, while nothing has followed."""

    @property
    def is_open(self) -> bool:
        return self.stage not in ("closed", "void")

    def claimed_by_another(self, actor: str, now: datetime) -> bool:
        return self.claim is not None and self.claim[1] > now and self.claim[0] != actor

    def refusal(self, command: str, role: str, case: Case, now: datetime) -> type[Exception] | None:
        """What should keep the command from being done."""
        if command not in ROLES[role] or (role == "handling_unit" and case.unit != UNIT):
            return SeatRefused
        if (self.stage, command) not in WAYS or (self.suspended and command not in WHILE_SUSPENDED):
            return CommandOutOfPlace
        deadline = case.life.deadline
        out_of_place = {
            "resume": not self.suspended,
            "grant_extension": not self.asked,
            "refuse_extension": not self.asked,
            "ask_extension": self.asked or (deadline is not None and now >= deadline.due_at),
        }
        return CommandOutOfPlace if out_of_place.get(command) else None

    def undo_refusal(self, actor: str, now: datetime, newest: "Modelled | None") -> type[Exception] | None:
        """The same, of a decision that is to be taken back, where its place in the table allows it."""
        mine = self.decided is not None and self.decided[0] == actor
        in_time = self.decided is not None and now - self.decided[1] <= timedelta(seconds=UNDO_S)
        return None if mine and in_time and newest is self else CommandOutOfPlace

    def take(self, command: str, actor: str = "", now: datetime | None = None) -> None:
        if command in ("accept", "reject") and now is not None:
            self.decided = (actor, now)
        elif command != "comment":
            self.decided = None
        self.stage = WAYS[self.stage, command]
        if command in ("suspend", "resume"):
            self.suspended = command == "suspend"
        if command == "ask_extension":
            self.asked = True
        if command in ("grant_extension", "refuse_extension", "hand_back", "dispatch", "report"):
            self.asked = False


class Walks(RuleBasedStateMachine):
    """One database for all walks; each walk has cells of its own."""

    office: Office
    steps = 0
    """Taken in all walks of this engine."""

    def __init__(self) -> None:
        super().__init__()
        self.world = next(_worlds)
        self.cells = [CellId(f"51{self.world:010d}{number:03d}") for number in range(2)]
        self.now = NOON
        self.cases: list[Modelled] = []
        self.sequences: dict[str, int] = {}
        self.current: dict[tuple[str, str], Modelled] = {}
        self.given = itertools.count()

    @rule(minutes=st.sampled_from([0.5, 3.0, 60.0, 60.0 * 24 * 2]))
    def time_passes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        kind=st.sampled_from(["seen", "cleared"]),
        camera=st.sampled_from([CAM_1, CAM_2]),
        cell=st.integers(0, 1),
        category=st.sampled_from([GARBAGE, STALL]),
    )
    def a_camera_reports(self, kind: str, camera: CameraId, cell: int, category: CategoryId) -> None:
        self.now += timedelta(seconds=1)
        place = (self.cells[cell], category)
        known = self._standing(place)
        if kind == "cleared" and known is None:
            return  # what nobody knew is not told gone here
        incident = f"{self.world}-{camera}-{cell}-{category}-{known.case_id if known else len(self.cases)}"
        sequence = self.sequences[incident] = self.sequences.get(incident, -1) + 1
        sent = report(
            IncidentKind(kind),
            self.now,
            incident=incident,
            sequence=sequence,
            camera_id=camera,
            cell_id=place[0],
            category=category,
            first_seen_at=self.now - timedelta(seconds=1),
            last_seen_at=self.now,
        )
        receipt = self.office.store.ingest(sent, sent.idempotency_key, self.now, unit=UNIT)
        self._told(place, receipt.case_id, None if kind == "cleared" else Source.VIDEO_AI)
        again = self.office.store.ingest(sent, sent.idempotency_key, self.now)
        assert again.outcome == "duplicate"

    @rule(
        cell=st.integers(0, 1),
        category=st.sampled_from([GARBAGE, STALL]),
        source=st.sampled_from([Source.CITIZEN, Source.HOTLINE]),
    )
    def a_person_tells(self, cell: int, category: CategoryId, source: Source) -> None:
        self.now += timedelta(seconds=1)
        place = (self.cells[cell], category)
        before = self._standing(place)
        with writing(self.office.engine) as connection:
            case, opened = join_or_open(
                connection,
                cell_id=place[0],
                category=category,
                source=source,
                at=self.now,
                now=self.now,
                actor="hotline",
                data={},
                zone=None,
                unit=UNIT,
                numbering=Numbering(ZoneInfo("Asia/Shanghai"), "01"),
            )
        assert opened is (before is None)
        self._told(place, case.id, source)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), command=st.sampled_from(Command), role=st.sampled_from(Role), named=st.booleans())
    def somebody_commands(self, data: st.DataObject, command: Command, role: Role, named: bool) -> None:
        self._command(data.draw(st.sampled_from(self.cases[-6:])), command, role, named)

    @precondition(lambda self: any(each.is_open for each in self.cases))
    @rule(data=st.data())
    def somebody_takes_a_step_that_is_due(self, data: st.DataObject) -> None:
        model = data.draw(st.sampled_from([each for each in self.cases if each.is_open]))
        due = sorted(command for stage, command in WAYS if stage == model.stage and command not in ("reject", "void"))
        command = Command(data.draw(st.sampled_from(due)))
        role = Role(data.draw(st.sampled_from(sorted(role for role, may in ROLES.items() if command in may))))
        self._command(model, command, role, named=False)

    @precondition(lambda self: any(each.decided for each in self.cases))
    @rule(data=st.data())
    def somebody_takes_their_decision_back(self, data: st.DataObject) -> None:
        model = data.draw(st.sampled_from([each for each in self.cases if each.decided]))
        assert model.decided is not None
        self._command(model, Command.UNDO, Role(model.decided[0].removesuffix("-seat")), named=False)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), who=st.sampled_from(["李敏", "admin-seat"]), let_go=st.booleans())
    def somebody_claims(self, data: st.DataObject, who: str, let_go: bool) -> None:
        model = data.draw(st.sampled_from(self.cases[-6:]))
        if let_go:
            self.office.workflow.release(model.case_id, who)
            if model.claim is not None and model.claim[0] == who:
                model.claim = None
        elif model.claimed_by_another(who, self.now):
            self._refused(model, CaseClaimed, lambda: self.office.workflow.claim(model.case_id, who, self.now))
        else:
            claim = self.office.workflow.claim(model.case_id, who, self.now)
            model.claim = (who, self.now + timedelta(seconds=CLAIM_S))
            assert claim.expires_at == model.claim[1]

    @precondition(lambda self: any(each.is_open for each in self.cases))
    @rule(data=st.data(), reason=st.sampled_from(CloseReason))
    def the_leader_closes(self, data: st.DataObject, reason: CloseReason) -> None:
        model = data.draw(st.sampled_from([each for each in self.cases if each.is_open]))
        self.now += timedelta(seconds=1)
        self.office.store.close_case(model.case_id, reason, "", "班长", None, self.now)
        model.stage = "closed" if reason is CloseReason.HANDLED else "void"
        model.decided = None

    def _command(self, model: Modelled, command: Command, role: Role, named: bool) -> None:
        seat = Seat(f"{role}-seat", frozenset({role}), UNIT if role is Role.HANDLING_UNIT else None)
        self.now += timedelta(seconds=1)
        case = self.office.store.get_case(model.case_id)
        name = f"{self.world}-{next(self.given)}" if named else None

        def give() -> Case:
            return self.office.workflow.give(model.case_id, order(command), seat, self.now, command_id=name)

        expected: type[Exception] | None = model.refusal(command.value, role.value, case, self.now)
        if command is Command.UNDO and expected is None:
            expected = model.undo_refusal(seat.actor, self.now, self.current.get((case.cell_id, case.category)))
        if command is not Command.COMMENT and model.claimed_by_another(seat.actor, self.now):
            expected = CaseClaimed
        if expected is not None:
            self._refused(model, expected, give)
            return
        after = give()
        model.take(command.value, seat.actor, self.now)
        if command is not Command.COMMENT and model.claim is not None and model.claim[0] == seat.actor:
            model.claim = None
        assert after.life.stage == model.stage
        if named:
            assert give() == after, "given twice, done once"

    def _refused(self, model: Modelled, expected: type[Exception], act: Any) -> None:
        before = self.office.store.get_case(model.case_id)
        try:
            act()
        except expected:
            assert self.office.store.get_case(model.case_id) == before, "a refusal changes nothing"
        else:
            raise AssertionError(f"{expected.__name__} was due for {model}")

    def _standing(self, place: tuple[str, str]) -> Modelled | None:
        model = self.current.get(place)
        return model if model is not None and model.is_open else None

    def _told(self, place: tuple[str, str], case_id: CaseId, source: Source | None) -> None:
        model = self._standing(place)
        if model is None:
            assert all(each.case_id != case_id for each in self.cases), "a closed case takes nothing new"
            model = self.current[place] = Modelled(case_id)
            self.cases.append(model)
        assert model.case_id == case_id, "one violation, one case"
        if source is not None:
            model.told[source] = model.told.get(source, 0) + 1

    @invariant()
    def a_step_is_counted(self) -> None:
        type(self).steps += 1

    @invariant()
    def cases_are_what_the_model_says(self) -> None:
        rows = [case for cell in self.cells for case in self._rows(cell)]
        assert {case.id for case in rows} == {model.case_id for model in self.cases}
        open_places = [(case.cell_id, case.category) for case in rows if case.is_open]
        assert len(open_places) == len(set(open_places)), "at most one open case for a cell and category"
        by_id = {case.id: case for case in rows}
        for model in self.cases:
            case = by_id[model.case_id]
            assert (case.life.stage, case.is_open) == (model.stage, model.is_open)
            assert dict(case.life.reports) == model.told
            if case.is_open:
                assert case.life.is_suspended is model.suspended
                assert (case.life.extension_hours is not None) is model.asked
        for model in self.cases[-2:]:
            events = self.office.store.events_of(model.case_id)
            assert fold(events) == by_id[model.case_id]
            assert len(events) == by_id[model.case_id].version

    def _rows(self, cell: CellId) -> tuple[Case, ...]:
        return self.office.store.list_cases(CaseQuery(cell_id=cell), limit=500).cases

    def teardown(self) -> None:
        for model in self.cases:
            assert fold(self.office.store.events_of(model.case_id)) == self.office.store.get_case(model.case_id)


@pytest.mark.timeout(3600)  # ten thousand steps are minutes on a busy machine
def test_walked_cases_agree_with_the_model(engine: Engine) -> None:
    """A short walk each time; ``GRIDPATROL_WORKFLOW_STEPS=10000`` walks that many steps."""
    asked = os.environ.get(STEPS_VARIABLE)
    walks = int(asked) // STEPS_IN_THE_MEAN + 1 if asked else {"sqlite": 12, "postgresql": 2}[engine.dialect.name]

    class OfThisEngine(Walks):
        office = Office(engine)

    announce(OfThisEngine.office.store)
    run_state_machine_as_test(
        OfThisEngine,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_OF_A_WALK,
            deadline=None,
            phases=[Phase.generate, Phase.shrink] if not asked else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    if asked:
        assert OfThisEngine.steps - walks >= int(asked), "a walk looks once before its first step, too"
