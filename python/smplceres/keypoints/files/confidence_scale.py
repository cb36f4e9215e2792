"""Confidences of a file in a scale of their own: percents, or heights of heat maps near 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import floor, log10
from pathlib import Path

import numpy as np

from ...base.input_warnings import warn_of_input
from .found import Seen

# Confidences above this are percents: those of heat maps and of SimCC reach a few.
_PERCENT = 10.0
# The highest tenth of a detector's confidences is above this, if they are to be weights: with 0.01
# everywhere the image has a ten-thousandth of its weight.
_LOWEST = 0.05
_HIGH = 90  # percentile


def factor_of(high: float) -> float:
    """The factor that brings confidences whose highest tenth begins at `high` (> 0) to the usual
    scale: 1, or a power of ten."""
    if high > _PERCENT:
        return 0.01
    return 10.0 ** floor(-log10(high) + 1e-9) if high < _LOWEST else 1.0


def in_scale(path: Path, seen: Sequence[Seen]) -> list[Seen]:
    """The people with confidences of the usual scale, at most about 1, and a warning if they had
    another: percents are divided by 100, and low ones multiplied by a power of ten, which is the
    same for the files of a clip, so that the highest tenth is above 0.1."""
    all_of = [each.keypoints.confidence for each in seen if each.keypoints is not None]
    given = np.concatenate([np.zeros(0), *all_of])
    given = given[given > 0]
    high = float(np.percentile(given, _HIGH)) if len(given) else 1.0
    factor = factor_of(high)
    if factor == 1.0:
        return list(seen)
    warn_of_input(
        f"{path}: confidences: expected 0 to 1, got up to {given.max():g}; multiplied by {factor:g}"
    )
    return [
        each
        if each.keypoints is None
        else each._replace(
            keypoints=replace(each.keypoints, confidence=factor * each.keypoints.confidence)
        )
        for each in seen
    ]
