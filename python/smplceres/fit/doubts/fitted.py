"""A finished fit as the tests of hypotheses see it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..._native import _core
from ...evidence.keypoints3d import Keypoints3D
from ...evidence.views import View
from ...keypoints.keypoints import Keypoints
from ..result import FitResult
from ..task import Task

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A finished fit.

    Attributes:
        views: its input.
        solved: what the core returned.
        task: the fit but its images.
        made: the result, if there is one already.
    """

    views: tuple[View, ...]
    solved: _core.Fit
    task: Task
    made: FitResult | None = None

    @cached_property
    def result(self) -> FitResult:
        """The result of the solution, without warnings."""
        made = self.made
        return made or self.task.result(self.solved, self.views, time.perf_counter())

    @cached_property
    def energy(self) -> float:
        """As `energy_of`."""
        return energy_of(self.solved)

    @cached_property
    def seeing(self) -> tuple[int, ...]:
        """Numbers of the views with visible keypoints."""
        return tuple(n for n, view in enumerate(self.views) if view.keypoints.visible.any())

    @cached_property
    def misfit(self) -> list[float]:
        """Of each view the median residual in extents of the person; NaN without keypoints."""
        return [misfit_of(view.residuals, view.keypoints) for view in self.result.views]

    @cached_property
    def largest_beta(self) -> float:
        """The absolute value of the largest shape coefficient."""
        return max(map(abs, self.result.betas.tolist()), default=0.0)

    @cached_property
    def trunk(self) -> tuple[float, float, float]:
        """Unit vector from pelvis to neck in the first view's frame."""
        joints = self.result.joints
        x, y, z = (self.views[0].camera.rotation @ (joints[_NECK] - joints[0])).tolist()
        length = math.hypot(x, y, z) or 1.0
        return x / length, y / length, z / length

    @cached_property
    def worst(self) -> float:
        """The largest misfit."""
        return max((each for each in self.misfit if not math.isnan(each)), default=0.0)

    def attempt(
        self,
        views: Sequence[View] | None = None,
        *,
        points3d: Keypoints3D | None = None,
        estimate_focal: bool = False,
    ) -> _core.Fit | None:
        """The solution with other views or points in space; None if there is none."""
        task = self.task
        if points3d is not None:
            task = replace(task, known=replace(task.known, points3d=points3d))
        try:
            seen = self.views if views is None else views
            return task.solve(seen, estimate_focal=estimate_focal)
        except ValueError:
            return None


_NECK = 12  # of SMPL's joints


def misfit_of(residuals: Floats, keypoints: Keypoints) -> float:
    """The median residual in extents of the person; NaN without any."""
    known = residuals[np.isfinite(residuals)]
    if len(known) == 0:
        return float("nan")
    middle = len(known) // 2
    return float(np.partition(known, middle)[middle]) / max(keypoints.extent_px, 1.0)


def energy_of(solved: _core.Fit) -> float:
    """The energy in the weights of comparisons, those of the last stage before they are balanced by
    the noise."""
    return next(
        (sum(tried.energies.values()) for tried in solved.hypotheses if tried.kept),
        sum(solved.energies.values()),
    )


def unseen(view: View) -> View:
    """The view without visible keypoints."""
    keypoints = view.keypoints
    return replace(view, keypoints=replace(keypoints, confidence=np.zeros(len(keypoints))))


def with_xy(view: View, xy: Floats) -> View:
    """The view with its keypoints at other places."""
    keypoints = view.keypoints
    return replace(view, keypoints=replace(keypoints, xy=xy))
