"""Time lapses: one fixed camera, things that come and go, people and cars passing, and the truth of it."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
from mathutils import Matrix

from models.scenes.camera_look import Picture, camera_look, draw_look, expose, ffmpeg, tone
from models.scenes.effort import Effort
from models.scenes.labels import Group, label
from models.scenes.lapse_folder import keep_generator
from models.scenes.lapse_plans import Glimpse, Happening, LapsePlan, SeenThing, truth_record
from models.scenes.lookalikes import LOOKALIKES
from models.scenes.meshes import Mesh
from models.scenes.people import person
from models.scenes.placement import IDENTITY, KERB_M, Placement, moved
from models.scenes.plans import DARK
from models.scenes.rendering import render
from models.scenes.stills import replace
from models.scenes.vehicles import car
from models.scenes.weather_look import draw_lens, through_air
from models.scenes.world import World

_LOOK_STREAM, _FRAME_STREAM, _STREET_LIFE_STREAM, _GLASS_STREAM = 5, 9, 31, 78
_SPACING_M = 0.5
"""Between things beyond their own room: no two violations nearer than 2.5 m."""
_SLOW = 0.7
"""Share of the last picture's exposure that a camera keeps."""
_SUN_PER_MINUTE_RAD = math.radians(0.25)
_MARKS_M = ((-6, 0.5), (6, 0.5), (-4, 4.2), (4, 4.2), (0, 2), (-3, -1), (3, -1), (0, 4.2), (-5, 2), (5, 2), (0, -2.5))
"""Points of the ground (x, y) that tie the picture to the street."""


@dataclass(slots=True)
class _Thing:
    """A happening with its objects in the scene."""

    group: Group
    happening: Happening
    at: tuple[float, float] | None
    objects: list[Any]
    glimpses: list[Glimpse] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Street:
    """A lapse's scene, ready to be rendered picture by picture."""

    world: World
    things: list[_Thing]
    walkers: list[Any]
    passing: list[list[Any]]
    """Each car's objects."""


def make_lapse(plan: LapsePlan, effort: Effort, out: Path, on_frame: Callable[[int, bool], bool]) -> bool:
    """Render a lapse into ``out / plan.name``: ``clip.mp4``, then ``truth.json``; its frames are kept for going on.

    Args:
        on_frame: told after each picture (its number, whether it was rendered now); False stops.

    Returns:
        True when the lapse is complete.
    """
    folder = out / plan.name
    frames = folder / "frames"
    frames.mkdir(parents=True, exist_ok=True)
    keep_generator(folder, plan.generator)
    world = World(plan.seed, plan.light, plan.camera, effort, plan.generator)
    try:
        street = _build(plan, world)
        gain: float | None = None
        for number in range(plan.frames):
            facts_path = frames / f"{number:03d}.json"
            is_new = not facts_path.exists()
            if is_new:
                gain = _render_frame(plan, street, number, gain, frames)
            facts = json.loads(facts_path.read_text(encoding="utf-8"))
            gain = float(facts["gain"])
            for thing, (visible, box) in zip(street.things, facts["glimpses"], strict=True):
                thing.glimpses.append(Glimpse(visible, None if box is None else (box[0], box[1], box[2], box[3])))
            if not on_frame(number, is_new) and number + 1 < plan.frames:
                return False
        _write_clip(frames, folder / "clip.mp4")
        truth = _truth(plan, street, effort)
        replace(folder / "truth.json", json.dumps(truth, indent=1).encode())
        return True
    finally:
        world.close()


def _build(plan: LapsePlan, world: World) -> _Street:
    things: list[_Thing] = []
    if plan.generator > 1:
        world.spacing_m = _SPACING_M
    for number, happening in enumerate(plan.happenings):
        if happening.name == "unloading" and plan.generator > 1:
            continue  # never stands before a violation
        before = {thing.name for thing in bpy.data.objects}
        group = world.add_violation(happening.category or "roadside_clutter", is_centred=number == 0)
        if group is None:
            continue
        group.category, group.name = happening.category, happening.name
        x, y, _ = world.taken[-1]
        things.append(_Thing(group, happening, (x, y), [o for o in bpy.data.objects if o.name not in before]))
    if plan.generator > 1:
        things += _deliveries(plan, world)
    world.kerb_line()
    for name in plan.bystanders:
        group = world.add_lookalike(name) if name in LOOKALIKES else world.add_negative(name)
        if group is not None:
            stays = Happening(None, name, 0, plan.frames - 1)
            things.append(_Thing(group, stays, None, list(group.objects)))
    world.park_cars(plan.parked)
    walkers = []
    for number in range(plan.walkers):
        mesh = Mesh()
        person(mesh, IDENTITY, world.rng, is_sheltered=number == 1)
        walkers.append(mesh.into_scene("walker"))
    passing = [car(f"passing{number}", IDENTITY, world.rng, 0) for number in range(2)]
    return _Street(world, things, walkers, passing)


