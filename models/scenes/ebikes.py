"""Electric bicycles as they stand in rows on every pavement, and those of couriers with their boxes."""

from collections.abc import Sequence

from models.scenes.colours import BRIGHT, DULL, Rng, jitter, pick, rgb
from models.scenes.meshes import Mesh
from models.scenes.placement import Placement, moved

_COURIERS = ("#e0b400", "#1f6fc4", "#222222", "#d9742a", "#2a9d8f")
_SHELL = ((-0.80, 0.52), (-0.72, 0.40), (-0.20, 0.30), (-0.08, 0.34), (-0.12, 0.62), (-0.35, 0.70), (-0.78, 0.66))
_SEAT = ((-0.74, 0.67), (-0.70, 0.77), (-0.40, 0.80), (-0.12, 0.75), (-0.08, 0.68))
_BOARD = ((-0.15, 0.26), (0.38, 0.26), (0.40, 0.31), (-0.12, 0.33))
_SHIELD = ((0.34, 0.28), (0.42, 0.29), (0.53, 0.80), (0.47, 0.92), (0.40, 0.90))
_FRONT_GUARD = ((0.40, 0.42), (0.50, 0.53), (0.66, 0.55), (0.82, 0.47), (0.66, 0.51), (0.52, 0.49))
_REAR_GUARD = ((-0.90, 0.36), (-0.78, 0.50), (-0.56, 0.53), (-0.74, 0.56), (-0.90, 0.46))


def ebike(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """One electric bicycle leaning on its stand, front towards +x; some with basket, box or wind quilt."""
    colour = pick(rng, [*BRIGHT, "#101010", "#d8d8d8", "#8fa3b0", "#c9b99a"])
    place = place @ moved(rx=rng.uniform(-0.09, -0.03), rz=0, s=rng.uniform(0.95, 1.05))
    frame(mesh, place, jitter(rng, colour, 0.1))
    extra = rng.random()
    if extra < 0.25:
        courier_box(mesh, place, rng, 0.34)
    elif extra < 0.5:
        basket(mesh, place)
    if rng.random() < 0.25:  # the quilt that keeps hands and knees warm
        quilt = pick(rng, [*BRIGHT, *DULL])
        mesh.ball((0.56, 0, 0.92), (0.10, 0.36, 0.16), "cloth", quilt, 3, place)
        mesh.ball((0.54, 0, 0.64), (0.09, 0.27, 0.26), "cloth", quilt, 3, place)


def courier_bike(mesh: Mesh, place: Placement, rng: Rng) -> None:
    """A courier's electric bicycle with its large box."""
    place = place @ moved(rx=rng.uniform(-0.08, -0.03))
    frame(mesh, place, pick(rng, _COURIERS))
    courier_box(mesh, place, rng, rng.uniform(0.42, 0.52))


def frame(mesh: Mesh, place: Placement, colour: tuple[float, float, float]) -> None:
    """Wheels, shell, seat, shield and handlebars."""
    dark, steel = rgb("#16171a"), rgb("#6c6f73")
    for x in (-0.60, 0.64):
        mesh.ring((x, 0, 0.25), 0.20, 0.05, "rubber", rgb("#141414"), place)
        mesh.tube((x, -0.05, 0.25), (x, 0.05, 0.25), 0.10, "metal", steel, n=12, place=place)
    mesh.slab(_BOARD, 0.15, "plastic", dark, place)
    mesh.slab(_SHELL, 0.125, "gloss", colour, place)
    mesh.slab(_SEAT, 0.13, "plastic", dark, place)
    mesh.slab(_SHIELD, 0.18, "gloss", colour, place)
    mesh.slab(_FRONT_GUARD, 0.06, "gloss", colour, place)
    mesh.slab(_REAR_GUARD, 0.07, "plastic", dark, place)
    mesh.tube((0.64, 0, 0.25), (0.46, 0, 0.86), 0.03, "metal", steel, n=8, place=place)
    mesh.tube((0.46, 0, 0.84), (0.38, 0, 1.04), 0.045, "plastic", dark, n=8, place=place)
    mesh.tube((0.36, -0.34, 1.05), (0.36, 0.34, 1.05), 0.017, "metal", dark, n=6, place=place)
    for side in (-1, 1):
        mesh.tube((0.38, side * 0.26, 1.06), (0.42, side * 0.32, 1.24), 0.008, "metal", dark, n=4, place=place)
        mesh.ball((0.42, side * 0.33, 1.27), (0.012, 0.055, 0.04), "gloss", rgb("#3a4048"), 2, place)
        mesh.tube((-0.60, side * 0.07, 0.25), (-0.42, side * 0.09, 0.48), 0.018, "metal", steel, n=6, place=place)
    mesh.ball((0.54, 0, 0.84), (0.045, 0.09, 0.06), "gloss", rgb("#dfe5ea"), 2, place)
    mesh.box((-0.83, 0, 0.58), (0.05, 0.16, 0.07), "gloss", rgb("#8c1010"), place)
    mesh.box((-0.93, 0, 0.46), (0.015, 0.16, 0.13), "plastic", rgb("#e4e4de"), place)
    mesh.tube((0.0, 0.10, 0.28), (-0.06, 0.24, 0.01), 0.014, "metal", steel, n=5, place=place)


def courier_box(mesh: Mesh, place: Placement, rng: Rng, size: float) -> None:
    """The box over the rear wheel."""
    colour = pick(rng, _COURIERS)
    mesh.box((-0.68, 0, 0.79), (0.36, 0.26, 0.03), "metal", rgb("#3a3a3a"), place)
    mesh.box((-0.72, 0, 0.80 + size / 2), (size, size, size), "plastic", colour, place)
    mesh.box((-0.72, 0, 0.81 + size), (size + 0.03, size + 0.03, 0.04), "plastic", jitter(rng, colour, 0.25), place)
    stripe = rgb("#e8e6e0")
    mesh.box((-0.725 - size / 2, 0, 0.80 + size * 0.55), (0.01, size * 0.7, size * 0.22), "plastic", stripe, place)


def basket(mesh: Mesh, place: Placement) -> None:
    """The wire basket before the handlebars."""
    wire = rgb("#2b2b2b")
    low: Sequence[tuple[float, float]] = ((0.58, -0.13), (0.58, 0.13), (0.82, 0.13), (0.82, -0.13))
    for height in (0.72, 0.80, 0.88, 0.96):
        for (x0, y0), (x1, y1) in zip(low, [*low[1:], low[0]], strict=True):
            mesh.tube((x0, y0, height), (x1, y1, height), 0.006, "metal", wire, n=4, place=place)
    mesh.box((0.70, 0, 0.72), (0.24, 0.26, 0.01), "metal", wire, place)
