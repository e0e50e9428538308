"""The purge that the API's process runs by itself: one thread, one purge at a time over all processes."""

import logging
import threading
from datetime import timedelta

from sqlalchemy import select

from cases.evidence import EvidenceStore
from cases.keeping.rules import KeepingRules
from cases.keeping.store import KeepingStore
from cases.keeping.tables import keeping_job
from cases.transactions import reading
from core.clock import Clock
from core.errors import CaseConflict, PatrolError

log = logging.getLogger("gridpatrol.api.keeping")

LOOK_EVERY_S = 60.0
JOIN_S = 10.0


class KeepingJob:
    """Purges when the last purge of any process is ``every_hours`` ago; a failure is logged and tried again later."""

    def __init__(
        self,
        store: KeepingStore,
        evidence: EvidenceStore,
        rules: KeepingRules,
        clock: Clock,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._store = store
        self._evidence = evidence
        self._rules = rules
        self._clock = clock
        self._look_every_s = look_every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)

    def __enter__(self) -> "KeepingJob":
        if self._rules.scheduled:
            self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        """Ends after the batch at hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def run_if_due(self) -> bool:
        """Purge now if it is time; True when a purge was made.

        Raises:
            PatrolError: it failed; the text names the mend.
        """
        if not self._is_due():
            return False
        report = self._store.purge(
            self._evidence, self._rules, self._clock, progress=lambda _report: not self._stop.is_set()
        )
        if report.total or report.leftovers or report.expired:
            log.info(
                "purged %d pictures past their days, %d that no case named, %d leftover files, %d expired records",
                report.removed,
                report.unreferenced,
                report.leftovers,
                report.expired,
            )
        return True

    def _is_due(self) -> bool:
        with reading(self._store.engine) as connection:
            last = connection.execute(
                select(keeping_job.c.last_run_at).where(keeping_job.c.name == "purge")
            ).scalar_one()
        return last is None or self._clock.now() - last >= timedelta(hours=self._rules.every_hours)

    def _run(self) -> None:
        trouble = ""
        while not self._stop.wait(self._look_every_s):
            try:
                self.run_if_due()
                trouble = ""
            except CaseConflict:
                continue  # another process purges
            except PatrolError as error:
                if str(error) != trouble:
                    log.error("pictures are not purged: %s", error)
                trouble = str(error)
            except Exception:
                log.exception("pictures are not purged: a fault of Gridpatrol")
