"""The case events as a live stream: one look at the database per process, one cursor per client.

Nothing is queued for a client: each pulls the next page after the last event it was sent, so a slow browser costs no
memory and misses nothing, and several API processes beside one database all tell the same story.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from anyio.to_thread import run_sync
from sqlalchemy.exc import SQLAlchemyError

from api.problems import TooManyStreams
from cases.case import CaseEvent
from core.errors import CaseError

logger = logging.getLogger("gridpatrol.api.events")
PAGE = 100
"""Events read at once for one client."""


class EventSource(Protocol):
    """Where case events come from: the case store."""

    def events_after(self, seq: int, limit: int) -> Sequence[CaseEvent]: ...

    def latest_seq(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Hello:
    """First on every stream: from which event on the client hears everything."""

    seq: int
    was_reset: bool
    """The client knew of later events than the database holds: it must load its page again."""


class Heartbeat:
    """Nothing happened for a while; the line still stands."""


class EventFeed:
    """Wakes every waiting stream when the newest event's number changes, and ends them all when the server stops."""

    def __init__(self, source: EventSource, poll_s: float, heartbeat_s: float, most_clients: int) -> None:
        self._source = source
        self._poll_s = poll_s
        self._heartbeat_s = heartbeat_s
        self._most_clients = most_clients
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self.clients = 0
        """Streams open now."""

    def close(self) -> None:
        """End every stream at once; new ones end after their greeting. Call it in the event loop."""
        self._closing.set()
        self._changed.set()

    @property
    def is_closed(self) -> bool:
        """The server stops: every stream ends."""
        return self._closing.is_set()

    def notify(self) -> None:
        """Wake the streams without waiting for the next look. Call it in the event loop."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def open(
        self, after: int | None, is_still_welcome: Callable[[], bool]
    ) -> AsyncGenerator[Hello | CaseEvent | Heartbeat, None]:
        """A stream of everything after one event (None: after now).

        Raises:
            TooManyStreams: every place is taken.
            CaseError: the database does not answer.
        """
        if self.clients >= self._most_clients:
            raise TooManyStreams(f"{self.clients} event streams are open; close some, or raise [api].event_clients")
        latest = await run_sync(self._source.latest_seq)
        knows_too_much = after is not None and after > latest
        seq = latest if after is None or knows_too_much else after
        return self._follow(Hello(seq, knows_too_much), is_still_welcome)

    async def _follow(
        self, hello: Hello, is_still_welcome: Callable[[], bool]
    ) -> AsyncGenerator[Hello | CaseEvent | Heartbeat, None]:
        """Ends when the server stops, the right to listen does, or the database goes: the client comes back."""
        self.clients += 1
        seq = hello.seq
        try:
            yield hello
            while not self._closing.is_set():
                changed = self._wait_for_change()
                page = await run_sync(self._source.events_after, seq, PAGE)
                for event in page:
                    yield event
                    seq = event.seq
                if len(page) >= PAGE:
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), self._heartbeat_s)
                except TimeoutError:
                    if not await run_sync(is_still_welcome):
                        return
                    yield Heartbeat()
        except (CaseError, SQLAlchemyError) as error:
            logger.warning("an event stream ends at event %d: %s", seq, type(error).__name__)
        finally:
            self._leave()

    def _wait_for_change(self) -> asyncio.Event:
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch(), name="case-event-watch")
        return self._changed

    def _leave(self) -> None:
        self.clients -= 1
        if self.clients == 0 and self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _watch(self) -> None:
        """Look for a newer event every ``poll_s`` while anyone listens."""
        known: int | None = None
        is_away = False
        while not self._closing.is_set():
            try:
                latest = await run_sync(self._source.latest_seq)
            except (CaseError, SQLAlchemyError):
                if not is_away:
                    logger.warning("the database does not answer; event streams wait for it")
                is_away = True
            else:
                is_away = False
                if latest != known:
                    known = latest
                    self.notify()
            await asyncio.sleep(self._poll_s)
