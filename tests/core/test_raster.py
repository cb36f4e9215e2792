"""The z-buffer, compared with rays and hand-made triangles."""

from __future__ import annotations

import numpy as np
import pytest

import smplceres as sc
from checks import standing_person
from smplceres._native import _core

CAMERA = sc.Camera(fx=300, fy=310, cx=60, cy=50, width=120, height=100)
TRIANGLE = np.array([[0, 1, 2]])


def unprojected(camera: sc.Camera, u: float, v: float, z: float) -> list[float]:
    return [(u - camera.cx) * z / camera.fx, (v - camera.cy) * z / camera.fy, z]


def test_a_face_covers_the_pixels_whose_centres_are_in_it() -> None:
    corners = [unprojected(CAMERA, u, v, 2.0) for u, v in ((10, 10), (20, 10), (10, 20))]
    face, depth = _core.rasterise(CAMERA.core, corners, TRIANGLE, width=120, height=100)
    v, u = np.mgrid[:100, :120]
    expected = (u >= 10 - 1e-9) & (v >= 10 - 1e-9) & (u + v <= 30 + 1e-9)
    # Rounding decides whether centres on an edge are covered.
    on_edge = expected & ((u == 10) | (v == 10) | (u + v == 30))
    assert ((face == 0) == expected)[~on_edge].all()
    np.testing.assert_allclose(depth[face == 0], 2.0, rtol=1e-12)
    assert np.isinf(depth[face == -1]).all()


def test_depth_between_corners_is_that_of_the_plane() -> None:
    """1 / z is linear in the image: a ray through the pixel intersects the plane at that depth."""
    corners = np.array(
        [unprojected(CAMERA, *corner) for corner in ((5, 5, 1.0), (110, 20, 3.0), (40, 90, 8.0))]
    )
    face, depth = _core.rasterise(CAMERA.core, corners, TRIANGLE, width=120, height=100)
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    v, u = np.nonzero(face == 0)
    assert len(v) > 3000
    rays = np.c_[(u - CAMERA.cx) / CAMERA.fx, (v - CAMERA.cy) / CAMERA.fy, np.ones(len(u))]
    np.testing.assert_allclose(depth[v, u], normal @ corners[0] / (rays @ normal), rtol=1e-9)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_nearer_face_is_seen(order) -> None:
    near = [unprojected(CAMERA, u, v, 2.0) for u, v in ((10, 10), (50, 10), (10, 50))]
    far = [unprojected(CAMERA, u, v, 5.0) for u, v in ((5, 5), (100, 5), (5, 100))]
    faces = np.array([[0, 1, 2], [3, 4, 5]])[order]
    face, _ = _core.rasterise(CAMERA.core, near + far, faces, width=120, height=100)
    assert face[20, 20] == order.index(0)
    assert face[60, 20] == order.index(1)


def test_weak_perspective_has_plain_depths() -> None:
    camera = sc.WeakPerspectiveCamera(scale=20.0, cx=0, cy=0, width=40, height=40)
    corners = np.array([[0, 0, -1.0], [2, 0, 1.0], [0, 2, 3.0]])
    face, depth = _core.rasterise(camera.core, corners, TRIANGLE, width=40, height=40)
    v, u = np.nonzero(face == 0)
    np.testing.assert_allclose(depth[v, u], -1 + 2 * u / 40 + 4 * v / 40, atol=1e-9)


def test_a_window_is_a_part_of_the_picture_at_another_scale() -> None:
    corners = [unprojected(CAMERA, u, v, 2.0) for u, v in ((10, 10), (50, 12), (14, 50))]
    whole, depth = _core.rasterise(CAMERA.core, corners, TRIANGLE, width=120, height=100)
    part, part_depth = _core.rasterise(
        CAMERA.core, corners, TRIANGLE, left=8, top=6, pixel=2, width=30, height=30
    )
    np.testing.assert_array_equal(part, whole[6:66:2, 8:68:2])
    np.testing.assert_allclose(part_depth[part == 0], depth[6:66:2, 8:68:2][part == 0], rtol=1e-9)


def test_faces_behind_the_camera_are_left_out() -> None:
    corners = np.array([[-1, -1, 2.0], [1, -1, 2.0], [0, 1, -1.0]])
    face, _ = _core.rasterise(CAMERA.core, corners, TRIANGLE, width=120, height=100)
    assert (face == -1).all()


@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_no_pixel_between_two_faces_is_lost(turn) -> None:
    """A sheet of triangles has edges through pixel centres, axis-aligned or rotated."""
    camera = sc.WeakPerspectiveCamera(scale=1.0, cx=30, cy=30, width=60, height=60)
    x, y = (axis.ravel() for axis in np.mgrid[-50:51:5, -50:51:5])
    corners = np.c_[x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn), 0 * x]
    first = np.arange(20)[:, None] * 21 + np.arange(20)
    faces = np.concatenate(
        [
            np.stack([first, first + 1, first + 21], -1).reshape(-1, 3),
            np.stack([first + 22, first + 1, first + 21], -1).reshape(-1, 3),
        ]
    )
    face, _ = _core.rasterise(camera.core, corners, faces, width=60, height=60)
    assert (face >= 0).all()


def test_a_body_covers_what_its_vertices_project_to(rng) -> None:
    """Within a pixel of each visible vertex there is a face of it, at its depth."""
    model = sc.load_body_model()
    camera = sc.Camera(fx=600, fy=600, cx=200, cy=300, width=400, height=600)
    vertices = model(**standing_person(model, rng, yaw=0.4)).vertices
    face, depth = _core.rasterise(camera.core, vertices, model.faces, width=400, height=600)
    u, v = np.rint(camera.project(vertices)).astype(int).T
    assert ((u >= 0) & (u < 400) & (v >= 0) & (v < 600)).all()
    nearest = np.min([depth[v + j, u + i] for i in (-1, 0, 1) for j in (-1, 0, 1)], axis=0)
    assert (nearest < vertices[:, 2] + 0.01).all(), "nothing of a body is before the body"
    assert 10_000 < (face >= 0).sum() < 120_000


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"width": 0}, r"window: expected 1 to 1e9 pixels of a size > 0, got 0 x 9 of 1"),
        ({"pixel": 0.0}, r"window: expected .* of 0"),
        ({"pixel": float("nan")}, r"window: expected .* of nan"),
        ({"faces": [[0, 1, 3]]}, r"faces: expected numbers of 3 vertices, got 0 to 3"),
        ({"vertices": np.zeros((3, 2))}, r"vertices: expected shape \(n, 3\), got \(3, 2\)"),
    ],
)
def test_bad_input_is_named(changed, message) -> None:
    arguments = {"vertices": np.ones((3, 3)), "faces": TRIANGLE, "width": 9, "height": 9}
    with pytest.raises(ValueError, match=message):
        _core.rasterise(CAMERA.core, **(arguments | changed))
