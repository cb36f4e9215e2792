"""Cameras of CameraInfo messages."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from test_messages import info_of

import smplceres as sc
from smplceres.robotics import camera_of_info

POINTS = np.array([[0.3, -0.2, 2.0], [-0.5, 0.4, 3.0], [0.0, 0.0, 1.5]])
PLAIN = sc.Camera(fx=900, fy=910, cx=631, cy=355, width=1280, height=720)


@pytest.mark.parametrize(
    ("name", "d"),
    [
        ("plumb_bob", [0.1, -0.2, 0.001, 0.002, 0.05]),
        ("rational_polynomial", [0.1, -0.2, 0.001, 0.002, 0.05, 0.01, 0.02, -0.01]),
        ("plumb_bob", [0.0] * 5),
        ("", []),
    ],
)
def test_raw_images_have_k_and_the_distortion(name, d) -> None:
    turned = [0.0, -1, 0, 1, 0, 0, 0, 0, 1]
    camera = camera_of_info(info_of(PLAIN, distortion_model=name, d=d, r=turned))
    expected = sc.Camera(
        fx=900, fy=910, cx=631, cy=355, width=1280, height=720, distortion=[x for x in d if any(d)]
    )
    assert np.allclose(camera.project(POINTS), expected.project(POINTS))
    assert np.array_equal(camera.rotation, np.eye(3))  # R rectifies, it is no pose


def test_opencv_projects_to_the_same_pixels() -> None:
    cv2 = pytest.importorskip("cv2", reason="needs OpenCV")
    d = [0.1, -0.2, 0.001, 0.002, 0.05, 0.01, 0.02, -0.01]
    camera = camera_of_info(info_of(PLAIN, distortion_model="rational_polynomial", d=d))
    k = np.array([[900.0, 0, 631], [0, 910, 355], [0, 0, 1]])
    expected, _ = cv2.projectPoints(POINTS, np.zeros(3), np.zeros(3), k, np.array(d))
    assert np.allclose(camera.project(POINTS), expected[:, 0], atol=1e-9)


def test_rectified_images_have_p_without_distortion() -> None:
    """Of the right camera of a stereo pair: P projects points of the left one's frame."""
    p = [800.0, 0, 600, -80, 0, 800, 350, 0, 0, 0, 1, 0]
    info = info_of(PLAIN, p=p, d=[0.1, -0.2, 0.001, 0.002, 0.05])
    homogeneous = np.c_[POINTS, np.ones(3)] @ np.reshape(p, (3, 4)).T
    expected = homogeneous[:, :2] / homogeneous[:, 2:]
    assert np.allclose(camera_of_info(info, rectified=True).project(POINTS), expected)


def test_region_and_binning_apply_to_pixels() -> None:
    """A region at (100, 60), then 2 x 3 pixels in one: the middles of pixels stay in place."""
    roi = SimpleNamespace(x_offset=100, y_offset=60, width=640, height=480, do_rectify=False)
    camera = camera_of_info(info_of(PLAIN, roi=roi, binning_x=2, binning_y=3))
    assert (camera.width, camera.height) == (320, 160)
    full = PLAIN.project(POINTS)
    assert np.allclose(camera.project(POINTS), (full - [100, 60] + 0.5) / [2, 3] - 0.5)


@pytest.mark.parametrize(
    ("changed", "rectified", "message"),
    [
        ({"k": [0.0] * 9}, False, "expected K of a calibrated camera"),
        ({"p": [0.0] * 12}, True, "expected P of a calibrated camera"),
        ({"distortion_model": "equidistant", "d": [0.1, 0, 0, 0]}, False, "got 'equidistant'"),
        ({"distortion_model": "equidistant", "d": [0.0] * 4}, False, "image_rect"),
        ({"distortion_model": "plumb_bob", "d": [0.1] * 8}, False, "'plumb_bob' with 8"),
        ({"d": [np.nan] * 5}, False, r"CameraInfo\.d: expected finite"),
        ({"k": [900.0, 0, 1]}, False, r"CameraInfo\.k: expected 9 numbers, got 3"),
        ({"width": 0}, False, "size of the image, got 0 x 720"),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(changed, rectified, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        camera_of_info(info_of(PLAIN, **changed), rectified=rectified)
    assert "\n" not in str(caught.value)


def test_a_fisheye_can_be_used_where_its_images_are_rectified() -> None:
    info = info_of(PLAIN, distortion_model="equidistant", d=[0.1, 0, 0, 0])
    assert np.allclose(camera_of_info(info, rectified=True).project(POINTS), PLAIN.project(POINTS))
