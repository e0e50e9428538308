"""Goods on their way, which are no violation: unloaded beside a van or a tricycle, or under a tied cover."""

import math

import numpy as np

from models.scenes.clutter import carton
from models.scenes.colours import Rng, jitter, pick, rgb
from models.scenes.meshes import Mesh, ico
from models.scenes.people import person
from models.scenes.placement import KERB_M, Placement, moved
from models.scenes.vehicles import tricycle, wheel

_VANS = ("#e9e9e7", "#e9e9e7", "#d8d8d4", "#8d9195", "#3c5f8a", "#c8b23a")
_COVERS = ("#2f4f7a", "#31553c", "#4d5258", "#6f6a60", "#7a3a2c", "#27408f")
_BODY = ((-2.3, 0.3), (-2.3, 1.9), (1.0, 1.95), (1.35, 1.82), (1.9, 1.12), (2.25, 1.0), (2.32, 0.62), (2.25, 0.3))
_SIDE_WINDOW = ((0.75, 1.15), (0.75, 1.72), (1.28, 1.72), (1.72, 1.15))
VAN_Y_M = -1.25
"""Where a van stands at the kerb."""


def van(mesh: Mesh, place: Placement, rng: Rng, is_open: bool = True) -> None:
    """A delivery van, front towards +x; its rear doors stand open while it is unloaded."""
    colour, glass, black = pick(rng, _VANS), rgb("#0b0f12"), rgb("#161616")
    mesh.slab(_BODY, 0.86, "gloss", colour, place)
    mesh.slab([(1.37, 1.80), (1.92, 1.13), (1.95, 1.13), (1.41, 1.82)], 0.72, "glass", glass, place)
    for side in (-1, 1):
        mesh.slab(
            _SIDE_WINDOW,
            0.01,
            "glass",
            glass,
            place @ moved(0, side * 0.865),
        )
        mesh.box((2.28, side * 0.62, 0.82), (0.1, 0.34, 0.18), "gloss", rgb("#dfe5ea"), place)
        mesh.box((-2.31, side * 0.78, 0.95), (0.05, 0.12, 0.34), "gloss", rgb("#8c1010"), place)
        mesh.box((1.5, side * 0.98, 1.28), (0.1, 0.16, 0.2), "plastic", black, place)
        mesh.box((-0.75, side * 0.868, 1.1), (2.4, 0.012, 0.02), "plastic", black, place)
        for x in (-1.45, 1.45):
            wheel(mesh, (x, side * 0.78, 0.32), 0.32, 0.2, place)
    mesh.box((2.3, 0, 0.42), (0.12, 1.6, 0.2), "plastic", black, place)
    mesh.box((2.34, 0, 0.5), (0.03, 0.44, 0.13), "plastic", rgb("#1d4fa0"), place)
    if is_open:
        mesh.box((-2.302, 0, 1.12), (0.01, 1.56, 1.4), "plastic", rgb("#0c0c0d"), place)
        for side in (-1, 1):
            mesh.box((-2.65, side * 0.92, 1.12), (0.7, 0.04, 1.5), "gloss", colour, place, rz=side * 0.25)
        for _ in range(int(rng.integers(2, 6))):
            size = (rng.uniform(0.3, 0.5), rng.uniform(0.3, 0.5), rng.uniform(0.3, 0.5))
            carton(mesh, place @ moved(-2.18, rng.uniform(-0.5, 0.5), 0.45, math.pi / 2), rng, size)


def unloading(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A van or tricycle at the kerb, goods set down beside it, somebody carrying; the origin lies on the pavement."""
    if rng.random() < 0.65:
        turn = math.pi if rng.random() < 0.5 else 0.0
        back = -1.0 if turn == 0.0 else 1.0
        to_road = VAN_Y_M - float(place[1, 3])
        van(mesh, place @ moved(-back * 1.6, to_road, -KERB_M, turn + rng.normal(0, 0.02)), rng)
        goods = place @ moved(back * 1.2, -0.1)
    else:
        height = tricycle(mesh, place @ moved(-0.6, -0.1, 0, rng.normal(0, 0.1)), rng)
        for x in (-0.95, -0.5):
            size = (rng.uniform(0.32, 0.42), rng.uniform(0.5, 0.85), rng.uniform(0.25, 0.4))
            carton(mesh, place @ moved(x - 0.1, -0.1, height, rng.normal(0, 0.05)), rng, size)
        goods = place @ moved(-2.1, 0.1)
    for _ in range(int(rng.integers(2, 5))):
        at, height = (rng.normal(0, 0.3), rng.normal(0, 0.22)), 0.0
        for _ in range(int(rng.integers(1, 3))):
            size = (rng.uniform(0.3, 0.5), rng.uniform(0.28, 0.42), rng.uniform(0.22, 0.4))
            carton(mesh, goods @ moved(at[0], at[1], height, rng.normal(0, 0.2)), rng, size)
            height += size[2]
    worker = goods @ moved(rng.uniform(-0.7, 0.7), 0.75, 0, math.pi + rng.normal(0, 0.8))
    person(mesh, worker, rng)
    carton(mesh, worker @ moved(0, 0.36, 0.95), rng, (0.4, 0.3, 0.28))
    if rng.random() < 0.6:
        hand_truck(mesh, goods @ moved(0.75, 0.2, 0, rng.uniform(0, 2 * math.pi)), rng)


def hand_truck(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A sack truck with a carton or two on it."""
    steel = pick(rng, ["#2a5aa0", "#a02626", "#555555"])
    for side in (-1, 1):
        mesh.tube((0, side * 0.18, 0.1), (-0.35, side * 0.18, 1.15), 0.016, "metal", steel, n=6, place=place)
        wheel(mesh, (-0.06, side * 0.24, 0.11), 0.11, 0.05, place)
    for q in (0.2, 0.5, 0.8, 1.0):
        across = (-0.35 * q, 0.1 + 1.05 * q)
        mesh.tube((across[0], -0.18, across[1]), (across[0], 0.18, across[1]), 0.012, "metal", steel, n=5, place=place)
    mesh.box((0.16, 0, 0.05), (0.32, 0.4, 0.02), "metal", steel, place)
    for level in range(int(rng.integers(0, 3))):
        on_plate = place @ moved(0.2 - 0.09 * level, 0, 0.07 + 0.3 * level, math.pi / 2, ry=-0.1)
        carton(mesh, on_plate, rng, (0.42, 0.32, 0.28))


def covered_tricycle(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A parked cargo tricycle with its load under a tied cover."""
    height = tricycle(mesh, place, rng)
    points, faces = ico(4)
    hump = np.sign(points) * np.abs(points) ** 0.35
    hump = hump / np.abs(hump).max(0) * np.array((0.86, 0.55, rng.uniform(0.2, 0.4)))
    folds = 0.02 * np.sin(points[:, :1] * rng.uniform(7, 12)) * (1 - np.abs(points[:, 2:]))
    hump = hump * (1 + folds) + np.array((-0.2, 0, height + 0.2))
    hump[:, 2] = np.maximum(hump[:, 2], height - 0.08)
    cover = pick(rng, _COVERS)
    mesh.add(hump, faces, "cloth", jitter(rng, cover), True, place)
    rope, top = rgb("#b9a98a"), float(hump[:, 2].max())
    for x in (-0.65, -0.2, 0.25):
        for side in (-1, 1):
            mesh.tube((x, 0, top + 0.005), (x, side * 0.5, top - 0.06), 0.012, "cloth", rope, n=5, place=place)
            mesh.tube((x, side * 0.5, top - 0.06), (x, side * 0.56, 0.5), 0.012, "cloth", rope, n=5, place=place)
