"""Points in space that are far from where the others have the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..._native import _core
from ...evidence.keypoints3d import Keypoints3D
from ...evidence.views import View
from ..task import Task
from .fitted import Fitted
from .sides import mirrored
from .warning import FitWarning

# A point is left out if it is farther from the body than this, in metres, in standard deviations,
# and in medians of all points. At most this share of them is.
_FARTHEST = 0.08
_SIGMAS = 6.0
_TIMES = 4.0
_SHARE = 0.25
# The farthest points, of which the one is left out without which the energy is least.
_CANDIDATES = 4
# A shape that no person has (standard deviations) says so as well: the neck may reach for a head
# that is far off. Then more points are tried, and one is left out if this part of the energy stays.
_STRANGE = 8.0
_MORE, _LESS = 6, 0.5


def without_outliers(
    task: Task, views: tuple[View, ...], solved: _core.Fit
) -> tuple[Task, _core.Fit, list[FitWarning]]:
    """The task and its solution without points in space that contradict the others, one after the
    other, the farthest first."""
    names: list[str] = []
    given = task.known.points3d
    if given is None:
        return task, solved, []
    most = int(_SHARE * given.visible.sum())
    for _ in range(most):
        points = task.known.points3d
        assert points is not None
        candidates, sure = _far(task, views, solved)
        if not candidates or (not names and any(mirrored(Fitted(views, solved, task)))):
            break  # exchanged sides are far from the body as well
        without = [_without(task, points, number) for number in candidates]
        # One that is far off draws the body along, so that others seem farther than they are.
        solutions = [each.solve(views) for each in without]
        least = min(range(len(without)), key=lambda n: _energy(solutions[n]))
        if not sure and _energy(solutions[least]) > _LESS * _energy(solved):
            break
        chosen = without[least].known.points3d
        assert chosen is not None
        names += [
            name
            for name, was, stays in zip(
                points.format.names, points.visible, chosen.visible, strict=True
            )
            if was and not stays
        ]
        task, solved = without[least], solutions[least]
    if not names:
        return task, solved, []
    return (
        task,
        solved,
        [
            FitWarning(
                "outlying_points",
                "points in space contradict the others and were left out",
                ", ".join(names),
                "check how they were measured, or give them a larger covariance",
            )
        ],
    )


def _energy(solved: _core.Fit) -> float:
    return sum(solved.energies.values())


def _without(task: Task, points: Keypoints3D, number: int) -> Task:
    confidence = points.confidence.copy()
    confidence[number] = 0
    return replace(task, known=replace(task.known, points3d=replace(points, confidence=confidence)))


def _far(task: Task, views: tuple[View, ...], solved: _core.Fit) -> tuple[list[int], bool]:
    """The points that are farthest from the body if one of them is wrong, and whether that is sure:
    one is too far; otherwise the body is no person's."""
    result = task.result(solved, views, 0.0)
    points = result.measured3d
    assert points is not None
    off = np.nan_to_num(result.residuals3d)
    deviations = np.sqrt(points.covariance[:, [0, 1, 2], [0, 1, 2]].max(axis=1))
    allowed = np.maximum(_FARTHEST, _SIGMAS * deviations / np.maximum(points.confidence, 1e-9))
    median = float(np.median(off[points.visible])) if points.visible.any() else 0.0
    sure = bool((off > np.maximum(allowed, _TIMES * median)).any())
    count = _CANDIDATES if sure else 0
    if not sure and len(result.betas) and np.abs(result.betas).max() > _STRANGE:
        count = _MORE
    farthest = [int(number) for number in np.argsort(-off) if points.visible[number]]
    return farthest[:count], sure
