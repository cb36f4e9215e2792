"""Cold fits by stage, one start and the default, and warm refits; points without Python around."""

from __future__ import annotations

import numpy as np

import fit
import smplceres as sc
from smplceres._native import _core
from timing import summary

from .given import Given


def measure(given: Given) -> dict[str, object]:
    bodies = {"default": sc.load_body_model(), "dense": fit.dense_body()}
    count, rounds = given.count(200, 3), given.count(4, 1)
    return {
        name: {
            "poses": given.poses_from,
            **fit.time_fits(body, given.frames(body, count), rounds),
            "points_us": time_points(body),
        }
        for name, body in bodies.items()
    }


def time_points(model: sc.BodyModel) -> dict[str, object]:
    """Microseconds of joints and of BODY_25, with and without Jacobian, as a fit calls them."""
    pose = np.random.default_rng(2).normal(0, 0.3, (model.num_joints - 1, 3))
    parameters = model.parameters(None, [0.1, 0.2, 0.3], pose, None)
    pelvis = _core.SkinnedPoints(model._core)
    pelvis.add(model._core, joints=[(0, 1.0)])
    sets = {
        "pelvis": pelvis,  # what all points share, and next to nothing else
        f"{model.num_joints} joints": model._joint_points,
        "25 keypoints": model.keypoint_points(fit.FORMAT).points,
    }
    times = {}
    for name, points in sets.items():
        for jacobian in (False, True):
            seconds = _core.time_points(
                points, model._core, **parameters, jacobian=jacobian, samples=300
            )
            times[name + (", Jacobian" if jacobian else "")] = summary(seconds, scale=1e6)
    return times
