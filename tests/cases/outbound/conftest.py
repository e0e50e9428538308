"""A case store with a line to a real receiver, and the sender."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine

from cases.case import Case
from cases.outbound.calls import HttpCaller
from cases.outbound.courier import Courier
from cases.outbound.endpoints import Endpoint, EndpointDraft, new_endpoint_id
from cases.outbound.house import OutboundHouse
from cases.outbound.lines import LineStanding
from cases.outbound.runner import OutboundRunner
from cases.outbound.settings import OutboundSettings
from cases.outbound.signing import new_secret
from cases.queries import Receipt
from cases.roles import Role
from cases.store import CaseStore
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from cases.workflow.store import WorkflowStore
from core.clock import ManualClock
from core.errors import ConfigError
from core.ids import CellId
from tests.cases.outbound.receiver import Receiver, listening
from tests.cases.reports import minute, post, report

DEADLINE_S = 60.0
LOCAL: dict[str, Any] = {
    "allow_networks": ("127.0.0.0/8",),
    "poll_s": 0.02,
    "timeout_s": 5.0,  # a busy machine must not look like a receiver that hangs
    "lease_s": 20.0,
}


class OpenSeal:
    """Keeps the purpose beside the secret, so that a mix-up shows."""

    def seal(self, secret: str, purpose: str) -> str:
        return f"{purpose}|{secret}"

    def unseal(self, sealed: str, purpose: str) -> str:
        held, _, secret = sealed.partition("|")
        if held != purpose:
            raise ConfigError(f"sealed for {held}, not for {purpose}; mend the test")
        return secret


class MovingClock(ManualClock):
    """The wall stands still until it is moved; seconds run as they do."""

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Town:
    """A store, its lines, and senders that are stopped at the end."""

    engine: Engine
    store: CaseStore
    receiver: Receiver
    stack: ExitStack
    rules: OutboundSettings = field(default_factory=lambda: OutboundSettings(**LOCAL))
    clock: MovingClock = field(default_factory=lambda: MovingClock(minute(10)))
    secret: str = field(default_factory=new_secret)

    def __post_init__(self) -> None:
        self.house = OutboundHouse.over(self.engine)
        self.opened = 0

    def endpoint(self, path: str = "/hook", **changed: Any) -> Endpoint:
        identity = new_endpoint_id()
        draft = EndpointDraft(**{"name": "platform", "url": self.receiver.url + path, **changed})
        return self.house.endpoints.add(
            identity, draft, OpenSeal().seal(self.secret, f"webhook:{identity}"), "admin", self.clock.now()
        )

    def sender(self, uppers: dict[str, Courier] | None = None, **changed: Any) -> OutboundRunner:
        rules = OutboundSettings(**{**self.rules.model_dump(), **changed})
        runner = OutboundRunner(self.engine, rules, OpenSeal(), self.caller(rules), self.clock, uppers)
        runner.start()
        self.stack.callback(runner.stop)
        return runner

    def caller(self, rules: OutboundSettings | None = None) -> HttpCaller:
        kept = rules or self.rules
        return HttpCaller(kept.allow_networks, kept.timeout_s, kept.answer_bytes, kept.ca_file)

    def open_case(self, **changed: Any) -> Receipt:
        """One event: a case in a cell of its own."""
        self.opened += 1
        cell = CellId(f"5101040010{self.opened:05d}")
        return post(self.store, report(incident=f"i-{secrets.token_hex(4)}", cell_id=cell, **changed))

    def register(self, receipt: Receipt) -> Receipt:
        """A person takes the candidate on."""
        seat = Seat("user:李敏", frozenset({Role.SHIFT_LEADER}), None)
        WorkflowStore(self.engine).give(receipt.case_id, Order(Command.ACCEPT), seat, minute(6))
        return receipt

    def case_of(self, receipt: Receipt) -> Case:
        return self.store.get_case(receipt.case_id)

    def line(self, line_id: str) -> LineStanding:
        return self.house.lines.line(line_id)

    def until(self, claim: Callable[[], bool], what: str, within_s: float = DEADLINE_S) -> None:
        """Wait for a condition, not for a time."""
        ends_s = time.monotonic() + within_s
        while not claim():
            assert time.monotonic() < ends_s, what
            self.receiver.release.wait(0.01)

    def settled(self, line_id: str) -> LineStanding:
        """The line once nothing waits on it."""
        self.until(lambda: self.line(line_id).waiting == 0, f"{self.line(line_id)}")
        return self.line(line_id)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def town(engine: Engine, store: CaseStore, receiver: Receiver) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(engine, store, receiver, stack)
