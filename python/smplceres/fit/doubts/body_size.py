"""People of another size than the body's shapes, and points of another unit."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ...body.model import BodyModel
from ...evidence.keypoints3d import Keypoints3D
from ...evidence.triangulation import can_triangulate, triangulate
from ...keypoints.formats import KeypointFormat
from .fitted import Fitted
from .warning import FitWarning

Floats = NDArray[np.float64]

# Lengths of limbs, in those of the mean body, that adults have.
SHORTEST, LONGEST = 0.8, 1.22
# Fewer limbs than this say nothing.
_FEWEST = 4
# Shapes and distances at which lengths are looked at.
_BETAS = 2.5
_MISFIT = 0.03  # extents of the person
_MISFIT3D = 0.03  # metres

_LENGTHS: WeakKeyDictionary[BodyModel, dict[str, Floats]] = WeakKeyDictionary()


def body_size(fitted: Fitted) -> Iterator[FitWarning]:
    """A child or a giant, measured by points in space or by several images."""
    result = fitted.result
    points = result.measured3d
    unusual = fitted.largest_beta > _BETAS
    if points is not None and isinstance(points.format, KeypointFormat):
        residuals = result.residuals3d[np.isfinite(result.residuals3d)]
        if unusual or (len(residuals) and float(np.median(residuals)) > _MISFIT3D):
            yield from _of_points(
                fitted, points.format, np.where(_seen(points), points.xyz, np.nan)
            )
    elif len(fitted.seeing) > 1 and (unusual or fitted.worst > _MISFIT):
        views = [fitted.views[number] for number in fitted.seeing]
        if can_triangulate(views):
            measured = triangulate(views)
            yield from _of_points(fitted, views[0].keypoints.format, measured.points)


def _seen(points: Keypoints3D) -> NDArray[np.bool_]:
    return points.visible[:, None]


def _of_points(
    fitted: Fitted, point_format: KeypointFormat, points: Floats
) -> Iterator[FitWarning]:
    times = size_of(fitted.result.needed_model(None), point_format, points)
    if times is None or is_usual(times):
        return
    kind = "smaller" if times < 1 else "taller"
    yield FitWarning(
        "body_size",
        f"the person is {kind} than the shapes of the body",
        f"limbs are {100 * times:.0f} % as long as those of the mean body, its shapes reach from "
        f"{100 * SHORTEST:.0f} to {100 * LONGEST:.0f} %",
        "use a body for children, or check the unit of lengths",
    )


def size_of(model: BodyModel, point_format: KeypointFormat, points: Floats) -> float | None:
    """The median length of limbs (K, 3) in those of the mean body; None if few are known."""
    pairs = np.array(point_format.limbs)
    if len(pairs) == 0:
        return None
    mine = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    ratios = mine / _mean_lengths(model, point_format, pairs)
    ratios = ratios[np.isfinite(ratios)]
    return float(np.median(ratios)) if len(ratios) >= _FEWEST else None


def is_usual(times: float | None) -> bool:
    """Whether an adult's limbs are so long; also if nothing is known."""
    return times is None or SHORTEST < times < LONGEST


def _mean_lengths(
    model: BodyModel, point_format: KeypointFormat, pairs: NDArray[np.intp]
) -> Floats:
    """(P,) metres; NaN where the body lacks an end."""
    of_model = _LENGTHS.setdefault(model, {})
    if point_format.name not in of_model:
        points, point_of, _ = model.keypoint_points(point_format)
        numbers = np.array(point_of)
        places = points.evaluate(model._core, **model.parameters(None, None, None, None))
        at = np.where((numbers >= 0)[:, None], places[numbers], np.nan)
        of_model[point_format.name] = np.linalg.norm(at[pairs[:, 0]] - at[pairs[:, 1]], axis=1)
    return of_model[point_format.name]
