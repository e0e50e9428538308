"""Memory that the allocator keeps although nobody needs it: given back to the system now and then.

Each connection to a camera has a thread of its own, and glibc keeps what a thread freed in that thread's arena. After
a few hundred reconnects that is as much again as the worker needs.
"""

import ctypes
import gc
from collections.abc import Callable

EVERY_S = 30.0


def glibc_trim() -> Callable[[int], int] | None:
    """glibc's ``malloc_trim``; None where the C library has none."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    found: Callable[[int], int] = trim
    return found


def let_loaded_rest() -> None:
    """What is loaded by now stays until the process ends: the garbage collector looks through it no more.

    It is some hundred thousand objects (modules, models of the settings); a full collection over them stops every
    thread for a sixth of a second (140 cameras on two cores), in which no camera is looked at.
    """
    gc.collect()
    gc.freeze()


class SpareMemory:
    """Gives back at most every ``every_s``; costs some milliseconds, in which the interpreter runs on."""

    def __init__(self, now_s: float, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._due_s = now_s + every_s
        self._trim = glibc_trim()

    def give_back_when_due(self, now_s: float) -> bool:
        """Whether something was given back."""
        if now_s < self._due_s or self._trim is None:
            return False
        self._due_s = now_s + self._every_s
        return self._trim(0) == 1
