"""What decoding alone costs: the limit that no pipeline over these clips can pass.

For each clip in turn: demultiplex every packet and decode each key frame, one thread a camera, nothing else; and, for
comparison, demultiplex only, and decode everything. As many cameras are read side by side as there are cores: cores
that share their arithmetic, as most clouds' do, are slower together than alone, and a patrol uses them all. CPU
seconds of this process: a busy machine disturbs them little.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class DecodeCost:
    """CPU seconds per second of video, and what follows."""

    cpu_per_video_s: float
    pictures_per_video_s: float

    @property
    def cameras_per_core(self) -> float:
        return 1 / self.cpu_per_video_s if self.cpu_per_video_s else float("inf")


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """The three ways of reading, medians over clips and rounds."""

    key_frames: DecodeCost
    demux: DecodeCost
    everything: DecodeCost


def decode_limits(clips: Sequence[Path], cores: int, rounds: int = ROUNDS) -> DecodeLimits:
    """Read each clip in each way, in turn."""
    ways: dict[str, Callable[[Path], tuple[int, float]]] = {
        "key_frames": read_key_frames,
        "demux": read_packets,
        "everything": read_everything,
    }
    costs: dict[str, list[DecodeCost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for clip in clips:
            for name, read in ways.items():
                costs[name].append(timed(read, clip, cores))
    return DecodeLimits(**{name: median(found) for name, found in costs.items()})


def timed(read: Callable[[Path], tuple[int, float]], clip: Path, cores: int) -> DecodeCost:
    """The clip read on every core at the same time."""
    begun_s = time.process_time()
    with ThreadPoolExecutor(cores) as pool:
        read_by = list(pool.map(read, [clip] * cores))
    spent_s = time.process_time() - begun_s
    video_s = sum(seconds for _, seconds in read_by)
    return DecodeCost(spent_s / video_s, sum(pictures for pictures, _ in read_by) / video_s)


def median(costs: Sequence[DecodeCost]) -> DecodeCost:
    return DecodeCost(
        statistics.median(cost.cpu_per_video_s for cost in costs),
        statistics.median(cost.pictures_per_video_s for cost in costs),
    )


def read_key_frames(clip: Path) -> tuple[int, float]:
    """Key frames decoded, and the clip's seconds."""
    return read(clip, skip="NONKEY", decodes=True)


def read_packets(clip: Path) -> tuple[int, float]:
    return read(clip, skip="NONKEY", decodes=False)


def read_everything(clip: Path) -> tuple[int, float]:
    return read(clip, skip="DEFAULT", decodes=True)


def read(clip: Path, skip: Literal["NONKEY", "DEFAULT"], decodes: bool) -> tuple[int, float]:
    pictures = 0
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.skip_frame = skip
        packets = 0
        for packet in container.demux(stream):
            packets += packet.size > 0
            if decodes:
                pictures += len(packet.decode())
        rate = float(stream.average_rate or 25)
    return pictures, packets / rate
