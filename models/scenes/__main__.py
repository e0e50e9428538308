"""``python -m models.scenes``: render stills and time lapses. Lives in Blender's own environment."""

import argparse
import importlib.util
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from models.scenes import GENERATOR
from models.scenes.effort import Effort
from models.scenes.lapse_folder import generator_of
from models.scenes.lapse_plans import lapse_name, plan_lapse
from models.scenes.lookalikes import LOOKALIKES
from models.scenes.plans import KINDS, LIGHT_SHARES, LIGHTS, Heights, plan_still, seeds
from models.scenes.progress import Progress

_INTERRUPTED = 130
"""Exit status of a run that was stopped by its user."""


class StopRequest:
    """Ctrl-C and SIGTERM end the run after the picture at hand; a second one ends it at once."""

    def __init__(self) -> None:
        self.is_set = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.is_set = True
        # On standard error: standard output is Blender's, and led nowhere, while it renders.
        sys.stderr.write("stopping after this picture; the same command goes on where this one ends\n")
        signal.signal(number, signal.SIG_DFL)


def say(line: str) -> None:
    """One line to the person who waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def parse_size(text: str) -> tuple[int, int]:
    """``WxH`` in pixels; both even, as H.264 wants them."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; mend: WIDTHxHEIGHT, such as 640x360")
    size = int(width), int(height)
    if min(size) < 64 or max(size) > 4096 or size[0] % 2 or size[1] % 2:
        raise argparse.ArgumentTypeError(f"{text!r}: both sides must be even and 64..4096 px")
    return size


def parse_range(text: str) -> tuple[float, float]:
    """``LOW-HIGH`` in metres."""
    low, _, high = text.partition("-")
    try:
        return float(low), float(high)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no range; mend: LOW-HIGH in metres, such as 3.2-8") from None


def build_parser() -> argparse.ArgumentParser:
    """The two commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m models.scenes", description="Render labelled street scenes. The same seed gives the same scene."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    stills = commands.add_parser("stills", help="single pictures with boxes")
    stills.add_argument("--first-seed", type=int, required=True, help="seed of the first picture")
    stills.add_argument("--kind", choices=KINDS, help="what the scenes hold (default: drawn from the seed)")
    stills.add_argument("--camera-heights", type=parse_range, default=(3.2, 8.0), metavar="LOW-HIGH", help="metres")
    stills.add_argument("--exclude-heights", type=parse_range, metavar="LOW-HIGH", help="heights kept for testing")
    stills.add_argument(
        "--lookalike",
        action="append",
        choices=tuple(LOOKALIKES),
        default=[],
        help="something allowed that must be in the scene, if there is any place for it; may be given again",
    )
    add_shared(stills)
    lapse = commands.add_parser("lapse", help="time lapses of a fixed camera, with a truth timeline")
    lapse.add_argument("--first-seed", type=int, required=True, help="seed of the first lapse")
    lapse.add_argument("--frames", type=int, default=36, help="pictures of each (default 36)")
    lapse.add_argument("--step-s", type=int, default=60, help="city seconds from one to the next (default 60)")
    lapse.add_argument("--camera-heights", type=parse_range, default=(3.2, 8.0), metavar="LOW-HIGH", help="metres")
    lapse.add_argument("--exclude-heights", type=parse_range, metavar="LOW-HIGH", help="heights that are not used")
    add_shared(lapse)
    return parser


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Options of both commands."""
    parser.add_argument("--count", type=int, default=1, help="how many (default 1)")
    parser.add_argument("--step", type=int, default=1, help="from one seed to the next, so that processes can share")
    parser.add_argument("--out", type=Path, required=True, help="folder; what is complete there is skipped")
    parser.add_argument("--size", type=parse_size, default=(640, 360), metavar="WxH", help="pixels (default 640x360)")
    parser.add_argument("--samples", type=int, default=2, help="light paths for each pixel (default 2)")
    parser.add_argument("--threads", type=int, default=1, help="processor threads (default 1)")
    parser.add_argument(
        "--generator",
        type=int,
        choices=sorted(LIGHT_SHARES),
        default=GENERATOR,
        help="of the scenes (default 2)",
    )
    parser.add_argument("--light", choices=LIGHTS, help="(default: drawn from the seed)")


def render_stills(options: argparse.Namespace, stop: StopRequest) -> int:
    """Every still that is not complete yet."""
    from models.scenes.stills import make_still

    heights = Heights(options.camera_heights[0], options.camera_heights[1], options.exclude_heights)
    effort = Effort(options.size, options.samples, options.threads)
    progress = Progress(options.count)
    for seed in seeds(options.first_seed, options.count, options.step):
        plan = plan_still(seed, heights, options.kind, options.light, options.generator, options.lookalike)
        if (options.out / plan.name).with_suffix(".json").exists():
            progress.skip()
            continue
        if stop.is_set:
            return _INTERRUPTED
        began = time.perf_counter()
        record = make_still(plan, effort, options.out)
        progress.finish(time.perf_counter() - began)
        labels = [group["variant"] for group in record["groups"] if group["keep"]]
        say(f"{progress.line(plan.name)}  {plan.kind} {plan.light} {labels}")
    say(f"{progress.done} rendered, {progress.skipped} were complete: {options.out}")
    return 0


def render_lapses(options: argparse.Namespace, stop: StopRequest) -> int:
    """Every lapse that is not complete yet; one that was broken off goes on at its next picture."""
    from models.scenes.lapses import make_lapse

    heights = Heights(options.camera_heights[0], options.camera_heights[1], options.exclude_heights)
    effort = Effort(options.size, options.samples, options.threads, keeps_scene=True)
    progress = Progress(options.count * options.frames)
    began = time.perf_counter()
    for seed in seeds(options.first_seed, options.count, options.step):
        generator = generator_of(options.out / lapse_name(seed), options.generator)
        plan = plan_lapse(seed, heights, options.frames, options.step_s, options.light, generator)
        if (options.out / plan.name / "truth.json").exists():
            for _ in range(plan.frames):
                progress.skip()
            continue

        def on_frame(number: int, is_new: bool, name: str = plan.name) -> bool:
            nonlocal began
            if is_new:
                progress.finish(time.perf_counter() - began)
                say(progress.line(f"{name} {number + 1}"))
            else:
                progress.skip()
            began = time.perf_counter()
            return not stop.is_set

        if stop.is_set or not make_lapse(plan, effort, options.out, on_frame):
            return _INTERRUPTED
        say(f"{plan.name} is complete: {plan.light}, {[h.name for h in plan.happenings]}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("bpy") is None:
        parser.error("Blender's Python module is missing; mend: an environment with the extra 'scenes', docs/scenes.md")
    try:
        work = render_lapses if options.command == "lapse" else render_stills
        return work(options, StopRequest())
    except ValueError as problem:
        parser.error(str(problem))


def end(status: int) -> NoReturn:
    """Leave quietly: Blender counts its own unfreed memory at exit and calls it an error on standard output."""
    sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


if __name__ == "__main__":
    end(main())
