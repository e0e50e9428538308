"""What workers made unrecognisable before anybody saw it, as they tell with their cameras' states."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Literal

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

MaskCount = Literal["pictures", "hidden_whole", "heads", "plates"]
WORDS: Mapping[MaskCount, str] = {
    "pictures": "evidence pictures looked at for heads and plates",
    "hidden_whole": "evidence pictures blurred whole, because masking failed",
    "heads": "heads hidden",
    "plates": "number plates hidden",
}
MOST_WORKERS = 1000
"""Workers whose counts are held; beyond that the one that was silent for longest goes."""


class MaskingFigures(Collector):
    """Each worker's own counts, since it started. Threads may share one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: OrderedDict[str, Mapping[MaskCount, int]] = OrderedDict()

    def tell(self, worker_id: str, counts: Mapping[MaskCount, int]) -> None:
        """What a worker says replaces what it said before."""
        with self._lock:
            self._told[worker_id] = dict(counts)
            self._told.move_to_end(worker_id)
            if len(self._told) > MOST_WORKERS:
                self._told.popitem(last=False)

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            told = list(self._told.values())
        figures = GaugeMetricFamily(
            "gridpatrol_masking",
            "Since the workers started: " + "; ".join(f"{name}: {words}" for name, words in WORDS.items()),
            labels=["what"],
        )
        for name in WORDS:
            figures.add_metric([name], sum(counts.get(name, 0) for counts in told))
        yield figures
