"""What a stall is made of: fruit, crates, small wares, rails, tables, carts."""

import math

import numpy as np

from models.scenes.colours import BRIGHT, DULL, Rng, jitter, pick, rgb
from models.scenes.meshes import Mesh
from models.scenes.placement import Placement, moved
from models.scenes.vehicles import wheel

FRUIT = ["#d8412c", "#e58a1e", "#e7c12e", "#6aa02c", "#8c1f2e", "#5a2a55", "#c9b23a", "#3f7a2c", "#e06a2a", "#b8c24a"]


def fruit_pile(mesh: Mesh, place: Placement, rng: Rng, w: float = 0.42, d: float = 0.34) -> None:
    """Crate or heap of one kind of fruit, about w x d."""
    r = rng.uniform(0.028, 0.05)
    col, n = pick(rng, FRUIT), int(rng.integers(35, 75))
    long = rng.random() < 0.25
    for _ in range(n):
        x, y = rng.uniform(-0.5, 0.5, 2) * (w, d) * 0.88
        z = 0.1 * (1 - (2 * x / w) ** 2) * (1 - (2 * y / d) ** 2) * rng.uniform(0.3, 1.2) + r
        local = place @ moved(x, y, z, rng.uniform(0, 6))
        mesh.ball(
            (0, 0, 0),
            (r * (2.2 if long else 1), r, r * rng.uniform(0.85, 1)),
            "fruit",
            jitter(rng, col, 0.25),
            2,
            local,
        )


def crate(
    mesh: Mesh, place: Placement, rng: Rng, w: float = 0.5, d: float = 0.36, h: float = 0.22, full: bool = True
) -> None:
    col = pick(rng, ["#2f62a8", "#c8352b", "#2f7a4a", "#d8d2c4", "#9a7a50", "#e0a02a"])
    for x, y, sx, sy in ((0, -d / 2, w, 0.02), (0, d / 2, w, 0.02), (-w / 2, 0, 0.02, d), (w / 2, 0, 0.02, d)):
        for k in range(3):
            mesh.box((x, y, h * (k + 0.5) / 3), (sx, sy, h / 3 * 0.78), "plastic", col, place)
    mesh.box((0, 0, 0.02), (w, d, 0.02), "plastic", col, place)
    if full:
        fruit_pile(mesh, place @ moved(0, 0, h * 0.72), rng, w, d)


