"""One line's work: tell its receiver of event after event, in order, for a slice of time."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from cases.case import CaseEvent
from cases.outbound.courier import Courier
from cases.outbound.errors import CallAborted, NotDelivered
from cases.outbound.ladder import NextTry, Trouble, after_failure
from cases.outbound.lines import DeadLetter, Line
from cases.outbound.progress import Progress
from cases.outbound.settings import OutboundSettings
from core.clock import Clock

log = logging.getLogger("gridpatrol.api.outbound")

SLICE_S = 2.0
"""Then the line gives its thread to another one."""
KEEP_EVERY_S = 0.25
"""A process that is killed sends at most what it sent in this time once more; receivers know it by its id."""


@dataclass(slots=True)
class _Way:
    """How far this slice has come."""

    line: Line
    """As the database has it."""
    cursor: int
    sent: int
    kept_at_s: float


class LineWork:
    """
    Args:
        may_send: whether this process surely holds the lease for another call.
        chance: 0 to 1, drawn for each wait.
    """

    def __init__(
        self,
        progress: Progress,
        rules: OutboundSettings,
        clock: Clock,
        may_send: Callable[[], bool],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._progress = progress
        self._rules = rules
        self._clock = clock
        self._may_send = may_send
        self._chance = chance

    def run(self, line: Line, courier: Courier) -> bool:
        """Serve one line for a slice; True where more waits and may be sent at once.

        Raises:
            LineLost: let go of the line.
            CaseError: the database does not answer.
        """
        try:
            courier.tend(self._clock.now())
            ends_s = self._clock.monotonic() + SLICE_S
            while self._may_send() and (letter := self._progress.next_replay(line.id)) is not None:
                self._replay(letter, courier)
                if self._clock.monotonic() >= ends_s:
                    return True
            if line.next_try_at is not None and self._clock.now() < line.next_try_at:
                return False
            return self._go_on(line, courier, ends_s)
        except CallAborted:
            return False

    def _go_on(self, line: Line, courier: Courier, ends_s: float) -> bool:
        way = _Way(line, line.cursor, 0, self._clock.monotonic())
        try:
            while page := self._progress.events_after(way.cursor):
                for event in page:
                    if not (self._may_send() and self._tell(way, event, courier)):
                        return False
                    now_s = self._clock.monotonic()
                    if now_s - way.kept_at_s >= KEEP_EVERY_S:
                        self._keep(way)
                    if now_s >= ends_s:
                        return True
            return False
        finally:
            self._keep(way)

    def _tell(self, way: _Way, event: CaseEvent, courier: Courier) -> bool:
        """False where the line must wait."""
        try:
            way.sent += courier.deliver(event, self._progress.case_of(event), self._clock.now())
        except NotDelivered as failure:
            self._keep(way)
            return self._failed(way, event, failure)
        way.cursor = event.seq
        return True

    def _failed(self, way: _Way, event: CaseEvent, failure: NotDelivered) -> bool:
        line, now = way.line, self._clock.now()
        trouble = Trouble(line.head_tries + 1, line.failures_in_row + 1, line.first_failed_at or now)
        verdict = after_failure(trouble, failure, now, self._rules, self._chance())
        if isinstance(verdict, NextTry):
            self._progress.failed(line, failure, trouble, verdict, now)
            log.info("%s: event %d, try %d: %s", line.id, event.seq, trouble.tries, failure)
            return False
        most = self._rules.dead_letters
        if not self._progress.gave_up(line, event, failure, trouble, verdict, most, now):
            log.error("%s pauses itself: it has %d dead letters", line.id, most)
            return False
        log.warning("%s: event %d is a dead letter after %d tries: %s", line.id, event.seq, trouble.tries, failure)
        in_row = 0 if failure.is_refusal or failure.is_final else trouble.failures_in_row
        way.line = replace(line, cursor=event.seq, head_tries=0, first_failed_at=None, failures_in_row=in_row)
        way.cursor = event.seq
        return verdict.line_goes_on_at <= now

    def _keep(self, way: _Way) -> None:
        way.kept_at_s = self._clock.monotonic()
        if way.cursor == way.line.cursor:
            return
        self._progress.moved(way.line.id, way.line.cursor, way.cursor, way.sent, self._clock.now())
        in_row = 0 if way.sent else way.line.failures_in_row
        way.line = replace(way.line, cursor=way.cursor, head_tries=0, first_failed_at=None, failures_in_row=in_row)
        way.sent = 0

    def _replay(self, letter: DeadLetter, courier: Courier) -> None:
        event = self._progress.event(letter.event_seq)
        try:
            courier.deliver(event, self._progress.case_of(event), self._clock.now(), is_replay=True)
        except NotDelivered as failure:
            self._progress.replay_failed(letter, failure, self._clock.now())
            log.info("%s: event %d stays a dead letter: %s", letter.line_id, letter.event_seq, failure)
        else:
            self._progress.replayed(letter, self._clock.now())
