"""How many cores this process may use: what the machine has, less what an affinity or a container's quota takes."""

import math
import os
from pathlib import Path

CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota: Path = CGROUP_QUOTA) -> int:
    """At least 1.

    Args:
        quota: a control group's ``cpu.max`` (version 2): ``"200000 100000"`` is two cores, ``"max …"`` no limit.
    """
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        allowed, _, period = quota.read_text(encoding="ascii").partition(" ")
        return there if allowed == "max" else max(1, min(there, math.ceil(int(allowed) / int(period))))
    except (OSError, ValueError, ZeroDivisionError):
        return there
