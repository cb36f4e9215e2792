"""A Levenberg-Marquardt iteration beside its floor, the same normal equations and Cholesky alone.

An iteration's time is the slope between short and long solves of the last stage from one start,
tolerances at zero: what a solve costs once is not in it. Floor: J^T J, J^T r and a Cholesky solve
of a dense J of the same rows and columns, in Eigen, compiled as this core is. With collisions, as
the default has them, and without.
"""

from __future__ import annotations

from copy import copy

import numpy as np

import smplceres as sc
from cases import pictures
from smplceres._native import _core
from timing import summary

from .given import Given

SHORT, LONG = 4, 16  # iterations


def measure(given: Given) -> dict[str, object]:
    model = sc.load_body_model()
    cases, arguments = given.cases(model, given.count(60, 2))
    camera = pictures.camera_of(arguments)
    return {
        name: compare(cases, camera, model, collisions, given.count(6, 1))
        for name, collisions in (("last stage", True), ("without collisions", False))
    }


def compare(
    cases: list[pictures.Case],
    camera: sc.Camera,
    model: sc.BodyModel,
    collisions: bool,
    rounds: int,
) -> dict[str, object]:
    stages = {count: stage_of(count, collisions) for count in (SHORT, LONG)}
    rows = []
    for case in cases:
        start = sc.objective(case.keypoints, camera, model=model, keypoint_format="openpose_body25")
        initial = start.unpack(start.x0)
        done, best = {}, dict.fromkeys(stages, np.inf)
        floor = np.inf
        for _ in range(rounds):
            for count, stage in stages.items():
                fitted = sc.fit(
                    case.keypoints,
                    camera,
                    model=model,
                    keypoint_format="openpose_body25",
                    initial=initial,
                    preset=[stage],
                    starts=1,
                )
                done[count] = fitted.stages[0]
                best[count] = min(best[count], fitted.stages[0].time)
            last = done[LONG]
            size = {"rows": last.num_residuals, "columns": last.num_parameters}
            floor = min(floor, *_core.time_normal_equations(**size, samples=5))
        more = done[LONG].iterations - done[SHORT].iterations
        if more > 0:
            rows.append(((best[LONG] - best[SHORT]) / more, floor, size["rows"], size["columns"]))
    times, floors, heights, widths = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "iteration_us": summary(times, scale=1e6),
        "floor_us": summary(floors, scale=1e6),
        "ratio": summary(times / floors),
        "rows": summary(heights),
        "columns": summary(widths),
    }


def stage_of(iterations: int, collisions: bool) -> sc.Stage:
    stage = copy(sc.default_stages()[-1])
    stage.solver.max_iterations = iterations
    stage.solver.function_tolerance = 0.0
    stage.solver.gradient_tolerance = 0.0
    stage.solver.parameter_tolerance = 0.0
    stage.reference_noise = 0.0  # solves once
    if not collisions:
        stage.interpenetration.weight = 0.0
    return stage
