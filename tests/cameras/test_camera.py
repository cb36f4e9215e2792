"""Cameras: projection against the oracle, what is refused, guesses, and their way through files."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import reference
from smplceres import Camera, WeakPerspectiveCamera
from smplceres.cameras.camera import camera_from_dict

PINHOLE = {"fx": 1500.0, "fy": 1480.0, "cx": 640.0, "cy": 360.0, "width": 1280, "height": 720}
WEAK = {"scale": 210.0, "cx": 640.0, "cy": 360.0, "width": 1280, "height": 720}
KINDS = {"pinhole": (Camera, PINHOLE), "weak perspective": (WeakPerspectiveCamera, WEAK)}
DISTORTION = (-0.28, 0.09, 0.0012, -0.0007, 0.015, 0.02, -0.01, 0.003)


@pytest.fixture
def extrinsics(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "rotation": reference.rodrigues(rng.normal(0, 1.5, 3)),
        "translation": rng.normal(0, 1, 3),
    }


def points_before(camera, rng: np.random.Generator) -> np.ndarray:
    """(100, 3) world points, 1 to 10 m before the camera and within 45 degrees of its axis."""
    depth = rng.uniform(1, 10, 100)
    x, y = rng.uniform(-1, 1, (2, 100)) * depth
    return (np.stack([x, y, depth], axis=1) - camera.translation) @ camera.rotation


# Pixels about 1000, some ten products each: 1e-9 is a thousand eps.
@pytest.mark.parametrize("count", range(9), ids=lambda count: f"{count} distortion numbers")
def test_pinhole_projects_as_the_oracle(count, extrinsics, rng) -> None:
    camera = Camera(**PINHOLE, **extrinsics, distortion=DISTORTION[:count])
    points = points_before(camera, rng)
    np.testing.assert_allclose(
        camera.project(points), reference.project(camera, points), rtol=0, atol=1e-9
    )


def test_weak_perspective_projects_as_the_oracle(extrinsics, rng) -> None:
    camera = WeakPerspectiveCamera(**WEAK, **extrinsics)
    points = points_before(camera, rng)
    np.testing.assert_allclose(
        camera.project(points), reference.project(camera, points), rtol=0, atol=1e-9
    )


def test_scaling_a_weak_perspective_camera_scales_its_picture_about_its_axis(rng) -> None:
    camera = WeakPerspectiveCamera(**WEAK)
    points, axis = rng.normal(0, 1, (10, 3)), np.array([640.0, 360.0])
    np.testing.assert_allclose(
        camera.scaled(1.5).project(points) - axis, 1.5 * (camera.project(points) - axis), atol=1e-9
    )


def test_points_that_are_not_in_front_have_no_pixels(rng) -> None:
    camera = Camera(**PINHOLE)
    pixels = camera.project([[0, 0, -1], [0, 0, 0], [0, 0, 1e-4], [0, 0, 2], [np.nan, 0, 2]])
    np.testing.assert_array_equal(np.isnan(pixels).any(axis=1), [True, True, True, False, True])


@pytest.mark.parametrize("kind", KINDS)
def test_no_points_have_no_pixels(kind) -> None:
    camera_type, arguments = KINDS[kind]
    assert camera_type(**arguments).project(np.zeros((0, 3))).shape == (0, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_points_of_a_wrong_shape_are_an_error(kind) -> None:
    camera_type, arguments = KINDS[kind]
    with pytest.raises(ValueError, match=r"points: expected shape \(n, 3\), got \(3,\)"):
        camera_type(**arguments).project(np.zeros(3))


@pytest.mark.parametrize("kind", KINDS)
def test_to_camera_applies_rotation_then_translation(kind, extrinsics, rng) -> None:
    camera_type, arguments = KINDS[kind]
    camera = camera_type(**arguments, **extrinsics)
    point = rng.normal(size=3)
    expected = extrinsics["rotation"] @ point + extrinsics["translation"]
    np.testing.assert_allclose(camera.to_camera(point), expected, atol=1e-14)


# --- Errors ---

ORDINARY = "expected a finite number > 0, got"
WRONG = {
    "fx zero": ("pinhole", {"fx": 0.0}, f"fx: {ORDINARY} 0"),
    "fy negative": ("pinhole", {"fy": -1500.0}, f"fy: {ORDINARY} -1500"),
    "fx NaN": ("pinhole", {"fx": math.nan}, f"fx: {ORDINARY} nan"),
    "fy infinite": ("pinhole", {"fy": math.inf}, f"fy: {ORDINARY} inf"),
    "cx NaN": ("pinhole", {"cx": math.nan}, "cx: expected a finite number"),
    "cy infinite": ("pinhole", {"cy": math.inf}, "cy: expected a finite number"),
    "nine distortion numbers": (
        "pinhole",
        {"distortion": [0.0] * 9},
        r"distortion: expected at most 8 numbers.*got shape \(9,\)",
    ),
    "NaN distortion": (
        "pinhole",
        {"distortion": [math.nan]},
        "distortion: expected finite numbers",
    ),
    "distortion of two axes": ("pinhole", {"distortion": [[0.1], [0.2]]}, r"distortion.*\(2, 1\)"),
    "scale zero": ("weak perspective", {"scale": 0.0}, f"scale: {ORDINARY} 0"),
    "scale negative": ("weak perspective", {"scale": -3.0}, f"scale: {ORDINARY} -3"),
    "scale NaN": ("weak perspective", {"scale": math.nan}, f"scale: {ORDINARY} nan"),
}
WRONG_OF_BOTH = {
    "no width": ({"width": None}, "width: expected the image's size in pixels, got none"),
    "no height": ({"height": None}, "height: expected the image's size in pixels, got none"),
    "width zero": ({"width": 0}, "width: expected a whole number of pixels > 0, got 0"),
    "height negative": (
        {"height": -720},
        "height: expected a whole number of pixels > 0, got -720",
    ),
    "width of a part": ({"width": 0.5}, "width: expected a whole number of pixels > 0, got 0.5"),
    "height NaN": ({"height": math.nan}, "height: expected a whole number of pixels > 0, got nan"),
    "rotation of a mirror": ({"rotation": np.diag([1.0, 1, -1])}, "rotation: expected a rotation"),
    "rotation of a scale": ({"rotation": 1.01 * np.eye(3)}, "rotation: expected a rotation"),
    "rotation of zeros": ({"rotation": np.zeros((3, 3))}, "rotation: expected a rotation"),
    "rotation NaN": ({"rotation": np.full((3, 3), math.nan)}, "rotation: expected finite"),
    "rotation vector": (
        {"rotation": np.zeros(3)},
        r"rotation: expected shape \(3, 3\), got \(3,\)",
    ),
    "translation of four": (
        {"translation": np.zeros(4)},
        r"translation: expected shape \(3,\), got \(4,\)",
    ),
    "translation NaN": ({"translation": [0, 0, math.nan]}, "translation: expected finite numbers"),
}
WRONG |= {
    f"{kind}, {name}": (kind, change, message)
    for kind in KINDS
    for name, (change, message) in WRONG_OF_BOTH.items()
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_camera_is_one_clear_error(wrong) -> None:
    kind, change, message = WRONG[wrong]
    camera_type, arguments = KINDS[kind]
    with pytest.raises(ValueError, match=message):
        camera_type(**(arguments | change))


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_size_left_out_is_a_clear_error(kind) -> None:
    camera_type, arguments = KINDS[kind]
    sizeless = {name: value for name, value in arguments.items() if name not in ("width", "height")}
    with pytest.raises(ValueError, match="width: expected the image's size in pixels, got none"):
        camera_type(**sizeless)


# --- Guesses and files ---


@pytest.mark.parametrize("camera_type", [Camera, WeakPerspectiveCamera])
def test_a_guess_looks_through_the_middle_of_the_image(camera_type) -> None:
    camera = camera_type.guess(1920, 1080)
    np.testing.assert_allclose(camera.project([[0, 0, 3]]), [[959.5, 539.5]])
    assert (camera.width, camera.height) == (1920, 1080)
    with pytest.raises(ValueError, match="width: expected a whole number of pixels > 0, got 0"):
        camera_type.guess(0, 1080)


def test_a_guessed_focal_length_is_the_images_diagonal() -> None:
    camera = Camera.guess(1920, 1080)
    assert camera.fx == camera.fy == math.hypot(1920, 1080)
    assert WeakPerspectiveCamera.guess(1920, 1080).scale is None


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("pinhole", {}),
        ("pinhole", {"distortion": DISTORTION[:5]}),
        ("weak perspective", {}),
        ("weak perspective", {"scale": None}),
    ],
)
def test_a_camera_survives_json(kind, change, extrinsics, rng) -> None:
    camera_type, arguments = KINDS[kind]
    camera = camera_type(**(arguments | change), **extrinsics)
    again = camera_from_dict(json.loads(json.dumps(camera.to_dict())))
    assert type(again) is camera_type
    assert again.to_dict() == camera.to_dict()
    points = points_before(camera, rng)
    np.testing.assert_array_equal(again.project(points), camera.project(points))


def test_a_camera_of_another_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected one of pinhole, weak_perspective, got"):
        camera_from_dict({"kind": "fisheye"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_cameras_arrays_cannot_be_written_to_and_are_copies(kind, extrinsics) -> None:
    camera_type, arguments = KINDS[kind]
    camera = camera_type(**arguments, **extrinsics)
    assert camera.rotation is not extrinsics["rotation"]
    for name in ("rotation", "translation"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(camera, name)[0] = 7


# --- Parts and other sizes of a picture ---


def test_a_part_of_a_picture_is_the_picture_moved(rng) -> None:
    camera = Camera(
        **{"fx": 900.0, "fy": 910.0, "cx": 641.0, "cy": 355.0, "width": 1280, "height": 720},
        distortion=[0.1, -0.05, 0.001, 0.002],
    )
    points = rng.normal((0, 0, 4), 0.5, (20, 3))
    part = camera.crop(200, 50, 400, 600)
    assert (part.width, part.height) == (400, 600)
    np.testing.assert_allclose(part.project(points), camera.project(points) - [200, 50])


def test_a_picture_of_another_size_keeps_its_corners(rng) -> None:
    camera = Camera(fx=900.0, fy=910.0, cx=641.0, cy=355.0, width=1280, height=720)
    points = rng.normal((0, 0, 4), 0.5, (20, 3))
    half = camera.resize(640, 240)
    np.testing.assert_allclose(
        half.project(points) + 0.5, (camera.project(points) + 0.5) * [1 / 2, 1 / 3]
    )


@pytest.mark.parametrize("size", [(0, 10), (10, -1), (2.5, 10)])
def test_parts_and_sizes_that_are_none_are_errors(size) -> None:
    camera = Camera.guess(640, 480)
    for make in (camera.resize, lambda *size: camera.crop(0, 0, *size)):
        with pytest.raises(ValueError, match=r"(width|height): expected a whole number of pixels"):
            make(*size)
