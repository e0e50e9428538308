"""Street stalls: tables, carts, tricycles, mats, clothes rails and crates, with or without vendor."""

import math
from typing import Any

import numpy as np

from models.scenes.colours import BRIGHT, DULL, Rng, pick
from models.scenes.furniture import parasol
from models.scenes.goods import clothes_rail, crate, food_cart, fruit_pile, goods_boxes, table
from models.scenes.meshes import Mesh
from models.scenes.people import person
from models.scenes.placement import Placement, moved
from models.scenes.vehicles import tricycle


def stall(place: Placement, rng: Rng, index: int) -> tuple[str, list[Any]]:
    var = ["table", "table", "cart", "cart", "tricycle", "tricycle", "mat", "clothes", "crates"][rng.integers(9)]
    mesh, who = Mesh(), Mesh()
    if var == "table":
        n, L = rng.integers(1, 3), rng.uniform(1.3, 1.9)
        for i in range(n):
            local = place @ moved((i - (n - 1) / 2) * (L + 0.1), 0, 0)
            h = table(mesh, local, rng, L, cloth=rng.random() < 0.7)
            if rng.random() < 0.65:
                for x in np.arange(-L / 2 + 0.26, L / 2 - 0.2, 0.5):
                    (crate if rng.random() < 0.5 else fruit_pile)(
                        mesh, local @ moved(x, rng.uniform(-0.08, 0.08), h), rng
                    )
            else:
                goods_boxes(mesh, local @ moved(0, 0, h), rng, L, 0.75, int(rng.integers(20, 45)))
            if rng.random() < 0.6:
                for x in np.arange(-L / 2 + 0.3, L / 2, 0.6):
                    crate(mesh, local @ moved(x, -0.62, 0), rng)
        if rng.random() < 0.7:
            parasol(mesh, place @ moved(rng.uniform(-0.5, 0.5), 0.5, 0), rng)
    elif var == "cart":
        food_cart(mesh, place, rng)
    elif var == "tricycle":
        h = tricycle(mesh, place, rng)
        if rng.random() < 0.7:
            for x in (-0.75, -0.2, 0.32):
                for y in (-0.24, 0.24):
                    crate(mesh, place @ moved(x, y, h, rng.normal(0, 0.05)), rng, 0.5, 0.44, 0.2)
        else:
            for _ in range(6):
                fruit_pile(
                    mesh, place @ moved(rng.uniform(-0.8, 0.4), rng.uniform(-0.25, 0.25), h + 0.12), rng, 0.6, 0.5
                )
        if rng.random() < 0.6:
            parasol(mesh, place @ moved(-0.2, 0.6, 0), rng, rng.uniform(1.0, 1.35), 2.3)
    elif var == "mat":
        L, W = rng.uniform(1.4, 2.4), rng.uniform(0.9, 1.3)
        mesh.box((0, 0, 0.01), (L, W, 0.015), "cloth", pick(rng, BRIGHT + DULL), place)
        goods_boxes(mesh, place @ moved(0, 0, 0.02), rng, L, W, int(rng.integers(35, 80)))
    elif var == "clothes":
        for i in range(rng.integers(1, 3)):
            clothes_rail(
                mesh,
                place @ moved(rng.normal(0, 0.1), i * 0.7 - 0.2, 0, rng.normal(0, 0.08)),
                rng,
                rng.uniform(1.3, 2.0),
            )
        if rng.random() < 0.5:
            h = table(mesh, place @ moved(0, -0.8, 0), rng, 1.5, 0.6, 0.6)
            goods_boxes(mesh, place @ moved(0, -0.8, h), rng, 1.5, 0.6, 30)
    else:
        for i in range(rng.integers(2, 5)):
            for j in range(rng.integers(1, 3)):
                crate(mesh, place @ moved(i * 0.56 - 0.9, j * 0.45 - 0.2, 0, rng.normal(0, 0.06)), rng)
        for _ in range(rng.integers(1, 4)):
            crate(mesh, place @ moved(-0.9, 0.7, rng.choice([0, 0.23])), rng, full=rng.random() < 0.5)
        if rng.random() < 0.6:
            parasol(mesh, place @ moved(0, 0.5, 0), rng)
    if rng.random() < 0.75:  # the vendor, unlabelled
        sit = rng.random() < 0.35
        local = place @ moved(rng.uniform(-0.6, 0.6), 0.95, 0, math.pi + rng.normal(0, 0.4))
        person(who, local, rng, is_seated=sit)
        if sit:
            who.box((0, -0.02, 0.22), (0.3, 0.3, 0.42), "plastic", pick(rng, BRIGHT), local)
        who.into_scene("vendor")
    return var, [mesh.into_scene("stall", index)]
