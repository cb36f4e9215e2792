"""A fit with examined inputs: before it, what makes it meaningless; after it, what it points at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from ..._native import _core
from ...evidence.views import View
from ..known import Known
from ..presets import default_stages
from ..result import FitResult
from ..solving import Solving
from ..task import Task
from .before import in_usual_scale, refuse_nonsense, without_origin
from .body_size import body_size
from .camera_size import focal_length, focal_unit, image_size
from .clip import MendedClip
from .fitted import Fitted
from .limbs import unseen_limbs
from .picture import axes, keypoint_format
from .points import without_outliers
from .sides import sides, sides_of_frames
from .views import contradiction, disagreement, unexplained
from .warning import FitWarning, Warnings

Test = Callable[[Fitted], Iterator[FitWarning]]

# Frames of a clip that are fitted alone, and the fewest of which any is.
_FRAMES, _FEWEST = 9, 5

# What explains most comes first. A test that warns ends the search: it explains the signs of those
# after it.
_OF_POINTS: tuple[Test, ...] = (body_size, sides)
_OF_ONE_IMAGE: tuple[Test, ...] = (
    *(focal_unit, image_size, keypoint_format, axes, sides, focal_length),
)
_OF_SEVERAL: tuple[Test, ...] = (
    *(focal_unit, disagreement, body_size, keypoint_format, sides, unexplained),
)


def examined_fit(
    task: Task,
    views: tuple[View, ...],
    begin: float,
    check_solved: Callable[[_core.Fit], None] = lambda solved: None,
) -> FitResult:
    """The result of a fit, which finds its warnings when asked for them. Images that contradict
    each other are mended if they can be, and it is said.

    Args:
        task: the fit.
        views: its images.
        begin: of the fit, `time.perf_counter`.
        check_solved: raises the errors of a solution.

    Raises:
        ValueError: inputs that make the fit meaningless.
    """
    refuse_nonsense(views, task.known.points3d)
    said: list[FitWarning] = []
    if task.sigma_px is None:
        views, said = in_usual_scale(views)
    views, at_origin = without_origin(views)
    said += at_origin
    solved = task.solve(views)
    check_solved(solved)
    if task.known.points3d is not None:
        task, solved, outlying = without_outliers(task, views, solved)
        said += outlying
    if not task.known.model.has_smpl_joints or task.initial is not None:
        return task.result(solved, views, begin, Warnings.of(tuple(said)))
    result = task.result(solved, views, begin)
    fitted = Fitted(views, solved, task, result)
    contradicts = contradiction(fitted) if len(views) > 1 else None
    if contradicts is None:
        return replace(result, _warnings=_asked_for(fitted, said))
    warning, mended = contradicts
    if mended is not None:
        views, solved = mended, task.solve(mended)
    return task.result(solved, views, begin, Warnings.of((*said, warning)))


def plain_fit(
    task: Task,
    views: tuple[View, ...],
    begin: float,
    check_solved: Callable[[_core.Fit], None] = lambda solved: None,
) -> FitResult:
    """The result of a fit as `examined_fit`, whatever its inputs are."""
    solved = task.solve(views)
    check_solved(solved)
    return task.result(solved, views, begin)


def warnings_of_clip(known: Known, clip: MendedClip) -> Warnings:
    """What was mended, and what most of some frames say that are fitted alone."""
    return Warnings(lambda: (*clip.warnings, *_found_in_frames(known, clip)))


def _found_in_frames(known: Known, clip: MendedClip) -> Iterator[FitWarning]:
    seen = [views for views in clip.frames if any(view.keypoints.visible.any() for view in views)]
    chosen = seen[:: max(len(seen) // _FRAMES, 1)][:_FRAMES]
    if not known.model.has_smpl_joints or len(chosen) < _FEWEST:
        return
    task = Task(known, Solving(default_stages(), other_starts=True))
    fits = []
    for views in chosen:
        with suppress(ValueError):
            fits.append(Fitted(views, task.solve(views), task))
    found = [next(iter(_found(each)), None) for each in fits]
    said = [each for each in found if each is not None and each.code != "unseen_limbs"]
    most = Counter(each.code for each in said).most_common(1)
    if most and most[0][1] > len(fits) / 2:
        yield next(each for each in said if each.code == most[0][0])
    elif not clip.warnings:
        yield from sides_of_frames(fits)


def _asked_for(fitted: Fitted, said: Sequence[FitWarning]) -> Warnings:
    return Warnings(lambda: (*said, *_found(fitted)))


def _found(fitted: Fitted) -> Iterator[FitWarning]:
    """The warnings of the first test that has some, and of limbs."""
    tests = {0: _OF_POINTS, 1: _OF_ONE_IMAGE}.get(len(fitted.seeing), _OF_SEVERAL)
    yield from next(filter(None, (list(test(fitted)) for test in tests)), [])
    yield from unseen_limbs(fitted)
