"""How many cameras a machine carries: the whole patrol, a user's loop and the two limits, in one run.

The largest number of cameras whose every interval is kept is found by trials (``benchmarks.pipeline_trial``), each of
the full length, in real time. Beside it, over the same clips and in the same run: key-frame decoding alone, the bare
network alone, and the loop that one would write with OpenCV and Ultralytics (``benchmarks.user_loop``).
"""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.decode_limit import DecodeLimits, decode_limits
from benchmarks.detect_rate import rate_of_many, repeat
from benchmarks.machine import machine_facts
from core.errors import PatrolError
from detector.load import open_network
from detector.runtimes import Precision
from models.manifest import ModelPackage

Say = Callable[[str], None]

INTERVAL_SLACK = 1.2
"""An interval is kept when its 99th percentile, of the worst camera, is at most this share of what was promised."""
LOOKS_SHARE = 0.97
"""Of the looks that were promised, those that must have been taken."""
PROBE_SECONDS = 15.0
MOST_TRIALS = 9
STEP = 0.07
"""From one number of cameras to the next, as a share."""
RAW_PICTURES = 200


class BenchmarkFailed(PatrolError):
    """A part of a benchmark could not be run."""


@dataclass(frozen=True, slots=True)
class PipelineQuestion:
    """What is asked of this machine."""

    clips: tuple[Path, ...]
    interval_s: float
    seconds: float
    cameras: int | None
    """None: the most that hold."""
    backend: Literal["auto", "onnxruntime", "openvino"]
    precision: Precision
    against: Path | None
    """Ultralytics weights for the user's loop; None leaves it out."""
    against_python: str = sys.executable
    """The interpreter that has the train extra."""
    over: Literal["files", "rtsp"] = "files"
    """How the clips reach the patrol: from their files, or from a real RTSP server on the same cores."""


def measure(question: PipelineQuestion, package: ModelPackage, cores: int, say: Say) -> dict[str, Any]:
    """Everything in one run, as plain values for JSON."""
    say("decoding alone …")
    limits = decode_limits(question.clips, cores)
    decode_limit = cameras_at_decode_limit(limits, question.interval_s)
    say(f"  {decode_limit:.1f} cameras a core at one look each {question.interval_s:g} s")
    say("the bare network …")
    looks_per_s = raw_looks_per_s(package, question, cores)
    say(f"  {looks_per_s:.1f} looks/s on {cores} cores")
    baseline = None
    if question.against is not None:
        say("OpenCV + Ultralytics …")
        baseline = user_loop(question)
        say(f"  {baseline['cameras_per_core']} cameras a core")
    with shown(question) as live:
        best, trials = largest(question, live, cores, say)
    result = {
        "cameras_per_core": round(best["cameras"] / cores, 2),
        "decode_limit_cameras_per_core": round(decode_limit, 2),
        "ratio_to_decode_limit": round(best["cameras"] / cores / decode_limit, 3),
        "runtime_limit_cameras_per_core": round(looks_per_s / cores * question.interval_s, 2),
        "baseline_cameras_per_core": None if baseline is None else baseline["cameras_per_core"],
        "ratio_to_baseline": None
        if baseline is None
        else round(best["cameras"] / cores / baseline["cameras_per_core"], 2),
        "cameras": best["cameras"],
        "interval_s": question.interval_s,
        "interval_p99_s": best["interval_p99_s"],
        "cpu_s_per_camera_minute": best["cpu_s_per_camera_minute"],
        "memory_mb_per_camera": best["memory_mb_per_camera"],
        "frame_age_p50_s": best["frame_age_p50_s"],
        "frame_age_p99_s": best["frame_age_p99_s"],
        "gate_share": best.get("gate_share"),
        "backend": question.backend,
        "precision": question.precision,
        "over": question.over,
        "clips": [clip.name for clip in question.clips],
        "model": {
            "name": package.manifest.name,
            "version": package.manifest.version,
            "sha256": package.manifest.sha256,
        },
        "machine": machine_facts(),
        "decode": {
            "key_frame_cpu_s_per_video_s": round(limits.key_frames.cpu_per_video_s, 5),
            "demux_cpu_s_per_video_s": round(limits.demux.cpu_per_video_s, 5),
            "everything_cpu_s_per_video_s": round(limits.everything.cpu_per_video_s, 5),
            "key_frames_per_video_s": round(limits.key_frames.pictures_per_video_s, 3),
        },
        "baseline": baseline,
        "trials": trials,
    }
    return result


def cameras_at_decode_limit(limits: DecodeLimits, interval_s: float) -> float:
    """Cameras whose due key frames one core decodes and whose other packets it demultiplexes, doing nothing else."""
    due_share = min(1.0, 1 / (interval_s * limits.key_frames.pictures_per_video_s))
    decoding = limits.key_frames.cpu_per_video_s - limits.demux.cpu_per_video_s
    return 1 / (limits.demux.cpu_per_video_s + decoding * due_share)