def _deliveries(plan: LapsePlan, world: World) -> list[_Thing]:
    """Vans and tricycles that are unloaded, each for its while."""
    things = []
    for happening in plan.happenings:
        if happening.name == "unloading":
            group = world.add_lookalike("unloading")
            if group is not None:
                x, y, _ = world.taken[-1]
                things.append(_Thing(group, happening, (x, y), list(group.objects)))
    return things


def _render_frame(plan: LapsePlan, street: _Street, number: int, gain: float | None, frames: Path) -> float:
    """One picture and its facts; returns the camera's exposure gain for the next."""
    _put_everything(plan, street, number)
    world = street.world
    linear, index = render(world.folder)
    linear = linear * plan.brightness[number]
    label([thing.group for thing in street.things], index, world.view)
    wanted = expose(linear, plan.light in DARK)
    gain = wanted if gain is None else _SLOW * gain + (1 - _SLOW) * wanted
    look = draw_look(np.random.default_rng(plan.seed + _LOOK_STREAM), plan.light)
    rng = np.random.default_rng([plan.seed, _FRAME_STREAM, number])
    stamp = plan.clock(number), f"CAM-{plan.seed % 100:02d}"
    display = tone(linear, gain, look)
    if plan.generator > 1:
        lens = draw_lens(np.random.default_rng([plan.seed, _GLASS_STREAM]), plan.light, world.view.size)
        air = np.random.default_rng([plan.seed, _GLASS_STREAM, number])
        display = through_air(display, lens, plan.light, air)
    picture = camera_look(display, look, rng, stamp, is_coded=False)
    replace(frames / f"{number:03d}.png", _png(picture))
    glimpses = [(thing.group.visible, thing.group.box) for thing in street.things]
    replace(frames / f"{number:03d}.json", json.dumps({"gain": gain, "glimpses": glimpses}).encode())
    return gain


def _put_everything(plan: LapsePlan, street: _Street, number: int) -> None:
    """Show what is there at this moment, move who passes, turn the sun."""
    for thing in street.things:
        thing.group.hidden = not thing.happening.is_there(number)
        for part in thing.objects:
            part.hide_render = thing.group.hidden
    life = np.random.default_rng([plan.seed, _STREET_LIFE_STREAM, number])
    for walker in street.walkers:
        walker.hide_render = bool(life.random() < 0.4)
        place = moved(life.uniform(-10, 10), life.uniform(0.5, 3.9), KERB_M, life.uniform(0, 2 * math.pi))
        walker.matrix_world = _matrix(place)
    for parts in street.passing:
        is_away = bool(life.random() < 0.6)
        place = moved(life.uniform(-12, 12), float(life.choice([-3.0, -4.9])), 0, float(life.choice([0.0, math.pi])))
        for part in parts:
            part.hide_render = is_away
            part.matrix_world = _matrix(place)
    for node in bpy.context.scene.world.node_tree.nodes:
        if node.type == "TEX_SKY":
            if number == 0 or "start" not in node:
                node["start"] = node.sun_rotation
            node.sun_rotation = node["start"] + _SUN_PER_MINUTE_RAD * number * plan.step_s / 60


def _truth(plan: LapsePlan, street: _Street, effort: Effort) -> dict[str, object]:
    pose, view = street.world.pose, street.world.view
    camera = {
        "height_m": round(pose.height_m, 3),
        "tilt_deg": round(pose.tilt_deg, 2),
        "yaw_deg": round(pose.yaw_deg, 2),
        "fov_deg": round(pose.fov_deg, 2),
    }
    pixels, depth = view.project([(x, y, KERB_M if y > 0 else 0.0) for x, y in _MARKS_M])
    width, height = effort.size
    marks: list[dict[str, object]] = [
        {"world_m": [x, y], "pixel": [round(float(u), 2), round(float(v), 2)]}
        for (x, y), (u, v), d in zip(_MARKS_M, pixels, depth, strict=True)
        if d > 1 and 0 <= u < width and 0 <= v < height
    ]
    things = [SeenThing(t.group.id, t.happening, t.group.variant, t.at, t.glimpses) for t in street.things]
    return truth_record(plan, effort.size, camera, marks, things)


def _write_clip(frames: Path, clip: Path) -> None:
    part = clip.with_name("part.mp4")
    coding = ["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-g", "1", "-bf", "0", "-pix_fmt", "yuv420p"]
    ffmpeg(["-y", "-framerate", "1", "-i", str(frames / "%03d.png"), *coding, "-movflags", "+faststart", str(part)])
    part.replace(clip)


def _png(picture: Picture) -> bytes:
    is_coded, png = cv2.imencode(".png", picture)
    if not is_coded:
        raise OSError("a picture cannot be written as PNG")
    return bytes(png.tobytes())


def _matrix(place: Placement) -> Any:
    return Matrix(place.tolist())
