"""What belongs to the street: bins, trees, lamps, parasols, terraces, planters."""

import math

import numpy as np

from models.scenes.colours import BRIGHT, Rng, jitter, pick, rgb
from models.scenes.meshes import Mesh
from models.scenes.placement import Placement, moved
from models.scenes.vehicles import wheel


def wheelie_bin(mesh: Mesh, place: Placement, rng: Rng, open_lid: bool = False) -> None:
    col = pick(rng, ["#2f6b3a", "#27558f", "#4a4d50", "#8a2b24", "#3b3b3b"])
    mesh.box((0, 0, 0.52), (0.46, 0.52, 0.9), "plastic", col, place @ moved(rx=math.pi, z=1.04), top=0.78)
    if open_lid:
        mesh.box((0, 0.33, 1.2), (0.5, 0.05, 0.5), "plastic", col, place)
        mesh.box((0, 0, 0.955), (0.42, 0.48, 0.03), "plastic", rgb("#111111"), place)
    else:
        mesh.box((0, -0.02, 1.0), (0.52, 0.6, 0.06), "plastic", jitter(rng, col, 0.1), place, top=0.92)
    mesh.tube((-0.26, 0.3, 0.95), (0.26, 0.3, 0.95), 0.02, "plastic", col, place=place)
    for s in (-1, 1):
        wheel(mesh, (s * 0.24, 0.22, 0.1), 0.1, 0.05, place, axis=0)
    mesh.box((0, -0.265, 0.62), (0.2, 0.01, 0.2), "plastic", rgb("#dddddd"), place)


def street_bin(mesh: Mesh, place: Placement, rng: Rng) -> None:
    col = pick(rng, ["#3a3f3a", "#5b6d5a", "#6a6a68"])
    for s, c in ((-1, "#2a5aa0"), (1, "#7a7a7a")):
        mesh.box((s * 0.24, 0, 0.5), (0.42, 0.36, 0.85), "metal", col, place)
        mesh.box((s * 0.24, -0.185, 0.72), (0.28, 0.01, 0.14), "plastic", rgb("#0c0c0c"), place)
        mesh.box((s * 0.24, -0.186, 0.45), (0.24, 0.01, 0.2), "plastic", rgb(c), place)
    mesh.box((0, 0, 0.98), (0.98, 0.44, 0.06), "metal", col, place)


def tree(mesh: Mesh, place: Placement, rng: Rng, h: float = 5.5) -> None:
    mesh.tube((0, 0, 0), (0.05, 0.03, h * 0.5), 0.14, "wood", rgb("#4a3c30"), 0.1, n=12, place=place)
    mesh.box((0, 0, 0.005), (1.1, 1.1, 0.02), "sand", rgb("#4c3d2e"), place)
    n, rad = 2600, rng.uniform(1.4, 2.1)
    blobs = [(rng.normal(0, 0.6, 2), rng.uniform(0.55, 0.95) * h) for _ in range(7)]
    found = []
    for _ in range(n):
        b, z = blobs[rng.integers(7)]
        d = rng.normal(size=3)
        d *= rad * 0.62 * rng.uniform(0.4, 1) ** 0.4 / np.linalg.norm(d)
        found.append((b[0] + d[0], b[1] + d[1], z + d[2] * 0.8))
    pts = np.array(found)
    u, w = rng.normal(size=(n, 3)), rng.normal(size=(n, 3))
    u *= (rng.uniform(0.07, 0.16, n) / np.linalg.norm(u, axis=1))[:, None]
    w *= (rng.uniform(0.05, 0.1, n) / np.linalg.norm(w, axis=1))[:, None]
    v = np.stack([pts - u, pts + w, pts + u, pts - w], 1).reshape(-1, 3)
    base = np.array(rgb(["#4c6b2a", "#3d5c2c", "#66742f"][rng.integers(3)]))
    for k in range(4):
        sel = [(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3) for i in range(k, n, 4)]
        mesh.add(v, sel, "leaf", tuple(base * (0.7 + 0.25 * k)), False, place)
    for b, z in blobs:
        mesh.tube((0.05, 0.03, h * 0.45), (b[0], b[1], z), 0.05, "wood", rgb("#4a3c30"), 0.02, n=6, place=place)


