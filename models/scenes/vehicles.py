"""Cars, e-bikes and cargo tricycles: what stands in a street without being a violation."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from models.scenes.colours import BRIGHT, PAINTS, Rng, pick, rgb
from models.scenes.meshes import Mesh
from models.scenes.placement import Placement, moved


def wheel(mesh: Mesh, c: Sequence[float], r: float, w: float, place: Placement, axis: int = 1) -> None:
    d = np.zeros(3)
    d[axis] = w / 2
    hub = np.array(c, float)
    mesh.tube(hub - d, hub + d, r, "rubber", rgb("#141414"), n=20, place=place)
    mesh.tube(hub - d * 1.08, hub + d * 1.08, r * 0.62, "metal", rgb("#8a8d90"), n=14, place=place)


def thin_wheel(mesh: Mesh, c: Sequence[float], r: float, place: Placement) -> None:
    """Bicycle-like wheel: ring of short tubes and a few spokes, in the x-z plane."""
    hub, n = np.array(c, float), 16
    p = [hub + r * np.array([math.cos(a), 0, math.sin(a)]) for a in np.arange(n) * 2 * math.pi / n]
    for i in range(n):
        mesh.tube(p[i], p[(i + 1) % n], 0.035, "rubber", rgb("#151515"), n=6, place=place)
    for i in range(0, n, 2):
        mesh.tube(hub, p[i], 0.006, "metal", rgb("#a0a0a0"), n=4, place=place)


def car(name: str, place: Placement, rng: Rng, index: int) -> list[Any]:
    col, mesh, d = pick(rng, PAINTS), Mesh(), Mesh()
    suv = rng.random() < 0.4
    k, up = rng.uniform(0.95, 1.06), 0.18 if suv else 0.0
    place = place @ moved(s=k)
    prof = [
        (-2.2, 0.32),
        (-2.22, 0.75 + up),
        (-2.05, 0.92 + up),
        (-1.5, 0.96 + up),
        (1.0, 0.94 + up),
        (1.75, 0.84 + up),
        (2.15, 0.68 + up),
        (2.24, 0.5),
        (2.2, 0.28),
    ]
    n = len(prof)
    v = [(x, -0.87, z) for x, z in prof] + [(x, 0.87, z) for x, z in prof]
    mesh.add(
        v,
        [tuple(range(n)), tuple(range(n, 2 * n))[::-1]] + [(i, n + i, n + (i + 1) % n, (i + 1) % n) for i in range(n)],
        "gloss",
        col,
        False,
        place,
    )
    rear = -2.0 if suv else -1.75
    cab = [
        (rear, 0.93 + up, 0.80),
        (rear + (0.2 if suv else 0.65), 1.42 + up, 0.64),
        (0.15, 1.46 + up, 0.64),
        (1.05, 0.92 + up, 0.80),
    ]
    v = [(x, -w, z) for x, z, w in cab] + [(x, w, z) for x, z, w in cab]
    d.add(v, [(0, 1, 2, 3), (7, 6, 5, 4), (0, 4, 5, 1), (2, 6, 7, 3)], "glass", rgb("#0b0f12"), False, place)
    mesh.box((rear / 2 + 0.17, 0, 1.45 + up), (2.05 if suv else 1.35, 1.24, 0.06), "gloss", col, place)
    for x in (rear + 0.4, -0.55, 0.55):  # pillars
        for s in (-1, 1):
            mesh.tube(
                (x, s * 0.815, 0.93 + up),
                (min(x + 0.12, 0.1), s * 0.655, 1.44 + up),
                0.035,
                "gloss",
                col,
                n=6,
                place=place,
            )
    for x in (-1.35, 1.4):
        for s in (-1, 1):
            wheel(d, (x, s * 0.8, 0.33), 0.33, 0.2, place)
    for s in (-1, 1):
        d.box((2.17, s * 0.62, 0.62 + up), (0.1, 0.36, 0.14), "gloss", rgb("#dfe5ea"), place)
        d.box((-2.2, s * 0.65, 0.78 + up), (0.08, 0.3, 0.14), "gloss", rgb("#8c1010"), place)
        mesh.box((0.75, s * 0.95, 0.98 + up), (0.16, 0.14, 0.11), "gloss", col, place)
        d.box((0, s * 0.872, 0.33), (2.2, 0.02, 0.1), "plastic", rgb("#1a1a1a"), place)
        d.box((-0.1, s * 0.874, 0.62), (0.012, 0.012, 0.6), "plastic", rgb("#0a0a0a"), place)
    d.box((2.24, 0, 0.47), (0.03, 0.44, 0.13), "plastic", rgb("#1d4fa0"), place)
    d.box((-2.23, 0, 0.62), (0.03, 0.44, 0.13), "plastic", rgb("#1d4fa0"), place)
    d.box((2.2, 0, 0.33), (0.1, 1.5, 0.16), "plastic", rgb("#181818"), place)
    return [mesh.into_scene(name, index, bevel_m=0.07), d.into_scene(name + "_d", index)]


def ebike(mesh: Mesh, place: Placement, rng: Rng) -> None:
    col = pick(rng, [*BRIGHT, "#101010", "#d8d8d8"])
    for x in (-0.58, 0.58):
        mesh.tube((x, -0.05, 0.24), (x, 0.05, 0.24), 0.24, "rubber", rgb("#151515"), n=18, place=place)
        mesh.tube((x, -0.055, 0.24), (x, 0.055, 0.24), 0.12, "metal", rgb("#777777"), n=10, place=place)
    mesh.box((-0.05, 0, 0.28), (0.55, 0.24, 0.1), "plastic", rgb("#222222"), place)
    mesh.box((-0.38, 0, 0.48), (0.55, 0.26, 0.3), "gloss", col, place, top=0.8)
    mesh.box((-0.38, 0, 0.68), (0.62, 0.25, 0.1), "plastic", rgb("#161616"), place)
    mesh.tube((0.36, 0, 0.3), (0.28, 0, 0.98), 0.06, "gloss", col, 0.07, place=place)
    mesh.box((0.36, 0, 0.66), (0.06, 0.36, 0.5), "gloss", col, place, top=0.7)
    mesh.tube((0.26, -0.32, 1.0), (0.26, 0.32, 1.0), 0.018, "metal", rgb("#333333"), n=6, place=place)
    mesh.box((0.6, 0, 0.5), (0.3, 0.12, 0.05), "gloss", col, place)
    if rng.random() < 0.35:
        mesh.box((-0.62, 0, 0.92), (0.42, 0.42, 0.4), "plastic", pick(rng, ["#e0b400", "#1f6fc4", "#222222"]), place)


def tricycle(mesh: Mesh, place: Placement, rng: Rng) -> float:
    """Cargo tricycle, bed centre near the origin, front towards +x. Returns the bed floor height."""
    col = pick(rng, ["#28518c", "#7a2020", "#2f5b3a", "#3c3f44", "#8a8f94"])
    for s in (-1, 1):
        thin_wheel(mesh, (-0.35, s * 0.56, 0.31), 0.3, place)
        mesh.box((-0.2, s * 0.5, 0.66), (1.6, 0.03, 0.22), "metal", col, place)
    thin_wheel(mesh, (1.45, 0, 0.31), 0.3, place)
    mesh.box((-0.2, 0, 0.55), (1.6, 1.02, 0.05), "wood", rgb("#6d5a44"), place)
    mesh.box((-1.0, 0, 0.66), (0.03, 1.0, 0.22), "metal", col, place)
    mesh.box((0.6, 0, 0.7), (0.03, 1.0, 0.3), "metal", col, place)
    mesh.tube((-1.0, 0, 0.45), (1.0, 0, 0.42), 0.035, "metal", col, place=place)
    mesh.tube((1.0, 0, 0.42), (1.25, 0, 0.95), 0.03, "metal", col, place=place)
    mesh.tube((1.45, 0, 0.31), (1.22, 0, 1.05), 0.025, "metal", rgb("#555555"), place=place)
    mesh.tube((1.18, -0.33, 1.08), (1.18, 0.33, 1.08), 0.016, "metal", rgb("#333333"), n=6, place=place)
    mesh.tube((0.85, 0, 0.45), (0.82, 0, 0.8), 0.025, "metal", rgb("#555555"), place=place)
    mesh.ball((0.8, 0, 0.83), (0.16, 0.12, 0.05), "plastic", rgb("#191919"), 2, place=place)
    return 0.58