def goods_boxes(mesh: Mesh, place: Placement, rng: Rng, L: float, W: float, n: int) -> None:
    """Small wares in a grid: toys, shoes, phone cases, socks."""
    nx = max(2, int(math.sqrt(n * L / W)))
    ny = max(2, n // nx)
    k = rng.integers(3)
    for i in range(nx):
        for j in range(ny):
            if rng.random() < 0.1:
                continue
            x, y = (i + 0.5) / nx - 0.5, (j + 0.5) / ny - 0.5
            local = place @ moved(
                x * L * 0.92 + rng.normal(0, 0.01), y * W * 0.9 + rng.normal(0, 0.01), 0, rng.normal(0, 0.25)
            )
            col, s = pick(rng, BRIGHT + DULL), min(L / nx, W / ny) * 0.7
            if k == 0:
                mesh.box((0, 0, 0.03), (s, s * 0.6, rng.uniform(0.03, 0.1)), "plastic", col, local)
            elif k == 1:
                mesh.ball((0, -0.04, 0.03), (s * 0.5, 0.035, 0.04), "cloth", col, 2, local)
                mesh.ball((0, 0.04, 0.03), (s * 0.5, 0.035, 0.04), "cloth", col, 2, local)
            else:
                mesh.ball((0, 0, 0.06), (s * 0.35, s * 0.3, rng.uniform(0.05, 0.11)), "cloth", col, 2, local)


def clothes_rail(mesh: Mesh, place: Placement, rng: Rng, L: float = 1.8) -> None:
    for x in (-L / 2, L / 2):
        mesh.tube((x, 0, 0), (x, 0, 1.65), 0.018, "metal", rgb("#bbbbbb"), place=place)
        mesh.tube((x, -0.28, 0.03), (x, 0.28, 0.03), 0.018, "metal", rgb("#bbbbbb"), place=place)
    mesh.tube((-L / 2, 0, 1.65), (L / 2, 0, 1.65), 0.018, "metal", rgb("#bbbbbb"), place=place)
    n = int(L / rng.uniform(0.06, 0.1))
    for i in range(n):
        x, h, w = (i + 0.5) / n * L - L / 2, rng.uniform(0.65, 1.05), rng.uniform(0.38, 0.5)
        local, col = place @ moved(x, 0, 1.6, rng.normal(0, 0.2)), pick(rng, BRIGHT + DULL)
        p = [
            (0, 0, 0.02),
            (0.02, -w / 2, -0.1),
            (0.02, -w * 0.42, -h),
            (0.02, w * 0.42, -h),
            (0.02, w / 2, -0.1),
            (-0.02, -w / 2, -0.1),
            (-0.02, -w * 0.42, -h),
            (-0.02, w * 0.42, -h),
            (-0.02, w / 2, -0.1),
        ]
        mesh.add(p, [(0, 1, 2, 3, 4), (0, 8, 7, 6, 5), (1, 5, 6, 2), (4, 3, 7, 8)], "cloth", col, False, local)


def table(
    mesh: Mesh, place: Placement, rng: Rng, L: float = 1.6, W: float = 0.75, h: float = 0.72, cloth: bool = True
) -> float:
    for x in (-L * 0.44, L * 0.44):
        for y in (-W * 0.4, W * 0.4):
            mesh.tube((x * 0.8, y, 0), (x, y, h), 0.018, "metal", rgb("#888888"), n=6, place=place)
    mesh.box((0, 0, h), (L, W, 0.03), "wood", rgb("#b8b0a2"), place)
    if cloth:
        col = pick(rng, BRIGHT)
        mesh.box((0, 0, h + 0.01), (L + 0.04, W + 0.04, 0.02), "cloth", col, place)
        for s in (-1, 1):
            mesh.box((0, s * (W / 2 + 0.02), h - 0.2), (L + 0.04, 0.01, 0.42), "cloth", col, place)
        for s in (-1, 1):
            mesh.box((s * (L / 2 + 0.02), 0, h - 0.2), (0.01, W + 0.04, 0.42), "cloth", col, place)
    return h + 0.03


def food_cart(mesh: Mesh, place: Placement, rng: Rng) -> None:
    L, W = rng.uniform(1.5, 2.0), 0.85
    col, col2 = pick(rng, ["#c8352b", "#d9742a", "#e6b52e", "#a9adb0", "#2a9d8f", "#e8e3d8"]), pick(rng, BRIGHT)
    mesh.box((0, 0, 0.62), (L, W, 0.6), "gloss" if rng.random() < 0.5 else "metal", col, place)
    mesh.box((0, 0, 0.94), (L + 0.16, W + 0.16, 0.04), "metal", rgb("#b8bcc0"), place)
    mesh.box((0, -W / 2 - 0.006, 0.64), (L * 0.9, 0.01, 0.34), "plastic", col2, place)
    for s in (-1, 1):
        wheel(mesh, (-L * 0.3, s * W * 0.45, 0.22), 0.22, 0.08, place)
        wheel(mesh, (L * 0.38, s * W * 0.45, 0.12), 0.12, 0.05, place)
    for x in (-L / 2, L / 2):
        for y in (-W / 2, W / 2):
            mesh.tube((x, y, 0.95), (x, y, 2.0), 0.02, "metal", rgb("#a0a0a0"), n=6, place=place)
    n, D = 10, W + 0.7
    for i in range(n):  # striped pitched canopy with a valance
        x0, x1 = (-L / 2 - 0.2) + (L + 0.4) * i / n, (-L / 2 - 0.2) + (L + 0.4) * (i + 1) / n
        c = col2 if i % 2 else rgb("#e9e4d8")
        v = [
            (x0, -D / 2, 1.98),
            (x1, -D / 2, 1.98),
            (x1, 0, 2.22),
            (x0, 0, 2.22),
            (x1, D / 2, 1.98),
            (x0, D / 2, 1.98),
            (x0, -D / 2, 1.82),
            (x1, -D / 2, 1.82),
        ]
        mesh.add(v, [(0, 1, 2, 3), (3, 2, 4, 5), (6, 7, 1, 0)], "cloth", c, False, place)
    if rng.random() < 0.6:  # pots, steamers, gas bottle
        for x in np.linspace(-L * 0.35, L * 0.35, 3):
            mesh.tube(
                (x, 0.1, 0.96), (x, 0.1, 1.16), rng.uniform(0.13, 0.2), "metal", rgb("#c2c5c8"), n=16, place=place
            )
        mesh.tube(
            (L * 0.5 + 0.25, 0.1, 0), (L * 0.5 + 0.25, 0.1, 0.55), 0.15, "metal", rgb("#5f7a88"), n=14, place=place
        )
    else:
        for x in np.linspace(-L * 0.35, L * 0.35, 4):
            fruit_pile(mesh, place @ moved(x, -0.05, 0.97), rng, 0.4, 0.5)
    mesh.box((0, 0.3, 1.15), (L * 0.8, 0.02, 0.35), "plastic", pick(rng, BRIGHT), place)
