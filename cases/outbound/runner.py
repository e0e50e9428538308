"""The sending side of a process: one thread that shares the lines out, and a few that serve them.

One process sends at a time: a lease in the database, renewed while this one lives. Stopping ends the calls at hand
within moments; what was not answered is sent again by whoever sends next.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

from sqlalchemy import Engine

from cases.outbound.calls import HttpCaller
from cases.outbound.courier import Courier, WebhookCourier
from cases.outbound.endpoint_store import EndpointStore
from cases.outbound.endpoints import Seal
from cases.outbound.errors import LineLost
from cases.outbound.line_store import LineStore
from cases.outbound.line_work import LineWork
from cases.outbound.lines import Line, LineKind
from cases.outbound.progress import Progress
from cases.outbound.settings import OutboundSettings
from core.clock import Clock
from core.errors import PatrolError

log = logging.getLogger("gridpatrol.api.outbound")

RENEWALS_A_LEASE = 4
TEND_EVERY_S = 30.0
"""A line without news is looked after this often."""
STOP_S = 10.0
REST_AFTER_TROUBLE_S = 2.0
LEFT_ALONE_S = 60.0
"""A line that a fault of ours struck; the others go on."""


class OutboundRunner:
    """
    Args:
        uppers: couriers of the upper platforms by line id; the webhooks' are made from the database.
    """

    def __init__(
        self,
        engine: Engine,
        rules: OutboundSettings,
        seal: Seal,
        caller: HttpCaller,
        clock: Clock,
        uppers: Mapping[str, Courier] | None = None,
    ) -> None:
        self._rules = rules
        self._seal = seal
        self._caller = caller
        self._clock = clock
        self._uppers = dict(uppers or {})
        self._lines = LineStore(engine)
        self._endpoints = EndpointStore(engine)
        self._holder = f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._progress = Progress(engine, self._holder)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._held_until_s: float | None = None
        self._renew_at_s = 0.0
        self._running: dict[str, Future[bool]] = {}
        self._served_at_s: dict[str, float] = {}
        self._left_alone_until_s: dict[str, float] = {}
        self._trouble = ""

    @property
    def holds_the_lease(self) -> bool:
        """Whether this process is the one that sends."""
        return self._held_until_s is not None and self._clock.monotonic() < self._held_until_s

    def __enter__(self) -> "OutboundRunner":
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="outbound", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends calls within moments, gives the lease back, joins the threads."""
        self._stop.set()
        self._caller.stop()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def _run(self) -> None:
        with ThreadPoolExecutor(self._rules.side_by_side, thread_name_prefix="outbound-line") as pool:
            rest_s = 0.0
            while not self._stop.wait(rest_s):
                rest_s = self._guarded(lambda: self._round(pool))
        self._guarded(self._end)

    def _guarded(self, step: Callable[[], float]) -> float:
        """Seconds to rest; trouble is said once, not at every look."""
        try:
            rest_s = step()
        except PatrolError as error:
            self._say(str(error))
            return REST_AFTER_TROUBLE_S
        except Exception:
            log.exception("nothing is sent for the moment: a fault of Gridpatrol")
            return REST_AFTER_TROUBLE_S
        return rest_s

    def _round(self, pool: ThreadPoolExecutor) -> float:
        """One look over all lines; how long to rest."""
        self._collect()
        if not self._hold():
            return self._rules.lease_s / RENEWALS_A_LEASE
        for name in self._uppers:
            if name not in self._served_at_s:
                self._lines.ensure(name, LineKind.UPPER, self._clock.now())
        endpoints = {each.id: each for each in self._endpoints.all()}
        latest, asked = self._progress.latest_seq(), self._progress.lines_to_replay()
        work = LineWork(self._progress, self._rules, self._clock, self._may_send)
        for line in self._progress.lines():
            if line.id in self._running or not self._is_due(line, latest, line.id in asked):
                continue
            endpoint = endpoints.get(line.id)
            courier: Courier | None = self._uppers.get(line.id)
            if endpoint is not None:
                courier = WebhookCourier(endpoint, self._seal, self._caller)
            if courier is not None:  # else: an upper platform that the settings name no more
                self._served_at_s[line.id] = self._clock.monotonic()
                self._running[line.id] = pool.submit(work.run, line, courier)
        self._trouble = ""
        if self._running:
            wait(list(self._running.values()), self._rules.poll_s, FIRST_COMPLETED)
            return 0.0
        return self._rules.poll_s

    def _is_due(self, line: Line, latest: int, is_asked: bool) -> bool:
        if self._clock.monotonic() < self._left_alone_until_s.get(line.id, 0.0):
            return False
        is_ready = line.next_try_at is None or line.next_try_at <= self._clock.now()
        since_s = self._clock.monotonic() - self._served_at_s.get(line.id, -TEND_EVERY_S)
        return is_asked or (is_ready and line.cursor < latest) or since_s >= TEND_EVERY_S

    def _collect(self) -> None:
        """Take back lines whose slice has ended."""
        for line_id, future in list(self._running.items()):
            if not future.done():
                continue
            del self._running[line_id]
            try:
                future.result()
            except LineLost as lost:
                log.info("%s", lost)
                self._renew_at_s = 0.0  # see at once whether the lease is still ours
            except PatrolError as error:
                self._say(f"{line_id}: {error}")
            except Exception:
                log.exception("%s is left alone for a while: a fault of Gridpatrol", line_id)
                self._left_alone_until_s[line_id] = self._clock.monotonic() + LEFT_ALONE_S

    def _hold(self) -> bool:
        """Take or renew the lease when it is time."""
        now_s = self._clock.monotonic()
        if self.holds_the_lease and now_s < self._renew_at_s:
            return True
        now = self._clock.now()
        if not self._progress.take_lease(now, now + timedelta(seconds=self._rules.lease_s)):
            if self._held_until_s is not None:
                log.warning("another process sends now")
            self._held_until_s = None
            return False
        if self._held_until_s is None:
            log.info("this process sends webhooks and filings")
        self._held_until_s = now_s + self._rules.lease_s
        self._renew_at_s = now_s + self._rules.lease_s / RENEWALS_A_LEASE
        return True

    def _may_send(self) -> bool:
        """A call begun now ends before the lease does."""
        until_s = self._held_until_s
        return (
            not self._stop.is_set()
            and until_s is not None
            and self._clock.monotonic() + self._rules.timeout_s < until_s
        )

    def _end(self) -> float:
        self._collect()
        if self._held_until_s is not None:
            self._held_until_s = None
            self._progress.give_back_lease()
        return 0.0

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.error("nothing is sent for the moment: %s", trouble)
        self._trouble = trouble
