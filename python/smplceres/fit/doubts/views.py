"""Several images: cameras and keypoints that contradict each other.

Rays of a keypoint from all cameras meet in a point. Where they do not, cameras are placed, ordered
or measured in another way than they should be. Each hypothesis is a change of the views; the one
with which rays meet best is named, if they meet much better than as given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np

from ...body.model import BodyModel
from ...cameras.camera import Camera
from ...evidence.triangulation import Triangulated, can_triangulate, triangulate
from ...evidence.views import FittedView, View
from .body_size import is_usual, size_of
from .fitted import Fitted, energy_of, unseen, with_xy
from .sides import with_sides_exchanged
from .warning import FitWarning

Views = list[View]

# Misfit of the fit, in extents of the person, above which the images are looked at before the
# result is returned, and when its warnings are asked for; at most 0.04 in fits of recorded clips.
_MISFIT, _SMALL_MISFIT = 0.042, 0.013
# Median distance of rays, in extents: with a hypothesis at most this, and at most this part of that
# without it. 0.02 is that of recorded clips.
_MEETS = 0.03
_BETTER, _BETTER_OF_NO_SIZE = 0.5, 0.85
# An image that nothing explains contradicts the others by this much, while those agree.
_DISAGREES = 0.1

# What no hypothesis explains is said above this.
_CONTRADICT = 0.05
# Cameras whose orders are all tried.
_ORDERS = 5

# Residuals that exchanged sides explain in one of at least so many images, and the energy then.
_FEWEST, _GAIN, _LESS = 3, 0.8, 0.85

_OPENGL = np.diag([1.0, -1.0, -1.0])
_SCALES = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
_ZOOMS = tuple(np.exp(np.linspace(-1.4, 1.4, 29)))
_K1 = (-0.4, -0.35, -0.3, -0.25, -0.2, -0.15, -0.1, -0.05, 0.05, 0.1, 0.15, 0.2)


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A change of the views that would explain why they disagree.

    Attributes:
        code, sentence, remedy: of the warning.
        views: as they should be.
        mends: the change, if a fit can go on with it: nobody has to tell it more.
    """

    code: str
    sentence: str
    remedy: str
    views: Views
    mends: Callable[[Views], Views] | None = None


def disagreement(fitted: Fitted) -> Iterator[FitWarning]:
    """Why the images do not agree as they could, if something explains it."""
    if fitted.worst > _SMALL_MISFIT:
        found = _explained(fitted)
        if found is not None:
            yield found[1]


def unexplained(fitted: Fitted) -> Iterator[FitWarning]:
    """Images that contradict each other, when nothing explains it."""
    views = [fitted.views[number] for number in fitted.seeing]
    if not fitted.worst > _MISFIT or not can_triangulate(views):
        return
    error = triangulate(views).error
    if error > _CONTRADICT:
        yield FitWarning(
            "views_disagree",
            "the images contradict each other, and no single change explains it",
            f"rays of a keypoint pass each other by {100 * error:.1f} % of the person's size",
            "check the poses, the order and the intrinsics of the cameras, and that all images "
            "are of one moment and one person",
        )


def contradiction(fitted: Fitted) -> tuple[FitWarning, tuple[View, ...] | None] | None:
    """Why the images contradict each other, and all views as mended, if they can be; None: they
    agree, or nothing explains it."""
    if not fitted.worst > _MISFIT:
        return _sides_of_one(fitted)
    found = _explained(fitted)
    if found is None:
        return _sides_of_one(fitted)
    hypothesis, warning = found
    if hypothesis.mends is None:
        return warning, None
    views = list(fitted.views)
    for number, view in zip(fitted.seeing, hypothesis.views, strict=True):
        views[number] = view
    return warning, tuple(views)


def _sides_of_one(fitted: Fitted) -> tuple[FitWarning, tuple[View, ...]] | None:
    """An image whose residuals are less with the sides exchanged, if the fit is better so."""
    if len(fitted.seeing) < _FEWEST:
        return None
    gains = [_gain_of_sides(view) for view in fitted.result.views]
    number = min(range(len(gains)), key=gains.__getitem__)
    if gains[number] > _GAIN:
        return None
    changed = _with_one(list(fitted.views), number, with_sides_exchanged)
    other = fitted.attempt(changed)
    if other is None or energy_of(other) > _LESS * fitted.energy:
        return None
    return FitWarning(
        "sides_of_view",
        f"left and right are likely exchanged in image {number}; they were exchanged back",
        f"energy {fitted.energy:.0f}, so {energy_of(other):.0f}",
        "check the detections of this camera",
    ), tuple(changed)


