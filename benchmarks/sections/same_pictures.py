"""The same pictures fitted by several: what each is given, how long it takes, how far it is off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import smplceres as sc
from cases import errors, pictures
from smplceres.body.parameters import Parameters
from timing import best_of_rounds, summary

FORMAT = sc.FORMATS["openpose_body25"]


def joints_and_vertices(model: sc.BodyModel) -> tuple[list, list]:
    """(keypoint, joint) and (keypoint, vertex) pairs of a body on which keypoints are no means."""
    joints, vertices = [], []
    for keypoint, (location,) in enumerate(entry.location for entry in FORMAT.keypoints):
        if location in model.joint_names:
            joints.append((keypoint, model.joint_names.index(location)))
        else:
            (vertex,), _ = model.landmarks[location]
            vertices.append((keypoint, int(vertex)))
    return joints, vertices


def start_of(case: pictures.Case, camera: sc.Camera, model: sc.BodyModel) -> Parameters:
    """Where our fits start."""
    objective = sc.objective(case.keypoints, camera, model=model, keypoint_format=FORMAT, stage=-1)
    return objective.unpack(objective.x0)


def timed(call: Callable[[], Any], case: pictures.Case, rounds: int = 1) -> dict[str, float]:
    """The best of the rounds, and how far its joints are from the truth."""
    fits: list[Any] = []
    best = best_of_rounds({"": lambda: fits.append(call())}, rounds)[""]
    fitted = fits[-1]
    row = {"ms": 1e3 * best.clock, "cpu_ms": 1e3 * best.processor}
    finite = bool(np.isfinite(fitted.joints).all())
    if finite:
        row["root_mm"] = errors.root_aligned(fitted.joints, case.joints)
        row["pa_mm"] = errors.procrustes_aligned(fitted.joints, case.joints)
    if hasattr(fitted, "evaluations"):
        row["evaluations"] = fitted.evaluations
    return {**row, "failed": float(not finite)}


def figures(rows: list[dict[str, float]]) -> dict[str, object]:
    keys = {key for row in rows for key in row} - {"failed"}
    measured = {key: [row[key] for row in rows if key in row] for key in sorted(keys)}
    return {
        **{key: summary(values) for key, values in measured.items()},
        "root_mean_mm": float(np.mean(measured.get("root_mm", [np.nan]))),
        "pa_mean_mm": float(np.mean(measured.get("pa_mm", [np.nan]))),
        "ms_and_pa_mm": [[row["ms"], row["pa_mm"]] for row in rows if "pa_mm" in row],
        "failed": int(sum(row["failed"] for row in rows)),
    }
