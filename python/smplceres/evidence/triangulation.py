"""Points in space from several images, and how well images agree about them.

A keypoint seen in the directions d_i (unit vectors, world) from the camera centres c_i, with
weights w_i, is where the weighted squared distances to its rays are least:

    ( sum_i w_i (I - d_i d_i^T) ) p = sum_i w_i (I - d_i d_i^T) c_i
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import AnyCamera, Camera
from ..keypoints.keypoints import Keypoints
from .views import View

Floats = NDArray[np.float64]

_UNDISTORT_STEPS = 12
# The smallest accepted ratio of eigenvalues of the sum: rays that meet at some 3 degrees.
_PARALLEL = 1e-3


def can_triangulate(views: Sequence[View]) -> bool:
    """Whether two or more pinhole cameras see keypoints of one format."""
    seeing = [view for view in views if view.keypoints.visible.any()]
    return (
        len(seeing) > 1
        and len({view.keypoints.format for view in seeing}) == 1
        and all(isinstance(view.camera, Camera) for view in views)
    )


def directions(camera: Camera, xy: Floats) -> Floats:
    """(K, 3) unit vectors in the camera's frame of (K, 2) pixels."""
    distorted = (xy - [camera.cx, camera.cy]) / [camera.fx, camera.fy]
    flat = distorted.copy()
    if camera.distortion.any():
        k1, k2, p1, p2, k3, k4, k5, k6 = np.pad(camera.distortion, (0, 8 - len(camera.distortion)))
        for _ in range(_UNDISTORT_STEPS):
            x, y = flat.T
            r2 = x * x + y * y
            radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
            shift = np.column_stack(
                [
                    2 * p1 * x * y + p2 * (r2 + 2 * x * x),
                    p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
                ]
            )
            flat = (distorted - shift) / np.where(abs(radial) > 0.1, radial, 0.1)[:, None]
    rays = np.column_stack([flat, np.ones(len(flat))])
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class Triangulated:
    """K keypoints in space, and how far each of C images is from them.

    Attributes:
        points: (K, 3) metres, world; NaN for those that fewer than two images determine.
        errors: (C, K) distance of the projection from the keypoint in extents of the person in
            that image; 1 behind a camera, NaN for missing keypoints.
    """

    points: Floats
    errors: Floats

    @property
    def error(self) -> float:
        """The median of the errors; 1 without any."""
        known = self.errors[np.isfinite(self.errors)]
        return float(np.median(known)) if len(known) else 1.0

    def error_of(self, view: int) -> float:
        """The median of the errors in one image; NaN without any."""
        known = self.errors[view][np.isfinite(self.errors[view])]
        return float(np.median(known)) if len(known) else float("nan")


def triangulate(views: Sequence[View], used: Sequence[bool] | None = None) -> Triangulated:
    """Triangulates keypoints of one format, seen by pinhole cameras.

    Args:
        views: C images.
        used: (C,) which of them determine the points; None: all. Errors are those of all.
    """
    cameras = [_pinhole(view.camera) for view in views]
    # Confidence is compared within an image: detectors have scales of their own.
    weights = np.array([_weights(view.keypoints) for view in views])
    seen = weights > 0
    if used is not None:
        weights = weights * np.array(used, dtype=float)[:, None]
    towards = np.array(
        [
            directions(camera, view.keypoints.xy) @ camera.rotation
            for camera, view in zip(cameras, views, strict=True)
        ]
    )
    centres = np.array([camera.centre for camera in cameras])
    across = np.eye(3) - towards[..., :, None] * towards[..., None, :]
    matrix = np.einsum("ck,ckij->kij", weights, across)
    right = np.einsum("ck,ckij,cj->ki", weights, across, centres)
    largest = np.linalg.eigvalsh(matrix)
    meets = (largest[:, 0] > _PARALLEL * largest[:, 2]) & ((weights > 0).sum(axis=0) > 1)
    points = np.full((len(matrix), 3), np.nan)
    points[meets] = np.linalg.solve(matrix[meets], right[meets, :, None])[..., 0]
    errors = np.full(seen.shape, np.nan)
    for row, (camera, view) in enumerate(zip(cameras, views, strict=True)):
        here = seen[row] & meets
        if here.any():
            off = np.linalg.norm(camera.project(points[here]) - view.keypoints.xy[here], axis=1)
            relative = off / max(view.keypoints.extent_px, 1.0)
            errors[row, here] = np.where(np.isfinite(relative), np.minimum(relative, 1.0), 1.0)
    return Triangulated(points, errors)


def _pinhole(camera: AnyCamera) -> Camera:
    if not isinstance(camera, Camera):
        raise TypeError(f"camera: expected a Camera, got {type(camera).__name__}")
    return camera


def _weights(keypoints: Keypoints) -> Floats:
    highest = float(keypoints.confidence.max())
    return keypoints.confidence / highest if highest > 0 else keypoints.confidence
