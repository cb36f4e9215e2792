"""Clips: frames in which the detector was wrong, and times that are no seconds.

Frames are compared with their neighbours in the image, before the fit. Frames with exchanged sides
are mended, and the rate is judged by how fast people move.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..._native import _core
from ...body.model import BodyModel
from ...evidence.triangulation import can_triangulate, triangulate
from ...evidence.views import View
from ...keypoints.keypoints import Keypoints
from ...keypoints.sides import set_sides_right
from .before import in_usual_scale, refuse_nonsense, without_origin
from .frames import apart, as_text, joined
from .jumps import without_jumps
from .rate import is_rough, likely_speed, slower
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
    speed, warning = likely_speed(cameras[0], times)
    said += warning
    frames = list(zip(*cameras, strict=True))
    if len(cameras) > 1:
        frames, warning = _without_contradictions(frames, model)
        said += warning
    return MendedClip(frames, speed, tuple(said))


def at_likely_rate(
    clip: MendedClip, times: Floats, solved: _core.ClipFit, solve: Callable[[float], _core.ClipFit]
) -> tuple[MendedClip, _core.ClipFit]:
    """A clip and its solution, solved again if its motion is too rough for its times.

    Args:
        clip: as it was solved.
        times: as given, seconds.
        solved: the solution.
        solve: of times that are the given ones multiplied by its argument.
    """
    if clip.speed != 1.0 or not is_rough(solved.energies, times):
        return clip, solved
    speed, warning = slower(solved.energies, times)
    mended = replace(clip, speed=speed, warnings=(*clip.warnings, warning))
    return mended, solve(speed)


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
