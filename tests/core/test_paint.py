"""Painting meshes and strokes onto an image, compared with other implementations."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

import smplceres as sc
from checks import standing_person
from smplceres._native import _core

WIDTH, HEIGHT = 400, 600
CAMERA = sc.Camera(fx=700, fy=700, cx=199.5, cy=299.5, width=WIDTH, height=HEIGHT)
SEEN = np.array([[0, 1, 2]])  # counter-clockwise from the viewer


def paint(image, camera, vertices, faces, colour=(255, 255, 255), opacity=1.0):
    points = camera.to_camera(vertices)
    _core.paint_mesh(
        image,
        uv=camera.project(vertices),
        points=points,
        faces=faces,
        colours=np.broadcast_to(np.array(colour, dtype=float), points.shape),
        perspective=isinstance(camera, sc.Camera),
        opacity=opacity,
    )


def coverage(camera, vertices, faces):
    """(H, W): the part of each pixel that the mesh covers."""
    shades = []
    for level in (0, 255):
        image = np.full((camera.height, camera.width, 3), level, dtype=np.uint8)
        paint(image, camera, vertices, faces)
        shades.append(image.astype(float).mean(axis=2))
    return 1 - (shades[1] - shades[0]) / 255


def filled(camera, vertices, faces, finer=8):
    """The exact mask, by Pillow: triangles are filled on a canvas eight times as large."""
    canvas = Image.new("L", (finer * camera.width, finer * camera.height))
    draw = ImageDraw.Draw(canvas)
    corners = np.round((camera.project(vertices)[faces] + 0.5) * finer - 0.5)
    for corner in corners.reshape(len(faces), 6).tolist():
        draw.polygon(corner, fill=255)
    return np.asarray(canvas.reduce(finer)) > 127


@pytest.mark.parametrize("yaw", [0.0, 1.2])
@pytest.mark.parametrize("kind", ["pinhole", "distorted", "weak perspective"])
def test_the_silhouette_of_a_body_covers_its_true_mask(kind, yaw, rng) -> None:
    """Intersection over union; the difference is at edges, which are cut at half a pixel."""
    model = sc.load_body_model()
    parameters = standing_person(model, rng, yaw=yaw)
    size = {"cx": 199.5, "cy": 299.5, "width": WIDTH, "height": HEIGHT}
    camera = {
        "pinhole": CAMERA,
        "distorted": sc.Camera(fx=700, fy=700, distortion=[-0.2, 0.05], **size),
        "weak perspective": sc.WeakPerspectiveCamera(scale=200, **size),
    }[kind]
    vertices = model(**parameters).vertices
    drawn = coverage(camera, vertices, model.faces) > 0.5
    true = filled(camera, vertices, model.faces)
    assert true.sum() > 5000
    assert (drawn & true).sum() / (drawn | true).sum() >= 0.97


def test_a_pixel_is_covered_by_its_samples_in_the_mesh(rng) -> None:
    """The same as in the z-buffer of the core's other rasteriser."""
    model = sc.load_body_model()
    vertices = model(**standing_person(model, rng)).vertices
    face, _ = _core.rasterise(
        CAMERA.core, vertices, model.faces, left=-0.25, top=-0.25, pixel=0.5,
        width=2 * WIDTH, height=2 * HEIGHT,
    )  # fmt: skip
    samples = (face >= 0).reshape(HEIGHT, 2, WIDTH, 2).sum(axis=(1, 3))
    painted = 4 * coverage(CAMERA, vertices, model.faces)
    off = np.abs(painted - samples)
    assert off.max() < 1.1 and (off > 0.05).mean() < 1e-3  # rounding at edges through samples


def test_colours_between_vertices_are_linear_and_lit_by_their_normals() -> None:
    """A face towards the light has nearly its given colours, b (0.45 + 0.7) at most 255."""
    corners = np.array([[-1.0, -1.0, 4.0], [-1.0, 1.0, 4.0], [1.0, -1.0, 4.0]])
    image = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    colours = np.array([[200.0, 0, 0], [0, 200.0, 0], [0, 0, 200.0]])
    _core.paint_mesh(
        image, uv=CAMERA.project(corners), points=corners, faces=SEEN, colours=colours,
        perspective=True, opacity=1.0,
    )  # fmt: skip
    light = np.array([-0.4, -0.6, -0.7]) / np.linalg.norm([0.4, 0.6, 0.7])
    brightness = 0.45 + 0.35 * (1 + light @ [0, 0, -1]) ** 2 / 2
    weights = np.array([0.5, 0.3, 0.2])
    x, y = np.round(weights @ CAMERA.project(corners)).astype(int)
    np.testing.assert_allclose(image[y, x], brightness * 200 * weights, atol=1.5)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_what_is_nearer_is_seen(order) -> None:
    near = [[-1, -1, 4.0], [-1, 1, 4.0], [1, -1, 4.0]]
    far = [[-2, -2, 6.0], [-2, 2, 6.0], [2, -2, 6.0]]
    image = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    vertices = np.array(near + far)
    _core.paint_mesh(
        image, uv=CAMERA.project(vertices), points=vertices,
        faces=np.array([[0, 1, 2], [3, 4, 5]])[order],
        colours=np.repeat([[255.0, 0, 0], [0, 255.0, 0]], 3, axis=0),
        perspective=True, opacity=1.0,
    )  # fmt: skip
    u, v = np.round(CAMERA.project(np.array([[-0.5, -0.5, 4.0]]))[0]).astype(int)
    assert image[v, u, 0] > 100 and image[v, u, 1] == 0


