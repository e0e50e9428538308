"""Placements, cameras, colours and shapes, without Blender."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scenes.cameras import CAMERAS, CameraChoice, View, hang
from models.scenes.colours import jitter, rgb
from models.scenes.ground import leaf_drift, puddle
from models.scenes.lookalikes import LOOKALIKES
from models.scenes.meshes import Mesh
from models.scenes.placement import IDENTITY, moved

ANGLE = st.floats(-math.pi, math.pi)


def _points(mesh: Mesh) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.vstack(mesh.points)


def test_a_placement_scales_then_turns_then_moves() -> None:
    place = moved(1, 2, 3, rz=math.pi / 2, s=2)
    assert place @ np.array((1, 0, 0, 1)) == pytest.approx((1, 4, 3, 1))


@given(ANGLE, ANGLE, ANGLE)
def test_a_turn_keeps_lengths(rx: float, ry: float, rz: float) -> None:
    turn = moved(rx=rx, ry=ry, rz=rz)[:3, :3]
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)


def test_white_and_black_are_linear_one_and_nought() -> None:
    assert rgb("#ffffff") == pytest.approx((1, 1, 1))
    assert rgb("#000000") == (0, 0, 0)
    assert rgb("#808080")[0] == pytest.approx(0.2159, abs=1e-3)


@given(st.integers(0, 10_000))
def test_a_shifted_colour_stays_a_colour(seed: int) -> None:
    assert all(0 <= part <= 1 for part in jitter(np.random.default_rng(seed), (0.9, 0.5, 0.0), 0.5))


@pytest.mark.parametrize("name", CAMERAS)
def test_a_camera_hangs_over_the_street_and_looks_down_on_the_pavement(name: str) -> None:
    for seed in range(30):
        pose = hang(np.random.default_rng(seed), CAMERAS[name])
        assert pose.height_m == pytest.approx(CAMERAS[name].height_m, abs=1.5)
        assert 15 <= pose.tilt_deg <= 40
        assert -12 < pose.position[1] < 2, "between the other facades and the pavement it looks at"


def test_a_mast_differs_from_the_next_but_not_from_itself() -> None:
    choice = CameraChoice(5, 25, 45, 60)
    assert hang(np.random.default_rng(1), choice) == hang(np.random.default_rng(1), choice)
    assert hang(np.random.default_rng(1), choice) != hang(np.random.default_rng(2), choice)


def test_a_point_ahead_falls_in_the_middle_and_one_to_the_right_right_of_it() -> None:
    view = View(np.eye(4), math.pi / 2, (200, 100))
    pixels, depth = view.project([(0, 0, -10), (1, 0, -10), (0, 1, -10)])
    assert pixels == pytest.approx(np.array([(100, 50), (110, 50), (100, 40)]))
    assert depth == pytest.approx((10, 10, 10))


def test_a_box_has_its_size_and_its_middle() -> None:
    mesh = Mesh()
    mesh.box((1, 2, 3), (2, 4, 6), "matte", place=moved(z=1))
    points = _points(mesh)
    assert points.min(0) == pytest.approx((0, 0, 1))
    assert points.max(0) == pytest.approx((2, 4, 7))


def test_a_ring_is_closed_and_as_wide_as_its_rubber() -> None:
    mesh = Mesh()
    mesh.ring((0, 0, 0.25), 0.2, 0.05, "rubber")
    points = _points(mesh)
    assert points[:, 2].min() == pytest.approx(0.0, abs=0.005)
    assert np.abs(points[:, 1]).max() <= 0.05
    edges = [tuple(sorted(pair)) for f in mesh.faces for pair in zip(f, (*f[1:], f[0]), strict=True)]
    assert all(edges.count(edge) == 2 for edge in set(edges))


def test_a_puddle_lies_flat_on_the_ground() -> None:
    for seed in range(20):
        mesh = Mesh()
        puddle(mesh, IDENTITY, np.random.default_rng(seed))
        points = _points(mesh)
        assert np.ptp(points[:, 2]) == 0
        assert np.abs(points[:, :2]).max() < 2.2
        assert mesh.materials == ["water"]


def test_a_drift_of_leaves_is_thick_and_low() -> None:
    mesh = Mesh()
    leaf_drift(mesh, IDENTITY, np.random.default_rng(5))
    assert len(mesh.faces) >= 250
    assert _points(mesh)[:, 2].max() < 0.2


def test_every_look_alike_has_room_between_the_kerb_and_the_shops() -> None:
    for kind in LOOKALIKES.values():
        assert 0 < kind.y_m[0] < kind.y_m[1] < 4.5
        assert 0.3 < kind.radius_m < 2.5
