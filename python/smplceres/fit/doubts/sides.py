"""Left and right exchanged, or a mirrored picture: both give a body that is mirrored.

One image hardly tells a mirrored person from one who bends knees and feet in another way. The sign
is how improbable the fitted body is; the test is a fit with the sides exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...evidence.keypoints3d import Keypoints3D
from ...evidence.views import View
from ...keypoints.formats import KeypointFormat
from .fitted import Fitted, energy_of
from .warning import FitWarning

# Signs: in one image, the energy of the prediction per keypoint, exceeded by one in a hundred
# recorded poses; in several, the energy of the body (3,000 in recorded clips, 4,800 with wrong
# sides); in space, a shape that nobody has. The test: the part of the energy that is left with the
# sides exchanged.
_PREDICTION = 27.0
_BODY = 3500.0
_BETAS = 4.0
_LESS_IN_ONE, _LESS_IN_SPACE = 0.5, 0.6
# In frames of a clip, the mean of the logarithms.
_LESS_IN_FRAMES = 0.2


def with_sides_exchanged(view: View) -> View:
    """The view with the labels left and right exchanged; as it is if its format has no sides."""
    keypoints = view.keypoints
    try:
        swap = keypoints.format.left_right_swap
    except ValueError:
        return view
    exchanged = replace(keypoints, xy=keypoints.xy[swap], confidence=keypoints.confidence[swap])
    return replace(view, keypoints=exchanged)


def sides(fitted: Fitted) -> Iterator[FitWarning]:
    """All labels exchanged, or all pictures mirrored."""
    if _is_improbable(fitted):
        yield from mirrored(fitted)


def mirrored(fitted: Fitted) -> Iterator[FitWarning]:
    """As `sides`, whatever the fitted body is."""
    less = _LESS_IN_ONE if len(fitted.seeing) == 1 else _LESS_IN_SPACE
    changed = [with_sides_exchanged(view) for view in fitted.views]
    points = fitted.result.measured3d
    other = fitted.attempt(
        changed,
        points3d=None if points is None else _points_exchanged(points),
    )
    if other is not None and energy_of(other) < less * fitted.energy:
        yield FitWarning(
            "mirrored",
            "left and right are likely exchanged, or the picture is mirrored",
            f"energy {fitted.energy:.0f}, with the sides exchanged {energy_of(other):.0f}",
            "check the names of the keypoints, or use x = width - 1 - x",
        )


def _is_improbable(fitted: Fitted) -> bool:
    energies = fitted.result.energies
    if not fitted.seeing:
        return fitted.largest_beta > _BETAS
    if len(fitted.seeing) > 1:
        return sum(energies.values()) - energies.get("reprojection", 0.0) > _BODY
    count = int(fitted.views[fitted.seeing[0]].keypoints.visible.sum())
    return energies.get("conditional_prior", 0.0) > _PREDICTION * count


def sides_of_frames(fits: Sequence[Fitted]) -> Iterator[FitWarning]:
    """All labels exchanged in all of a clip, by the energies of some frames fitted alone: each
    frame says little, all of them say much."""
    energies = []
    for fitted in fits:
        other = fitted.attempt([with_sides_exchanged(view) for view in fitted.views])
        if other is not None:
            energies.append((fitted.energy, energy_of(other)))
    given, exchanged = np.log(np.array(energies).reshape(-1, 2)).T
    if energies and float(np.mean(exchanged - given)) < -_LESS_IN_FRAMES:
        yield FitWarning(
            "mirrored",
            "left and right are likely exchanged, or the picture is mirrored",
            f"with the sides exchanged, {np.mean(exchanged < given):.0%} of {len(energies)} frames "
            f"have less energy, {np.exp(np.mean(exchanged - given)):.0%} in the geometric mean",
            "check the names of the keypoints, or use x = width - 1 - x",
        )


def _points_exchanged(points: Keypoints3D) -> Keypoints3D | None:
    if not isinstance(points.format, KeypointFormat):
        return None
    try:
        swap = points.format.left_right_swap
    except ValueError:
        return None
    return replace(
        points,
        xyz=points.xyz[swap],
        confidence=points.confidence[swap],
        covariance=points.covariance[swap],
    )
