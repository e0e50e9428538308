"""Street stalls: tables, carts, tricycles, mats, clothes rails and crates, with or without vendor."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from models.scenes.colours import BRIGHT, DULL, Rng, pick
from models.scenes.furniture import parasol
from models.scenes.goods import clothes_rail, crate, food_cart, fruit_pile, goods_boxes, table
from models.scenes.meshes import Mesh
from models.scenes.people import person
from models.scenes.placement import Placement, moved
from models.scenes.vehicles import tricycle


def _table(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Tables of fruit or small wares, crates before them."""
    n, L = rng.integers(1, 3), rng.uniform(1.3, 1.9)
    for i in range(n):
        local = place @ moved((i - (n - 1) / 2) * (L + 0.1), 0, 0)
        h = table(mesh, local, rng, L, cloth=rng.random() < 0.7)
        if rng.random() < 0.65:
            for x in np.arange(-L / 2 + 0.26, L / 2 - 0.2, 0.5):
                (crate if rng.random() < 0.5 else fruit_pile)(mesh, local @ moved(x, rng.uniform(-0.08, 0.08), h), rng)
        else:
            goods_boxes(mesh, local @ moved(0, 0, h), rng, L, 0.75, int(rng.integers(20, 45)))
        if rng.random() < 0.6:
            for x in np.arange(-L / 2 + 0.3, L / 2, 0.6):
                crate(mesh, local @ moved(x, -0.62, 0), rng)
    if rng.random() < 0.7:
        parasol(mesh, place @ moved(rng.uniform(-0.5, 0.5), 0.5, 0), rng)


def _cart(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A food cart."""
    food_cart(mesh, place, rng)


def _tricycle(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A tricycle sold from."""
    h = tricycle(mesh, place, rng)
    if rng.random() < 0.7:
        for x in (-0.75, -0.2, 0.32):
            for y in (-0.24, 0.24):
                crate(mesh, place @ moved(x, y, h, rng.normal(0, 0.05)), rng, 0.5, 0.44, 0.2)
    else:
        for _ in range(6):
            fruit_pile(mesh, place @ moved(rng.uniform(-0.8, 0.4), rng.uniform(-0.25, 0.25), h + 0.12), rng, 0.6, 0.5)
    if rng.random() < 0.6:
        parasol(mesh, place @ moved(-0.2, 0.6, 0), rng, rng.uniform(1.0, 1.35), 2.3)


def _mat(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Small wares on a cloth on the ground."""
    L, W = rng.uniform(1.4, 2.4), rng.uniform(0.9, 1.3)
    mesh.box((0, 0, 0.01), (L, W, 0.015), "cloth", pick(rng, BRIGHT + DULL), place)
    goods_boxes(mesh, place @ moved(0, 0, 0.02), rng, L, W, int(rng.integers(35, 80)))


def _clothes(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Rails of clothes."""
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


def _crates(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Crates of fruit on the ground."""
    for i in range(rng.integers(2, 5)):
        for j in range(rng.integers(1, 3)):
            crate(mesh, place @ moved(i * 0.56 - 0.9, j * 0.45 - 0.2, 0, rng.normal(0, 0.06)), rng)
    for _ in range(rng.integers(1, 4)):
        crate(mesh, place @ moved(-0.9, 0.7, rng.choice([0, 0.23])), rng, full=rng.random() < 0.5)
    if rng.random() < 0.6:
        parasol(mesh, place @ moved(0, 0.5, 0), rng)


_VARIANTS: tuple[tuple[str, Callable[[Mesh, Placement, Rng], None]], ...] = (
    ("table", _table),
    ("table", _table),
    ("cart", _cart),
    ("cart", _cart),
    ("tricycle", _tricycle),
    ("tricycle", _tricycle),
    ("mat", _mat),
    ("clothes", _clothes),
    ("crates", _crates),
)
"""Name and maker; each as likely as the next."""


def stall(place: Placement, rng: Rng, index: int) -> tuple[str, list[Any]]:
    """A stall, often with its vendor, who carries no label; its variant and its objects."""
    variant, make = _VARIANTS[int(rng.integers(len(_VARIANTS)))]
    mesh, who = Mesh(), Mesh()
    make(mesh, place, rng)
    if rng.random() < 0.75:  # the vendor, unlabelled
        sit = rng.random() < 0.35
        local = place @ moved(rng.uniform(-0.6, 0.6), 0.95, 0, math.pi + rng.normal(0, 0.4))
        person(who, local, rng, is_seated=sit)
        if sit:
            who.box((0, -0.02, 0.22), (0.3, 0.3, 0.42), "plastic", pick(rng, BRIGHT), local)
        who.into_scene("vendor")
    return variant, [mesh.into_scene("stall", index)]