def _gain_of_sides(view: FittedView) -> float:
    """The mean residual of keypoints with sides, exchanged, in that as given; 1 without sides."""
    keypoints = view.keypoints
    try:
        swap = keypoints.format.left_right_swap
    except ValueError:
        return 1.0
    paired = (swap != np.arange(len(swap))) & (keypoints.confidence > 0)
    seen, there = keypoints.xy[paired], view.keypoints2d
    given = np.nansum(np.abs(seen - there[paired]))
    exchanged = np.nansum(np.abs(seen - there[swap][paired]))
    return float(exchanged / given) if given > 0 else 1.0


def _explained(fitted: Fitted) -> tuple[Hypothesis, FitWarning] | None:
    views = [fitted.views[number] for number in fitted.seeing]
    return explained(views, fitted.task.known.model)


def explained(views: Views, model: BodyModel) -> tuple[Hypothesis, FitWarning] | None:
    """The hypothesis that explains why views disagree, and its warning; None: they agree, or
    nothing explains it."""
    if not can_triangulate(views):
        return None
    given = triangulate(views)
    form = views[0].keypoints.format
    # A person of no possible size is evidence as well.
    needed = _BETTER if is_usual(size_of(model, form, given.points)) else _BETTER_OF_NO_SIZE
    best: tuple[float, Hypothesis] | None = None
    for group in (_of_all, _of_one, _of_lenses):
        for hypothesis in group(views):
            measured = triangulate(hypothesis.views)
            error = measured.error
            if error > min(_MEETS, needed * given.error) or (best and error > best[0]):
                continue
            if is_usual(size_of(model, form, measured.points)):
                best = error, hypothesis
        if best is not None:
            error, hypothesis = best
            evidence = (
                f"rays of a keypoint pass each other by {100 * given.error:.1f} % of the person's "
                f"size, so by {100 * error:.1f} %"
            )
            return hypothesis, FitWarning(
                hypothesis.code, hypothesis.sentence, evidence, hypothesis.remedy
            )
    return _one_disagrees(views, given) if len(views) > 2 else None


# --- Changes of all cameras ---


def _with_cameras(views: Views, change: Callable[[Camera], Camera]) -> Views:
    return [
        replace(view, camera=change(view.camera)) if isinstance(view.camera, Camera) else view
        for view in views
    ]


def _inverse(camera: Camera) -> Camera:
    rotation = camera.rotation.T
    return replace(camera, rotation=rotation, translation=-rotation @ camera.translation)


def _centred(camera: Camera) -> Camera:
    return replace(camera, translation=-camera.rotation @ camera.translation)


def _transposed(camera: Camera) -> Camera:
    return replace(camera, rotation=camera.rotation.T)


def _opengl(camera: Camera) -> Camera:
    return replace(
        camera, rotation=_OPENGL @ camera.rotation, translation=_OPENGL @ camera.translation
    )


def _turned(camera: Camera) -> Camera:
    return replace(
        camera,
        fx=camera.fy,
        fy=camera.fx,
        cx=camera.cy,
        cy=camera.cx,
        width=camera.height,
        height=camera.width,
    )


def _of_all(views: Views) -> Iterator[Hypothesis]:
    """Poses of all cameras, their order, axes of all pictures."""
    yield Hypothesis(
        "world_from_cam",
        "the poses of the cameras are likely world_from_cam",
        "give cam_from_world: R^T and -R^T t",
        _with_cameras(views, _inverse),
    )
    yield Hypothesis(
        "world_from_cam",
        "the translations of the cameras are likely their centres",
        "give t = -R c",
        _with_cameras(views, _centred),
    )
    yield Hypothesis(
        "world_from_cam",
        "the rotations of the cameras are likely transposed",
        "give R of cam_from_world",
        _with_cameras(views, _transposed),
    )
    for change in (_opengl, lambda camera: _opengl(_inverse(camera))):
        yield Hypothesis(
            "opengl_axes",
            "the cameras likely have the axes of OpenGL, y up and z backward",
            "multiply rows y and z of cam_from_world by -1",
            _with_cameras(views, change),
        )
    yield from _exchanged(views)
    yield Hypothesis(
        "y_up",
        "the y axis of the keypoints likely points up",
        "use y = height - 1 - y",
        [_flipped(view, 1) for view in views],
    )
    yield Hypothesis(
        "mirrored",
        "the pictures are likely mirrored",
        "use x = width - 1 - x",
        [_flipped(view, 0) for view in views],
    )
    yield Hypothesis(
        "x_y_exchanged",
        "x and y of the keypoints are likely exchanged",
        "give x first, then y",
        [with_xy(view, view.keypoints.xy[:, ::-1]) for view in views],
    )
    yield Hypothesis(
        "portrait_landscape",
        "portrait and landscape are likely exchanged in the cameras",
        "exchange width and height, fx and fy, cx and cy",
        _with_cameras(views, _turned),
    )


