"""Two processes, one command: the API and a worker, started, watched, restarted and stopped."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from core.errors import PatrolError
from patrol.city_layer import signature_of

log = logging.getLogger(__name__)

RESTART_LADDER_S = (0.5, 1.0, 2.0, 5.0, 10.0)
SUPERVISED_ENV = "GRIDPATROL_SUPERVISED"
STEADY_S = 30.0
"""A child that lived this long starts again from the ladder's foot."""


class StartFailed(PatrolError):
    """A child process did not come up."""


@dataclass(slots=True)
class Child:
    """One of our own processes."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at_s: float = 0.0
    falls: int = 0
    due_at_s: float = field(default=0.0)

    def start(self) -> None:
        environment = {**os.environ, SUPERVISED_ENV: str(os.getpid())}
        # A group of its own: the terminal's Ctrl-C reaches the parent alone, which stops both in order.
        self.process = subprocess.Popen(  # noqa: S603 (our own command line)
            self.command, env=environment, process_group=0
        )
        self.started_at_s = time.monotonic()

    def stop(self, timeout_s: float) -> None:
        """Ask it to stop; end it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            log.error("%s did not stop within %.0f s; ended", self.name, timeout_s)
            self.process.kill()
            self.process.wait(timeout=5)


def own_command(name: str, config: Path) -> Sequence[str]:
    """``gridpatrol NAME`` with this interpreter."""
    return (sys.executable, "-m", "patrol.cli", name, "--config", str(config))


class Supervisor:
    """Keeps API and worker alive: whichever dies is started again, on a ladder, counted.

    Args:
        command: the command line of ``api`` and ``worker``.
        layer: the grid's file; where it changes, the worker starts again with the new one. None: nobody changes it.
    """

    def __init__(
        self,
        config: Path,
        api_url: str,
        command: Callable[[str, Path], Sequence[str]] = own_command,
        layer: Path | None = None,
    ) -> None:
        self._layer = layer
        self._laid = None if layer is None else signature_of(layer)
        self._api_url = api_url
        self._api = Child("api", command("api", config))
        self._worker = Child("worker", command("worker", config))
        self._stop = threading.Event()
        self.restarts = 0

    def start(self, timeout_s: float = 60.0) -> None:
        """Start the API, wait until it is ready, then the worker.

        Raises:
            StartFailed: the API ended or did not get ready in time.
        """
        self._api.start()
        self._wait_until_ready(timeout_s)
        if not self._stop.is_set():
            self._worker.start()

    def run(self, seconds: float | None = None) -> None:
        """Watch both until ``stop_soon`` or, when given, for ``seconds``."""
        ends_at_s = None if seconds is None else time.monotonic() + seconds
        while not self._stop.is_set():
            if ends_at_s is not None and time.monotonic() >= ends_at_s:
                return
            self._follow_layer()
            for child in (self._api, self._worker):
                self._mend(child)
            self._stop.wait(0.2)

    def stop_soon(self) -> None:
        """Make ``run`` return; safe in a signal handler."""
        self._stop.set()

    def reload_worker(self) -> None:
        """Have the worker read its cameras anew; safe in a signal handler."""
        process = self._worker.process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGHUP)

    def stop_worker(self) -> None:
        self._worker.stop(timeout_s=30)

    def stop_api(self) -> None:
        self._api.stop(timeout_s=15)

    def pids(self) -> dict[str, int]:
        """Process ids of the children that run, by name."""
        return {child.name: child.process.pid for child in (self._api, self._worker) if child.process is not None}

    def _follow_layer(self) -> None:
        """A worker ties its views when it starts: with another grid it starts anew, its outbox and memory kept."""
        if self._layer is None or (laid := signature_of(self._layer)) == self._laid:
            return
        self._laid = laid
        log.info("the grid has changed; the worker starts again with it")
        self._worker.stop(timeout_s=30)
        if not self._stop.is_set():
            self._worker.start()

    def _mend(self, child: Child) -> None:
        process = child.process
        if process is None or process.poll() is None:
            return
        now_s = time.monotonic()
        if child.due_at_s < child.started_at_s:  # the fall has just been seen
            child.falls = 0 if now_s - child.started_at_s > STEADY_S else child.falls + 1
            wait_s = RESTART_LADDER_S[min(child.falls, len(RESTART_LADDER_S) - 1)]
            child.due_at_s = now_s + wait_s
            log.error("%s ended with status %s; starting it again in %.1f s", child.name, process.returncode, wait_s)
        elif now_s >= child.due_at_s:
            self.restarts += 1
            child.start()

    def _wait_until_ready(self, timeout_s: float) -> None:
        ends_at_s = time.monotonic() + timeout_s
        while time.monotonic() < ends_at_s and not self._stop.is_set():
            process = self._api.process
            if process is not None and process.poll() is not None:
                raise StartFailed(
                    f"the API ended with status {process.returncode} while starting; its message stands above"
                )
            try:
                if httpx.get(f"{self._api_url}/readyz", timeout=2, trust_env=False).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                log.debug("the API at %s does not answer yet", self._api_url)
            self._stop.wait(0.2)
        if not self._stop.is_set():
            raise StartFailed(f"the API at {self._api_url} was not ready after {timeout_s:.0f} s")


def follow_parent() -> None:
    """In a child of ``up``: leave Ctrl-C to the parent, and stop when the parent is gone."""
    if not os.environ.get(SUPERVISED_ENV, "").isdigit():
        return
    parent = int(os.environ[SUPERVISED_ENV])  # from the parent itself, which may be gone by now
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()
