"""Lengths of time in buckets, so that a median over a month is read from some hundred rows. Pure.

Each bucket is a fifth longer than the one before; within one, the median is interpolated geometrically. For waits that
lie anyhow within their bucket the answer is at most a fifth off, and for the many of a day some per cent.
"""

import math
from collections.abc import Mapping

STEP = 1.2
"""How much longer each bucket is than the one before."""
MOST = 120
"""The last bucket: longer than a century."""


def bucket_of(seconds: float) -> int:
    """0 for less than a second (a camera's clock may run ahead: less than nothing counts as nothing)."""
    if seconds < 1:
        return 0
    return min(MOST, 1 + int(math.log(seconds) / math.log(STEP)))


def start_of(bucket: int) -> float:
    """The shortest wait of a bucket, seconds."""
    return 0.0 if bucket <= 0 else STEP ** (bucket - 1)


def median_s(cases: Mapping[int, int]) -> float | None:
    """The wait in the middle, seconds, by how many cases each bucket holds; None: there are none."""
    total = sum(cases.values())
    if total <= 0:
        return None
    half, before = total / 2, 0
    for bucket in sorted(cases):
        held = cases[bucket]
        if held > 0 and before + held >= half:
            share = (half - before) / held
            return share if bucket <= 0 else start_of(bucket) * STEP**share
        before += held
    return None
