"""Pictures a second of one GPU: by batch size, through the lanes as a patrol uses it, and by Ultralytics beside it.

    gridpatrol bench detect --backend tensorrt [--against yolo11n.pt] [--json FILE]

The bare session on a fixed tensor, copies to the device and back included, is the limit; the lanes add letterboxing of
1080p pictures, gathering and suppression on the processor's cores.
"""

import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.machine import machine_facts
from core.cores import usable_cores
from detector.batching import GatheredNetwork, Gatherer
from detector.gpu import BatchSession
from detector.yolo import YoloDetector
from models.manifest import ModelPackage
from streams.frames import ImagePicture

BATCHES = (1, 2, 4, 8, 16, 32)
ROUNDS = 3
SECONDS = 3.0
LANES_A_CORE = 8
PICTURE_HW = (1080, 1920)

_ULTRALYTICS = """
import json, sys, time, numpy as np
from ultralytics import YOLO
weights, height, width, seconds, *batches = sys.argv[1:]
model, found = YOLO(weights), {}
for batch in map(int, batches):
    pictures = [np.random.default_rng(n).integers(0, 255, (1080, 1920, 3), dtype=np.uint8) for n in range(batch)]
    ask = dict(imgsz=(int(height), int(width)), device=0, half=True, verbose=False, batch=batch)
    for _ in range(3): model.predict(pictures, **ask)
    begun, looks = time.perf_counter(), 0
    while time.perf_counter() - begun < float(seconds):
        model.predict(pictures, **ask); looks += batch
    found[batch] = round(looks / (time.perf_counter() - begun), 1)
print(json.dumps(found))
"""


def measured(package: ModelPackage, backend: str, session: BatchSession, against: Path | None) -> dict[str, object]:
    """Everything in one run, as plain values for JSON; rates are pictures a second, medians of rounds."""
    with _Utilisation() as used:
        raw = {batch: statistics.median(raw_rate(session, batch) for _ in range(ROUNDS)) for batch in BATCHES}
        through, mean_batch = lanes_rate(package, backend, session)
    best = max(raw.values())
    return {
        "raw_per_s_by_batch": {str(batch): round(rate, 1) for batch, rate in raw.items()},
        "raw_per_s": round(best, 1),
        "lanes_per_s": round(through, 1),
        "lanes_mean_batch": round(mean_batch, 2),
        "ratio": round(through / best, 4),
        "gpu_used_percent_p50": used.middle(),
        "ultralytics_per_s_by_batch": None if against is None else ultralytics_rates(against, session.input_size),
        "backend": backend,
        "provider": session.provider,
        "input_size": list(session.input_size),
        "model": {"name": package.manifest.name, "sha256": package.manifest.sha256},
        "cores": usable_cores(),
        "machine": machine_facts(),
    }


def raw_rate(session: BatchSession, batch: int, seconds: float = SECONDS) -> float:
    tensor = np.zeros((batch, 3, *session.input_size), dtype=np.float32)
    for _ in range(3):
        session.run(tensor)
    begun_s, looks = time.perf_counter(), 0
    while (lasted_s := time.perf_counter() - begun_s) < seconds:
        session.run(tensor)
        looks += batch
    return looks / lasted_s


def lanes_rate(
    package: ModelPackage, backend: str, session: BatchSession, seconds: float = SECONDS
) -> tuple[float, float]:
    """Pictures a second through letterbox, gatherer and suppression on every core, and the mean batch."""
    head = session.run(np.zeros((1, 3, *session.input_size), dtype=np.float32))
    gatherer = Gatherer(session.run)
    shape = (1, 3, *session.input_size)
    detectors = [
        YoloDetector(package, GatheredNetwork(gatherer, backend, shape, tuple(head.shape)), None, session.input_size)
        for _ in range(LANES_A_CORE * usable_cores())
    ]
    picture = ImagePicture(np.random.default_rng(0).integers(0, 255, (*PICTURE_HW, 3), dtype=np.uint8))
    until_s = time.perf_counter() + seconds

    def lane(detector: YoloDetector) -> int:
        looks = 0
        while time.perf_counter() < until_s:
            detector.detect(picture)
            looks += 1
        return looks

    begun_s = time.perf_counter()
    with ThreadPoolExecutor(len(detectors)) as pool:
        looks = sum(pool.map(lane, detectors))
    counts = gatherer.counts
    return looks / (time.perf_counter() - begun_s), counts.pictures / max(1, counts.batches)


def ultralytics_rates(weights: Path, input_size: tuple[int, int]) -> dict[str, float]:
    """The same pictures through ``YOLO(weights).predict`` in half precision on the same GPU."""
    command = [sys.executable, "-c", _ULTRALYTICS, str(weights), *map(str, input_size), str(SECONDS)]
    ended = subprocess.run([*command, *map(str, BATCHES)], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found


class _Utilisation:
    """Share of the time in which the GPU worked, by nvidia-smi twice a second; nothing where there is none."""

    def __init__(self) -> None:
        self._found: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Utilisation":
        self._thread.start()
        return self

    def __exit__(self, *_ended: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def middle(self) -> float | None:
        return statistics.median(self._found) if self._found else None

    def _watch(self) -> None:
        program = shutil.which("nvidia-smi")
        if program is None:
            return
        ask = [program, "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while not self._stop.wait(0.5):
            said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.split()
            self._found += [float(word) for word in said[:1] if word.replace(".", "").isdigit()]
