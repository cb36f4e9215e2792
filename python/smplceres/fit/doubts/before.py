"""Checks before a fit: inputs that make it meaningless, and scales that can be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import dist, log10

import numpy as np

from ...base.units import METRES
from ...cameras.camera import Camera
from ...evidence.keypoints3d import Keypoints3D
from ...evidence.views import View
from ...keypoints.files.confidence_scale import factor_of
from .warning import FitWarning

ANYWAY = "check=False or --no-check fits it as it is"

# Keypoints of all of a person in 0..1 or -1..1, in an image of more pixels than that.
_NORMALISED = 1.5
_SMALLEST_IMAGE = 32
# Metres: a person's height, and what no person spans.
_HEIGHT = 1.7
_TALLEST = 10.0
# Two cameras that see somebody are at most as far apart as their distances from him, which follow
# from his height in the images: more than this times as far is another unit.
_FARTHER = 12.0


def refuse_nonsense(views: Sequence[View], points3d: Keypoints3D | None) -> None:
    """ValueError for inputs that make a fit meaningless."""
    for view in views:
        _check_pixels(view)
    if len(views) > 1:
        _check_baselines(views)
    if points3d is not None:
        _check_size(points3d)


def _check_pixels(view: View) -> None:
    box, width, height = view.keypoints.box, view.camera.width, view.camera.height
    if box is None or min(width, height) <= _SMALLEST_IMAGE:
        return
    low, high = min(box), max(box)
    if max(-low, high) <= _NORMALISED and high > low:
        raise ValueError(
            f"keypoints: expected pixels of an image of {width} x {height}, got all within "
            f"{low:.2g} and {high:.2g}; multiply them by the size of the image ({ANYWAY})"
        )


def _check_baselines(views: Sequence[View]) -> None:
    """Cameras that are much farther apart than the person is from them."""
    far = []
    for number, view in enumerate(views):
        extent = view.keypoints.extent_px
        if isinstance(view.camera, Camera) and extent > 0:
            centre = view.camera.centre.tolist()
            far.append((number, centre, _HEIGHT * view.camera.fx / extent))
    for (one, centre, distance), (other, its_centre, its_distance) in combinations(far, 2):
        apart = dist(centre, its_centre)
        if apart > _FARTHER * (distance + its_distance):
            likely = _unit_of(apart / (distance + its_distance))
            raise ValueError(
                f"camera: expected translations in metres, got {apart:,.0f} m between cameras "
                f"{one} and {other}, which see a person {distance:.0f} and {its_distance:.0f} m "
                f'away; likely unit="{likely}" of read_cameras ({ANYWAY})'
            )


def _check_size(points3d: Keypoints3D) -> None:
    seen = points3d.xyz[points3d.visible]
    extent = float(np.ptp(seen, axis=0).max()) if len(seen) else 0.0
    if extent > _TALLEST:
        raise ValueError(
            f"keypoints3d: expected metres, got points {extent:,.0f} m apart; likely "
            f'unit="{_unit_of(extent / _HEIGHT)}" ({ANYWAY})'
        )


def _unit_of(times: float) -> str:
    """The unit of lengths that are this many times too long in metres."""
    return min(METRES, key=lambda unit: abs(log10(times * METRES[unit])))


def in_usual_scale(views: tuple[View, ...]) -> tuple[tuple[View, ...], list[FitWarning]]:
    """The views with confidences of at most about 1, and a warning if they had another scale.

    Percents are divided by 100. Low ones are multiplied by the highest power of ten that leaves the
    highest tenth at most 1: as weights they would count a ten-thousandth.
    """
    highest = [_high(view) for view in views]
    factors = [factor_of(high) if high > 0 else 1.0 for high in highest]
    if all(factor == 1.0 for factor in factors):
        return views, []
    scaled = []
    for view, factor in zip(views, factors, strict=True):
        keypoints = replace(view.keypoints, confidence=factor * view.keypoints.confidence)
        scaled.append(view if factor == 1.0 else replace(view, keypoints=keypoints))
    factor = next(each for each in factors if each != 1.0)
    high = highest[factors.index(factor)]
    return tuple(scaled), [
        FitWarning(
            "confidence_scale",
            f"confidences have another scale than 0 to 1 and were multiplied by {factor:g}",
            f"the highest tenth is above {high:.3g}",
            "scale them to 0 to 1, or give sigma_px with confidences that are meant so",
        )
    ]


def without_origin(views: tuple[View, ...]) -> tuple[tuple[View, ...], list[FitWarning]]:
    """The views without keypoints at exactly (0, 0), which detectors write for missing ones."""
    if not any(view.keypoints.box and view.keypoints.box[:2] == (0.0, 0.0) for view in views):
        return views, []
    changed, count = [], 0
    for view in views:
        keypoints = view.keypoints
        at_origin = keypoints.visible & ~keypoints.xy.any(axis=1)
        count += int(at_origin.sum())
        confidence = np.where(at_origin, 0.0, keypoints.confidence)
        changed.append(replace(view, keypoints=replace(keypoints, confidence=confidence)))
    if count == 0:
        return views, []
    return tuple(changed), [
        FitWarning(
            "keypoints_at_origin",
            "keypoints at (0, 0) are missing",
            f"{count} with a confidence above 0",
            "give missing keypoints the confidence 0",
        )
    ]


def _high(view: View) -> float:
    """The lower end of the highest tenth of the confidences above 0; 0 without any."""
    given = view.keypoints.confidence[view.keypoints.confidence > 0]
    if len(given) == 0:
        return 0.0
    place = int(0.9 * (len(given) - 1))
    return float(np.partition(given, place)[place])
