"""Hands, expression and the landmarks of the face in files of bodies, under SMPL-X's keys."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.files.archives import floats_of, integers_of
from ..base.files.npz_files import Lookup
from ..base.skeleton import FACE_LANDMARKS, NUM_CONTOUR_LANDMARKS, SMPLH_JOINTS, SMPLX_JOINTS
from .model_arrays import FrameSlice, PoseComponents, check_array, check_vertices
from .whole_parts import EXPRESSION, joints_of_part

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]

# Columns of SMPL-X's shapedirs that are shape; the others are expression. Short files hold 10 + 10.
_SHAPE_COLUMNS, _SHORT_COLUMNS = 300, (20, 10)
# Principal components of a hand in use, of 45: they hold 96 % of the variance of held-out signs.
NUM_HAND_COMPONENTS = 12
# Expression coefficients in use, as in SMPLify-X.
NUM_EXPRESSIONS = 10
# The standard deviation of the change of an expression coefficient over a second, for trackers.
_EXPRESSION_WALK = 3.0


def shape_columns(lookup: Lookup, columns: int, num_joints: int) -> int:
    """The number of columns of shapedirs that are shape, out of all."""
    if lookup("num_betas") is not None:
        return min(columns, int(integers_of(lookup, "num_betas").sum()))
    if num_joints != len(SMPLX_JOINTS):
        return columns
    short, short_shape = _SHORT_COLUMNS
    return short_shape if columns == short else min(columns, _SHAPE_COLUMNS)


def expression_slice(lookup: Lookup, num_joints: int) -> tuple[FrameSlice, ...]:
    """The expression of a body with a face: the columns of shapedirs after the shape."""
    if num_joints != len(SMPLX_JOINTS):
        return ()

    def kept(key: str) -> NDArray[Any] | None:
        array = lookup(key)
        if array is None or array.ndim != 3:
            return array
        first = shape_columns(lookup, array.shape[2], num_joints)
        return array[:, :, first : first + NUM_EXPRESSIONS]

    directions = floats_of(kept, "shapedirs")
    if directions.ndim != 3 or directions.shape[2] == 0:
        return ()
    return (FrameSlice(EXPRESSION, directions, _EXPRESSION_WALK),)


def hand_components(lookup: Lookup, num_joints: int) -> tuple[PoseComponents, ...]:
    """The components of both hands; () for a file without them.

    Rows of `hands_components*` are the components of 45 axis-angle numbers about `hands_mean*`.
    Their standard deviations are `hands_sd*`, else those of `hands_coeffs*`, else 1.
    """
    if num_joints not in (len(SMPLH_JOINTS), len(SMPLX_JOINTS)):
        return ()
    return tuple(
        _components(lookup, side, letter, num_joints)
        for side, letter in (("left", "l"), ("right", "r"))
        if lookup("hands_componentsl") is not None
    )


def _components(lookup: Lookup, side: str, letter: str, num_joints: int) -> PoseComponents:
    rows = joints_of_part(f"{side}_hand_pose", num_joints)
    size = 3 * (rows.stop - rows.start)
    key = f"hands_components{letter}"
    components = floats_of(lookup, key)
    check_array(key, components, components.dtype, "(C, 45)", {"45": size})
    mean_key = f"hands_mean{letter}"
    mean = floats_of(lookup, mean_key).ravel()
    check_array(mean_key, mean, mean.dtype, "(45,)", {})
    count = min(len(components), NUM_HAND_COMPONENTS)
    sigma = np.ones(count)
    if lookup(f"hands_sd{letter}") is not None:
        sigma = floats_of(lookup, f"hands_sd{letter}").ravel()[:count]
    elif lookup(f"hands_coeffs{letter}") is not None:
        sigma = floats_of(lookup, f"hands_coeffs{letter}").std(axis=0)[:count]
    if sigma.shape != (count,) or not (sigma > 0).all():
        raise ValueError(
            f"hands_sd{letter}: expected {count} standard deviations above 0, got {sigma.shape} or "
            "others"
        )
    directions = (components[:count] * sigma[:, None]).T
    return PoseComponents(
        f"{side}_hand",
        rows.start + 1,
        np.ascontiguousarray(mean.reshape(-1, 3)),
        np.ascontiguousarray(directions.reshape(-1, 3, count)),
    )


def face_landmarks(
    lookup: Lookup, faces: Integers, num_vertices: int
) -> dict[str, tuple[Integers, Floats]]:
    """The points of the face, as (vertices, weights) of the corners of their triangles: 51 of
    `lmk_faces_idx`, and the edge of the face as seen from its front, row 0 of
    `dynamic_lmk_faces_idx`."""
    points: dict[str, tuple[Integers, Floats]] = {}
    edge, inner = FACE_LANDMARKS[:NUM_CONTOUR_LANDMARKS], FACE_LANDMARKS[NUM_CONTOUR_LANDMARKS:]
    for names, prefix, is_edge in ((edge, "dynamic_lmk", True), (inner, "lmk", False)):
        faces_key, weights_key = f"{prefix}_faces_idx", f"{prefix}_bary_coords"
        if lookup(faces_key) is None:
            continue
        numbers, weights = integers_of(lookup, faces_key), floats_of(lookup, weights_key)
        if is_edge:
            numbers, weights = numbers[:1].reshape(-1), weights[:1].reshape(-1, 3)
        count = {"L": len(names)}
        check_array(faces_key, numbers, numbers.dtype, "(L,)", count)
        check_array(weights_key, weights, weights.dtype, "(L, 3)", count)
        check_vertices(faces_key, numbers.astype(np.int32), len(faces))
        corners = faces[numbers]
        check_vertices("faces", corners, num_vertices)
        points |= {
            name: (row, np.ascontiguousarray(weight))
            for name, row, weight in zip(names, corners, weights, strict=True)
        }
    return points
