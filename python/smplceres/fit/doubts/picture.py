"""One image: axes, sides, format and size of the picture.

A body that is fitted to a picture that was turned over ends with higher energies: knees, feet and
faces do not fit its sides. Which way it was turned over is tested by fitting again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..._native import _core
from ...body.parameters import parameters_of
from ...evidence.views import View
from ...keypoints.formats import FORMATS, MEDIAPIPE33, KeypointFormat
from ...keypoints.keypoints import Keypoints
from ..from_core import camera_changes, fitted_view
from .fitted import Fitted, energy_of, misfit_of, with_xy
from .warning import FitWarning

Floats = NDArray[np.float64]

# Cosines of the trunk with the image's axes, at which it is upside down or lies.
_UPSIDE_DOWN = 0.5
_LYING = 0.8
# People rarely are upside down, but y often is: an energy that is not much higher says so. People
# do lie, so that x and y are exchanged only if that fits better.
_FLIPPED = 1.2
_TRANSPOSED = 0.9
# Misfits (medians, in extents) from which another format is tried: those of good fits are at most
# 0.02 in one image and 0.04 in several. A format is another if it halves the energy, and halves the
# misfit too or leaves a fifth of the energy.
_MISFIT, _MISFIT_OF_SEVERAL = 0.018, 0.05
_BETAS = 4.0
_BETTER, _MUCH_BETTER = 0.5, 0.2
# A share of keypoints this far outside the image, in its sizes.
_MOST = 0.3
_OUTSIDE = 0.05

_FLIP = np.array([1.0, -1.0])
_EITHER = 25  # keypoints of MediaPipe's body without feet


def axes(fitted: Fitted) -> Iterator[FitWarning]:
    """y up, x and y exchanged; for a fit to one image."""
    across, down, _ = fitted.trunk
    if down > _UPSIDE_DOWN:
        yield from _y_up(fitted)
    elif abs(across) > _LYING or not _inside(fitted.views[0].keypoints, fitted.views[0]):
        yield from _x_y_exchanged(fitted)


def _y_up(fitted: Fitted) -> Iterator[FitWarning]:
    view = fitted.views[fitted.seeing[0]]
    xy = view.keypoints.xy
    negative = (xy[view.keypoints.visible, 1] < 0).all()
    up = xy * _FLIP + [0, 0 if negative else view.camera.height - 1]
    other = fitted.attempt([with_xy(view, up)])
    if other is not None and energy_of(other) < _FLIPPED * fitted.energy:
        yield FitWarning(
            "y_up",
            "the y axis of the keypoints likely points up",
            f"the person is upside down; energy {fitted.energy:.0f}, with y down "
            f"{energy_of(other):.0f}",
            "use y = height - 1 - y" if not negative else "use -y",
        )


def _x_y_exchanged(fitted: Fitted) -> Iterator[FitWarning]:
    view = fitted.views[fitted.seeing[0]]
    transposed = with_xy(view, view.keypoints.xy[:, ::-1])
    needed = _TRANSPOSED
    if not _inside(view.keypoints, view):
        if not _inside(transposed.keypoints, view):
            return
        needed = _FLIPPED  # the picture has no such places
    other = fitted.attempt([transposed])
    if other is not None and energy_of(other) < needed * fitted.energy and _is_upright(other):
        yield FitWarning(
            "x_y_exchanged",
            "x and y of the keypoints are likely exchanged",
            f"the person lies; energy {fitted.energy:.0f}, exchanged {energy_of(other):.0f}",
            "give x first, then y",
        )


def _is_upright(solved: _core.Fit) -> bool:
    """Whether the root of a solution is upright in a camera whose y is down."""
    orient = solved.state.variables.global_orient
    angle = float(np.linalg.norm(orient))
    if angle < 1e-9:
        return False
    along_y = (orient[1] / angle) ** 2
    # Component along y of the image of the rotated y axis of the body.
    return bool(along_y + (1 - along_y) * np.cos(angle) < -0.5)


def _inside(keypoints: Keypoints, view: View) -> bool:
    """Whether most visible keypoints are in the image of a view."""
    left, top, right, bottom = keypoints.box or (0, 0, 0, 0)
    if left >= 0 and top >= 0 and right <= view.camera.width and bottom <= view.camera.height:
        return True
    seen = keypoints.xy[keypoints.confidence > 0] / [view.camera.width, view.camera.height]
    return float(np.mean(abs(seen - 0.5).max(axis=1) > 0.5 + _OUTSIDE)) <= _MOST


def keypoint_format(fitted: Fitted) -> Iterator[FitWarning]:
    """Another format of as many keypoints, in all images."""
    limit = _MISFIT if len(fitted.seeing) == 1 else _MISFIT_OF_SEVERAL
    worst = fitted.worst
    if not (worst > limit or fitted.largest_beta > _BETAS):
        return
    given = fitted.views[fitted.seeing[0]].keypoints.format
    best: tuple[float, KeypointFormat, float] | None = None
    for other in _alike(given):
        views = [_in_format(view, other) for view in fitted.views]
        solved = fitted.attempt(views)
        if solved is None:
            continue
        energy = energy_of(solved)
        if energy < _BETTER * fitted.energy and (best is None or energy < best[0]):
            best = energy, other, misfit_of_solution(fitted, solved, views)
    if best is None:
        return
    if best[2] < _BETTER * worst or best[0] < _MUCH_BETTER * fitted.energy:
        energy, other, misfit = best
        yield FitWarning(
            "keypoint_format",
            f"the keypoints are likely {other.name}, not {given.name}",
            f"median misfit {100 * worst:.1f} % of the person's size, as {other.name} "
            f"{100 * misfit:.1f} %; energy {fitted.energy:.0f}, {energy:.0f}",
            f'give keypoint_format="{other.name}"'
            + (" with rows of confidence 0 for the feet" if other is MEDIAPIPE33 else ""),
        )


def misfit_of_solution(fitted: Fitted, solved: _core.Fit, views: list[View]) -> float:
    """The worst median residual of a solution, in extents of the person."""
    model = fitted.result.needed_model(None)
    variables = solved.state.variables
    parameters = parameters_of(variables)
    return max(
        misfit_of(fitted_view(view, zoom, model, parameters, motion).residuals, view.keypoints)
        for view, (zoom, motion) in zip(views, camera_changes(variables), strict=True)
        if view.keypoints.visible.any()
    )


def _alike(given: KeypointFormat) -> Iterator[KeypointFormat]:
    """Formats of as many keypoints, and MediaPipe's without feet."""
    for other in FORMATS.values():
        if other.num_keypoints == given.num_keypoints and other.name != given.name:
            yield other
    if given.num_keypoints == _EITHER:
        yield MEDIAPIPE33


def _in_format(view: View, other: KeypointFormat) -> View:
    keypoints = view.keypoints
    rows = np.zeros((other.num_keypoints, 3))
    rows[: len(keypoints)] = np.column_stack([keypoints.xy, keypoints.confidence])
    changed = Keypoints(rows[:, :2], rows[:, 2], other, keypoints.image_size, keypoints.source)
    return replace(view, keypoints=changed)