def test_only_the_image_is_written_to() -> None:
    """A mesh that extends beyond all edges does not change memory around the image."""
    around = np.full((HEIGHT + 2, WIDTH, 3), 7, dtype=np.uint8)
    corners = np.array([[-9.0, -9.0, 2.0], [-9.0, 30.0, 2.0], [30.0, -9.0, 2.0]])
    camera = sc.Camera(fx=200, fy=200, cx=199.5, cy=299.5, width=WIDTH, height=HEIGHT)
    paint(around[1:-1], camera, corners, SEEN)
    assert (around[[0, -1]] == 7).all() and (around[1:-1] != 7).all()


# --- Strokes ---


def strokes(*rows, size=(60, 80)):
    """(H, W) of a black image with white strokes: (x0, y0, x1, y1, radius, half width)."""
    image = np.zeros((*size, 3), dtype=np.uint8)
    rows = np.array(rows, dtype=float)
    _core.paint_strokes(
        image, ends=rows[:, :4], radii=rows[:, 4], half_widths=rows[:, 5],
        colours=np.tile([255, 255, 255, 1.0], (len(rows), 1)),
    )  # fmt: skip
    return image[..., 0] / 255


def test_dots_rings_and_lines_cover_their_areas() -> None:
    x, y, r, w = 40.3, 30.6, 12.0, 1.5
    assert strokes((x, y, x, y, 0, r)).sum() == pytest.approx(np.pi * r**2, rel=0.01)
    assert strokes((x, y, x, y, r, w)).sum() == pytest.approx(2 * np.pi * r * 2 * w, rel=0.01)
    length = np.hypot(40, 22)
    line = strokes((20, 20, 60, 42, 0, w))
    assert line.sum() == pytest.approx(2 * w * length + np.pi * w**2, rel=0.02)
    v, u = np.nonzero(line)
    off = np.abs((u - 20) * 22 - (v - 20) * 40) / length
    assert off.max() < w + 0.5


def test_strokes_beyond_the_image_and_without_a_place_are_cut() -> None:
    assert (strokes((np.nan, 0, 9, 9, 0, 2), (0, 0, np.inf, 9, 0, 2)) == 0).all()
    assert strokes((-1e9, 30, 1e9, 30, 0, 2))[30].min() == 1
    assert (strokes((500, 500, 900, 500, 0, 3)) == 0).all()


def test_later_strokes_are_over_earlier_ones_by_their_opacity() -> None:
    image = np.zeros((20, 20, 3), dtype=np.uint8)
    _core.paint_strokes(
        image, ends=[[9, 9, 9, 9]] * 2, radii=[0, 0], half_widths=[5, 5],
        colours=[[200, 0, 0, 1.0], [0, 100, 0, 0.5]],
    )  # fmt: skip
    assert image[9, 9].tolist() == [100, 50, 0]


# --- Errors ---


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"faces": [[0, 1, 3]]}, "faces: expected numbers of 3 vertices, got 0 to 3"),
        ({"uv": np.zeros((3, 3))}, r"uv: expected shape \(3, 2\), got \(3, 3\)"),
        ({"points": np.zeros((2, 3))}, r"points: expected shape \(3, 3\), got \(2, 3\)"),
        ({"colours": np.zeros((3, 4))}, r"colours: expected shape \(3, 3\), got \(3, 4\)"),
        ({"opacity": 1.5}, "opacity: expected 0 to 1, got 1.5"),
        ({"image": np.zeros((9, 9, 4), np.uint8)}, r"image: expected shape \(n, n, 3\), got"),
    ],
)
def test_bad_input_is_named(changed, message) -> None:
    given = {
        "image": np.zeros((9, 9, 3), np.uint8), "uv": np.zeros((3, 2)), "faces": SEEN,
        "points": np.ones((3, 3)), "colours": np.ones((3, 3)), "perspective": True, "opacity": 1.0,
    } | changed  # fmt: skip
    with pytest.raises(ValueError, match=message):
        _core.paint_mesh(given.pop("image"), **given)


def test_an_image_that_cannot_be_written_in_place_is_refused() -> None:
    stroke = {"ends": [[0, 0, 1, 1]], "radii": [0], "half_widths": [1], "colours": [[0, 0, 0, 1]]}
    locked = np.zeros((9, 9, 3), np.uint8)
    locked.flags.writeable = False
    with pytest.raises(ValueError, match="image: expected a writable array"):
        _core.paint_strokes(locked, **stroke)
    for other in (np.zeros((9, 9, 3)), np.zeros((9, 18, 3), np.uint8)[:, ::2]):
        with pytest.raises(TypeError):
            _core.paint_strokes(other, **stroke)
