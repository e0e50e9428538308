"""Rows of shops with flats above."""

import math

import bpy
import numpy as np
from mathutils import Matrix

from models.scenes.colours import BRIGHT, DULL, Rgb, Rng, jitter, pick, rgb
from models.scenes.meshes import Mesh
from models.scenes.placement import Placement, moved
from models.scenes.shaders import Shader

SIGNS = [
    "水果超市",
    "便利店",
    "川味小吃",
    "手机维修",
    "理发店",
    "五金建材",
    "药房",
    "烟酒",
    "家常菜馆",
    "服装",
    "SUPERMARKET",
    "CAFE",
    "PHARMACY",
    "BAKERY",
]


def sign_text(s: str, place: Placement, size: float, col: Rgb) -> None:
    cu = bpy.data.curves.new("sign", "FONT")
    cu.body, cu.size, cu.align_x, cu.align_y, cu.resolution_u = s, size, "CENTER", "CENTER", 2
    ob = bpy.data.objects.new("sign", cu)
    ob.matrix_world = Matrix((place @ moved(rx=math.pi / 2)).tolist())
    mesh = Shader("signpaint")
    mesh.set(Base_Color=(*col, 1), Emission_Color=(*col, 1), Emission_Strength=0.2)
    mesh.mat.cycles.emission_sampling = "NONE"
    cu.materials.append(mesh.mat)
    bpy.context.scene.collection.objects.link(ob)


