"""Sun, sky and street lamps."""

import math
from collections.abc import Sequence

import bpy
from mathutils import Vector

from models.scenes.colours import Rng


def put_light(rng: Rng, light: str, lamps: Sequence[tuple[float, float, int]], ahead: float = 1.0) -> None:
    """Sky, sun and lamps of a kind of light; a lamp is x, y and the side (1 or -1) that its arm leaves behind.

    ``ahead`` is the way along x that the camera looks, 1 or -1: light from ahead comes from there.
    """
    sc = bpy.context.scene
    w = bpy.data.worlds.new("world")
    sc.world, w.use_nodes = w, True
    t, bg = w.node_tree, w.node_tree.nodes["Background"]
    if light in ("day", "lowsun"):
        sky = t.nodes.new("ShaderNodeTexSky")
        sky.sky_type = "NISHITA"
        sky.sun_elevation = math.radians(rng.uniform(30, 68) if light == "day" else rng.uniform(9, 24))
        sky.sun_rotation = math.pi + rng.uniform(-1.25, 1.25) if rng.random() < 0.8 else rng.uniform(0, 6.28)
        sky.air_density, sky.dust_density, sky.sun_size = (
            rng.uniform(1, 2),
            rng.uniform(0.5, 5),
            math.radians(rng.uniform(0.6, 2.5)),
        )
        sky.sun_intensity = rng.uniform(0.35, 1.0)
        t.links.new(sky.outputs[0], bg.inputs[0])
        bg.inputs[1].default_value = 0.12
    else:
        c, s = {
            "overcast": ((0.78, 0.86, 1.0), 1.0),
            "wet": ((0.7, 0.8, 0.95), 0.8),
            "rain": ((0.66, 0.74, 0.86), 0.6),
            "backlight": ((0.62, 0.78, 1.0), 0.35),
            "dusk": ((0.30, 0.40, 0.75), 0.10),
            "night": ((0.10, 0.13, 0.25), 0.02),
        }[light]
        bg.inputs[0].default_value, bg.inputs[1].default_value = (*c, 1), s
        if light == "backlight":
            _low_sun_ahead(rng, ahead)
        if light in ("overcast", "wet", "rain"):
            su = bpy.data.lights.new("veil", "SUN")
            su.energy, su.angle = rng.uniform(0.2, 0.8), math.radians(60)
            ob = bpy.data.objects.new("veil", su)
            ob.rotation_euler = (rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), 0)
            sc.collection.objects.link(ob)
    if light in ("dusk", "night"):
        warm = [(1, 0.62, 0.28), (1, 0.85, 0.62), (0.85, 0.92, 1)][rng.integers(3)]
        for x, y, sgn in lamps:
            la = bpy.data.lights.new("lamp", "SPOT")
            la.energy, la.color, la.spot_size, la.spot_blend, la.shadow_soft_size = (
                900,
                warm,
                math.radians(150),
                0.6,
                0.2,
            )
            ob = bpy.data.objects.new("lamp", la)
            ob.location = (x, y - 1.5 * sgn, 6.35)
            sc.collection.objects.link(ob)


def _low_sun_ahead(rng: Rng, ahead: float) -> None:
    """A low sun over the end of the street that the camera looks to, a little towards the road."""
    height, aside = math.radians(rng.uniform(17, 30)), rng.uniform(-0.5, 0.12)
    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy, sun.angle, sun.color = rng.uniform(3.0, 6.0), math.radians(1.0), (1.0, 0.86, 0.68)
    thing = bpy.data.objects.new("sun", sun)
    towards = Vector((ahead * math.cos(aside) * math.cos(height), math.sin(aside) * math.cos(height), math.sin(height)))
    thing.rotation_euler = towards.to_track_quat("Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(thing)