def lamp_post(mesh: Mesh, place: Placement, h: float = 6.5) -> None:
    mesh.tube((0, 0, 0), (0, 0, h), 0.07, "metal", rgb("#8b9095"), 0.05, place=place)
    mesh.tube((0, 0, h - 0.1), (0, -1.4, h + 0.15), 0.04, "metal", rgb("#6b7075"), place=place)
    mesh.box((0, -1.5, h + 0.13), (0.22, 0.6, 0.1), "metal", rgb("#777b80"), place)
    mesh.box((0, -1.5, h + 0.07), (0.18, 0.5, 0.02), "emit", (2.0, 1.7, 1.2), place)


def parasol(
    mesh: Mesh, place: Placement, rng: Rng, r: float | None = None, h: float = 2.25, striped: bool | None = None
) -> None:
    r = r or rng.uniform(1.0, 1.45)
    a, b = pick(rng, BRIGHT), pick(rng, ["#e9e4d8", "#e6b52e", "#ffffff"])
    cols = [a, b] if (rng.random() < 0.55 if striped is None else striped) else [a]
    if rng.random() < 0.3:
        cols = [rgb(c) for c in BRIGHT]
    mesh.tube((0, 0, 0), (0, 0, h + 0.3), 0.022, "metal", rgb("#aaaaaa"), place=place)
    mesh.tube((0, 0, 0), (0, 0, 0.12), 0.22, "concrete", rgb("#777777"), n=16, place=place)
    mesh.fan(
        r,
        0.42,
        8 * (1 + (len(cols) == 2)),
        "cloth",
        cols,
        place @ moved(0, 0, h - 0.1, rx=rng.normal(0, 0.06), ry=rng.normal(0, 0.06)),
        0.12,
        0.14,
        4,
    )


def terrace(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Fenced cafe terrace: hard negative (tables and parasols that are allowed)."""
    L, W = 3.6, 1.8
    fence = pick(rng, ["#2a2a2a", "#5c4033", "#6d6f70"])
    for x0, y0, x1, y1 in (
        (-L / 2, -W / 2, L / 2, -W / 2),
        (-L / 2, -W / 2, -L / 2, W / 2),
        (L / 2, -W / 2, L / 2, W / 2),
    ):
        n = int(max(abs(x1 - x0), abs(y1 - y0)) / 0.12)
        for i in range(n + 1):
            q = i / n
            x, y = x0 + (x1 - x0) * q, y0 + (y1 - y0) * q
            mesh.box((x, y, 0.45), (0.025, 0.025, 0.9), "metal", fence, place)
        for z in (0.12, 0.9):
            mesh.tube((x0, y0, z), (x1, y1, z), 0.025, "metal", fence, n=6, place=place)
    for x in (-0.95, 0.95):
        mesh.tube((x, 0, 0), (x, 0, 0.72), 0.03, "metal", rgb("#333333"), place=place)
        mesh.tube((x, 0, 0.72), (x, 0, 0.75), 0.38, "wood", rgb("#7a5a3a"), n=20, place=place)
        for a in (0, math.pi):
            local = place @ moved(x + 0.6 * math.cos(a), 0.05, 0, a)
            mesh.box((0, 0, 0.45), (0.4, 0.4, 0.04), "wood", rgb("#6a4a30"), local)
            mesh.box((0.19, 0, 0.7), (0.03, 0.4, 0.45), "wood", rgb("#6a4a30"), local)
            for leg_x in (-0.17, 0.17):
                for leg_y in (-0.17, 0.17):
                    mesh.box((leg_x, leg_y, 0.22), (0.03, 0.03, 0.44), "metal", rgb("#222222"), local)
    if rng.random() < 0.6:
        parasol(mesh, place @ moved(0, 0.2, 0), rng, 1.3, 2.3, False)


def planter(mesh: Mesh, place: Placement, rng: Rng) -> None:
    mesh.box((0, 0, 0.22), (1.1, 0.42, 0.44), "concrete", jitter(rng, rgb("#8d8a85")), place, top=1.05)
    for _ in range(60):
        mesh.ball(
            (rng.uniform(-0.48, 0.48), rng.uniform(-0.14, 0.14), rng.uniform(0.46, 0.72)),
            rng.uniform(0.04, 0.09),
            "leaf",
            pick(rng, ["#3d6b2a", "#4c7a30", "#2f5523", "#c2486a", "#d8c23a"]),
            2,
            place,
        )
