"""Roadside clutter: cartons, pallets, building material, discarded furniture."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.scenes.colours import BRIGHT, DULL, Rgb, Rng, jitter, pick, rgb
from models.scenes.meshes import Mesh, fnoise, ico
from models.scenes.placement import IDENTITY, Placement, moved


def carton(mesh: Mesh, place: Placement, rng: Rng, s: Sequence[float]) -> None:
    col = jitter(rng, rgb(["#a67f52", "#b08a5e", "#94703f", "#c2a67c", "#d9d4c8"][rng.integers(5)]), 0.12)
    mesh.box((0, 0, s[2] / 2), s, "card", col, place)
    mesh.box((0, 0, s[2] + 0.001), (s[0] * 1.002, 0.05, 0.003), "plastic", rgb("#c8a86a"), place)
    mesh.box((0, -s[1] / 2 - 0.001, s[2] * 0.8), (0.05, 0.003, s[2] * 0.4), "plastic", rgb("#c8a86a"), place)
    if rng.random() < 0.6:
        mesh.box(
            (rng.uniform(-0.2, 0.2) * s[0], -s[1] / 2 - 0.002, s[2] * rng.uniform(0.35, 0.6)),
            (s[0] * 0.4, 0.003, s[2] * 0.3),
            "plastic",
            pick(rng, ["#2f3f6a", "#8a2b24", "#2f5a3a", "#e8e6e0", "#222222"]),
            place,
        )


def pallet(mesh: Mesh, place: Placement, rng: Rng) -> None:
    col = jitter(rng, rgb("#9a7d58"), 0.2)
    for y in (-0.45, 0, 0.45):
        mesh.box((0, y, 0.06), (1.2, 0.1, 0.09), "wood", col, place)
    for x in np.linspace(-0.54, 0.54, 7):
        mesh.box((x, 0, 0.125), (0.11, 1.0, 0.022), "wood", jitter(rng, col), place)
    for x in (-0.54, 0, 0.54):
        mesh.box((x, 0, 0.01), (0.11, 1.0, 0.02), "wood", jitter(rng, col), place)


def pillow(mesh: Mesh, c: Sequence[float], s: Sequence[float], mat: str, col: Rgb, place: Placement, rng: Rng) -> None:
    """Rounded sack (cement, sand bag, cushion)."""
    v, f = ico(4)
    p = np.sign(v) * np.abs(v) ** 0.45
    p = p / np.abs(p).max(0) * np.array(s) / 2
    p[:, 2] *= 1 - 0.35 * (np.abs(p[:, 0]) / (s[0] / 2)) ** 4
    p += 0.012 * np.c_[tuple(fnoise(p, 9, int(rng.integers(99))) for _ in range(3))]
    mesh.add(p + np.array(c), f, mat, col, True, place)


def _cartons(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Stacks of cartons."""
    cols = [(rng.uniform(-0.9, 0.9), rng.normal(0, 0.25)) for _ in range(rng.integers(3, 8))]
    for x, y in cols:
        z, rz = 0.0, rng.normal(0, 0.25)
        for _ in range(rng.integers(1, 5)):
            s = (rng.uniform(0.3, 0.62), rng.uniform(0.28, 0.48), rng.uniform(0.2, 0.45))
            carton(
                mesh,
                place @ moved(x + rng.normal(0, 0.03), y + rng.normal(0, 0.03), z, rz + rng.normal(0, 0.08)),
                rng,
                s,
            )
            z += s[2]


