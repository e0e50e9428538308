"""What is taken for a violation and is none, with the room each needs; added to the streets of generator 2."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.scenes.colours import Rng
from models.scenes.deliveries import covered_tricycle, unloading
from models.scenes.ebikes import courier_bike
from models.scenes.furniture import parasol, terrace, wheelie_bin
from models.scenes.ground import leaf_drift, puddle
from models.scenes.meshes import Mesh
from models.scenes.people import person
from models.scenes.placement import Placement, moved


@dataclass(frozen=True, slots=True)
class Lookalike:
    """How one kind is made and where it may stand."""

    make: Callable[[Mesh, Placement, Rng], None]
    radius_m: float
    y_m: tuple[float, float]
    """How far from the kerb its middle may lie."""
    is_flat: bool = False
    """True for what lies on the ground: it never stands before anything."""


def bin_row(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Closed wheelie bins in a row, as they wait for the lorry."""
    count = int(rng.integers(4, 7))
    for i in range(count):
        at = (i - (count - 1) / 2) * 0.62 + rng.normal(0, 0.02)
        wheelie_bin(mesh, place @ moved(at, rng.normal(0, 0.04), 0, rng.normal(0, 0.06)), rng)


def cafe(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A cafe's terrace inside its fence: parasols of one colour, guests at the tables."""
    terrace(mesh, place, rng)
    shade = rng.integers(1 << 31)
    for x in (-0.95, 0.95):
        twin = np.random.default_rng(int(shade))
        parasol(mesh, place @ moved(x, 0.35, 0), twin, 1.05, 2.25, False)
    for _ in range(int(rng.integers(0, 4))):
        side = float(rng.choice([-1, 1]))
        at = side * 0.95 + float(rng.choice([-0.6, 0.6]))
        person(mesh, place @ moved(at, 0.05, 0, math.pi / 2 * float(rng.choice([-1, 1]))), rng, is_seated=True)


def courier_bikes(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """Couriers' bicycles before a kitchen, one courier waiting."""
    for i in range(int(rng.integers(1, 4))):
        courier_bike(mesh, place @ moved((i - 1) * 0.75, 0, 0, math.pi / 2 + rng.normal(0.25, 0.1)), rng)
    if rng.random() < 0.5:
        person(mesh, place @ moved(rng.uniform(-0.8, 0.8), 0.9, 0, rng.uniform(0, 2 * math.pi)), rng)


LOOKALIKES = {
    "unloading": Lookalike(unloading, 2.0, (0.9, 1.6)),
    "cafe": Lookalike(cafe, 1.9, (3.2, 3.3)),
    "bin_row": Lookalike(bin_row, 1.5, (3.2, 4.0)),
    "courier_bikes": Lookalike(courier_bikes, 1.2, (0.9, 3.4)),
    "covered_tricycle": Lookalike(covered_tricycle, 1.3, (1.0, 3.3)),
    "puddle": Lookalike(puddle, 0.9, (0.7, 3.8), is_flat=True),
    "leaf_drift": Lookalike(leaf_drift, 0.9, (0.5, 4.0), is_flat=True),
}
