"""Clips: frames in which the detector was wrong, and times that are no seconds.

Frames are compared with their neighbours in the image, before the fit. Frames with exchanged sides
are mended, and the rate is judged by how fast people move.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...body.model import BodyModel
from ...evidence.triangulation import can_triangulate, triangulate
from ...evidence.views import View
from ...keypoints.keypoints import Keypoints
from ...keypoints.sides import set_sides_right
from .before import in_usual_scale, refuse_nonsense, without_origin
from .frames import apart, as_text, joined
from .jumps import without_jumps
from .views import explained
from .warning import FitWarning

Floats = NDArray[np.float64]
Frames = list[tuple[View, ...]]

# By how much keypoints are nearer to the neighbours of a run, at both ends, with exchanged sides,
# in extents, and the part of their distance that is left.
_GAIN, _LESS = 0.05, 0.6
# Frames in which cameras are compared, how far rays pass each other where they disagree (extents),
# and in how many frames the same must explain it.
_SAMPLES, _AGREE = 5, 3
_DISAGREE = 0.025
# At most this share of the frames is mended.
_SHARE = 0.3
# Seconds in which limbs move half as far as they go in all: 0.10 to 0.32 in 98 % of recorded
# motions of people who move; the usual one; extents that they move at least.
_FAST, _SLOW, _USUAL = 0.06, 0.45, 0.13
_MOVES = 0.1
_WINDOW, _SECONDS = 90, 3.0
_FEWEST = 20


@dataclass(frozen=True, eq=False)
class MendedClip:
    """A clip as it is fitted.

    Attributes:
        frames: views of each frame.
        speed: the times of motion are the given ones multiplied by it.
        warnings: what was mended.
    """

    frames: Frames
    speed: float = 1.0
    warnings: tuple[FitWarning, ...] = ()


def mended_clip(frames: Frames, times: Floats, model: BodyModel) -> MendedClip:
    """Mends what neighbouring frames and other cameras tell.

    Raises:
        ValueError: inputs that make a fit meaningless.
    """
    chosen = [frame for frame in frames if any(view.keypoints.visible.any() for view in frame)]
    for frame in chosen[:: max(len(chosen) // _SAMPLES, 1)]:
        refuse_nonsense(frame, None)
    said: list[FitWarning] = []
    cameras: list[list[View]] = [list(views) for views in zip(*frames, strict=True)]
    for number, views in enumerate(cameras):
        scaled, warnings = in_usual_scale(tuple(views))
        scaled, at_origin = without_origin(scaled)
        name = f" of camera {number}" if len(cameras) > 1 else ""
        right, sides = _with_right_sides(list(scaled), name)
        cameras[number], jumps = without_jumps(right, times, name)
        said += [*warnings, *at_origin, *sides, *jumps]
    speed, warning = _speed(cameras[0], times)
    said += warning
    frames = list(zip(*cameras, strict=True))
    if len(cameras) > 1:
        frames, warning = _without_contradictions(frames, model)
        said += warning
    return MendedClip(frames, speed, tuple(said))


def _without_contradictions(frames: Frames, model: BodyModel) -> tuple[Frames, list[FitWarning]]:
    """The same change of the cameras in all frames, if most frames of some need it."""
    seen = [n for n, views in enumerate(frames) if all(v.keypoints.visible.any() for v in views)]
    found = []
    for frame in seen[:: max(len(seen) // _SAMPLES, 1)][:_SAMPLES]:
        views = list(frames[frame])
        if not can_triangulate(views) or triangulate(views).error < _DISAGREE:
            continue
        explanation = explained(views, model)
        if explanation is not None:
            found.append(explanation)
    sentences = Counter(warning.sentence for _, warning in found)
    most = max(sentences, key=sentences.__getitem__, default=None)
    if most is None or sentences[most] < _AGREE:
        return frames, []
    hypothesis, warning = next(each for each in found if each[1].sentence == most)
    if hypothesis.mends is None:
        return frames, [warning]
    return [tuple(hypothesis.mends(list(views))) for views in frames], [warning]


def _with_right_sides(views: list[View], name: str) -> tuple[list[View], list[FitWarning]]:
    given = [view.keypoints for view in views]
    right, exchanged = set_sides_right(given)
    exchanged = [
        frame for run in joined(exchanged) if _is_exchanged(given, right, run) for frame in run
    ]
    if not exchanged or len(exchanged) > _SHARE * len(views):
        return views, []
    mended = list(views)
    for frame in exchanged:
        keypoints = right[frame]
        if keypoints is not None:
            mended[frame] = replace(views[frame], keypoints=keypoints)
    return mended, [
        FitWarning(
            "sides_of_frames",
            f"left and right were exchanged in some frames{name}; they were exchanged back",
            f"frames {as_text(exchanged)}",
            "check the detections",
        )
    ]


def _is_exchanged(
    given: Sequence[Keypoints], right: Sequence[Keypoints | None], run: range
) -> bool:
    """Whether both ends of a run say so: people in profile turn over without a jump."""
    ends = [(run.start - 1, run.start), (run.stop, run.stop - 1)]
    ends = [(other, frame) for other, frame in ends if 0 <= other < len(given)]
    for other, frame in ends:
        mended = right[frame]
        if mended is None:
            return False
        size = max(given[other].extent_px, 1.0)
        before, now = (apart(given[other], each) / size for each in (given[frame], mended))
        if before - now < _GAIN or now > _LESS * before:
            return False
    return len(ends) > 0


def _speed(views: Sequence[View], times: Floats) -> tuple[float, list[FitWarning]]:
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