def _pallets(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Pallets, empty or with cartons on them."""
    n = rng.integers(1, 8)
    for i in range(n):
        pallet(mesh, place @ moved(rng.normal(0, 0.03), rng.normal(0, 0.03), i * 0.145, rng.normal(0, 0.05)), rng)
    if n < 4:
        for x in (-0.36, 0, 0.36):
            for y in (-0.28, 0.28):
                z = n * 0.145
                for _ in range(rng.integers(1, 4)):
                    s = (0.34, 0.5, rng.uniform(0.25, 0.36))
                    carton(mesh, place @ moved(x, y, z, rng.normal(0, 0.03)), rng, s)
                    z += s[2]


def _bricks(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A stack of bricks, begun, some lying about."""
    col = rgb(["#8f4a35", "#9a5a44", "#8a8a86", "#7a4a3a"][rng.integers(4)])
    nx, ny, nz = rng.integers(4, 9), rng.integers(2, 6), rng.integers(3, 9)
    for k in range(nz):
        for i in range(nx):
            for j in range(ny):
                if k > nz - 3 and rng.random() < 0.35:
                    continue
                mesh.box(
                    ((i - nx / 2) * 0.25 + rng.normal(0, 0.008), (j - ny / 2) * 0.125, k * 0.064 + 0.032),
                    (0.24, 0.115, 0.058),
                    "concrete",
                    jitter(rng, col, 0.2),
                    place,
                    rz=rng.normal(0, 0.02),
                )
    for _ in range(rng.integers(0, 15)):
        mesh.box(
            (rng.normal(0, 0.9), rng.normal(0, 0.5), 0.03),
            (0.24, 0.115, 0.058),
            "concrete",
            jitter(rng, col, 0.2),
            place,
            rz=rng.uniform(0, 6),
        )


def _heap(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Sand or rubble poured out."""
    col = jitter(rng, rgb(["#b8935a", "#9c7444", "#77746f", "#5f5a54"][rng.integers(4)]), 0.12)
    n, a, b, h, sd = (
        60,
        rng.uniform(0.9, 1.5),
        rng.uniform(0.65, 1.0),
        rng.uniform(0.55, 1.0),
        int(rng.integers(999)),
    )
    gx, gy = np.meshgrid(np.linspace(-1.15, 1.15, n), np.linspace(-1.15, 1.15, n))
    p = np.c_[gx.ravel(), gy.ravel(), np.zeros(n * n)]
    rr = np.hypot(p[:, 0], p[:, 1]) + 0.22 * fnoise(p, 1.6, sd)
    z = h * np.clip(1 - rr, 0, 1) ** 0.9 + 0.05 * fnoise(p, 5, sd + 1) * (rr < 1)
    faces = [
        (i * n + j, i * n + j + 1, (i + 1) * n + j + 1, (i + 1) * n + j)
        for i in range(n - 1)
        for j in range(n - 1)
        if rr[[i * n + j, i * n + j + 1, (i + 1) * n + j + 1, (i + 1) * n + j]].min() < 1.0
    ]
    mesh.add(np.c_[p[:, 0] * a, p[:, 1] * b, z], faces, "sand", col, True, place)
    for _ in range(rng.integers(60, 200)):  # stones around and on the heap
        q, t = rng.uniform(0.2, 1.15), rng.uniform(0, 6.3)
        mesh.ball(
            (a * q * math.cos(t), b * q * math.sin(t), max(0.01, h * (1 - q) * 0.95)),
            rng.uniform(0.012, 0.045) * rng.uniform(0.6, 1.3, 3),
            "concrete",
            jitter(rng, col, 0.35),
            2,
            place,
        )


def _planks(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Boards and sheets."""
    for _ in range(rng.integers(6, 20)):
        L, z = rng.uniform(1.2, 2.6), rng.uniform(0.02, 0.35)
        mesh.box(
            (rng.normal(0, 0.15), rng.normal(0, 0.22), z),
            (L, rng.uniform(0.1, 0.2), 0.03),
            "wood",
            jitter(rng, rgb("#a98a60"), 0.3),
            place,
            rz=rng.normal(0, 0.12),
        )
    for _ in range(rng.integers(0, 4)):  # sheets leaning on something
        local = place @ moved(rng.normal(0, 0.4), 0.55, 0.6, 0, rng.uniform(-0.35, -0.2))
        mesh.box(
            (0, 0, 0),
            (rng.uniform(0.8, 1.3), 0.02, 1.25),
            "wood",
            jitter(rng, rgb(["#b89a70", "#d0cabd", "#7a5a3c"][rng.integers(3)])),
            local,
        )


def _sofa(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A discarded sofa."""
    col, L, b = pick(rng, [*DULL, "#8a6a4a", "#a03a34", "#c9b89a"]), rng.uniform(1.3, 2.0), "cloth"
    mesh.box((0, 0, 0.22), (L, 0.8, 0.3), b, col, place)
    mesh.box((0, 0.34, 0.55), (L, 0.2, 0.6), b, col, place)
    for s in (-1, 1):
        mesh.box((s * (L / 2 - 0.1), 0, 0.4), (0.2, 0.8, 0.5), b, col, place)
    for x in np.linspace(-L / 4, L / 4, 2):
        pillow(mesh, (x, -0.05, 0.43), (L * 0.42, 0.62, 0.18), b, jitter(rng, col, 0.2), place, rng)


def _mattress(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A mattress, leaning or flat."""
    local = (
        place @ moved(0, 0.3, 0.62, 0, rng.uniform(-0.4, -0.2))
        if rng.random() < 0.6
        else place @ moved(0, 0, 0.1, 0, math.pi / 2)
    )
    mesh.box(
        (0, 0, 0),
        (rng.uniform(1.7, 2.0), 0.2, 1.2),
        "cloth",
        pick(rng, ["#d8d2c4", "#b9c4d0", "#c9a9a0", "#a8a49a"]),
        local,
    )
    if rng.random() < 0.6:
        for _ in range(rng.integers(1, 4)):
            s = (rng.uniform(0.3, 0.5), rng.uniform(0.3, 0.45), rng.uniform(0.25, 0.45))
            carton(mesh, place @ moved(rng.uniform(-0.8, 0.8), -0.4, 0, rng.normal(0, 0.3)), rng, s)


def _cupboard(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A cupboard and its drawers."""
    col, h, w = (
        rgb(["#6a4a30", "#b8a080", "#d8d4cc", "#3f3028"][rng.integers(4)]),
        rng.uniform(1.1, 1.8),
        rng.uniform(0.8, 1.2),
    )
    mesh.box((0, 0, h / 2), (w, 0.5, h), "wood", col, place)
    for s in (-1, 1):
        mesh.box((s * w * 0.245, -0.256, h / 2), (w * 0.46, 0.012, h * 0.92), "wood", jitter(rng, col, 0.25), place)
        mesh.box((s * 0.05, -0.268, h / 2), (0.02, 0.02, 0.14), "metal", rgb("#bbbbbb"), place)
    for _ in range(rng.integers(1, 5)):
        mesh.box(
            (rng.uniform(-1, 1), -0.5, 0.2),
            (rng.uniform(0.3, 0.6), 0.3, 0.4),
            "wood",
            jitter(rng, col, 0.3),
            place,
            rz=rng.uniform(0, 3),
        )


def _cement(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Bags of cement."""
    col = pick(rng, ["#b8b4aa", "#a9a49a", "#c9c0a8", "#d8d4ca"])
    nx, nz = rng.integers(1, 4), rng.integers(2, 6)
    for k in range(nz):
        for i in range(nx):
            for j in (-0.22, 0.22):
                pillow(
                    mesh,
                    ((i - (nx - 1) / 2) * 0.64 + rng.normal(0, 0.03), j + rng.normal(0, 0.02), 0.07 + k * 0.125),
                    (0.64, 0.42, 0.17),
                    "paper",
                    jitter(rng, col, 0.12),
                    place,
                    rng,
                )


def _chairs(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Discarded chairs, some toppled."""
    for _ in range(rng.integers(3, 7)):  # discarded chairs, some toppled
        local = (
            place
            @ moved(rng.normal(0, 0.6), rng.normal(0, 0.25), 0, rng.uniform(0, 6))
            @ (moved(0, 0, 0.22, 0, 1.4) if rng.random() < 0.45 else IDENTITY)
        )
        col = pick(rng, BRIGHT + DULL)
        mesh.box((0, 0, 0.43), (0.42, 0.42, 0.05), "plastic", col, local)
        mesh.box((0, 0.2, 0.7), (0.42, 0.04, 0.5), "plastic", col, local)
        for x in (-0.18, 0.18):
            for y in (-0.18, 0.18):
                mesh.tube((x, y, 0), (x, y, 0.43), 0.018, "metal", rgb("#555555"), n=6, place=local)
    for _ in range(rng.integers(1, 4)):
        carton(
            mesh,
            place @ moved(rng.normal(0, 0.6), rng.normal(0, 0.3), 0, rng.uniform(0, 3)),
            rng,
            (rng.uniform(0.3, 0.5), rng.uniform(0.3, 0.4), rng.uniform(0.25, 0.4)),
        )


_VARIANTS: tuple[tuple[str, Callable[[Mesh, Placement, Rng], None], float], ...] = (
    ("cartons", _cartons, 0.008),
    ("cartons", _cartons, 0.008),
    ("pallets", _pallets, 0.0),
    ("bricks", _bricks, 0.0),
    ("heap", _heap, 0.0),
    ("planks", _planks, 0.0),
    ("sofa", _sofa, 0.05),
    ("mattress", _mattress, 0.06),
    ("cupboard", _cupboard, 0.01),
    ("cement", _cement, 0.0),
    ("chairs", _chairs, 0.008),
)
"""Name, maker and rounded edge in metres; each as likely as the next."""


def clutter(place: Placement, rng: Rng, index: int) -> tuple[str, list[Any]]:
    """What is left at the roadside; its variant and its objects."""
    variant, make, bevel_m = _VARIANTS[int(rng.integers(len(_VARIANTS)))]
    mesh = Mesh()
    make(mesh, place, rng)
    return variant, [mesh.into_scene("clutter", index, bevel_m)]
