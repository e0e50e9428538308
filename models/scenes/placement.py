"""Where things are: the street's frame in metres, and 4x4 placements in it.

The street runs along x. The road lies at y in [-7, 0] and z = 0; the watched pavement at y in [0, 4.5] and
z = KERB_M with shop fronts at y = FRONT_M; the other pavement at y in [-13, -7] with facades at y = BACK_M.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Placement = npt.NDArray[np.float64]
"""(4, 4): scale, turn, then move; applied to column vectors."""

KERB_M = 0.12
FRONT_M = 4.5
BACK_M = -13.0
IDENTITY: Placement = np.eye(4)


def turned(axis: int, angle_rad: float) -> Placement:
    """A turn about x (0), y (1) or z (2), counter-clockwise looking against the axis."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(4)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix


def moved(
    x: float = 0,
    y: float = 0,
    z: float = 0,
    rz: float = 0,
    rx: float = 0,
    ry: float = 0,
    s: float | Sequence[float] = 1,
) -> Placement:
    """Scale by ``s``, turn about x, y, then z (radians), and move to (x, y, z) metres."""
    scale = (s, s, s) if isinstance(s, int | float) else tuple(s)
    matrix = turned(2, rz) @ turned(1, ry) @ turned(0, rx) @ np.diag([*scale, 1.0])
    matrix[:3, 3] = (x, y, z)
    return matrix