def _exchanged(views: Views) -> Iterator[Hypothesis]:
    for one, other in combinations(range(len(views)), 2):

        def exchange(views: Views, one: int = one, other: int = other) -> Views:
            changed = list(views)
            changed[one] = replace(views[one], camera=views[other].camera)
            changed[other] = replace(views[other], camera=views[one].camera)
            return changed

        yield Hypothesis(
            "cameras_exchanged",
            f"cameras {one} and {other} are likely exchanged; they were exchanged back",
            "give the keypoints in the order of their cameras",
            exchange(views),
            mends=exchange,
        )
    if len(views) > _ORDERS:
        return
    for order in permutations(range(len(views))):
        if sum(place != number for place, number in enumerate(order)) < 3:
            continue  # as given, or two exchanged

        def reorder(views: Views, order: tuple[int, ...] = order) -> Views:
            return [
                replace(view, camera=views[number].camera)
                for view, number in zip(views, order, strict=True)
            ]

        yield Hypothesis(
            "cameras_exchanged",
            f"the cameras are likely in another order, {', '.join(map(str, order))}; they were put "
            "so",
            "give the keypoints in the order of their cameras",
            reorder(views),
            mends=reorder,
        )


def _flipped(view: View, axis: int) -> View:
    xy = view.keypoints.xy.copy()
    xy[:, axis] = (view.camera.width, view.camera.height)[axis] - 1 - xy[:, axis]
    return with_xy(view, xy)


# --- Changes of one image ---


def _of_one(views: Views) -> Iterator[Hypothesis]:
    for number in range(len(views)):

        def exchange(views: Views, number: int = number) -> Views:
            return _with_one(views, number, with_sides_exchanged)

        def flip(view: View) -> View:
            return _flipped(view, 0)

        yield Hypothesis(
            "sides_of_view",
            f"left and right are likely exchanged in image {number}; they were exchanged back",
            "check the detections of this camera",
            exchange(views),
            mends=exchange,
        )
        yield Hypothesis(
            "mirrored",
            f"picture {number} is likely mirrored",
            "use x = width - 1 - x",
            _with_one(views, number, flip),
        )


def _with_one(views: Views, number: int, change: Callable[[View], View]) -> Views:
    return [*views[:number], change(views[number]), *views[number + 1 :]]


# --- Lenses ---


def _of_lenses(views: Views) -> Iterator[Hypothesis]:
    for times in _SCALES:
        yield Hypothesis(
            "intrinsics_resolution",
            f"the intrinsics are likely of another resolution than the images, {times:.3g} times "
            "theirs",
            "use camera.resize(width, height) with the size of the images",
            _with_cameras(views, lambda camera, times=times: _resized(camera, 1 / times)),  # type: ignore[misc]
        )
    for zoom in _ZOOMS:
        yield Hypothesis(
            "focal_length",
            f"the focal lengths are likely far off; {zoom:.2f} times those given fit",
            "calibrate the cameras, or give refine_cameras",
            _with_cameras(views, lambda camera, zoom=zoom: camera.zoomed(zoom)),  # type: ignore[misc]
        )
    if not any(isinstance(v.camera, Camera) and v.camera.distortion.any() for v in views):
        for k1 in _K1:
            yield Hypothesis(
                "distortion",
                f"the distortion of the lenses is likely lost; k1 = {k1:g} fits",
                "give the distortion of the calibration",
                _with_cameras(views, lambda camera, k1=k1: replace(camera, distortion=[k1])),  # type: ignore[misc]
            )


def _resized(camera: Camera, times: float) -> Camera:
    return replace(
        camera,
        fx=camera.fx * times,
        fy=camera.fy * times,
        cx=(camera.cx + 0.5) * times - 0.5,
        cy=(camera.cy + 0.5) * times - 0.5,
    )


# --- Leaving one out ---


def _one_disagrees(views: Views, given: Triangulated) -> tuple[Hypothesis, FitWarning] | None:
    """The image without which the others agree, such as one of another person."""
    least: tuple[float, int, float] | None = None
    for number in range(len(views)):
        used = [other != number for other in range(len(views))]
        without = triangulate(views, used)
        others = (
            float(np.nanmedian(without.errors[used]))
            if np.isfinite(without.errors[used]).any()
            else 1.0
        )
        its = without.error_of(number)
        contradicts = others < _MEETS and its > max(_DISAGREES, 3 * others)
        if contradicts and (least is None or others < least[0]):
            least = others, number, its
    if least is None:
        return None
    others, number, its = least
    sentence = f"image {number} contradicts the others, as with another person; it was left out"
    remedy = "check who was detected there, and the pose of its camera"

    def leave_out(views: Views) -> Views:
        return _with_one(views, number, unseen)

    evidence = (
        f"it is off by {100 * its:.0f} % of the person's size, the others agree within "
        f"{100 * others:.1f} %"
    )
    return (
        Hypothesis("view_disagrees", sentence, remedy, leave_out(views), mends=leave_out),
        FitWarning("view_disagrees", sentence, evidence, remedy),
    )
