"""The surfaces of the street, each under the name that the meshes use."""

from models.scenes.colours import Rng, rgb
from models.scenes.shaders import Shader


def plain(
    name: str,
    rough: float = 0.6,
    metal: float = 0.0,
    var: float = 0.15,
    scale: float = 3.0,
    bump: float = 0.0,
    bscale: float = 40.0,
    dirt: float = 0.0,
    spec: float = 0.5,
    dist: float = 0.01,
) -> Shader:
    """Tint colour x soft noise, optional dirt and bump: the work-horse material."""
    n = Shader(name)
    col = n.mix(1.0, n.tint, n.remap(n.noise(scale), 1 - var, 1 + var), "MULTIPLY")
    if dirt:
        col = n.mix(n.remap(n.noise(1.7, 3), 0, dirt, 0.45, 0.75), col, rgb("#4a4036"))
    n.set(
        Base_Color=col,
        Metallic=metal,
        Specular_IOR_Level=spec,
        Roughness=n.remap(n.noise(scale * 2), max(0.02, rough - 0.12), min(1, rough + 0.12)),
    )
    if bump:
        n.bump(n.noise(bscale), bump, dist)
    return n


def make_materials(rng: Rng, is_wet: bool) -> None:
    """Every surface; eight draws."""
    plain("matte", 0.8, var=0.18, dirt=0.35)
    plain("plastic", 0.42, var=0.08, dirt=0.15)
    plain("gloss", 0.2, var=0.03, dirt=0.06, spec=0.6)
    plain("metal", 0.4, metal=0.8, var=0.15, dirt=0.3)
    plain("cloth", 0.95, var=0.15, scale=6, bump=0.4, bscale=14, spec=0.1, dist=0.03)
    plain("skin", 0.6, var=0.05)
    plain("fruit", 0.35, var=0.2, scale=25)
    plain("bag", 0.24, var=0.1, bump=0.55, bscale=16, dist=0.03, dirt=0.12)
    plain("paper", 0.85, var=0.2, scale=9, bump=0.5, bscale=25, dirt=0.5)
    plain("rubber", 0.8, var=0.2)
    plain("wood", 0.75, var=0.35, scale=5, bump=0.3, bscale=60, dirt=0.3)
    plain("sand", 0.95, var=0.22, scale=2.5, bump=0.6, bscale=70, spec=0.2, dirt=0.2)
    plain("plaster", 0.9, var=0.12, scale=0.8, bump=0.1, bscale=30, dirt=0.3, spec=0.2)
    plain("concrete", 0.9, var=0.22, scale=1.5, bump=0.15, bscale=40, dirt=0.35, spec=0.2)
    plain("card", 0.85, var=0.12, scale=4, dirt=0.3, spec=0.15)
    plain("leaf", 0.6, var=0.35, scale=2)
    plain("glass", 0.06, var=0.0, spec=0.9)
    emission()
    asphalt(rng, is_wet)
    paving(rng, is_wet)
    walls()
    shelf()
    shutter()
    stain(is_wet)
    water()


def emission() -> None:
    """Emission, tint is the light colour; only "ceiling" is sampled as a light (the rest would be slow)."""
    for name in ("emit", "ceiling"):
        n = Shader(name)
        n.set(Base_Color=n.tint, Emission_Color=n.tint, Emission_Strength=1.0)
        n.mat.cycles.emission_sampling = "FRONT" if name == "ceiling" else "NONE"


