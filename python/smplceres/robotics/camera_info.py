"""The camera of a `sensor_msgs/CameraInfo`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera

Floats = NDArray[np.float64]

# ROS' names of distortion models that `Camera` has, and how many numbers they may have; "" is what
# drivers send for images that are rectified already.
_MODELS = {"plumb_bob": (0, 4, 5), "rational_polynomial": (0, 4, 5, 8), "": (0,), "none": (0,)}


def camera_of_info(info: Any, *, rectified: bool = False) -> Camera:
    """The camera whose pixels are those of the images that a CameraInfo goes with.

    Points are in the frame that the header of the images names, which is optical: x right, y down,
    z forward. R is the rotation that rectifies, not where the camera is, and is not used.

    Args:
        info: a message (of rclpy, of a bag reader): height, width, distortion_model, d, k, p,
            binning_x, binning_y, roi. `d` may have another number of zeros.
        rectified: the images are (topics `image_rect`): P is used, without distortion; where its
            fourth column is not 0 (the right of a stereo pair) the frame is that of the left.
            Otherwise K with the distortion.

    Returns:
        the camera of the image as it is sent: cut to the region of interest, then binned.

    Raises:
        ValueError: not calibrated (K[0] or P[0] is 0), another distortion model such as a fisheye,
            numbers that are not finite.
    """
    width, height = int(info.width), int(info.height)
    p = _numbers("p", info.p, 12).reshape(3, 4)
    k = p[:, :3] if rectified else _numbers("k", info.k, 9).reshape(3, 3)
    if not (k[0, 0] > 0 and k[1, 1] > 0):
        raise ValueError(
            f"CameraInfo: expected {'P' if rectified else 'K'} of a calibrated camera, "
            f"got focal lengths {k[0, 0]:g}, {k[1, 1]:g}: calibrate it (camera_calibration)"
        )
    if width <= 0 or height <= 0:
        raise ValueError(f"CameraInfo: expected the size of the image, got {width} x {height}")
    camera = Camera(
        fx=k[0, 0], fy=k[1, 1], cx=k[0, 2], cy=k[1, 2], width=width, height=height,
        distortion=np.zeros(0) if rectified else _distortion(info),
    )  # fmt: skip
    if rectified and p[:, 3].any():
        camera = replace(camera, translation=np.array([p[0, 3] / k[0, 0], p[1, 3] / k[1, 1], 0.0]))
    return _binned(_cut(camera, info.roi), int(info.binning_x), int(info.binning_y))


def info_of_camera(camera: Camera) -> dict[str, Any]:
    """The fields of the CameraInfo of a camera, but for the header.

    Raises:
        ValueError: a camera with a place, which a CameraInfo does not have.
    """
    if not np.array_equal(camera.rotation, np.eye(3)) or camera.translation.any():
        raise ValueError("camera: expected one at the origin, as a CameraInfo has no place")
    d = np.zeros(5 if len(camera.distortion) <= 5 else 8)
    d[: len(camera.distortion)] = camera.distortion
    k = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1.0]])
    return {
        "width": camera.width,
        "height": camera.height,
        "distortion_model": "plumb_bob" if len(d) == 5 else "rational_polynomial",
        "d": d,
        "k": k.ravel(),
        "r": np.eye(3).ravel(),
        "p": np.column_stack([k, np.zeros(3)]).ravel(),
    }


def _numbers(name: str, values: Any, count: int | None = None) -> Floats:
    array = np.asarray(values, dtype=np.float64).ravel()
    if count is not None and len(array) != count:
        raise ValueError(f"CameraInfo.{name}: expected {count} numbers, got {len(array)}")
    if not np.isfinite(array).all():
        raise ValueError(f"CameraInfo.{name}: expected finite numbers, got {array.tolist()}")
    return array


def _distortion(info: Any) -> Floats:
    """k1 k2 p1 p2 k3 [k4 k5 k6], the order of ROS and of OpenCV."""
    values = _numbers("d", info.d)
    name = str(info.distortion_model)
    if name in _MODELS and not values.any():
        return np.zeros(0)
    if name not in _MODELS or len(values) not in _MODELS[name]:
        raise ValueError(
            "CameraInfo: expected the distortion model plumb_bob with 5 numbers or "
            f"rational_polynomial with 8, got {name!r} with {len(values)}: use the rectified "
            "topic of the camera (image_rect)"
        )
    return values


def _cut(camera: Camera, roi: Any) -> Camera:
    """To the region of interest, pixels of the full image; 0 x 0 is all of it."""
    left, top = int(roi.x_offset), int(roi.y_offset)
    width, height = int(roi.width), int(roi.height)
    if not (width or height or left or top):
        return camera
    return camera.crop(left, top, width or camera.width - left, height or camera.height - top)


def _binned(camera: Camera, x: int, y: int) -> Camera:
    """With x times y pixels in one; 0 means 1. The middle of the first is ((x-1)/2, (y-1)/2)."""
    x, y = max(x, 1), max(y, 1)
    if (x, y) == (1, 1):
        return camera
    width, height = camera.width // x, camera.height // y
    return camera.crop(0, 0, width * x, height * y).resize(width, height)
