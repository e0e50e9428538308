"""Two workers never share an outbox; one that was killed leaves nothing in the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from patrol.outbox import Outbox
from patrol.worker_lock import WorkerLock, WorkerTwice
from tests.patrol.street import until

HOLDER = (
    "import pathlib, sys, time; from patrol.worker_lock import WorkerLock;"
    " lock = WorkerLock(pathlib.Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
)


def test_a_second_worker_is_refused_and_told_which_process_is_there(tmp_path: Path) -> None:
    path = tmp_path / "worker-1.lock"
    first = WorkerLock(path)
    with pytest.raises(WorkerTwice, match=rf"worker-1\.lock.*process {os.getpid()}\).*\[worker\] id"):
        WorkerLock(path)
    WorkerLock(tmp_path / "worker-2.lock").release()
    first.release()
    WorkerLock(path).release()


def test_the_lock_goes_with_the_outbox(tmp_path: Path) -> None:
    path = tmp_path / "worker-1.lock"
    outbox = Outbox(tmp_path / "worker-1.db", WorkerLock(path))
    with pytest.raises(WorkerTwice):
        WorkerLock(path)
    outbox.close()
    outbox.close()
    WorkerLock(path).release()


def test_a_worker_killed_at_once_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "worker-1.lock"
    held = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    try:
        assert held.stdout is not None
        assert held.stdout.readline() == b"held\n"
        with pytest.raises(WorkerTwice, match=f"process {held.pid}"):
            WorkerLock(path)
        os.kill(held.pid, signal.SIGKILL)
        held.wait(10)
        assert path.exists()
        assert until(lambda: is_free(path))
    finally:
        held.kill()
        held.wait()
        if held.stdout is not None:
            held.stdout.close()


def is_free(path: Path) -> bool:
    try:
        WorkerLock(path).release()
    except WorkerTwice:
        return False
    return True
