"""Places for what a sign-in costs, asking the provider or hashing a password.

So many have one, so many more wait, so long and without a thread: whoever floods the door stops nobody behind it.
"""

import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from anyio import sleep

from cases.access.errors import SignInBusy

AT_ONCE = 8
"""Of the server's threads: a provider that hangs holds so many and no more."""
MOST_WAITING = 100
"""Whoever comes while so many wait is sent away at once."""
WAIT_S, LOOK_S = 5.0, 0.05
"""For a place, and how often one is looked for."""


class Places:
    """Handed out on the event loop; a place is held by whatever runs inside ``one``."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._places = threading.BoundedSemaphore(at_once)
        self._room = threading.BoundedSemaphore(at_once + most_waiting)

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[None, None]:
        """A place, for as long as the block runs.

        Raises:
            SignInBusy: too many wait, or every place stayed taken.
        """
        if not self._room.acquire(blocking=False):
            raise SignInBusy("too many sign-ins at once; try again in a moment")
        try:
            await self._turn()
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._room.release()

    async def _turn(self) -> None:
        ends_s = time.monotonic() + self._wait_s
        while not self._places.acquire(blocking=False):
            if time.monotonic() >= ends_s:
                raise SignInBusy("too many sign-ins at once; try again in a moment")
            await sleep(LOOK_S)
