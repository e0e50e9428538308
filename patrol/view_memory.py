"""What the views know, written down: at once where something is told, else a little later and all together.

A look that tells nothing changes times only. Losing a second of such looks to a crash costs what a second without
pictures costs, and each would wait for the disk; so they are gathered, and a thread of their own waits for all of them:
no lane does.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.clock import Clock
from core.ids import CameraId, ViewId
from patrol.outbox import LookKept, Message, Outbox, OutboxError

log = logging.getLogger(__name__)

GATHER_S = 1.0
"""Looks that tell nothing wait so long, and for the disk."""


class ViewMemory:
    """Between the lanes and the outbox. Thread-safe; holds one state a view.

    Its thread runs from ``start`` to ``stop``; without it what was gathered waits for ``write``.
    """

    def __init__(self, outbox: Outbox, clock: Clock, gather_s: float = GATHER_S) -> None:
        self._outbox = outbox
        self._clock = clock
        self._gather_s = gather_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="view-memory", daemon=True)
        self._writing = threading.Lock()
        """Held from taking what is to be written until it is: a later state is never overwritten by an earlier one."""
        self._lock = threading.Lock()
        self._gathered: dict[ViewId, _Gathered] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and write what is left. Raises: OutboxError."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self.write()

    def states(self) -> dict[ViewId, str]:
        """What is known of every view, the newest."""
        self.write()
        return self._outbox.view_states()

    def forget(self, view_ids: Sequence[ViewId]) -> None:
        """Views that are gone. Raises: OutboxError."""
        with self._writing:
            with self._lock:
                for view_id in view_ids:
                    self._gathered.pop(view_id, None)
            self._outbox.forget_views(view_ids)

    def keep(
        self,
        camera_id: CameraId,
        view_id: ViewId,
        state: Callable[[], str],
        at: datetime,
        messages: tuple[Message, ...],
        may_wait: bool,
    ) -> None:
        """One look's outcome.

        Args:
            state: the view's new state as text; asked for when it is written.
            messages: the incidents that the look caused; they are on the disk when this returns.
            may_wait: False for a view whose time runs faster than ours.

        Raises:
            OutboxError: it cannot be written; the look counts as not taken.
        """
        look = _Gathered(camera_id, state, at, 1)
        if not messages and may_wait:
            with self._lock:
                self._gathered[view_id] = after(self._gathered.get(view_id), look)
        else:
            self._write({view_id: look}, messages)

    def write(self) -> None:
        """All that was gathered. Raises: OutboxError."""
        if self._gathered:
            self._write({}, ())

    def _write(self, looks: Mapping[ViewId, "_Gathered"], messages: tuple[Message, ...]) -> None:
        with self._writing:
            with self._lock:
                gathered, self._gathered = self._gathered, {}
            try:
                self._outbox.commit_looks(
                    [one.kept(view_id) for view_id, one in merged(gathered, looks).items()], messages, self._clock.now()
                )
            except BaseException:
                with self._lock:
                    self._gathered = merged(gathered, self._gathered)
                raise

    def _write_on(self) -> None:
        trouble = ""
        while not self._stop.wait(self._gather_s):
            try:
                self.write()
                trouble = ""
            except OutboxError as error:
                if str(error) != trouble:
                    log.error("looks that told nothing cannot be remembered: %s", error)
                trouble = str(error)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """One view's newest state and how many looks it stands for."""

    camera_id: CameraId
    state: Callable[[], str]
    at: datetime
    looks: int

    def kept(self, view_id: ViewId) -> LookKept:
        return LookKept(self.camera_id, view_id, self.state(), self.at, self.looks)


def after(before: _Gathered | None, now: _Gathered) -> _Gathered:
    return now if before is None else replace(now, looks=now.looks + before.looks)


def merged(older: Mapping[ViewId, _Gathered], newer: Mapping[ViewId, _Gathered]) -> dict[ViewId, _Gathered]:
    """One under the other, no look lost count of."""
    return {**older, **{view_id: after(older.get(view_id), one) for view_id, one in newer.items()}}
