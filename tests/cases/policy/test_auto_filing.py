"""Who may file without a person: by what people said of the last candidates, on both engines."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cases.access.tables import audit_entry
from cases.case import CaseEventKind, CloseReason
from cases.house import CaseHouse
from cases.life import Stage
from cases.policy.decision import Verdict
from cases.policy.decisions import DecisionQuery
from cases.policy.house import PolicyHouse
from cases.policy.reviews import AUTO_ACTOR, Place, was_right
from cases.policy.rules import AutoMode
from cases.policy.settings import PolicySettings
from cases.policy.tables import policy_standing
from cases.policy.wilson import Measured
from cases.queries import Receipt
from cases.roles import Role
from cases.rules import CaseRules
from cases.store import CaseStore
from cases.transactions import reading, writing
from cases.workflow.commanding import give
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.ids import CellId
from tests.cases.reports import CAM_1, CAM_2, GARBAGE, NOON, STALL, announce, minute, report

EASY = PolicySettings(auto_last=10, auto_least=5, auto_bar=0.6, auto_z=1.0)
"""Five of five clear this bar (0.83), six of ten do not (0.44)."""
DAY = Place(CAM_1, GARBAGE, False)


@pytest.fixture
def desk(engine: Engine) -> "Desk":
    return Desk(engine)


class Desk:
    """Candidates in cells of their own, and a person who looks at them."""

    def __init__(self, engine: Engine) -> None:
        self.store = CaseStore(engine, CaseRules(policy=EASY))
        self.house: PolicyHouse = CaseHouse.over(self.store).policy
        self.engine = engine
        self.count = 0
        announce(self.store)

    def candidate(self, hour: float = 0, **changed: Any) -> Receipt:
        """A new candidate, so many hours after noon."""
        self.count += 1
        at = NOON + timedelta(hours=hour, seconds=self.count)
        cell = CellId(f"5101040010{self.count:05d}")
        sent = report(at=at, incident=f"i{self.count}", cell_id=cell, **changed)
        return self.store.ingest(sent, sent.idempotency_key, at)

    def review(self, *reasons: CloseReason, hour: float = 0, **changed: Any) -> None:
        for reason in reasons:
            case_id = self.candidate(hour, **changed).case_id
            self.store.close_case(case_id, reason, "", "李敏", None, NOON + timedelta(hours=hour + 1))

    def verdict(self, **changed: Any) -> Verdict:
        self.candidate(**changed)
        return self.house.decisions.page(DecisionQuery(), None, 1)[0].verdict

    def measured(self, place: Place = DAY) -> Measured:
        found = self.house.reviews.page(EASY.auto_last, None, 50)
        return next((each.measured for each in found if each.place == place), Measured(0, 0))

    def audited(self) -> list[tuple[str, str]]:
        table = audit_entry
        by_machine = select(table).where(table.c.actor == AUTO_ACTOR).order_by(table.c.seq)
        with reading(self.engine) as connection:
            return [(row.action, row.subject) for row in connection.execute(by_machine)]

    def standing(self) -> list[tuple[bool, int, int]]:
        table = policy_standing
        with reading(self.engine) as connection:
            rows = connection.execute(select(table.c.files, table.c.reviewed, table.c.was_right)).all()
        return [(row.files, row.reviewed, row.was_right) for row in rows]


def test_a_new_installation_queues_everything(desk: Desk) -> None:
    desk.review(*[CloseReason.HANDLED] * 6)
    assert desk.verdict() is Verdict.QUEUE


def test_a_measured_camera_files_once_its_bound_clears_the_bar_and_falls_back_by_itself(desk: Desk) -> None:
    desk.house.profiles.turn("*", "*", AutoMode.MEASURED, "admin", NOON)
    desk.review(*[CloseReason.HANDLED] * 4)
    assert (desk.verdict(), desk.standing()) == (Verdict.QUEUE, [])
    desk.review(CloseReason.HANDLED)
    assert desk.measured() == Measured(5, 5)
    assert (desk.verdict(), desk.standing()) == (Verdict.FILE, [(True, 5, 5)])
    desk.review(*[CloseReason.FALSE_ALARM] * 3)
    assert desk.verdict() is Verdict.QUEUE
    ((files, reviewed, right),) = desk.standing()
    assert not files
    assert (reviewed, right) in [(6, 5), (7, 5), (8, 5)], "with the first candidate under the bar"
    place = "auto-file:CAM-01:exposed_garbage:day"
    assert desk.audited() == [("auto_file.begin", place), ("auto_file.fall_back", place)]
    desk.review(*[CloseReason.HANDLED] * 10)
    assert (desk.verdict(), desk.measured()) == (Verdict.FILE, Measured(10, 10)), "only the last ten count"


def test_day_and_night_cameras_and_categories_are_measured_apart(desk: Desk) -> None:
    desk.house.profiles.turn("*", "*", AutoMode.MEASURED, "admin", NOON)
    desk.review(*[CloseReason.HANDLED] * 5)
    assert desk.verdict() is Verdict.FILE
    assert desk.verdict(hour=12) is Verdict.QUEUE, "midnight"
    assert desk.verdict(camera_id=CAM_2) is Verdict.QUEUE
    assert desk.verdict(category=STALL) is Verdict.QUEUE
    desk.review(CloseReason.FALSE_ALARM, hour=12)
    assert desk.measured(Place(CAM_1, GARBAGE, True)) == Measured(1, 0)
    assert desk.measured() == Measured(5, 5)


def test_a_switch_back_to_queue_counts_at_once(desk: Desk) -> None:
    desk.house.profiles.turn("exposed_garbage", "*", AutoMode.AUTO, "admin", NOON)
    assert desk.verdict() is Verdict.FILE
    desk.house.profiles.turn("exposed_garbage", "CAM-01", AutoMode.QUEUE, "admin", minute(1))
    assert (desk.verdict(), desk.verdict(camera_id=CAM_2)) == (Verdict.QUEUE, Verdict.FILE)
    assert [kept.switch.mode for kept in desk.house.profiles.switches()] == [AutoMode.AUTO, AutoMode.QUEUE]


def test_a_candidate_closed_for_another_reason_was_wrong_and_an_accepted_case_stays_right(desk: Desk) -> None:
    desk.review(CloseReason.OTHER)
    assert desk.measured() == Measured(1, 0)
    case_id = desk.candidate().case_id
    with writing(desk.engine) as connection:
        give(connection, case_id, Order(Command.ACCEPT), Seat("李敏", frozenset({Role.ACCEPTOR})), minute(1))
    assert desk.measured() == Measured(2, 1)
    desk.store.close_case(case_id, CloseReason.OTHER, "改派", "李敏", None, minute(2))
    assert desk.measured() == Measured(2, 1)


def test_a_case_that_is_filed_is_registered_by_the_rule_which_is_no_review(desk: Desk) -> None:
    desk.house.profiles.turn("*", "*", AutoMode.AUTO, "admin", NOON)
    case = desk.store.get_case(desk.candidate().case_id)
    assert case.life.stage is Stage.REGISTERED
    accepted = next(event for event in desk.store.events_of(case.id) if event.kind is CaseEventKind.ACCEPTED)
    assert accepted.actor == AUTO_ACTOR
    assert "switch:1" in accepted.data["note"]
    assert desk.measured() == Measured(0, 0)
    desk.store.close_case(case.id, CloseReason.FALSE_ALARM, "", "李敏", None, minute(9))
    assert desk.measured() == Measured(1, 0), "what a person finds afterwards counts"


def test_a_candidate_that_waits_is_not_registered(desk: Desk) -> None:
    assert desk.store.get_case(desk.candidate().case_id).life.stage is Stage.COLLECTED


def test_places_are_listed_page_by_page_and_narrowed(desk: Desk) -> None:
    desk.review(CloseReason.HANDLED)
    desk.review(CloseReason.HANDLED, hour=12)
    desk.review(CloseReason.HANDLED, camera_id=CAM_2)
    desk.review(CloseReason.HANDLED, category=STALL)
    found: list[Place] = []
    after: Place | None = None
    while page := desk.house.reviews.page(10, after, 1):
        after = page[-1].place
        found.append(after)
    assert found == [
        Place(CAM_1, GARBAGE, False),
        Place(CAM_1, GARBAGE, True),
        Place(CAM_1, STALL, False),
        Place(CAM_2, GARBAGE, False),
    ]
    assert [each.place for each in desk.house.reviews.page(10, None, 9, camera_id="CAM-02")] == found[3:]
    assert [each.place for each in desk.house.reviews.page(10, None, 9, category="street_stall")] == found[2:3]


@pytest.mark.parametrize(
    ("kind", "data", "actor", "right"),
    [
        ("accepted", {}, "李敏", True),
        ("accepted", {}, "policy:auto-file", None),
        ("verified", {}, "李敏", True),
        ("closed", {"reason": "false_alarm"}, "李敏", False),
        ("closed", {"reason": "handled"}, "李敏", True),
        ("closed", {"reason": "permitted"}, "李敏", False),
        ("closed", {"reason": "other"}, "李敏", False),
        ("seen", {}, "worker:worker-1", None),
    ],
)
def test_what_a_step_says_of_its_candidate(kind: str, data: dict[str, str], actor: str, right: bool | None) -> None:
    assert was_right(kind, data, actor) is right