def facade(place: Placement, rng: Rng, L: float, lit: bool, signs: bool = True) -> None:
    """A row of shops with flats above, front on y=0 facing -y, x in [-L/2, L/2], built in the frame place."""
    mesh, x = Mesh(), -L / 2
    while x < L / 2:
        w, floors = rng.uniform(3.6, 6.0), rng.integers(2, 5)
        cx, H = x + w / 2, 3.5 + 3.0 * floors
        wall = ["plaster", "brickwall", "tilewall"][rng.integers(3)]
        col = jitter(
            rng,
            rgb(["#c9bfae", "#b8b2a8", "#a5674f", "#d8d0bd", "#9aa3a8", "#c2a58a", "#8e8a84"][rng.integers(7)]),
            0.1,
        )
        mesh.box((cx, 0.2, (H + 3.3) / 2), (w, 0.4, H - 3.3), wall, col, place)
        for k in range(floors):  # windows, sills, air conditioners
            n = int(w // 1.7)
            for i in range(n):
                wx, wz = x + (i + 0.5) * w / n, 4.9 + 3.0 * k
                on = lit and rng.random() < 0.35
                mesh.box((wx, -0.005, wz), (1.25, 0.03, 1.45), "metal", rgb("#d0d0d0"), place)
                for s in (-0.3, 0.3):
                    mesh.box(
                        (wx + s, -0.015, wz),
                        (0.54, 0.03, 1.33),
                        "emit" if on else "glass",
                        (1.1, 0.85, 0.5) if on else jitter(rng, rgb("#1b242b"), 0.3),
                        place,
                    )
                mesh.box((wx, -0.06, wz - 0.76), (1.35, 0.16, 0.06), "concrete", rgb("#9a9690"), place)
                if rng.random() < 0.35:
                    mesh.box((wx + 0.2, -0.25, wz - 1.15), (0.8, 0.35, 0.55), "metal", rgb("#cfcfca"), place)
        for s in (x + 0.15, x + w - 0.15):
            mesh.box((s, 0.15, 1.75), (0.3, 0.5, 3.5), wall, col, place)
        kind = rng.choice(["open", "glass", "glass", "shutter", "wall"], p=[0.3, 0.25, 0.2, 0.15, 0.1])
        sc = pick(rng, [*BRIGHT, "#1d2a3a", "#3a1d1d"])
        mesh.box(
            (cx, -0.06, 3.1),
            (w - 0.3, 0.24, 0.72),
            "emit" if lit and rng.random() < 0.6 else "plastic",
            tuple(np.array(sc) * (1.3 if lit else 1)),
            place,
        )
        if signs:
            sign_text(
                SIGNS[rng.integers(len(SIGNS))], place @ moved(cx, -0.2, 3.1), min(0.5, (w - 0.8) / 5), rgb("#f2ead2")
            )
        ww = w - 0.6
        if kind == "shutter":
            mesh.box(
                (cx, 0.12, 1.38),
                (ww, 0.06, 2.76),
                "shutter",
                pick(rng, ["#9a9c9e", "#7d8790", "#a8a498", "#5f7a8a"]),
                place,
            )
        elif kind == "wall":
            mesh.box((cx, 0.12, 1.38), (ww, 0.1, 2.76), wall, col, place)
            mesh.box((cx + rng.uniform(-0.8, 0.8), 0.05, 1.05), (0.95, 0.06, 2.1), "wood", pick(rng, DULL), place)
        else:
            inner, ic = (
                ("shelf", (1, 1, 1))
                if rng.random() < 0.45
                else ("plaster", pick(rng, ["#c9c2b4", "#b8c0c4", "#a98a70", "#d8d4cc", "#7f8a80"]))
            )
            mesh.box((cx, 2.4, 1.4), (ww, 0.1, 2.8), inner, ic, place)
            for _ in range(rng.integers(1, 5)):  # posters and pictures on the back wall
                mesh.box(
                    (cx + rng.uniform(-0.4, 0.4) * ww, 2.33, rng.uniform(1.2, 2.2)),
                    (rng.uniform(0.4, 1.2), 0.03, rng.uniform(0.3, 0.9)),
                    "plastic",
                    pick(rng, BRIGHT + DULL),
                    place,
                )
            for s in (x + 0.3, x + w - 0.3):
                mesh.box((s, 1.2, 1.4), (0.08, 2.4, 2.8), inner, ic, place)
            mesh.box((cx, 1.2, 0.01), (ww, 2.4, 0.02), "matte", rgb("#9a9288"), place)
            mesh.box((cx, 1.2, 2.78), (ww, 2.4, 0.04), "plaster", rgb("#dddddd"), place)
            e = 5.0 if lit else 2.2
            mesh.box((cx, 1.2, 2.72), (ww * 0.6, 0.3, 0.03), "ceiling", (e, e * 0.95, e * 0.85), place)
            for _ in range(rng.integers(2, 5)):  # shop goods inside
                mesh.box(
                    (x + rng.uniform(0.8, w - 0.8), rng.uniform(0.7, 2.0), 0.45),
                    (rng.uniform(0.4, 0.9), 0.4, 0.9),
                    "shelf",
                    (1, 1, 1),
                    place,
                )
            if kind == "glass":
                for i in range(4):
                    mesh.box((x + 0.3 + ww * i / 3, 0.06, 1.38), (0.06, 0.08, 2.76), "metal", rgb("#8a8d90"), place)
                mesh.box((cx, 0.06, 2.3), (ww, 0.08, 0.06), "metal", rgb("#8a8d90"), place)
                for i in (0, 2):
                    mesh.box(
                        (x + 0.3 + ww * (i + 0.5) / 3, 0.06, 1.15),
                        (ww / 3 - 0.06, 0.02, 2.25),
                        "glass",
                        rgb("#141b20"),
                        place,
                    )
        for _ in range(rng.integers(0, 4)):  # stickers on the pillar, meter box, downpipe
            mesh.box(
                (x + 0.15 + rng.normal(0, 0.04), -0.105, rng.uniform(0.8, 2.2)),
                (rng.uniform(0.1, 0.22), 0.012, rng.uniform(0.12, 0.3)),
                "paper",
                pick(rng, ["#e8e4d8", "#d8c23a", "#c8352b", "#dfe8ee"]),
                place,
            )
        if rng.random() < 0.5:
            mesh.tube((x + 0.02, -0.14, 0), (x + 0.02, -0.14, H), 0.045, "plastic", rgb("#b9b6ae"), n=8, place=place)
        if rng.random() < 0.3:  # awning
            c2 = [pick(rng, BRIGHT), rgb("#e4dfd2")]
            n = 8
            for i in range(n):
                a, b = x + 0.2 + (w - 0.4) * i / n, x + 0.2 + (w - 0.4) * (i + 1) / n
                mesh.add(
                    [
                        (a, -0.05, 2.75),
                        (b, -0.05, 2.75),
                        (b, -1.1, 2.4),
                        (a, -1.1, 2.4),
                        (b, -1.1, 2.22),
                        (a, -1.1, 2.22),
                    ],
                    [(0, 1, 2, 3), (3, 2, 4, 5)],
                    "cloth",
                    c2[i % 2],
                    False,
                    place,
                )
        x += w
    mesh.into_scene("facade")
