"""What threads of connections left in the allocator goes back to the system."""

import ctypes
import platform
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from patrol.spare_memory import SpareMemory

KEPT_BYTES = 16 * 1024
KEPT = 3000


def anonymous_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))


def allocate_and_free(libc: ctypes.CDLL) -> None:
    """As a connection does: many pieces, and at the end one that stays behind all of them."""
    pieces = [libc.malloc(KEPT_BYTES) for _ in range(KEPT)]
    for piece in pieces:
        ctypes.memset(piece, 1, KEPT_BYTES)
    libc.malloc(KEPT_BYTES)
    for piece in pieces:
        libc.free(ctypes.c_void_p(piece))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator only")
def test_what_an_ended_thread_freed_goes_back_when_it_is_due_and_not_before() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    spare = SpareMemory(0.0, every_s=30.0)
    thread = threading.Thread(target=allocate_and_free, args=(libc,))
    thread.start()
    thread.join()
    before_kb = anonymous_kb()
    assert not spare.give_back_when_due(29.0)
    assert spare.give_back_when_due(30.0)
    assert anonymous_kb() <= before_kb - KEPT * KEPT_BYTES // 1024 // 2
    assert not spare.give_back_when_due(31.0)


def test_what_is_loaded_is_looked_through_no_more() -> None:
    """In a process of its own: the test's own collector is left as it is."""
    told = (
        "import gc, patrol.wiring, patrol.spare_memory as memory; before = len(gc.get_objects()); "
        "memory.let_loaded_rest(); print(before, len(gc.get_objects()))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    before, after = (int(number) for number in done.stdout.split())
    assert before > 50_000
    assert after < before / 100