def asphalt(rng: Rng, is_wet: bool) -> None:
    """Asphalt: fine grain, large stains, cracks, wet patches."""
    n = Shader("asphalt")
    base = float(rng.uniform(0.045, 0.11))
    col = n.mix(n.remap(n.noise(220, 2), 0, 1), (base * 0.6,) * 3, (base * 1.6, base * 1.55, base * 1.5))
    col = n.mix(n.remap(n.noise(0.35, 3), 0.0, 0.65), col, (base * 0.55,) * 3)
    vor = n.new("ShaderNodeTexVoronoi", feature="DISTANCE_TO_EDGE", Scale=0.45)
    n.link(n.mix(0.12, n.obj, n.new("ShaderNodeTexNoise", Scale=2.0).outputs["Color"]), vor.inputs["Vector"])
    col = n.mix(n.remap(vor.outputs["Distance"], 0.55, 0.0, 0.0, 0.012), col, (0.015,) * 3)
    dry, damp = (0.85, 0.85) if not is_wet else (0.5, 0.06)
    n.set(Base_Color=col, Roughness=n.remap(n.noise(0.5, 3), dry, damp, 0.4, 0.6))
    n.bump(n.noise(160, 2), 0.25 if not is_wet else 0.12)


def paving(rng: Rng, is_wet: bool) -> None:
    """Paving: three laying patterns."""
    n = Shader("paving")
    a = [
        ("#9a948a", "#868079"),
        ("#8f7f74", "#a08c7e"),
        ("#7f8286", "#8d8f92"),
        ("#a39a86", "#8e8675"),
        ("#8d5f52", "#9b7466"),
    ][rng.integers(5)]
    w, h = [(0.5, 0.25), (0.3, 0.3), (0.2, 0.1), (0.6, 0.6)][rng.integers(4)]
    br = n.new("ShaderNodeTexBrick", Scale=1.0, offset=float(rng.choice([0.5, 0.0])))
    for k, v in {
        "Color1": (*rgb(a[0]), 1),
        "Color2": (*rgb(a[1]), 1),
        "Mortar": (*rgb("#4f4b46"), 1),
        "Mortar Size": 0.006,
        "Brick Width": w,
        "Row Height": h,
        "Mortar Smooth": 0.3,
    }.items():
        br.inputs[k].default_value = v
    n.link(n.obj, br.inputs["Vector"])
    col = n.mix(1.0, br.outputs["Color"], n.remap(n.noise(90, 1), 0.8, 1.2), "MULTIPLY")
    col = n.mix(n.remap(n.noise(0.6, 4), 0.0, 0.6, 0.42, 0.7), col, rgb("#4b453d"))
    col = n.mix(n.remap(n.noise(6, 3), 0.0, 0.75, 0.62, 0.72), col, rgb("#35312c"))  # gum, oil
    n.set(Base_Color=col, Roughness=n.remap(n.noise(0.8, 4), 0.9, 0.7 if not is_wet else 0.08, 0.4, 0.6))
    n.bump(n.mix(0.15, br.outputs["Fac"], n.noise(60)), -0.4, 0.006)


def walls() -> None:
    """Wall tiles / bricks: tint x brick pattern (x and z of the facade)."""
    for name, (w, h, ms) in {"brickwall": (0.24, 0.075, 0.012), "tilewall": (0.12, 0.06, 0.006)}.items():
        n = Shader(name)
        sw = n.new("ShaderNodeSeparateXYZ")
        cb = n.new("ShaderNodeCombineXYZ")
        n.link(n.obj, sw.inputs[0])
        n.link(sw.outputs["X"], cb.inputs["X"])
        n.link(sw.outputs["Z"], cb.inputs["Y"])
        br = n.new("ShaderNodeTexBrick", Scale=1.0)
        for k, v in {
            "Color1": (1, 1, 1, 1),
            "Color2": (0.75, 0.72, 0.7, 1),
            "Mortar": (0.45, 0.43, 0.42, 1),
            "Mortar Size": ms,
            "Brick Width": w,
            "Row Height": h,
        }.items():
            br.inputs[k].default_value = v
        n.link(cb.outputs[0], br.inputs["Vector"])
        col = n.mix(1.0, n.tint, br.outputs["Color"], "MULTIPLY")
        col = n.mix(n.remap(n.noise(0.9, 3), 0.0, 0.5, 0.45, 0.75), col, rgb("#4a4540"))
        n.set(Base_Color=col, Roughness=0.8)


