"""People on the pavement: walking, seated, with an umbrella."""

from models.scenes.colours import BRIGHT, DULL, Rng, pick, rgb
from models.scenes.meshes import Mesh
from models.scenes.placement import Placement, moved


def person(mesh: Mesh, place: Placement, rng: Rng, is_sheltered: bool = False, is_seated: bool = False) -> None:
    top, trousers, hair = (
        pick(rng, BRIGHT + DULL * 2),
        pick(rng, DULL),
        pick(rng, ["#0d0b0a", "#1d1512", "#2e2622", "#6b6864"]),
    )
    skin = rgb("#c69076")
    s, st = rng.uniform(0.92, 1.05), rng.uniform(-0.28, 0.28)
    place = place @ moved(s=s)
    hip = 0.5 if is_seated else 0.9
    for k, side in ((1, -0.09), (-1, 0.09)):
        knee = (side, 0.38 if is_seated else k * st * 0.55, hip if is_seated else 0.5)
        foot = (side, 0.42 if is_seated else k * st, 0.08)
        mesh.tube((side, 0, hip), knee, 0.085, "cloth", trousers, 0.065, place=place)
        mesh.tube(knee, foot, 0.065, "cloth", trousers, 0.05, place=place)
        mesh.box((side, foot[1] + 0.05, 0.045), (0.09, 0.25, 0.09), "matte", rgb("#1c1b1a"), place=place)
    mesh.ball((0, 0, hip + 0.05), (0.17, 0.13, 0.14), "cloth", trousers, place=place)
    mesh.ball((0, 0.01, hip + 0.33), (0.205, 0.135, 0.34), "cloth", top, place=place)
    sh = hip + 0.52
    mesh.ball((0, 0, sh), (0.21, 0.10, 0.09), "cloth", top, place=place)
    for k, side in ((1, -0.19), (-1, 0.19)):
        hand = (side * 1.08, 0.08 - k * st * 0.6, hip)
        if is_sheltered and k == 1:
            hand = (side * 0.4, 0.28, hip + 0.35)
        el = (side * 1.15, 0.0 - k * st * 0.2, hip + 0.25)
        mesh.tube((side * 0.9, 0, sh), el, 0.055, "cloth", top, 0.045, place=place)
        mesh.tube(el, hand, 0.042, "cloth", top, 0.035, place=place)
        mesh.ball(hand, 0.045, "skin", skin, 2, place=place)
    mesh.tube((0, 0, sh), (0, 0.01, sh + 0.16), 0.05, "skin", skin, place=place)
    mesh.ball((0, 0.015, sh + 0.25), (0.085, 0.10, 0.125), "skin", skin, place=place)
    mesh.ball((0, -0.015, sh + 0.285), (0.096, 0.108, 0.115), "matte", hair, place=place)
    load = rng.random()
    if load < 0.3:
        mesh.box((0, -0.2, hip + 0.33), (0.27, 0.14, 0.38), "cloth", pick(rng, DULL), place, top=0.85)
    elif load < 0.5:
        mesh.box((0.25, 0.1, hip - 0.25), (0.08, 0.3, 0.3), "cloth", pick(rng, BRIGHT + DULL), place, top=0.8)
    if is_sheltered:
        mesh.tube((-0.09, 0.28, hip + 0.3), (-0.05, 0.2, sh + 0.75), 0.01, "metal", place=place)
        mesh.fan(
            rng.uniform(0.48, 0.6),
            0.24,
            8,
            "cloth",
            [pick(rng, BRIGHT + DULL)],
            place @ moved(-0.05, 0.2, sh + 0.5),
            droop=0.08,
        )
