"""Cameras that do not belong to the image: another resolution, orientation or focal length."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp

import numpy as np

from ...cameras.camera import Camera
from ...evidence.views import View
from .fitted import Fitted, energy_of
from .warning import FitWarning

# Relative differences of sizes and of principal points that rounding explains.
_SAME = 0.02
_SAME_POINT = 0.08
# A share of keypoints outside of the image by this part of its size.
_MOST = 0.3
_OUTSIDE = 0.1
# Focal lengths in sizes of the image beyond which they are in another unit: 150 and 2 degrees.
_SHORTEST, _LONGEST = 0.13, 25.0
# Extents of a person in focal lengths at which the focal length is estimated: somebody of 1.7 m at
# 1.7 m, and at 50 m. It is far off if the estimate differs by this factor and has so much less
# energy.
_NEAR, _FAR = 1.0, 0.034
_FACTOR = 1.6
_LESS = 0.9


def image_size(fitted: Fitted) -> Iterator[FitWarning]:
    """Resolution and orientation of the cameras, against the images and in themselves."""
    for number in fitted.seeing:
        view = fitted.views[number]
        if isinstance(view.camera, Camera):
            found = next(_of_size(view, _named(fitted, number)), None)
            if found is not None:
                yield found
                return


def _named(fitted: Fitted, number: int) -> str:
    return f"camera {number}" if len(fitted.views) > 1 else "the camera"


def _of_size(view: View, name: str) -> Iterator[FitWarning]:
    camera = view.camera
    assert isinstance(camera, Camera)
    width, height, known = camera.width, camera.height, view.keypoints.image_size
    if known is not None and known != (width, height):
        yield _other_size(name, camera, known)
        return
    across, down = camera.cx / width, camera.cy / height
    if abs(across - 0.5) > _SAME_POINT or abs(down - 0.5) > _SAME_POINT:
        times = (across + down) / 2 / 0.5
        if abs(across - down) < _SAME * times and times > 0:
            yield FitWarning(
                "intrinsics_resolution",
                f"the intrinsics of {name} are likely of another resolution than its size",
                f"principal point ({camera.cx:.0f}, {camera.cy:.0f}) in {width} x {height} px",
                f"resize them, {times:.3g} times too large, or correct width and height",
            )
            return
        if (
            abs(camera.cx / height - 0.5) < _SAME_POINT
            and abs(camera.cy / width - 0.5) < _SAME_POINT
        ):
            yield _turned(name, camera, f"principal point ({camera.cx:.0f}, {camera.cy:.0f})")
            return
    yield from _beyond(view, name)


def _other_size(name: str, camera: Camera, known: tuple[int, int]) -> FitWarning:
    width, height = camera.width, camera.height
    evidence = f"{name} {width} x {height}, image {known[0]} x {known[1]} px"
    if known == (height, width):
        return _turned(name, camera, evidence)
    return FitWarning(
        "intrinsics_resolution",
        f"{name} is of another resolution than the image",
        evidence,
        f"use camera.resize{known}, or camera.crop for a part of the image",
    )


def _turned(name: str, camera: Camera, evidence: str) -> FitWarning:
    return FitWarning(
        "portrait_landscape",
        f"portrait and landscape are likely exchanged in {name}",
        f"{evidence}, size {camera.width} x {camera.height} px",
        "exchange width and height, fx and fy, cx and cy",
    )


def _beyond(view: View, name: str) -> Iterator[FitWarning]:
    """Keypoints outside of the image."""
    camera = view.camera
    assert isinstance(camera, Camera)
    _, _, right, bottom = view.keypoints.box or (0, 0, 0, 0)
    if right <= camera.width and bottom <= camera.height:
        return
    seen = view.keypoints.xy[view.keypoints.confidence > 0]
    size = np.array([camera.width, camera.height], dtype=float)
    outside = ((seen < -_OUTSIDE * size) | (seen > (1 + _OUTSIDE) * size)).any(axis=1)
    if outside.mean() <= _MOST or (seen < -_OUTSIDE * size).any(axis=1).mean() > _MOST:
        return
    largest = seen.max(axis=0)
    evidence = (
        f"{outside.sum()} of {len(seen)} keypoints outside of {camera.width} x {camera.height} px, "
        f"up to ({largest[0]:.0f}, {largest[1]:.0f})"
    )
    if (seen > (1 + _OUTSIDE) * size[::-1]).any(axis=1).mean() <= _OUTSIDE:
        if camera.width != camera.height:
            yield _turned(name, camera, evidence)
    else:
        yield FitWarning(
            "intrinsics_resolution",
            f"{name} is likely of a lower resolution than the image",
            evidence,
            "use camera.resize(width, height) with the size of the image",
        )


def focal_unit(fitted: Fitted) -> Iterator[FitWarning]:
    """Focal lengths in another unit than pixels."""
    for number in fitted.seeing:
        camera = fitted.views[number].camera
        if not isinstance(camera, Camera):
            continue
        if not _SHORTEST < camera.fx / max(camera.width, camera.height) < _LONGEST:
            yield FitWarning(
                "focal_length",
                f"the focal length of {_named(fitted, number)} is likely not in pixels",
                f"fx {camera.fx:g} in an image of {camera.width} x {camera.height} px",
                "multiply millimetres by the image's width and divide by the sensor's width",
            )
            return


def focal_length(fitted: Fitted) -> Iterator[FitWarning]:
    """A focal length that is far from what the person's perspective says."""
    view = fitted.views[fitted.seeing[0]]
    camera = view.camera
    if not isinstance(camera, Camera):
        return
    extent = view.keypoints.extent_px / camera.fx
    if len(fitted.seeing) > 1 or _FAR < extent < _NEAR:
        return
    other = fitted.attempt(fitted.views, estimate_focal=True)
    if other is None:
        return
    zoom = exp(float(other.state.variables.log_zoom[0]))
    if not 1 / _FACTOR < zoom < _FACTOR and energy_of(other) < _LESS * fitted.energy:
        yield FitWarning(
            "focal_length",
            "the focal length is likely far off",
            f"{camera.fx:.0f} px given, {zoom * camera.fx:.0f} px estimated from the person's "
            f"perspective; energy {fitted.energy:.0f}, {energy_of(other):.0f}",
            "calibrate the camera, or give estimate_focal=True",
        )
