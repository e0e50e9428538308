"""What lies on the ground and is no violation: leaves in drifts, puddles, the shadow of cloth; and what grows there."""

import math

import numpy as np

from models.scenes.colours import Rng, jitter, pick, rgb
from models.scenes.meshes import Faces, Mesh
from models.scenes.placement import Placement, moved

_FALLEN = ("#8a6a2c", "#6a4a20", "#a98a3a", "#4f5a2a", "#3c2f1c", "#b5742a")
_GREEN = ("#3d6b2a", "#4c7a30", "#2f5523", "#5d7d34", "#6f8a3c")
_BLOSSOM = ("#c2486a", "#d8c23a", "#e8e3d8", "#a03a8a", "#d9542a")


def leaf_drift(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Fallen leaves, thick in the middle: everyday, however many."""
    count, length, depth = int(rng.integers(250, 650)), rng.uniform(0.4, 0.9), rng.uniform(0.18, 0.4)
    palette = [_FALLEN[i] for i in rng.permutation(len(_FALLEN))[:3]]
    for _ in range(count):
        x, y = rng.normal(0, length * 0.5), rng.normal(0, depth * 0.5)
        size = rng.uniform(0.025, 0.06)
        z = 0.008 + max(0.0, rng.normal(0.01, 0.02))
        leaf = [(-size, 0, 0), (0, -size * 0.55, 0.012), (size, 0, 0.004), (0, size * 0.55, 0.015)]
        turn = moved(x, y, z, rng.uniform(0, 2 * math.pi), rng.normal(0, 0.3), rng.normal(0, 0.2))
        mesh.add(leaf, [(0, 1, 2, 3)], "leaf", jitter(rng, pick(rng, palette), 0.25), False, place @ turn)


def puddle(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Standing water after rain or cleaning: dark, mirroring, with bays."""
    length, depth = rng.uniform(0.5, 1.3), rng.uniform(0.3, 0.7)
    count = 40
    angle = np.arange(count) * 2 * math.pi / count
    reach = np.ones(count)
    for waves in (2, 3, 5, 7):
        reach += rng.normal(0, 0.22 / waves**0.5) * np.cos(waves * angle + rng.uniform(0, 2 * math.pi))
    reach = np.clip(reach, 0.35, 1.6)
    rim = np.c_[np.cos(angle) * reach * length, np.sin(angle) * reach * depth, np.full(count, 0.006)]
    points = np.vstack([np.array([(0.0, 0.0, 0.006)]), rim])
    faces: Faces = [(0, 1 + i, 1 + (i + 1) % count) for i in range(count)]
    mesh.add(points, faces, "water", rgb("#1b1a18"), False, place)


def cloth_overhead(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Washing and banners between the houses, out of the picture: their shadow is what is seen."""
    for _ in range(int(rng.integers(2, 6))):
        width, drop = rng.uniform(0.5, 1.6), rng.uniform(0.5, 1.1)
        x, y, z, turn = rng.uniform(-1.5, 1.5), rng.uniform(-1.0, 1.0), rng.uniform(2.8, 3.6), rng.uniform(-0.6, 0.6)
        wave = rng.uniform(0.05, 0.2)
        grid = [(u * width, wave * math.sin(4 * u), -v * drop) for u in (-0.5, -0.17, 0.17, 0.5) for v in (0, 1)]
        faces: Faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(3)]
        mesh.add(grid, faces, "cloth", rgb("#8b8478"), False, place @ moved(x, y, z, turn))


def planter(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A trough of leafy plants: blades that fan out and bend, some in blossom."""
    length, height = rng.uniform(0.9, 1.4), rng.uniform(0.36, 0.5)
    material, colour = ("concrete", "#8d8a85") if rng.random() < 0.6 else ("wood", "#6f4f33")
    shell = jitter(rng, rgb(colour))
    mesh.box((0, 0, height / 2), (length, 0.42, height), material, shell, place, top=1.06)
    mesh.box((0, 0, height), (length * 1.1, 0.5, 0.05), material, jitter(rng, shell, 0.2), place)
    mesh.box((0, 0, height + 0.02), (length * 1.02, 0.42, 0.03), "sand", rgb("#3c2f22"), place)
    blossom = _BLOSSOM[int(rng.integers(len(_BLOSSOM)))] if rng.random() < 0.5 else None
    for at in np.linspace(-length * 0.43, length * 0.43, int(rng.integers(6, 10))):
        root = place @ moved(at + rng.normal(0, 0.03), rng.normal(0, 0.06), height + 0.02)
        shrub(mesh, root, rng, rng.uniform(0.25, 0.55), blossom)


def shrub(mesh: Mesh, root: Placement, rng: Rng, height: float, blossom: str | None) -> None:
    """Blades from one root, the outer ones bent over."""
    green = pick(rng, _GREEN)
    for _ in range(int(rng.integers(16, 28))):
        lean, width = rng.uniform(0.1, 1.1), rng.uniform(0.02, 0.05)
        reach = height * rng.uniform(0.6, 1.1)
        middle = (reach * 0.5 * math.sin(lean), reach * 0.62 * math.cos(lean * 0.7))
        tip = (reach * math.sin(lean * 1.25), reach * math.cos(lean))
        blade = [
            (0, -width * 0.3, 0), (0, width * 0.3, 0),
            (middle[0], -width, middle[1]), (middle[0], width, middle[1]),
            (tip[0], 0, tip[1]),
        ]  # fmt: skip
        turn = root @ moved(rz=rng.uniform(0, 2 * math.pi))
        mesh.add(blade, [(0, 1, 3, 2), (2, 3, 4)], "leaf", jitter(rng, green, 0.3), False, turn)
    if blossom is not None:
        for _ in range(int(rng.integers(2, 7))):
            spot = (rng.normal(0, height * 0.25), rng.normal(0, height * 0.2), height * rng.uniform(0.7, 1.0))
            mesh.ball(spot, rng.uniform(0.02, 0.045), "leaf", jitter(rng, rgb(blossom), 0.2), 2, root)
