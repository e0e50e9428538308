"""One street with everything in it; knows where things may stand."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models.scenes import GENERATOR, ebikes, ground
from models.scenes.cameras import CameraChoice, CameraPose, View, hang
from models.scenes.clutter import clutter
from models.scenes.colours import Rng
from models.scenes.deliveries import VAN_Y_M
from models.scenes.effort import Effort
from models.scenes.furniture import lamp_post, planter, street_bin, terrace, tree, wheelie_bin
from models.scenes.garbage import garbage
from models.scenes.labels import CATEGORIES, Group
from models.scenes.lights import put_light
from models.scenes.lookalikes import LOOKALIKES
from models.scenes.materials import make_materials
from models.scenes.meshes import Mesh
from models.scenes.people import person
from models.scenes.placement import FRONT_M, KERB_M, Placement, moved
from models.scenes.plans import DARK, SODDEN
from models.scenes.rendering import fresh_scene, put_camera, set_up_render, view_of
from models.scenes.stalls import stall
from models.scenes.street import street
from models.scenes.vehicles import car, ebike, tricycle

Spot = tuple[float, float]
"""x and y in metres."""

MAKERS: dict[str, Callable[[Placement, Rng, int], tuple[str, list[Any]]]] = {
    "street_stall": stall,
    "exposed_garbage": garbage,
    "roadside_clutter": clutter,
}
RADIUS_M = {
    "street_stall": 1.5,
    "exposed_garbage": 1.0,
    "roadside_clutter": 1.25,
    "terrace": 1.9,
    "tricycle": 1.3,
    "bins": 0.7,
    "street_bin": 0.6,
    "ebikes": 1.3,
    "person": 0.4,
    "umbrella": 0.6,
    "planter": 0.7,
}
_NEAREST_M, _FARTHEST_M = 3.0, 26.0
_TRIES = 80


class World:
    """A street under construction, drawn from one random stream in a fixed order. Close it when done."""

    def __init__(self, seed: int, light: str, choice: CameraChoice, effort: Effort, generator: int = GENERATOR) -> None:
        fresh_scene()
        self.rng = np.random.default_rng(seed)
        self.light = light
        self.generator = generator
        self.folder: Path = set_up_render(effort)
        make_materials(self.rng, light in SODDEN)
        self.pose: CameraPose = hang(self.rng, choice)
        self.view: View = view_of(put_camera(self.pose), effort.size)
        street(self.rng, light in DARK)
        self.groups: list[Group] = []
        self.taken: list[tuple[float, float, float]] = []
        """x, y and radius of every place that is used."""
        self.spacing_m = 0.0
        """Kept free between any two things beyond their own room."""
        self._watched: list[tuple[float, float, float]] = []
        self._parked: list[tuple[float, float]] = []
        self._vans: list[float] = []
        """x of every place where goods are unloaded."""

    @property
    def ahead(self) -> float:
        """The way along x that the camera looks: 1 or -1."""
        return 1.0 if self.pose.position[0] < 0 else -1.0

    def close(self) -> None:
        """Remove the pictures on disk."""
        shutil.rmtree(self.folder)

    def blocks(self, x: float, y: float, radius_m: float) -> bool:
        """True when something at (x, y) would stand between the camera and a wanted group."""
        camera = np.array(self.pose.position[:2])
        for target_x, target_y, target_radius in self._watched:
            way = np.array([target_x, target_y]) - camera
            q = np.dot(np.array((x, y)) - camera, way) / np.dot(way, way)
            beside = np.linalg.norm(camera + q * way - np.array((x, y)))
            if 0 < q < 1.0 and beside < radius_m + target_radius * 0.6 * q:
                return True
        return False

    def is_near_camera(self, x: float, y: float, radius_m: float) -> bool:
        """True when (x, y) is too close to the mast to stand there."""
        return math.hypot(x - self.pose.position[0], y - self.pose.position[1]) < radius_m

    def kerb_line(self) -> None:
        """Trees and lamp posts in turn on both kerbs, then sky and lamps."""
        mesh, offset = Mesh(), self.rng.uniform(-3, 3)
        lamps: list[tuple[float, float, int]] = []
        for i, x in enumerate(np.arange(-24, 25, 6.0) + offset):
            for y, side in ((0.65, 1), (-7.7, -1)):
                is_free = not self.is_near_camera(x, y, 4.5)
                is_free = is_free and not any(math.hypot(x - a, y - b) < c + 0.3 for a, b, c in self.taken)
                if i % 3 == 1:
                    lamps.append((x, y, side))
                    if is_free:
                        lamp_post(mesh, moved(x, y, KERB_M, 0 if side > 0 else math.pi))
                elif self.rng.random() < 0.6 and is_free and not self.blocks(x, y, 1.6):
                    tree(mesh, moved(x, y, KERB_M, self.rng.uniform(0, 6)), self.rng, self.rng.uniform(4.5, 6.5))
                if y > 0:
                    self.taken.append((x, y, 0.5))
        mesh.into_scene("kerbline")
        put_light(self.rng, self.light, lamps, self.ahead)

    def spot(self, name: str, is_centred: bool = False) -> Spot | None:
        """A free place on the pavement that the camera sees; None when there is none."""
        rng, radius = self.rng, RADIUS_M[name]
        along = 1 if self.pose.position[0] < 0 else -1
        for _ in range(_TRIES):
            x = rng.uniform(-2.5, 2.5) if is_centred else rng.uniform(-9, 11) * along
            y = rng.uniform(radius + 0.15, FRONT_M - min(radius, 1.0) - 0.1) if radius < 1.9 else 3.3
            if not self.sees(x, y):
                continue
            if name not in CATEGORIES and self.blocks(x, y, radius * 0.8) and rng.random() < 0.8:
                continue
            if all(math.hypot(x - a, y - b) > radius + c + self.spacing_m for a, b, c in self.taken):
                self.taken.append((x, y, radius))
                return x, y
        return None

    def sees(self, x: float, y: float) -> bool:
        """True when a thing on the pavement at (x, y) falls well into the picture."""
        pixels, depth = self.view.project([(x, y, KERB_M + 0.5)])
        width, height = self.view.size
        is_inside = 0.04 < pixels[0, 0] / width < 0.96 and 0.06 < pixels[0, 1] / height < 0.95
        return bool(_NEAREST_M <= depth[0] <= _FARTHEST_M and is_inside)

    def add_violation(self, category: str, at: Spot | None = None, is_centred: bool = True) -> Group | None:
        """A violation at a place, or at a free one; None when there is none."""
        at = at or self.spot(category, is_centred) or self.spot(category)
        if at is None:
            return None
        self._watched.append((*at, RADIUS_M[category]))
        turn = self.rng.normal(0, 0.12)
        turn += math.pi if self.rng.random() < 0.25 and category == "street_stall" else 0
        number = len(self.groups) + 1
        variant, objects = MAKERS[category](moved(*at, KERB_M, turn), self.rng, number)
        self.groups.append(Group(number, category, category, variant, objects))
        return self.groups[-1]

    def add_negative(self, name: str) -> Group | None:
        """Something that is allowed and looks like a violation; None when there is no place for it."""
        rng, at = self.rng, self.spot(name)
        if at is None:
            return None
        mesh, place = Mesh(), moved(*at, KERB_M, rng.normal(0, 0.15))
        if name == "bins":
            for i in range(rng.integers(1, 4)):
                wheelie_bin(mesh, place @ moved((i - 1) * 0.62, 0, 0, rng.normal(0, 0.08)), rng)
        elif name == "street_bin":
            street_bin(mesh, place, rng)
        elif name == "tricycle":
            tricycle(mesh, place @ moved(rz=rng.uniform(-0.3, 0.3) + (math.pi if rng.random() < 0.5 else 0)), rng)
        elif name == "terrace":
            terrace(mesh, place, rng)
        elif name == "ebikes":
            for i in range(rng.integers(1, 5)):
                make = ebike if self.generator == 1 else ebikes.ebike
                make(mesh, place @ moved((i - 1.5) * 0.62, 0, 0, math.pi / 2 + rng.normal(0.3, 0.1)), rng)
        elif name == "planter":
            (planter if self.generator == 1 else ground.planter)(mesh, place, rng)
        else:
            person(mesh, place @ moved(rz=rng.uniform(0, 6.3)), rng, is_sheltered=name == "umbrella")
        return self.put(name, mesh)

    def put(self, name: str, mesh: Mesh) -> Group:
        """The mesh as a group without a label."""
        number = len(self.groups) + 1
        self.groups.append(Group(number, None, name, "", [mesh.into_scene(name, number)]))
        return self.groups[-1]

    def park_cars(self, count: int) -> None:
        """Up to ``count`` cars along both kerbs, few of them before a wanted group."""
        rng = self.rng
        for x in rng.permutation(np.arange(-16, 17, 5.6))[:count]:
            y = float(rng.choice([-1.15, -1.2, -5.7]))
            if y > -3 and any(abs(x - van) < 5.5 for van in self._vans):
                continue
            if self.is_near_camera(x, y, 5) or (self.blocks(x, y, 1.6) and rng.random() < 0.85):
                continue
            number = len(self.groups) + 1
            at = x + rng.normal(0, 0.4)
            turn = rng.normal(0, 0.02) + (math.pi if rng.random() < 0.5 else 0)
            parked = car("car", moved(at, y, 0, turn), rng, number)
            self.groups.append(Group(number, None, "car", "", parked))
            self._parked.append((x, y))

    def add_lookalike(self, name: str) -> Group | None:
        """One of the look-alikes of generator 2; None when there is no place for it."""
        kind, rng = LOOKALIKES[name], self.rng
        for _ in range(_TRIES):
            x, y = rng.uniform(-7, 8) * self.ahead, rng.uniform(*kind.y_m)
            is_van_near = name == "unloading" and (
                self.is_near_camera(x, 0, 6)
                or self.blocks(x, VAN_Y_M, 2.4)
                or any(abs(x - a) < 4.8 and b > -3 for a, b in self._parked)
            )
            if is_van_near or not self.sees(x, y) or self.is_near_camera(x, y, 4):
                continue
            if not kind.is_flat and self.blocks(x, y, kind.radius_m * 0.8):
                continue
            room = kind.radius_m + self.spacing_m
            if kind.is_flat:
                room *= 0.5
            if all(math.hypot(x - a, y - b) > room + c for a, b, c in self.taken):
                self.taken.append((x, y, kind.radius_m))
                if name == "unloading":
                    self._vans.append(x)
                mesh = Mesh()
                kind.make(mesh, moved(x, y, KERB_M, rng.normal(0, 0.03)), rng)
                return self.put(name, mesh)
        return None

    def shade(self) -> None:
        """Cloth overhead, which the camera does not see: only its shadow falls on the street."""
        mesh = Mesh()
        ground.cloth_overhead(mesh, moved(self.rng.uniform(-4, 4), self.rng.uniform(1, 3), KERB_M), self.rng)
        mesh.into_scene("cloth_overhead").visible_camera = False
