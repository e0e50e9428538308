"""Labelled stills: one seed, one picture, its boxes."""

import json
import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models.scenes.camera_look import Picture, camera_look, draw_look, expose, stamp_text, tone
from models.scenes.effort import Effort
from models.scenes.labels import CATEGORIES, label, yolo_lines
from models.scenes.lookalikes import LOOKALIKES
from models.scenes.plans import DARK, StillPlan
from models.scenes.rendering import render
from models.scenes.weather_look import draw_lens, through_air
from models.scenes.world import World

_LOOK_STREAM, _GLASS_STREAM = 77, 78
"""The camera's look has random streams of its own."""
_BYSTANDERS = ("bins", "street_bin", "tricycle", "terrace", "ebikes", "ebikes", "planter")


def make_still(plan: StillPlan, effort: Effort, out: Path) -> dict[str, Any]:
    """Render one still into ``out``: NAME.png, NAME.txt (YOLO lines) and, last, NAME.json; returns the latter."""
    started = time.perf_counter()
    world = World(plan.seed, plan.light, plan.camera, effort, plan.generator)
    try:
        fill(world, plan.kind, plan.lookalikes)
        built = time.perf_counter()
        linear, index = render(world.folder)
    finally:
        world.close()
    rendered = time.perf_counter()
    label(world.groups, index, world.view)
    rng = np.random.default_rng(plan.seed + _LOOK_STREAM)
    look = draw_look(rng, plan.light)
    display = tone(linear, expose(linear, plan.light in DARK), look)
    if plan.generator > 1:
        glass = np.random.default_rng([plan.seed, _GLASS_STREAM])
        display = through_air(display, draw_lens(glass, plan.light, effort.size), plan.light, glass)
    picture = camera_look(display, look, rng, stamp_text(rng, plan.light, plan.seed))
    record = {
        "name": plan.name,
        "generator": plan.generator,
        "seed": plan.seed,
        "kind": plan.kind,
        "weather": plan.light,
        "camera": [plan.camera.height_m, plan.camera.tilt_deg, plan.camera.yaw_deg, plan.camera.fov_deg],
        "samples": effort.samples,
        "size": list(effort.size),
        "seconds": {
            "build": round(built - started, 2),
            "render": round(rendered - built, 2),
            "label_and_look": round(time.perf_counter() - rendered, 2),
        },
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "groups": [group.record() for group in world.groups],
    }
    save(out / plan.name, picture, yolo_lines(world.groups, effort.size), record)
    return record


def fill(world: World, kind: str, lookalikes: Sequence[str] = ()) -> None:
    """Violations of the kind, the look-alikes asked for, the kerb line with its light, what stands in any street."""
    rng = world.rng
    for i, category in enumerate(wanted(rng, kind)):
        world.add_violation(category, is_centred=i == 0)
    for name in lookalikes:
        world.add_lookalike(name)
    world.kerb_line()
    bystanders = [str(name) for name in rng.permutation(_BYSTANDERS)][: int(rng.integers(2, 5))]
    bystanders += ["person"] * int(rng.integers(1, 5))
    bystanders += ["umbrella"] if rng.random() < 0.4 else []
    for name in bystanders:
        world.add_negative(name)
    world.park_cars(int(rng.integers(2, 6)))
    if world.generator > 1:
        add_lookalikes(world)


def add_lookalikes(world: World) -> None:
    """What generator 2 adds, at the end of the stream: none to three look-alikes, and shadows in the sun."""
    rng = world.rng
    names = [str(name) for name in rng.permutation(list(LOOKALIKES))][: int(rng.integers(0, 4))]
    for name in names:
        world.add_lookalike(name)
    if world.light in ("day", "lowsun", "backlight") and rng.random() < 0.3:
        world.shade()


def wanted(rng: np.random.Generator, kind: str) -> list[str]:
    """The violations that a kind of scene holds."""
    if kind in ("negative", "mixed"):  # the same draws for both
        some = [str(category) for category in rng.permutation(CATEGORIES)][: int(rng.integers(2, 4))]
        return some if kind == "mixed" else []
    return [kind] * int(rng.choice([1, 2, 3]))


def save(stem: Path, picture: Picture, lines: list[str], record: dict[str, Any]) -> None:
    """Write all three files; the record last, so that where it lies the still is complete."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    is_coded, png = cv2.imencode(".png", picture)
    if not is_coded:
        raise OSError(f"{stem}: the picture cannot be written as PNG")
    replace(stem.with_suffix(".png"), png.tobytes())
    replace(stem.with_suffix(".txt"), "\n".join(lines).encode())
    replace(stem.with_suffix(".json"), json.dumps(record, indent=1).encode())


def replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)
