"""A camera's door: a TCP port of ours that leads to the real server, stays silent, or sends rubbish."""

import contextlib
import select
import socket
import threading
from enum import Enum
from types import TracebackType
from typing import Self

MOST_CALLERS = 64
_LOOK_S = 0.1
_CHUNK = 65_536
_RUBBISH = bytes((index * 37 + 11) % 251 for index in range(1400))
_RUBBISH_EVERY_S = 0.02


class Manner(Enum):
    """How a door treats whoever calls, those included that are inside already."""

    LEADS_THROUGH = "leads through"
    SAYS_NOTHING = "says nothing"
    SENDS_RUBBISH = "sends rubbish"


class Door:
    """One port in front of the server at ``behind``; ``manner`` may be changed at any time.

    Each caller costs one thread while it is connected; more than ``MOST_CALLERS`` at once are hung up on.
    """

    def __init__(self, behind: tuple[str, int]) -> None:
        self._behind = behind
        self.manner = Manner.LEADS_THROUGH
        self._over = threading.Event()
        self._callers: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._listener.settimeout(_LOOK_S)
        self._thread = threading.Thread(target=self._listen, name="door", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        for caller in self._callers:
            caller.join(timeout=5)
        self._listener.close()

    def _listen(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                caller, _ = self._listener.accept()
                self._callers = [each for each in self._callers if each.is_alive()]
                if len(self._callers) >= MOST_CALLERS:
                    caller.close()
                    continue
                thread = threading.Thread(target=self._serve, args=(caller,), name="door-caller", daemon=True)
                self._callers.append(thread)
                thread.start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            if self.manner is Manner.LEADS_THROUGH:
                with socket.create_connection(self._behind, timeout=5) as server:
                    self._lead_through(caller, server)
            self._misbehave(caller)

    def _lead_through(self, caller: socket.socket, server: socket.socket) -> None:
        """Byte for byte, both ways, until either hangs up or the manner changes."""
        ways = {caller: server, server: caller}
        while self.manner is Manner.LEADS_THROUGH and not self._over.is_set():
            for source in select.select(list(ways), [], [], _LOOK_S)[0]:
                told = source.recv(_CHUNK)
                if not told:
                    raise ConnectionError
                ways[source].sendall(told)

    def _misbehave(self, caller: socket.socket) -> None:
        """Until the caller has had enough, or the door is mended: then the line is cut, and it may call again."""
        caller.settimeout(_LOOK_S)
        while self.manner is not Manner.LEADS_THROUGH and not self._over.is_set():
            if self.manner is Manner.SENDS_RUBBISH:
                with contextlib.suppress(TimeoutError):
                    caller.sendall(_RUBBISH)
                self._over.wait(_RUBBISH_EVERY_S)
                continue
            with contextlib.suppress(TimeoutError):
                if not caller.recv(_CHUNK):
                    return
