"""What a camera costs to read from a real RTSP server: our reader and FFmpeg's, side by side in one run.

    python -m benchmarks.rtsp_readers CLIP… [--cameras 32] [--seconds 20] [--rounds 3] [--json FILE]

A process for each reader in turn opens every camera in a thread of its own, reads every packet and decodes nothing;
its CPU time over the wall time and the cameras is what is told. The rounds alternate: both meet the same machine.
"""

import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.machine import machine_facts
from benchmarks.result import finish
from streams.opening import source_of
from streams.spec import FeedSpec

READERS = ("auto", "ffmpeg")
SETTLE_S = 3.0


def main(
    clips: Annotated[list[Path], typer.Argument(help="H.264 clips; cameras take turns with them.")],
    cameras: Annotated[int, typer.Option(min=1)] = 32,
    seconds: Annotated[float, typer.Option(min=1)] = 20.0,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    json_file: Annotated[Path | None, typer.Option("--json")] = None,
) -> None:
    """Measure both and print milliseconds of CPU for each camera and second."""
    from tests.support.rtsp_server import RtspServer  # the real server belongs to the tests

    mounts = {f"street{number}": clip for number, clip in enumerate(clips)}
    found: dict[str, list[float]] = {reader: [] for reader in READERS}
    with RtspServer(mounts) as server:
        urls = [server.url(f"street{number % len(mounts)}") for number in range(cameras)]
        for _ in range(rounds):
            for reader in READERS:
                asked = json.dumps({"reader": reader, "urls": urls, "seconds": seconds})
                command = [sys.executable, "-m", "benchmarks.rtsp_readers_trial", asked]
                answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                found[reader].append(answer["cpu_ms_per_camera_s"])
                cost = f"{found[reader][-1]:.2f} ms CPU a camera and second"
                typer.echo(f"{reader:>7}: {cost}, {answer['key_frames']} key frames")
    ours, theirs = (statistics.median(found[reader]) for reader in READERS)
    result: dict[str, Any] = {
        "cameras": cameras,
        "seconds": seconds,
        "cpu_ms_per_camera_s": {"ours": ours, "ffmpeg": theirs},
        "rounds": {"ours": found["auto"], "ffmpeg": found["ffmpeg"]},
        "ratio": theirs / ours,
        "machine": machine_facts(),
    }
    typer.echo(f"ours {ours:.2f}, FFmpeg {theirs:.2f}: {theirs / ours:.1f} times as much")
    finish(result, json_file, indent=2)


def read_all(reader: str, urls: list[str], seconds: float) -> dict[str, float]:
    """Read every camera for a while, in this process; CPU per camera and second, and the key frames that came."""
    over = threading.Event()
    keys = [0] * len(urls)

    def read(number: int, url: str) -> None:
        spec = FeedSpec.model_validate({"id": f"CAM-{number}", "url": url, "reader": reader})
        source = source_of(spec)
        try:
            source.open()
            for _ in source.candidates(lambda: None):
                keys[number] += 1
                if over.is_set():
                    return
        finally:
            source.close()

    threads = [threading.Thread(target=read, args=each) for each in enumerate(urls)]
    for thread in threads:
        thread.start()
    time.sleep(SETTLE_S)
    began, cpu = time.monotonic(), time.process_time()
    time.sleep(seconds)
    spent_s, wall_s = time.process_time() - cpu, time.monotonic() - began
    over.set()
    for thread in threads:
        thread.join()
    return {"cpu_ms_per_camera_s": 1000 * spent_s / wall_s / len(urls), "key_frames": sum(keys)}


if __name__ == "__main__":
    typer.run(main)
