"""What is asked of a storm, what came of each phase, and whether every promise was kept."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.rtsp_fleet import Sample

RECOVERY_S = 90.0
INTERVAL_SLACK = 1.5
MOST_MEMORY_GROWTH = 1.05
MOST_MORE = 2
"""Threads and descriptors after the last cure, over those before the storm."""
SETTLE_INTERVALS = 4
NOTICE_TIMEOUTS, NOTICE_INTERVALS = 5.0, 12.0
"""A fault must be shown within so many of the cameras' timeouts or intervals, or the phase's length: which is longest.
Frozen takes seven looks at least; rubbish in a stream, then two tries that hang, four timeouts."""


@dataclass(frozen=True, slots=True)
class StormQuestion:
    """What is asked; times in seconds."""

    cameras: int = 40
    interval_s: float = 2.0
    phase_s: float = 30.0
    timeout_s: float = 5.0
    height_px: int = 360
    slack: float = INTERVAL_SLACK
    at_once: int = 1
    """So many kinds of fault in one phase."""
    restarts: int = 2


@dataclass(frozen=True, slots=True)
class Phase:
    """What came of one phase."""

    name: str
    affected: int
    noticed_s: float | None
    """After which every affected camera showed its fault; None: not in time."""
    recovered_s: float | None
    """After the cure, until every camera was looked at again and showed nothing wrong; None: not in time."""
    worst_gap: float
    """Between two looks at a healthy camera, in intervals; 0 where there was none to judge."""
    late: int
    """Looks at healthy cameras that the worker itself counted as more than half an interval late."""
    looked: float
    """Of the looks that the worst healthy camera was to get meanwhile, the share that it got."""
    wrong: tuple[str, ...]
    """Cameras whose state, at the end of the phase, was not the right one; and where."""
    sample: Sample | None
    """Of the worker's process, after everything had recovered."""


def verdict(
    asked: StormQuestion,
    all_live_s: float | None,
    calm: Sample | None,
    phases: Sequence[Phase],
    pids: Sequence[int],
    failures: int,
) -> dict[str, Any]:
    """Each promise by itself, and the whole."""
    worst = max((phase.worst_gap for phase in phases), default=0.0)
    samples = [phase.sample for phase in phases]
    whole = bool(phases) and all_live_s is not None
    promises = {
        "healthy cameras keep their interval": whole and worst <= asked.slack,
        f"recovered within {RECOVERY_S:.0f} s": whole and all(phase.recovered_s is not None for phase in phases),
        "every fault is noticed": whole and all(phase.noticed_s is not None for phase in phases),
        "every state is right": whole and not any(phase.wrong for phase in phases),
        "nothing leaks": whole and is_flat(calm, samples, asked.restarts),
        "the worker never fell": len(pids) == 1,
    }
    return {
        "passed": all(promises.values()),
        "promises": promises,
        "cameras": asked.cameras,
        "interval_s": asked.interval_s,
        "phase_s": asked.phase_s,
        "all_live_after_s": all_live_s,
        "before": None if calm is None else asdict(calm),
        "worst_gap_in_intervals": worst,
        "late_looks": sum(phase.late for phase in phases),
        "slowest_recovery_s": max((phase.recovered_s or RECOVERY_S for phase in phases), default=None),
        "unanswered_readings": failures,
        "phases": [asdict(phase) for phase in phases],
    }


def is_flat(calm: Sample | None, samples: Sequence[Sample | None], restarts: int) -> bool:
    """Whether threads and descriptors are what they were before the storm, and memory stops growing.

    Every phase fills the allocator's arenas in its own way; so like is held against like: the same restart of every
    server, again and again. The median of the later ones must not lie above that of the first ones; fewer than two
    restarts say nothing of memory.
    """
    seen = [each for each in samples if each is not None]
    if calm is None or not seen or len(seen) != len(samples):
        return False
    last, repeated = seen[-1], [each.memory_mb for each in seen[len(seen) - restarts :]]
    if last.threads > calm.threads + MOST_MORE or last.descriptors > calm.descriptors + MOST_MORE:
        return False
    if restarts < 2:
        return True
    first, later = repeated[: restarts // 2], repeated[restarts // 2 :]
    return statistics.median(later) <= statistics.median(first) * MOST_MEMORY_GROWTH
