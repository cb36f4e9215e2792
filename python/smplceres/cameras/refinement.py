"""Cameras that are not quite where they were said to be, and fits that find where they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from .camera import AnyCamera, Camera

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CameraRefinement:
    """How far given cameras may be off: standard deviations (`refine_cameras` of a fit).

    Keypoints do not change where all cameras and the body are turned, shifted or scaled together.
    So the pose of one camera is held, which is the world's frame; and the scale is held by where
    the others are said to be, as far from the held one, on the whole, as given, together with what
    is known of the body's size: a `Person` of known height tells it to a centimetre.

    Args:
        rotation_sigma: of a rotation about each axis, radians, > 0.
        centre_sigma: of a camera's place on each axis, metres, > 0.
        focal_sigma: of a focal length, as a part of it, >= 0; 0: known. With `estimate_focal` it
            is of no account.
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
            least = "a number >= 0" if name == "focal_sigma" else "a number > 0"
            positive = value >= 0 if name == "focal_sigma" else value > 0
            if not (math.isfinite(value) and positive):
                raise ValueError(f"{name}: expected {least}, got {value!r}")
        if self.held is not None and self.held < 0:
            raise ValueError(f"held: expected the number of a camera, got {self.held!r}")

    def to_dict(self) -> dict[str, float | int | None]:
        """Plain numbers, for files."""
        return asdict(self)


def checked_refinement(
    refine_cameras: bool | CameraRefinement,
    cameras: Sequence[AnyCamera],
    sees: Sequence[bool],
) -> CameraRefinement | None:
    """What a fit refines, with the camera that is held; None: nothing.

    Args:
        refine_cameras: False: nothing; True: with the sigmas that are usual.
        cameras: of all views.
        sees: of each, whether it sees the person in any picture.

    Raises:
        ValueError: fewer than two cameras that see, cameras without a place of their own, a held
            camera that sees nothing or is none.
        TypeError: something else than a bool or a CameraRefinement.
    """
    if refine_cameras is False:
        return None
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
                    f"got {second} and {first} at one place"
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
