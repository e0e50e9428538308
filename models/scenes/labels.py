"""Labels: what is seen of each group of things, and which of them a detector may be asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.scenes.cameras import View
from models.scenes.meshes import Faces, Points

CATEGORIES = ("street_stall", "exposed_garbage", "roadside_clutter")
"""In the order of the class numbers in the label files."""
LEAST_VISIBLE = 0.30
LEAST_SIDE_PX = 8
LEAST_AREA_PX = 90

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; x1 and y1 are just outside."""
_SUPERSAMPLING = 3
"""fillPoly adds an outline: drawn large, that stays small."""
_NEAREST_M = 0.1


@dataclass(slots=True)
class Group:
    """Things that stand or lie together and carry one label, or none."""

    id: int
    """Its number in the label picture."""
    category: str | None
    """None for a hard negative: it looks like a violation and is allowed."""
    name: str
    variant: str
    objects: list[Any] = field(default_factory=list, repr=False)
    """Blender's objects."""
    hidden: bool = False
    full_px: int | None = None
    """Pixels it would cover with nothing in front; None until asked for."""
    box_full: list[float] | None = None
    """Box of all its vertices, clipped to the picture."""
    visible: float = 0.0
    """Share of ``full_px`` that is seen, 0..1."""
    box: Box | None = None
    """Box of the pixels that are seen."""
    keep: bool = False
    """True when it becomes a label."""

    def record(self) -> dict[str, Any]:
        """As it is kept beside the picture."""
        number = None if self.category is None else CATEGORIES.index(self.category)
        return {
            "id": self.id,
            "cls": number,
            "name": self.name,
            "variant": self.variant,
            "box_full": self.box_full,
            "visible": self.visible,
            "box": list(self.box) if self.box else None,
            "keep": self.keep,
        }


def silhouette(shapes: Iterable[tuple[Points, Faces]], view: View) -> tuple[int, list[float] | None]:
    """What the shapes would cover with nothing in front.

    Returns:
        Pixels (also those beyond the picture's border, on a canvas of twice its size), and the box of all vertices
        clipped to the picture (None when outside).
    """
    width, height = view.size
    k = _SUPERSAMPLING
    canvas = np.zeros((height * 2 * k, width * 2 * k), np.uint8)
    seen = []
    for points, faces in shapes:
        pixels, depth = view.project(points)
        seen.append(pixels[depth > _NEAREST_M])
        drawn = (
            (((pixels + np.array((width / 2, height / 2))) * k - 0.5) * 16)
            .round()
            .clip(-(2**20), 2**20)
            .astype(np.int32)
        )
        for face in faces:
            if depth[list(face)].min() > _NEAREST_M:
                cv2.fillPoly(canvas, [drawn[list(face)]], (1,), shift=4)  # sixteenths of a pixel
    corners = np.vstack(seen) if seen else np.empty((0, 2))
    if not len(corners):
        return 0, None
    bounds = np.r_[corners.min(0), corners.max(0)].clip(0, (width, height, width, height))
    x0, y0, x1, y1 = (round(float(v), 1) for v in bounds)
    return int(canvas.sum()) // k**2, [x0, y0, x1, y1] if bounds[2] > bounds[0] and bounds[3] > bounds[1] else None


def box_of(mask: npt.NDArray[np.bool_]) -> Box | None:
    """The tightest box of a mask (H, W); None when it is empty."""
    if not mask.any():
        return None
    ys, xs = np.where(mask.any(1))[0], np.where(mask.any(0))[0]
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1


def short_side(box: Box) -> int:
    """The shorter side of a box in pixels."""
    return min(box[2] - box[0], box[3] - box[1])


def shapes_of(objects: Iterable[Any]) -> list[tuple[Points, Faces]]:
    """World vertices and faces of Blender's objects."""
    shapes: list[tuple[Points, Faces]] = []
    for thing in objects:
        flat = np.empty(len(thing.data.vertices) * 3)
        thing.data.vertices.foreach_get("co", flat)
        to_world = np.array(thing.matrix_world)
        points = flat.reshape(-1, 3) @ to_world[:3, :3].T + to_world[:3, 3]
        shapes.append((points, [tuple(polygon.vertices) for polygon in thing.data.polygons]))
    return shapes


def label(groups: Iterable[Group], index: npt.NDArray[np.int64], view: View) -> None:
    """Fill in what is seen of each group and whether it becomes a label; ``index`` (H, W) says whose each pixel is."""
    for group in groups:
        if group.hidden:
            group.visible, group.box, group.keep = 0.0, None, False
            continue
        if group.full_px is None:
            group.full_px, group.box_full = silhouette(shapes_of(group.objects), view)
        mask = index == group.id
        area = int(mask.sum())
        group.visible = round(min(1.0, area / max(1, group.full_px)), 3)
        group.box = box_of(mask)
        group.keep = is_label(group, area)


def is_label(group: Group, area_px: int) -> bool:
    """True when enough of a violation is seen for a person to name it."""
    return (
        group.category is not None
        and group.box is not None
        and group.visible >= LEAST_VISIBLE
        and area_px >= LEAST_AREA_PX
        and short_side(group.box) >= LEAST_SIDE_PX
    )


def yolo_lines(groups: Sequence[Group], size: tuple[int, int]) -> list[str]:
    """``class x y w h`` of each label: centre and size as shares of the picture."""
    width, height = size
    lines = []
    for group in groups:
        if group.keep and group.box is not None and group.category is not None:
            x0, y0, x1, y1 = group.box
            shares = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
            lines.append(" ".join([str(CATEGORIES.index(group.category)), *(f"{share:.6f}" for share in shares)]))
    return lines
