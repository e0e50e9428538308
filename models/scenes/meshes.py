"""Meshes from primitives: boxes, tubes, balls and fans, each face with a material and a tint.

Blender is imported only where it is used, so that the shapes can be drawn up without it; round ones need its
icosphere and its noise.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models.scenes.colours import Rgb
from models.scenes.placement import IDENTITY, Placement, moved

Points = npt.NDArray[np.float64]
"""(N, 3) metres."""
Faces = list[tuple[int, ...]]
Position = Sequence[float] | npt.NDArray[np.float64]
"""x, y, z in metres."""
Positions = Points | Sequence[Sequence[float]]

WHITE: Rgb = (1.0, 1.0, 1.0)
_BOX_FACES: Faces = [(0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]


@cache
def ico(subdivisions: int) -> tuple[Points, Faces]:
    """Unit icosphere: 12, 42, 162, 642, 2562 vertices for 1..5 subdivisions. Not to be changed in place."""
    import bmesh

    grid = bmesh.new()
    bmesh.ops.create_icosphere(grid, subdivisions=subdivisions, radius=1.0)
    points = np.array([vertex.co[:] for vertex in grid.verts])
    faces: Faces = [tuple(vertex.index for vertex in face.verts) for face in grid.faces]
    grid.free()
    return points, faces


def fnoise(points: Points, scale: float, seed: int) -> npt.NDArray[np.float64]:
    """Smooth noise (N,) at the points (N, 3), about -1..1."""
    from mathutils import Vector, noise

    offset = Vector((seed * 7.3 % 97, seed * 3.1 % 89, seed * 1.7 % 83))
    return np.array([noise.noise(Vector(point) * scale + offset) for point in points])


class Mesh:
    """Collects primitives; each face carries a material and a tint colour."""

    def __init__(self) -> None:
        self.points: list[Points] = []
        self.faces: Faces = []
        self.materials: list[str] = []
        self._material_of: list[int] = []
        self._tint_of: list[tuple[float, float, float, float]] = []
        self._smooth: list[bool] = []
        self._count = 0

    def add(
        self,
        points: Positions,
        faces: Sequence[tuple[int, ...]],
        material: str,
        colour: Rgb = WHITE,
        smooth: bool = False,
        place: Placement = IDENTITY,
    ) -> None:
        """Faces given as indices into ``points``, which are moved by ``place``."""
        moved_points = np.asarray(points, float).reshape(-1, 3) @ place[:3, :3].T + place[:3, 3]
        if material not in self.materials:
            self.materials.append(material)
        self.points.append(moved_points)
        self.faces += [tuple(i + self._count for i in face) for face in faces]
        self._material_of += [self.materials.index(material)] * len(faces)
        self._tint_of += [(*colour, 1.0)] * len(faces)
        self._smooth += [smooth] * len(faces)
        self._count += len(moved_points)

    def box(
        self,
        centre: Position,
        size: Sequence[float],
        material: str,
        colour: Rgb = WHITE,
        place: Placement = IDENTITY,
        top: float = 1.0,
        rz: float = 0.0,
    ) -> None:
        """A box about its centre, turned by ``rz``; ``top`` < 1 tapers the upper face."""
        x, y, z = np.array(size, float) / 2
        u, v = x * top, y * top
        corners = [(-x, -y, -z), (x, -y, -z), (x, y, -z), (-x, y, -z), (-u, -v, z), (u, -v, z), (u, v, z), (-u, v, z)]
        self.add(corners, _BOX_FACES, material, colour, False, place @ moved(centre[0], centre[1], centre[2], rz=rz))

    def tube(
        self,
        start: Position,
        end: Position,
        radius: float,
        material: str,
        colour: Rgb = WHITE,
        end_radius: float | None = None,
        n: int = 10,
        place: Placement = IDENTITY,
    ) -> None:
        """A closed tube with ``n`` sides; ``end_radius`` makes a cone of it."""
        a, b = np.array(start, float), np.array(end, float)
        along = (b - a) / (np.linalg.norm(b - a) + 1e-9)
        side = np.cross(along, (0, 0, 1) if abs(along[2]) < 0.9 else (1, 0, 0))
        side /= np.linalg.norm(side)
        up = np.cross(along, side)
        angle = np.arange(n) * 2 * math.pi / n
        ring = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * up
        points = np.vstack([a + ring * radius, b + ring * (radius if end_radius is None else end_radius)])
        mantle: Faces = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
        self.add(points, mantle, material, colour, True, place)
        self.add(points, [tuple(range(n))[::-1], tuple(range(n, 2 * n))], material, colour, False, place)

    def ball(
        self,
        centre: Position,
        radius: float | Sequence[float] | npt.NDArray[np.float64],
        material: str,
        colour: Rgb = WHITE,
        sub: int = 3,
        place: Placement = IDENTITY,
    ) -> None:
        """An ellipsoid; one radius or three."""
        points, faces = ico(sub)
        self.add(points * np.broadcast_to(radius, 3) + np.array(centre), faces, material, colour, True, place)

    def ring(
        self,
        centre: Position,
        radius: float,
        thickness: float,
        material: str,
        colour: Rgb = WHITE,
        place: Placement = IDENTITY,
    ) -> None:
        """A tyre in the x-z plane: ``radius`` to the middle of the rubber, ``thickness`` its own radius."""
        n, m = 18, 6
        around = np.repeat(np.arange(n) * 2 * math.pi / n, m)
        across = np.tile(np.arange(m) * 2 * math.pi / m, n)
        reach = radius + thickness * np.cos(across)
        points = np.c_[reach * np.cos(around), thickness * np.sin(across), reach * np.sin(around)] + np.array(centre)
        faces: Faces = []
        for i in range(n):
            for j in range(m):
                k, q = (i + 1) % n, (j + 1) % m
                faces.append((i * m + j, i * m + q, k * m + q, k * m + j))
        self.add(points, faces, material, colour, True, place)

    def slab(
        self,
        outline: Sequence[tuple[float, float]],
        half_width: float,
        material: str,
        colour: Rgb = WHITE,
        place: Placement = IDENTITY,
    ) -> None:
        """An outline in x and z, ``half_width`` deep to both sides along y."""
        n = len(outline)
        points = [(x, side * half_width, z) for side in (-1, 1) for x, z in outline]
        faces: Faces = [tuple(range(n)), tuple(range(n, 2 * n))[::-1]]
        faces += [(i, n + i, n + (i + 1) % n, (i + 1) % n) for i in range(n)]
        self.add(points, faces, material, colour, False, place)

    def fan(
        self,
        radius: float,
        height: float,
        n: int,
        material: str,
        colours: Sequence[Rgb],
        place: Placement = IDENTITY,
        droop: float = 0.0,
        rim: float | None = None,
        steps: int = 3,
    ) -> None:
        """Umbrella: ``n`` panels, colours taken in turn, curved by ``droop``, with a rim flap of ``rim`` metres."""
        angle = np.arange(n) * 2 * math.pi / n
        rows = []
        for k in range(1, steps + 1):
            q = k / steps
            level = np.full(n, height * (1 - q) + droop * q * (1 - q))
            rows.append(np.c_[np.cos(angle) * radius * q, np.sin(angle) * radius * q, level])
        if rim:
            rows.append(rows[-1] - np.array((0, 0, rim)))
        points = np.vstack([np.array([(0, 0, height)]), *rows])
        for i in range(n):
            j, colour = (i + 1) % n, colours[i % len(colours)]
            self.add(points, [(0, 1 + i, 1 + j)], material, colour, False, place)
            strip: Faces = [
                (1 + k * n + i, 1 + (k + 1) * n + i, 1 + (k + 1) * n + j, 1 + k * n + j) for k in range(len(rows) - 1)
            ]
            self.add(points, strip, material, colour, False, place)

    def into_scene(self, name: str, index: int = 0, bevel_m: float = 0.0) -> Any:
        """The Blender object of this mesh, linked into the scene; ``index`` marks its pixels in the label picture."""
        import bpy

        data = bpy.data.meshes.new(name)
        data.from_pydata(np.vstack(self.points).tolist() if self.points else [], [], self.faces)
        for material in self.materials:
            data.materials.append(bpy.data.materials[material])
        data.polygons.foreach_set("material_index", self._material_of)
        data.polygons.foreach_set("use_smooth", self._smooth)
        tint = data.attributes.new("tint", "FLOAT_COLOR", "FACE").data
        tint.foreach_set("color", np.array(self._tint_of).ravel())
        thing = bpy.data.objects.new(name, data)
        thing.pass_index = index
        if bevel_m:
            bevel = thing.modifiers.new("bevel", "BEVEL")
            bevel.width, bevel.segments = bevel_m, 2
            bevel.limit_method, bevel.angle_limit = "ANGLE", math.radians(40)
        bpy.context.scene.collection.objects.link(thing)
        return thing
