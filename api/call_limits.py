"""How many calls a key, a session and an address may make: token buckets in this process, so many and no more.

Workers' own postings are not counted, whoever sends them: a city must not lose a sighting to a limit, and what they may
carry is bounded by ``api.body_limit``. Probes and static files are not, either.
"""

import hashlib
import math
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from fastapi import Request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import HTTPConnection

from api.problems import TooManyCalls
from cases.access.lockout import address_subject

By = Literal["key", "address"]
MOST_BUCKETS = 10_000
"""Keys, and as many addresses, remembered at once; beyond that those that were silent for longest go."""
OPEN = frozenset({"/healthz", "/readyz", "/metrics"})
INTAKE = frozenset({("POST", "/api/v1/incidents"), ("PUT", "/api/v1/cameras"), ("GET", "/api/v1/watched")})
INTAKE_BELOW = ("/api/v1/evidence/", "/api/v1/cameras/")
"""Where a worker puts pictures."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class Buckets:
    """One token bucket for each name. Threads may share it.

    Args:
        per_s: calls a second, in the mean; 0: no limit.
        burst: calls at once.
        most: names remembered.
    """

    def __init__(self, per_s: float, burst: float, most: int = MOST_BUCKETS) -> None:
        self._per_s, self._burst, self._most = per_s, max(1.0, burst), most
        self._lock = Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, name: str, now_s: float) -> float:
        """0 where the call is taken; otherwise the seconds until one would be, and nothing is taken.

        Args:
            now_s: of a clock that never runs backwards.
        """
        if self._per_s <= 0:
            return 0.0
        with self._lock:
            bucket = self._buckets.get(name)
            if bucket is None:
                bucket = self._buckets[name] = _Bucket(self._burst, now_s)
                if len(self._buckets) > self._most:
                    self._buckets.popitem(last=False)
            self._buckets.move_to_end(name)
            bucket.tokens = min(self._burst, bucket.tokens + (now_s - bucket.at_s) * self._per_s)
            bucket.at_s = now_s
            if bucket.tokens >= 1.0:
                bucket.tokens -= 1.0
                return 0.0
            return (1.0 - bucket.tokens) / self._per_s


class CallLimits(Collector):
    """Refuses what is too much, and counts the refusals.

    Args:
        per_key_s: calls a second of one key or session; 0: no limit.
        per_address_s: of one address (IPv6: its /64), whatever keys it uses; 0: no limit.
        burst_s: so many seconds' worth may come at once.
        cookie: the name of the one that holds a session.
    """

    def __init__(self, per_key_s: float, per_address_s: float, burst_s: float, cookie: str) -> None:
        self._cookie = cookie
        self._keys = Buckets(per_key_s, per_key_s * burst_s)
        self._addresses = Buckets(per_address_s, per_address_s * burst_s)
        self._refused: Counter[By] = Counter()

    def check(self, call: HTTPConnection, now_s: float) -> None:
        """
        Raises:
            TooManyCalls: of its address, or of its key.
        """
        if is_exempt(call.scope.get("method", ""), call.scope["path"]):
            return
        address = "" if call.client is None else call.client.host
        self._take("address", self._addresses, address_subject(address), now_s)
        name = name_of(call, self._cookie)
        if name is not None:
            self._take("key", self._keys, name, now_s)

    def collect(self) -> Iterable[Metric]:
        refused = CounterMetricFamily(
            "gridpatrol_calls_limited", "Calls refused because there were too many, by what was too much", labels=["by"]
        )
        held = GaugeMetricFamily(
            "gridpatrol_call_buckets", "Keys and addresses whose calls are counted at the moment", labels=["by"]
        )
        by: By
        for by, buckets in (("key", self._keys), ("address", self._addresses)):
            refused.add_metric([by], self._refused[by])
            held.add_metric([by], len(buckets))
        return refused, held

    def _take(self, by: By, buckets: Buckets, name: str, now_s: float) -> None:
        wait_s = buckets.wait_s(name, now_s)
        if wait_s > 0:
            self._refused[by] += 1
            raise TooManyCalls("this key or session" if by == "key" else "this address", math.ceil(wait_s))


def is_exempt(method: str, path: str) -> bool:
    """Whether a call is never counted."""
    if path in OPEN or path.startswith("/static/"):
        return True
    return (method, path) in INTAKE or (method == "PUT" and path.startswith(INTAKE_BELOW))


def name_of(call: HTTPConnection, cookie: str) -> str | None:
    """What stands for the key or session; none of it can be read back. None: a caller without any."""
    shown = call.headers.get("authorization") or call.cookies.get(cookie)
    return None if not shown else hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()


async def limit_calls(request: Request) -> None:
    """What every route asks first."""
    rooms = request.app.state.rooms
    rooms.limits.check(request, rooms.clock.monotonic())
