"""Our outbound client files with our own Open311 endpoint, over HTTP: another district that runs Gridpatrol, or we."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cases.case import CaseEventKind, CloseReason
from cases.database import open_database
from cases.house import CaseHouse
from cases.outbound.calls import HttpCaller
from cases.outbound.filings import Filing, FilingState
from cases.outbound.lines import LineKind
from cases.outbound.runner import OutboundRunner
from cases.outbound.settings import OutboundSettings
from cases.outbound.upper_settings import UpperSettings
from cases.outbound.uppers import upper_couriers
from cases.queries import CaseQuery, Receipt
from cases.roles import Role
from cases.sources import Source
from cases.store import CaseStore
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.clock import ManualClock
from core.ids import CaseId
from tests.api.city import CELL, NOON, City
from tests.cases.outbound.conftest import MovingClock, OpenSeal
from tests.cases.reports import STALL, announce, minute, post, report

LINE = "upper:city"
PLACE = (104.0805, 30.6505)
DEADLINE_S = 60.0
LEADER = Seat("user:班长", frozenset({Role.SHIFT_LEADER}), None)


@dataclass(frozen=True, slots=True)
class District:
    """Who files: a case room whose cases go to an upper platform."""

    engine: Engine
    house: CaseHouse
    clock: ManualClock

    def registered(self) -> Receipt:
        receipt = post(self.house.cases, report(incident="district-1", cell_id=CELL, category=STALL))
        self.house.workflow.give(receipt.case_id, Order(Command.ACCEPT), LEADER, minute(6))
        return receipt

    @contextmanager
    def files_with(self, endpoint: str, form: str, key: str) -> Iterator[None]:
        rules = OutboundSettings(allow_networks=("127.0.0.0/8",), poll_s=0.02)
        platform = UpperSettings.model_validate(
            {"kind": "open311", "url": endpoint, "api_key_env": "CITY_KEY", "format": form}
            | {"jurisdiction_id": "city.example", "service_codes": {"street_stall": "street_stall"}}
        )
        caller = HttpCaller(rules.allow_networks, rules.timeout_s, rules.answer_bytes, rules.ca_file)
        uppers = {"city": platform}
        couriers = upper_couriers(uppers, self.engine, caller, self.clock, lambda _cell: PLACE, {"CITY_KEY": key})
        runner = OutboundRunner(self.engine, rules, OpenSeal(), caller, self.clock, couriers)
        runner.start()
        try:
            yield
        finally:
            runner.stop()

    def filing(self, case_id: CaseId) -> Filing | None:
        found = self.house.outbound.filings.of_case(case_id)
        return found[0] if found else None


def district_over(engine: Engine, store: CaseStore, clock: ManualClock) -> District:
    house = CaseHouse.over(store)
    house.outbound.lines.ensure(LINE, LineKind.UPPER, clock.now())
    return District(engine, house, clock)


@pytest.fixture
def district(tmp_path: Path, migrated_file: Path) -> Iterator[District]:
    file = tmp_path / "district.db"
    file.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{file}")
    store = CaseStore(engine)
    announce(store)
    yield district_over(engine, store, MovingClock(NOON))
    engine.dispose()


def until(claim: Callable[[], bool], what: str) -> None:
    ends_s = time.monotonic() + DEADLINE_S
    while not claim():
        assert time.monotonic() < ends_s, what
        time.sleep(0.02)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_districts_case_becomes_a_citys_request_and_its_closing_a_comment_there(
    city: City, endpoint: str, key: str, district: District, form: str
) -> None:
    receipt = district.registered()
    with district.files_with(endpoint, form, key):
        until(lambda: (f := district.filing(receipt.case_id)) is not None and f.upper_id is not None, "it is filed")
        filed = district.filing(receipt.case_id)
        assert filed is not None
        (case,) = city.store.list_cases(CaseQuery()).cases
        assert (case.cell_id, case.category) == (CELL, STALL)
        assert dict(case.life.reports) == {Source.CITIZEN: 1}
        shown = city.client().get(f"/open311/v2/requests/{filed.upper_id}.json").json()[0]
        assert f"[{receipt.case_number}]" in shown["description"]
        assert shown["status"] == "open"
        district.house.cases.close_case(
            receipt.case_id, CloseReason.HANDLED, "已清运", "李敏", None, district.clock.now()
        )
        until(lambda: (f := district.filing(receipt.case_id)) is not None and f.state is FilingState.CLOSED, "and told")
    assert CaseEventKind.COMMENTED in [event.kind for event in city.store.events_of(case.id)], (
        "told to the city's seats"
    )
    assert city.store.get_case(case.id).is_open, "the city decides for itself"


def test_a_house_that_files_with_itself_joins_its_own_case_and_goes_round_no_further(
    city: City, endpoint: str, key: str
) -> None:
    announce(city.store)
    itself = district_over(city.engine, city.store, MovingClock(NOON))
    receipt = itself.registered()
    with itself.files_with(endpoint, "json", key):
        until(lambda: (f := itself.filing(receipt.case_id)) is not None and f.upper_id is not None, "it is filed")
        until(lambda: itself.house.outbound.lines.line(LINE).waiting == 0, "nothing waits")
    (case,) = city.store.list_cases(CaseQuery()).cases
    assert case.id == receipt.case_id
    assert dict(case.life.reports) == {Source.VIDEO_AI: 1, Source.CITIZEN: 1}
    assert len(city.client().get("/open311/v2/requests.json").json()) == 1
