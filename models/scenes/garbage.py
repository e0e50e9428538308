"""Exposed garbage: bags, loose heaps, spill beside bins."""

import math
from typing import Any

import numpy as np

from models.scenes.colours import Rng, jitter, pick, rgb
from models.scenes.furniture import wheelie_bin
from models.scenes.meshes import Faces, Mesh, Points, fnoise, ico
from models.scenes.placement import Placement, moved


def bag_mesh(rng: Rng, sub: int = 5) -> tuple[Points, Faces]:
    """Tied garbage bag: lumpy, flat underneath, pinched neck."""
    v, f = ico(sub)
    sd = int(rng.integers(1000))
    r = (
        1
        + 0.24 * fnoise(v, 1.4, sd)
        + 0.10 * fnoise(v, 3.5, sd + 1)
        - 0.10 * np.abs(fnoise(v * (1, 1, 0.45), 6, sd + 2))
    )
    p = v * r[:, None] * (rng.uniform(0.85, 1.15), rng.uniform(0.85, 1.15), rng.uniform(0.75, 1.05))
    low = p[:, 2] < -0.45
    p[low, 2] = -0.45 + (p[low, 2] + 0.45) * 0.12
    if rng.random() < 0.8:
        t = np.clip((v[:, 2] - 0.72) / 0.28, 0, 1)
        p[:, :2] *= np.where(t < 0.7, 1 - 0.85 * (t / 0.7) ** 0.7, 0.15 + 0.35 * (t - 0.7) / 0.3)[:, None]
        p[:, 2] += 0.4 * t**1.5
    p[:, 2] -= p[:, 2].min()
    return p * 0.33, f


BAGS = [
    "#0b0b0d",
    "#0b0b0d",
    "#121316",
    "#101a14",
    "#dcdcd8",
    "#c9ccd0",
    "#1c3f86",
    "#1e5a37",
    "#a02626",
    "#c86a86",
    "#b8862c",
]


def litter(mesh: Mesh, place: Placement, rng: Rng, n: int, spread: tuple[float, float], heap: float = 0.0) -> None:
    """Loose rubbish: crumpled paper, sheets, bottles, cups, boxes, peel."""
    for _ in range(n):
        x, y = (rng.normal(0, 1, 2).clip(-1.7, 1.7) + rng.normal(0, 0.1, 2)) * spread
        q = math.exp(-((x / spread[0]) ** 2 + (y / spread[1]) ** 2) / 1.6)
        z = max(0.0, heap * q * rng.uniform(0.2, 1))
        local = place @ moved(x, y, z, rng.uniform(0, 6.3), rng.normal(0, 0.35), rng.normal(0, 0.35))
        k = rng.random()
        if k < 0.34:  # crumpled paper / film
            v, f = ico(2)
            v = (
                v
                * (1 + 0.5 * rng.normal(size=(len(v), 1)).clip(-1, 1))
                * rng.uniform(0.02, 0.10)
                * rng.uniform(0.5, 1.5, 3)
            )
            mesh.add(
                v + np.array((0, 0, 0.03)),
                f,
                "paper",
                pick(
                    rng,
                    [
                        "#d9d6cf",
                        "#c9c4b8",
                        "#b59a72",
                        "#e6e6e6",
                        "#8f8a80",
                        "#c4bfb4",
                        "#d9d6cf",
                        "#6a4a3a",
                        "#b53a32",
                        "#3a6ab0",
                        "#d8b93a",
                        "#26262a",
                    ],
                ),
                False,
                local,
            )
        elif k < 0.56:  # bent sheet
            a, b = rng.uniform(0.06, 0.22), rng.uniform(0.05, 0.16)
            gx, gy = np.meshgrid(np.linspace(-a, a, 4), np.linspace(-b, b, 4))
            gz = rng.uniform(0, 0.05, gx.shape) + 0.01
            mesh.add(
                np.c_[gx.ravel(), gy.ravel(), gz.ravel()],
                [(i * 4 + j, i * 4 + j + 1, i * 4 + j + 5, i * 4 + j + 4) for i in range(3) for j in range(3)],
                "paper",
                pick(
                    rng,
                    [
                        "#e4e2dc",
                        "#b99b6c",
                        "#a98a5c",
                        "#cfd4d6",
                        "#cfcabd",
                        "#8a7a62",
                        "#a0927a",
                        "#c43c36",
                        "#3f7a4b",
                        "#2d2d2d",
                        "#2d2d2d",
                    ],
                ),
                False,
                local,
            )
        elif k < 0.70:  # bottle or can lying down
            c = pick(rng, ["#b9cdd6", "#8fb7a0", "#c8d8dc", "#b02a24", "#2a62a6"])
            mesh.tube((-0.09, 0, 0.032), (0.07, 0, 0.032), 0.032, "plastic", c, n=9, place=local)
            mesh.tube((0.07, 0, 0.032), (0.12, 0, 0.032), 0.03, "plastic", c, 0.013, n=9, place=local)
        elif k < 0.84:  # cup / food box
            c = pick(rng, ["#e8e6e0", "#d8d2c4", "#f0eee8", "#c23b32"])
            if rng.random() < 0.5:
                mesh.tube((0, 0, 0.035), (0.1, 0, 0.045), 0.03, "plastic", c, 0.04, n=10, place=local)
            else:
                mesh.box(
                    (0, 0, 0.03), (rng.uniform(0.1, 0.2), rng.uniform(0.08, 0.14), 0.05), "plastic", c, local, top=1.15
                )
        elif k < 0.94:  # peel, leaves, food scraps
            for _ in range(3):
                mesh.ball(
                    (*rng.normal(0, 0.05, 2), 0.012),
                    (rng.uniform(0.02, 0.05), rng.uniform(0.015, 0.04), 0.012),
                    "matte",
                    pick(rng, ["#6a5a2c", "#4f6a2c", "#7a3a20", "#a8862c", "#3a2a1c"]),
                    2,
                    local,
                )
        else:  # small carton piece
            mesh.box(
                (0, 0, 0.04),
                (rng.uniform(0.12, 0.3), rng.uniform(0.1, 0.22), rng.uniform(0.02, 0.14)),
                "card",
                jitter(rng, rgb("#a67f52")),
                local,
            )


