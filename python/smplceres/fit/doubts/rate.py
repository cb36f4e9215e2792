"""The rate of a clip, by how fast people move and how smoothly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...evidence.views import View
from ...keypoints.keypoints import Keypoints
from .warning import FitWarning

Floats = NDArray[np.float64]

# Seconds in which limbs move half as far as they go in all: 0.10 to 0.32 in 98 % of recorded
# motions of people who move; the usual one; extents that they move at least.
_FAST, _SLOW, _USUAL = 0.06, 0.45, 0.13
_MOVES = 0.1
_WINDOW, _SECONDS = 90, 3.0
_FEWEST = 20
# Energy of accelerations per second: 600 to 3,000 in motions of the right rate, mostly above 20,000
# at four times the rate. Then motion is smoothed as at a quarter of it: too little smoothing does
# little harm.
_ROUGH, _SLOWER = 7000.0, 4.0


def likely_speed(views: Sequence[View], times: Floats) -> tuple[float, list[FitWarning]]:
    """The factor of the times with which people move as they do, and a warning if it is not 1."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    frames = characteristic_frames([view.keypoints for view in views], step)
    if frames is None or _FAST < frames * step < _SLOW:
        return 1.0, []
    seconds = frames * step
    factor = _USUAL / seconds
    evidence = (
        f"limbs move half as far as they go within {seconds:.2f} s, people within 0.1 to 0.3 s"
    )
    whole = bool((np.diff(times) == 1.0).all())
    if whole and seconds > _SLOW:
        return factor, [
            FitWarning(
                "frame_numbers",
                "the times are likely frame numbers, not seconds",
                evidence,
                "give fps, or the numbers divided by it",
            )
        ]
    given = 1 / step
    return factor, [
        FitWarning(
            "frame_rate",
            f"the frame rate is likely wrong: {given:.3g} frames per second given, some "
            f"{given / factor:.2g} more likely; motion is smoothed as if so",
            evidence,
            "give the rate of the video, fps=",
        )
    ]


def characteristic_frames(keypoints: Sequence[Keypoints], step: float) -> float | None:
    """Frames in which limbs move half as far as they go in all, by the structure function

        D(L) = mean |x(f + L) - x(f)|^2,    D(L) = 1/2 mean |x - mean x|^2

    of the keypoints about the middle of the person that move most, without the variance of noise
    (second differences). Median of windows of 90 frames, or 3 s if longer; None: nobody moves.
    """
    if len({each.format for each in keypoints}) > 1 or step <= 0:
        return None
    xy = np.array([np.where(each.visible[:, None], each.xy, np.nan) for each in keypoints])
    extents = [each.extent_px for each in keypoints if each.visible.any()]
    if len(extents) < _FEWEST:
        return None
    length = max(_WINDOW, round(_SECONDS / step))
    starts = range(0, max(len(xy) - length // 2, 1), length)
    with np.errstate(invalid="ignore"):
        found = [
            _characteristic(xy[start : start + length] / np.median(extents)) for start in starts
        ]
    known = [each for each in found if each is not None]
    return float(np.median(known)) if known else None


def _characteristic(xy: Floats) -> float | None:
    """Of (F, K, 2) keypoints in extents, NaN where missing."""
    shown = xy[:, np.isfinite(xy).all(axis=2).mean(axis=0) > 0.5]
    shown = shown[np.isfinite(shown[..., 0]).sum(axis=1) > 2]
    if shown.shape[1] < 4 or len(shown) < _FEWEST:
        return None
    x = shown - np.nanmedian(shown, axis=1, keepdims=True)
    noise = _mean_square(x[2:] - 2 * x[1:-1] + x[:-2]) / 3
    most = _mean_square(x - np.nanmean(x, axis=0))
    chosen = np.argsort(-most)[:8]
    whole = float(np.median(most[chosen]))
    if np.sqrt(whole) < _MOVES:
        return None
    before = 0.0
    for lag in range(1, len(x) - 5):
        moved = float(np.median((_mean_square(x[lag:] - x[:-lag]) - noise)[chosen]))
        if moved >= whole / 2:
            return lag - 1 + (whole / 2 - before) / max(moved - before, 1e-12)
        before = max(moved, 0.0)
    return float(len(x))


def _mean_square(x: Floats) -> Floats:
    """(K,) of (F, K, 2), summed over x and y; 0 for keypoints without any."""
    known = np.isfinite(x[..., 0])
    total = np.where(known, np.nan_to_num(x[..., 0]) ** 2 + np.nan_to_num(x[..., 1]) ** 2, 0.0)
    return np.asarray(total.sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def is_rough(energies: Mapping[str, float], times: Floats) -> bool:
    """Whether a motion is less smooth than those of people at the rate of its times, however little
    it moves."""
    return len(times) >= _FEWEST and _roughness(energies, times) > _ROUGH


def slower(energies: Mapping[str, float], times: Floats) -> tuple[float, FitWarning]:
    """The factor of the times of a rough motion, and the warning."""
    given = 1 / float(np.median(np.diff(times)))
    return _SLOWER, FitWarning(
        "frame_rate",
        f"the frame rate is likely wrong: {given:.3g} frames per second given, some "
        f"{given / _SLOWER:.2g} more likely; motion is smoothed as if so",
        f"energy of accelerations {_roughness(energies, times):.0f} a second, of people's motions "
        "up to 3000",
        "give the rate of the video, fps=",
    )


def _roughness(energies: Mapping[str, float], times: Floats) -> float:
    return energies.get("acceleration", 0.0) / float(times[-1] - times[0])
