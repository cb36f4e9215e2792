"""Points in space that are far from where the others have the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..._native import _core
from ...evidence.keypoints3d import Keypoints3D
from ...evidence.views import View
from ..task import Task
from .warning import FitWarning

# A point is left out if it is farther from the body than this, in metres, in standard deviations,
# and in medians of all points. At most this share of them is.
_FARTHEST = 0.08
_SIGMAS = 6.0
_TIMES = 4.0
_SHARE = 0.25
# The farthest points, of which the one is left out without which the energy is least.
_CANDIDATES = 4


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
        without = [_without(task, points, far) for far in _far(task, views, solved)]
        if not without:
            break
        # One that is far off draws the body along, so that others seem farther than they are.
        solutions = [each.solve(views) for each in without]
        least = min(range(len(without)), key=lambda n: sum(solutions[n].energies.values()))
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


def _without(task: Task, points: Keypoints3D, number: int) -> Task:
    confidence = points.confidence.copy()
    confidence[number] = 0
    return replace(task, known=replace(task.known, points3d=replace(points, confidence=confidence)))


def _far(task: Task, views: tuple[View, ...], solved: _core.Fit) -> list[int]:
    """The points that are farthest from the body, if any is too far."""
    result = task.result(solved, views, 0.0)
    points = result.measured3d
    assert points is not None
    off = np.nan_to_num(result.residuals3d)
    deviations = np.sqrt(points.covariance[:, [0, 1, 2], [0, 1, 2]].max(axis=1))
    allowed = np.maximum(_FARTHEST, _SIGMAS * deviations / np.maximum(points.confidence, 1e-9))
    median = float(np.median(off[points.visible])) if points.visible.any() else 0.0
    if not (off > np.maximum(allowed, _TIMES * median)).any():
        return []
    return [int(number) for number in np.argsort(-off)[:_CANDIDATES]]
