"""One shader tree: the few node patterns that the surfaces share."""

from collections.abc import Sequence
from typing import Any

import bpy

Socket = Any
"""An output of a Blender node."""
Value = Any
"""A socket, a number or a colour."""


class Shader:
    """A material under construction: its surface, its output and the tint of each face."""

    def __init__(self, name: str) -> None:
        self.mat = bpy.data.materials.new(name)
        self.mat.use_nodes = True
        self.t = self.mat.node_tree
        self.bsdf = self.t.nodes["Principled BSDF"]
        self.out = self.t.nodes["Material Output"]
        self.obj = self.new("ShaderNodeTexCoord").outputs["Object"]
        tint = self.new("ShaderNodeAttribute")
        tint.attribute_name = "tint"
        self.tint = tint.outputs["Color"]

    def new(self, kind: str, **props: Any) -> Any:
        """A node; ``props`` are its properties, or else the values of its inputs."""
        n = self.t.nodes.new(kind)
        for k, v in props.items():
            if hasattr(n, k):
                setattr(n, k, v)
            else:
                n.inputs[k].default_value = v
        return n

    def link(self, a: Socket, b: Socket) -> None:
        """Lead output ``a`` into input ``b``."""
        self.t.links.new(a, b)

    def noise(self, scale: float, detail: float = 4.0, vec: Socket = None, rough: float = 0.6) -> Socket:
        """Smooth noise, about 0.3..0.7."""
        n = self.new("ShaderNodeTexNoise", Scale=scale, Detail=detail, Roughness=rough)
        self.link(vec or self.obj, n.inputs["Vector"])
        return n.outputs["Fac"]

    def remap(self, sock: Socket, a: float, b: float, lo: float = 0.3, hi: float = 0.7) -> Socket:
        """Stretch lo..hi to a..b."""
        n = self.new("ShaderNodeMapRange")
        for k, v in zip(("From Min", "From Max", "To Min", "To Max"), (lo, hi, a, b), strict=True):
            n.inputs[k].default_value = v
        self.link(sock, n.inputs["Value"])
        return n.outputs["Result"]

    def mix(self, fac: Value, a: Value, b: Value, mode: str = "MIX") -> Socket:
        """Blend two colours."""
        n = self.new("ShaderNodeMix", data_type="RGBA", blend_type=mode)
        for s, v in ((n.inputs[0], fac), (n.inputs[6], a), (n.inputs[7], b)):
            if isinstance(v, bpy.types.NodeSocket):
                self.link(v, s)
            else:
                s.default_value = v if not isinstance(v, Sequence) or len(v) == 4 else (*v, 1)
        return n.outputs[2]

    def bump(self, height: Socket, strength: float, dist: float = 0.02) -> None:
        """Make the surface look as uneven as ``height``."""
        n = self.new("ShaderNodeBump", Strength=strength, Distance=dist)
        self.link(height, n.inputs["Height"])
        self.link(n.outputs["Normal"], self.bsdf.inputs["Normal"])

    def set(self, **kw: Value) -> None:
        """Set inputs of the surface; underscores stand for blanks."""
        for k, v in kw.items():
            s = self.bsdf.inputs[k.replace("_", " ")]
            if isinstance(v, bpy.types.NodeSocket):
                self.link(v, s)
            else:
                s.default_value = v
