"""Outliers among keypoints, by the robust function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..evidence.views import FittedView


def outliers_of(
    view: FittedView, options: _core.ReprojectionOptions, unit: float
) -> NDArray[np.bool_]:
    """(K,) the rule of `FitResult.outliers` on one image; unit: residual units per pixel."""
    squared = (unit * (view.keypoints2d - view.keypoints.xy)) ** 2
    error = np.sqrt(squared.sum(axis=1) if options.per_point else squared.max(axis=1))
    with np.errstate(invalid="ignore"):  # NaN for keypoints that the body does not have
        far = {
            "geman_mcclure": error > options.sigma,
            "huber": error > 4 * options.sigma,
            "none": np.zeros(len(error), dtype=bool),
        }[options.robust]
    return np.asarray(far & view.keypoints.visible)