def garbage(place: Placement, rng: Rng, index: int) -> tuple[str, list[Any]]:
    """Bag pile, loose heap, or both; variant name and objects. Stains and bins carry no label."""
    var = ["bags", "bags", "heap", "mixed", "mixed", "bin_spill", "strewn"][rng.integers(7)]
    mesh, side = Mesh(), Mesh()
    if var in ("bags", "mixed", "bin_spill"):
        n = {"bags": rng.integers(3, 12), "mixed": rng.integers(2, 7), "bin_spill": rng.integers(2, 6)}[var]
        same = pick(rng, BAGS) if rng.random() < 0.5 else None
        for i in range(n):
            lay2 = i >= 5 and rng.random() < 0.6
            sp = 0.32 if lay2 else 0.55
            s = rng.uniform(0.6, 1.25)
            col = same if same is not None and rng.random() < 0.7 else pick(rng, BAGS)
            local = place @ moved(
                rng.normal(0, sp),
                rng.normal(0, sp * 0.5),
                0.26 if lay2 else 0,
                rng.uniform(0, 6.3),
                rng.normal(0, 0.3),
                rng.normal(0, 0.3),
                s,
            )
            v, f = bag_mesh(rng, 5 if s > 0.8 else 4)
            mesh.add(v, f, "bag", col, True, local)
    if var == "heap":
        litter(mesh, place, rng, int(rng.integers(120, 260)), (0.5, 0.36), rng.uniform(0.2, 0.5))
        v, f = ico(5)
        r = 1 + 0.35 * fnoise(v, 2.2, int(rng.integers(999)))
        p = v * r[:, None] * (0.75, 0.5, 0.3)
        mesh.add(p[:, :] * (1, 1, 1), f, "matte", rgb("#4a4036"), True, place)
        for _ in range(rng.integers(0, 4)):
            v, f = bag_mesh(rng, 4)
            mesh.add(
                v,
                f,
                "bag",
                pick(rng, BAGS),
                True,
                place
                @ moved(rng.normal(0, 0.4), rng.normal(0, 0.4), 0.12, rng.uniform(0, 6), s=rng.uniform(0.45, 0.8)),
            )
    if var in ("mixed", "bin_spill"):
        litter(mesh, place, rng, int(rng.integers(40, 130)), (0.6, 0.4), 0.12)
    if var == "strewn":
        litter(mesh, place, rng, int(rng.integers(60, 130)), (0.75, 0.45), 0.05)
    if var in ("bags", "mixed", "heap") and rng.random() < 0.4:  # flattened cartons among the rubbish
        for _ in range(rng.integers(1, 4)):
            mesh.box(
                (rng.normal(0, 0.5), rng.normal(0, 0.3), 0.12),
                (rng.uniform(0.3, 0.5), rng.uniform(0.2, 0.4), rng.uniform(0.15, 0.3)),
                "card",
                jitter(rng, rgb("#a07a4e")),
                place,
                rz=rng.uniform(0, 6),
            )
    if var == "bin_spill":
        op = rng.random() < 0.6
        local = place @ moved(rng.choice([-1, 1]) * rng.uniform(0.2, 0.7), rng.uniform(0.45, 0.6), 0)
        wheelie_bin(side, local, rng, op)
        if op:
            for _ in range(3):
                v, f = bag_mesh(rng, 4)
                mesh.add(
                    v,
                    f,
                    "bag",
                    pick(rng, BAGS),
                    True,
                    local @ moved(rng.normal(0, 0.08), rng.normal(0, 0.08), 0.85, rng.uniform(0, 6), s=0.75),
                )
    st = Mesh()
    a, b = rng.uniform(0.8, 1.3), rng.uniform(0.55, 0.9)
    st.add(
        [(-a, -b, 0), (a, -b, 0), (a, b, 0), (-a, b, 0)],
        [(0, 1, 2, 3)],
        "stain",
        rgb("#14110d"),
        False,
        place @ moved(0, -0.15, 0.004),
    )
    st.into_scene("stain")
    if side.points:
        side.into_scene("bin_by_garbage")
    return var, [mesh.into_scene("garbage", index)]
