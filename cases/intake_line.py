"""Reports that arrive at the same moment, in one transaction: one thread writes, the callers wait for their answers.

A commit waits for the disk, and a database lets one writer in at a time. So callers line up here instead: whoever
came while the last transaction was written is in the next one. Nothing waits for company: a lone report goes at once.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from cases.incidents_in import IncidentReport
from cases.intake import Answer, CellFacts, Intake
from cases.ledger import Posting
from cases.transactions import DatabaseUnavailable
from core.errors import PatrolError
from core.ids import CategoryId, CellId

log = logging.getLogger("gridpatrol.cases.intake")

MOST_WAITING = 2_000
"""Reports waiting for the writer; further ones are told to come again."""
IDLE_S = 10.0
MOST_TOGETHER = 16
"""Reports in one transaction; what shares one waits for all of it."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    report: IncidentReport
    key: str
    now: datetime
    answer: Future[Answer]


class IntakeLine:
    """Hands reports to an ``Intake``; any thread may hand one in. Its thread comes with a report and goes when idle.

    Args:
        intake: what writes them.
        cell_facts: what the grid file knows of a cell and category; asked by the writing thread, so it may take a
            moment.
    """

    def __init__(
        self,
        intake: Intake,
        cell_facts: Callable[[CellId, CategoryId], CellFacts],
        most_waiting: int = MOST_WAITING,
        most_together: int = MOST_TOGETHER,
    ) -> None:
        self._intake = intake
        self._cell_facts = cell_facts
        self._most_waiting, self._most_together = most_waiting, most_together
        self._waiting: deque[_Arrival] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_writing = False

    @property
    def waiting(self) -> int:
        """Reports that nobody has taken up yet."""
        return len(self._waiting)

    def hand_in(self, report: IncidentReport, key: str, now: datetime) -> Future[Answer]:
        """The answer to come, with what ``CaseStore.take_in`` raises as its exception. One that is cancelled before
        its turn is not taken in.

        Raises:
            DatabaseUnavailable: too many wait already; the report was not taken in.
        """
        answer: Future[Answer] = Future()
        with self._changed:
            if len(self._waiting) >= self._most_waiting:
                raise DatabaseUnavailable(
                    f"{len(self._waiting)} reports wait to be written; send the report again in a moment, "
                    "and see to the database's speed if this goes on"
                )
            self._waiting.append(_Arrival(report, key, now, answer))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return answer

    def drain(self, timeout_s: float = 10.0) -> None:
        """Wait until everything that was handed in is answered, up to ``timeout_s``: for an API that stops."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._is_writing, timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting, IDLE_S)
                if not self._waiting:
                    self._thread = None  # within the lock: the next report starts another
                    return
                self._is_writing = True
            self._take_in(self._taken(self._most_together))
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()

    def _taken(self, most: int) -> list[_Arrival]:
        """Up to so many that still want their answer, out of the line."""
        with self._changed:
            some = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        return [arrival for arrival in some if arrival.answer.set_running_or_notify_cancel()]

    def _take_in(self, arrivals: list[_Arrival]) -> None:
        ready: list[tuple[_Arrival, Posting]] = []
        for arrival in arrivals:
            try:
                ready.append((arrival, self._posting(arrival)))
            except Exception as error:  # noqa: BLE001 (it is the caller's to handle; the thread must not end)
                arrival.answer.set_exception(error)
        if not ready:
            return
        try:
            answers = self._intake.take_in_together([posting for _, posting in ready])
        except Exception as error:
            if not isinstance(error, PatrolError):
                log.error("reports could not be taken in: a fault of ours", exc_info=error)
            for arrival, _ in ready:
                arrival.answer.set_exception(error)
            return
        for (arrival, _), answer in zip(ready, answers, strict=True):
            if isinstance(answer, Exception):
                arrival.answer.set_exception(answer)
            else:
                arrival.answer.set_result(answer)

    def _posting(self, arrival: _Arrival) -> Posting:
        report = arrival.report
        cell = self._cell_facts(report.cell_id, report.category)
        return self._intake.posting(report, arrival.key, arrival.now, cell)
