"""Results in a few lines, for people who print them."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ..body.measures import standing_height
from ..body.model import BodyModel
from .fitted_body import FittedBody

Floats = NDArray[np.float64]


def lines_of_fit(
    result: FittedBody, state: str, residuals3d: Floats, model: BodyModel | None
) -> list[str]:
    """What was fitted to what, the error, the place and the height."""
    lines = [f"FitResult: {result.model_name} to {_observations(result)}, {state}"]
    if result.views:
        visible = [view.keypoints.visible.sum() for view in result.views]
        error = result.reprojection_error()
        lines.append(f"  error   {error:.1f} px, median of {sum(visible)} keypoints")
    elif result.measured3d is not None:
        off = residuals3d[np.isfinite(residuals3d)]
        lines.append(f"  error   {1000 * np.median(off):.0f} mm, median of {len(off)} points")
    x, y, z = result.joints[0]
    camera = result.camera
    away = ""
    if camera is not None:
        depth = float(camera.to_camera(result.joints[:1])[0, 2])
        away = f", {depth:.2f} m in front of the camera" if depth > 0 else ""
    lines.append(f"  place   pelvis at ({x:.2f}, {y:.2f}, {z:.2f}) m{away}")
    if model is not None:
        lines.append(f"  height  {standing_height(model, result.betas):.2f} m")
    return lines


def _observations(result: FittedBody) -> str:
    """The formats, with the number of images."""
    formats = Counter(view.keypoints.format.name for view in result.views)
    parts = [f"{name} in {n} {_plural('image', n)}" for name, n in formats.items()]
    if result.measured3d is not None:
        parts.append(f"{len(result.measured3d.xyz)} points in space")
    return " and ".join(parts) or "points"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else noun + "s"
