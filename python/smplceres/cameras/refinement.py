"""Refinement of camera poses and focal lengths by a fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .camera import AnyCamera, Camera

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CameraRefinement:
    """Standard deviations of given cameras (`refine_cameras` of a fit).

    Keypoints do not change if all cameras and the body are rotated, translated or scaled together.
    So the pose of one camera is held, which defines the world frame. The scale is constrained by
    the given distances of the other cameras from the held one, and by what is known of the body's
    size: a `Person` of known height determines it to a centimetre.

    Args:
        rotation_sigma: of a rotation about each axis, radians, > 0.
        centre_sigma: of a camera's position on each axis, metres, > 0.
        focal_sigma: of a focal length, relative, >= 0; 0: known. Not used with `estimate_focal`.
        held: number of the camera whose pose is held; None: the first that sees the person.

    Raises:
        ValueError: a number out of range.
    """

    rotation_sigma: float = 0.05
    centre_sigma: float = 0.05
    focal_sigma: float = 0.03
    held: int | None = None

    def __post_init__(self) -> None:
        for name in ("rotation_sigma", "centre_sigma", "focal_sigma"):
            value = getattr(self, name)
            expected = "a number >= 0" if name == "focal_sigma" else "a number > 0"
            positive = value >= 0 if name == "focal_sigma" else value > 0
            if not (math.isfinite(value) and positive):
                raise ValueError(f"{name}: expected {expected}, got {value!r}")
        if self.held is not None and self.held < 0:
            raise ValueError(f"held: expected the number of a camera, got {self.held!r}")

    def to_dict(self) -> dict[str, float | int | None]:
        """Plain numbers, for files."""
        return asdict(self)


def checked_refinement(
    refine_cameras: Literal[True] | CameraRefinement,
    cameras: Sequence[AnyCamera],
    sees: Sequence[bool],
) -> CameraRefinement:
    """The refinement of a fit, with the number of the held camera.

    Args:
        refine_cameras: True: with the default standard deviations.
        cameras: of all views.
        sees: of each, whether it sees the person in any image.

    Raises:
        ValueError: fewer than two cameras see the person, two cameras have the same pose, the held
            camera does not exist or does not see the person.
        TypeError: not a bool or a CameraRefinement.
    """
    if not isinstance(refine_cameras, bool | CameraRefinement):
        raise TypeError(
            "refine_cameras: expected a bool or a CameraRefinement, "
            f"got {type(refine_cameras).__name__}"
        )
    chosen = CameraRefinement() if refine_cameras is True else refine_cameras
    if sum(sees) < 2:
        raise ValueError(
            "refine_cameras: expected at least two cameras that see the person, "
            f"got {sum(sees)} of {len(cameras)}"
        )
    for camera in cameras:
        if not isinstance(camera, Camera):
            raise ValueError(
                f"refine_cameras: expected Cameras to go with it, got a {type(camera).__name__}"
            )
    places = [np.c_[camera.rotation, camera.translation] for camera in cameras]
    for first in range(len(places)):
        for second in range(first):
            if np.array_equal(places[first], places[second]):
                raise ValueError(
                    "refine_cameras: expected calibrated cameras (rotation, translation), "
                    f"got {second} and {first} with the same pose"
                )
    held = int(np.argmax(sees)) if chosen.held is None else chosen.held
    if held >= len(cameras) or not sees[held]:
        raise ValueError(
            f"refine_cameras.held: expected the number of one of {len(cameras)} cameras that sees "
            f"the person, got {held}"
        )
    return CameraRefinement(
        rotation_sigma=chosen.rotation_sigma,
        centre_sigma=chosen.centre_sigma,
        focal_sigma=chosen.focal_sigma,
        held=held,
    )