def shelf() -> None:
    """Shelves: random coloured cells, for shop interiors and packed goods."""
    n = Shader("shelf")
    sc = n.new("ShaderNodeVectorMath", operation="MULTIPLY")
    sc.inputs[1].default_value = (9.0, 9.0, 3.0)
    fl = n.new("ShaderNodeVectorMath", operation="FLOOR")
    wn = n.new("ShaderNodeTexWhiteNoise")
    n.link(n.obj, sc.inputs[0])
    n.link(sc.outputs[0], fl.inputs[0])
    n.link(fl.outputs[0], wn.inputs["Vector"])
    col = n.mix(1.0, wn.outputs["Color"], wn.outputs["Color"], "MULTIPLY")
    col = n.mix(n.remap(n.noise(0.8, 1), 0.62, 0.92), col, (0.16, 0.13, 0.11))  # muted, varies from shelf to shelf
    fr = n.new("ShaderNodeVectorMath", operation="FRACTION")
    n.link(sc.outputs[0], fr.inputs[0])
    sx = n.new("ShaderNodeSeparateXYZ")
    n.link(fr.outputs[0], sx.inputs[0])
    col = n.mix(n.remap(sx.outputs["Z"], 0.0, 0.85, 0.72, 0.8), col, (0.01, 0.01, 0.01))
    col = n.mix(1.0, col, n.remap(n.noise(14, 2), 0.35, 1.2), "MULTIPLY")
    n.set(Base_Color=col, Emission_Color=col, Emission_Strength=0.06)
    n.mat.cycles.emission_sampling = "NONE"


def shutter() -> None:
    """Roller shutter: horizontal slats."""
    n = Shader("shutter")
    wv = n.new("ShaderNodeTexWave", bands_direction="Z", Scale=3.2, Distortion=0.0)
    n.link(n.obj, wv.inputs["Vector"])
    n.set(Base_Color=n.mix(1.0, n.tint, n.remap(n.noise(1.2, 3), 0.6, 1.1), "MULTIPLY"), Metallic=0.4, Roughness=0.5)
    n.bump(wv.outputs["Fac"], 0.8, 0.03)


def stain(is_wet: bool) -> None:
    """Wet stain on the ground: dark, glossy, ragged alpha edge."""
    n = Shader("stain")
    tr = n.new("ShaderNodeBsdfTransparent")
    mx = n.new("ShaderNodeMixShader")
    gr = n.new("ShaderNodeVectorMath", operation="LENGTH")
    gc = n.new("ShaderNodeTexCoord")
    sub = n.new("ShaderNodeVectorMath", operation="SUBTRACT")
    sub.inputs[1].default_value = (0.5, 0.5, 0.0)
    n.link(gc.outputs["Generated"], sub.inputs[0])
    n.link(sub.outputs[0], gr.inputs[0])
    add = n.new("ShaderNodeMath", operation="MULTIPLY_ADD")
    n.link(n.noise(3.0, 5), add.inputs[0])
    add.inputs[1].default_value = 0.5
    n.link(gr.outputs["Value"], add.inputs[2])
    n.link(n.remap(add.outputs[0], 0.75, 0.0, 0.5, 0.68), mx.inputs[0])
    n.link(tr.outputs[0], mx.inputs[1])
    n.link(n.bsdf.outputs[0], mx.inputs[2])
    n.link(mx.outputs[0], n.out.inputs["Surface"])
    n.set(Base_Color=n.tint, Roughness=0.12 if is_wet else 0.35)


def water() -> None:
    """Standing water: the ground below, darker, and a mirror that grows as the view flattens."""
    n = Shader("water")
    clear = n.new("ShaderNodeBsdfTransparent", Color=(0.40, 0.39, 0.37, 1))
    mirror = n.new("ShaderNodeBsdfGlossy", Roughness=0.04)
    mixed = n.new("ShaderNodeMixShader")
    n.link(n.new("ShaderNodeFresnel", IOR=1.6).outputs[0], mixed.inputs[0])
    n.link(clear.outputs[0], mixed.inputs[1])
    n.link(mirror.outputs[0], mixed.inputs[2])
    n.link(mixed.outputs[0], n.out.inputs["Surface"])