def raw_looks_per_s(package: ModelPackage, question: PipelineQuestion, cores: int) -> float:
    """The bare network on a fixed tensor: one single-thread network a core."""
    networks = [open_network(package, question.backend, 1, question.precision) for _ in range(cores)]
    tensor = np.zeros((1, 3, *package.manifest.input_size), dtype=np.float32)
    for network in networks:
        repeat(network, tensor, 5)
    return rate_of_many(networks, tensor, RAW_PICTURES)


def user_loop(question: PipelineQuestion) -> dict[str, Any]:
    """The baseline, in a process of its own.

    Raises:
        BenchmarkFailed: that interpreter lacks Ultralytics, or the loop failed.
    """
    assert question.against is not None
    return spoken(
        [
            question.against_python,
            "-m",
            "benchmarks.user_loop",
            str(question.against),
            *map(str, question.clips),
            "--interval",
            str(question.interval_s),
        ],
        "mend: name an interpreter with the train extra by --against-python",
    )


@contextmanager
def shown(question: PipelineQuestion) -> Iterator[tuple[str, ...]]:
    """The clips' addresses on a server that runs meanwhile; none where they are played from files.

    Raises:
        BenchmarkFailed: the server belongs to the tests, which a package does not hold.
    """
    if question.over == "files":
        yield ()
        return
    try:
        support = importlib.import_module("tests.support.rtsp_server")
    except ImportError as error:
        raise BenchmarkFailed("the RTSP server comes with the source; mend: run it in a checkout") from error
    mounts = {f"street{number}": clip for number, clip in enumerate(question.clips)}
    with support.RtspServer(mounts) as server:
        yield tuple(server.url(name) for name in mounts)


def largest(
    question: PipelineQuestion, live: Sequence[str], cores: int, say: Say
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The trial with the most cameras that held, and all trials.

    Raises:
        BenchmarkFailed: no number that was tried is carried.
    """
    trials: list[dict[str, Any]] = []

    def held(cameras: int) -> bool:
        one = trial(question, live, cameras, question.seconds)
        trials.append(one)
        say(told(one, question.interval_s))
        return holds(one, question.interval_s)

    if question.cameras is not None:
        held(question.cameras)
        return trials[0], trials
    probe = trial(question, live, 4 * cores, PROBE_SECONDS)
    most = most_that_hold(held, max(1, int(0.85 * cores * 60 / probe["cpu_s_per_camera_minute"])))
    if most is None:
        raise BenchmarkFailed("no number of cameras that was tried is carried; mend: a longer --interval")
    return next(one for one in trials if one["cameras"] == most), trials


def most_that_hold(held: Callable[[int], bool], first: int) -> int | None:
    """Step up from ``first`` while it holds, or down until it does; None when nothing tried holds."""
    best: int | None = None
    failed: set[int] = set()
    cameras = first
    for _ in range(MOST_TRIALS):
        step = max(1, round(STEP * cameras))
        if held(cameras):
            best, cameras = cameras, cameras + step
        else:
            failed.add(cameras)
            cameras -= step
        if cameras < 1 or cameras in failed or (best is not None and cameras <= best):
            break
        if best is not None and failed and cameras >= min(failed):
            break
    return best


def holds(one: dict[str, Any], interval_s: float) -> bool:
    """Whether every camera's interval was kept in this trial."""
    p99_s = one["interval_p99_s"]
    return (
        p99_s is not None and p99_s <= INTERVAL_SLACK * interval_s and one["looks"] >= LOOKS_SHARE * one["looks_wanted"]
    )


def told(one: dict[str, Any], interval_s: float) -> str:
    verdict = "held" if holds(one, interval_s) else "NOT held"
    return (
        f"  {one['cameras']} cameras: {verdict}, interval p99 {one['interval_p99_s']} s, "
        f"age p99 {one['frame_age_p99_s']} s, {one['looks']} of {one['looks_wanted']} looks, CPU {one['cpu_s']} s"
    )


def trial(question: PipelineQuestion, live: Sequence[str], cameras: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.pipeline_trial", *map(str, question.clips)]
    command += ["--cameras", str(cameras), "--interval", str(question.interval_s), "--seconds", str(seconds)]
    command += ["--backend", question.backend, "--precision", question.precision]
    command += [part for address in live for part in ("--live", address)]
    return spoken(command, "mend: see its words above")


def spoken(command: Sequence[str], mend: str) -> dict[str, Any]:
    """The JSON object that a process prints as its last line."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        words = ended.stderr.strip().splitlines()[-1:] or [f"exit status {ended.returncode}"]
        raise BenchmarkFailed(f"{' '.join(command[1:3])}: {words[0]}; {mend}")
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found
