"""Road, kerbs, pavements and what lies on them every day."""

import math

import numpy as np

from models.scenes.colours import Rng, jitter, pick, rgb
from models.scenes.facades import facade
from models.scenes.meshes import Mesh
from models.scenes.placement import BACK_M, FRONT_M, IDENTITY, KERB_M, moved


def street(rng: Rng, lit: bool) -> None:
    mesh = Mesh()
    mesh.add([(-90, BACK_M - 2, 0), (90, BACK_M - 2, 0), (90, 0, 0), (-90, 0, 0)], [(0, 1, 2, 3)], "asphalt")
    for y0, y1 in ((0, 8), (BACK_M - 2, -7)):
        mesh.add([(-90, y0, KERB_M), (90, y0, KERB_M), (90, y1, KERB_M), (-90, y1, KERB_M)], [(0, 1, 2, 3)], "paving")
    for y in (0.06, -7.06):
        for x in np.arange(-40, 40, 1.0):
            mesh.box(
                (x + 0.5, y, KERB_M / 2 + 0.004),
                (0.985, 0.16, KERB_M + 0.01),
                "concrete",
                jitter(rng, rgb("#9b978f"), 0.12),
            )
    if rng.random() < 0.75:  # raised guide strip for the blind
        y = rng.uniform(1.6, 2.6)
        for x in np.arange(-25, 25, 0.3):
            if rng.random() < 0.97:
                mesh.box(
                    (x + 0.15, y, KERB_M + 0.002), (0.292, 0.3, 0.006), "concrete", jitter(rng, rgb("#b8963f"), 0.14)
                )
                for k in (-0.09, -0.03, 0.03, 0.09):
                    mesh.box((x + 0.15, y + k, KERB_M + 0.006), (0.27, 0.025, 0.008), "concrete", rgb("#a88838"))
    for x in np.arange(-60, 60, 6.0):
        mesh.box((x, -3.5, 0.002), (2.6, 0.13, 0.004), "matte", rgb("#b9b6ad"))
    mesh.box((0, -0.35, 0.002), (160, 0.1, 0.004), "matte", rgb("#aaa79d"))
    for _ in range(3):
        x, y = rng.uniform(-8, 8), rng.choice([rng.uniform(-5, -1), rng.uniform(0.8, 3.8)])
        z = 0.0 if y < 0 else KERB_M
        mesh.tube((x, y, z - 0.02), (x, y, z + 0.006), 0.34, "metal", rgb("#4c4a46"), n=24)
    for _ in range(int(rng.integers(30, 220))):  # fallen leaves and specks: everyday, no violation
        x, y = rng.uniform(-14, 14), rng.choice([rng.uniform(0.2, 4.3), rng.uniform(-0.9, -0.05)])
        z, a = (KERB_M if y > 0 else 0) + 0.012, rng.uniform(0.02, 0.06)
        mesh.add(
            [(-a, 0, 0), (0, -a * 0.5, 0.008), (a, 0, 0), (0, a * 0.5, 0.01)],
            [(0, 1, 2, 3)],
            "leaf",
            pick(rng, ["#8a6a2c", "#6a4a20", "#a98a3a", "#4f5a2a", "#3c2f1c"]),
            False,
            moved(x, y, z, rng.uniform(0, 6.3), rng.normal(0, 0.2)),
        )
    for i in range(rng.integers(2, 7)):  # patches in the asphalt, never in one plane
        mesh.box(
            (rng.uniform(-14, 14), rng.uniform(-6, -1), -0.001 + 0.0012 * i),
            (rng.uniform(0.6, 3), rng.uniform(0.5, 1.6), 0.004),
            "concrete",
            jitter(rng, rgb("#47474a"), 0.25),
        )
    if rng.random() < 0.25:
        for y in np.arange(-6.6, -0.3, 0.9):
            mesh.box((5.5, y, 0.002), (3.2, 0.45, 0.005), "matte", rgb("#b5b2aa"))
    if rng.random() < 0.4:
        for x in np.arange(-12, 13, 1.6):
            mesh.tube((x, 0.3, KERB_M), (x, 0.3, KERB_M + 0.75), 0.055, "metal", rgb("#5a5d60"), place=IDENTITY)
            mesh.tube((x, 0.3, KERB_M + 0.6), (x, 0.3, KERB_M + 0.68), 0.058, "plastic", rgb("#d8b92a"), place=IDENTITY)
    mesh.into_scene("street")
    for _ in range(rng.integers(3, 9)):  # old dry stains on the pavement
        st, a, b = Mesh(), rng.uniform(0.3, 1.2), rng.uniform(0.2, 0.7)
        st.add(
            [(-a, -b, 0), (a, -b, 0), (a, b, 0), (-a, b, 0)],
            [(0, 1, 2, 3)],
            "stain",
            rgb(["#2b2620", "#3a342c", "#1f1c19"][rng.integers(3)]),
            False,
            moved(rng.uniform(-9, 9), rng.uniform(0.6, 4), KERB_M + 0.003),
        )
        st.into_scene("old_stain")
    facade(moved(0, FRONT_M, KERB_M), rng, 70, lit)
    facade(moved(0, BACK_M, KERB_M, math.pi), rng, 70, lit, signs=False)
    for end in (-1, 1):  # close the ends of the street
        wall = Mesh()
        wall.box((end * 60, -4, 8), (6, 60, 16), "plaster", rgb("#a9a294"))
        wall.into_scene("end")
