"""Noise of the keypoints as an argument of fits: one number, or one for each keypoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .views import View

NoiseLevel = float | ArrayLike


def with_noise(
    views: tuple[View, ...], sigma_px: NoiseLevel | Sequence[NoiseLevel | None] | None
) -> tuple[tuple[View, ...], float | None]:
    """The views with scaled confidences, so that sigma / confidence is the noise of each keypoint.

    Returns:
        the views, and sigma: the geometric mean over the visible keypoints; None without noise.

    Raises:
        ValueError: a number that is not > 0, a wrong number of keypoints or views, a level for
            some of the views with keypoints alone.
    """
    if sigma_px is None:
        return views, None
    if not isinstance(sigma_px, list | tuple) and np.ndim(sigma_px) == 0:  # type: ignore[arg-type]  # no list
        return views, _checked(np.array(sigma_px, dtype=np.float64)).item()
    levels = [sigma_px] if len(views) == 1 else sigma_px
    if not isinstance(levels, list | tuple) or len(levels) != len(views):
        raise ValueError(f"sigma_px: expected a number, or a list of one per camera ({len(views)})")
    noises = [
        None if level is None else _of_keypoints(level, len(view.keypoints))
        for level, view in zip(levels, views, strict=True)
    ]
    seen = [
        np.log(noise[view.keypoints.visible])
        for noise, view in zip(noises, views, strict=True)
        if noise is not None
    ]
    logs = np.concatenate([np.zeros(0), *seen])
    blind = [
        noise is None and view.keypoints.visible.any()
        for noise, view in zip(noises, views, strict=True)
    ]
    if any(blind) or len(logs) == 0:
        raise ValueError("sigma_px: expected one of every camera that sees keypoints, got None")
    sigma = math.exp(logs.mean())
    return tuple(
        view
        if noise is None
        else replace(
            view,
            keypoints=replace(
                view.keypoints, confidence=view.keypoints.confidence * (sigma / noise)
            ),
        )
        for noise, view in zip(noises, views, strict=True)
    ), sigma


def _of_keypoints(level: NoiseLevel, count: int) -> NDArray[np.float64]:
    """(count,) pixels."""
    noise = np.array(level, dtype=np.float64)
    if noise.shape not in ((), (count,)):
        raise ValueError(f"sigma_px: expected a number or ({count},), got {noise.shape}")
    return np.broadcast_to(_checked(noise), (count,))


def _checked(noise: NDArray[np.float64]) -> NDArray[np.float64]:
    wrong = ~(np.isfinite(noise) & (noise > 0))
    if wrong.any():
        raise ValueError(f"sigma_px: expected pixels > 0, got {np.ravel(noise[wrong])[0]}")
    return noise
