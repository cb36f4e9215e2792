"""The arrays of a body model, and the conditions that they satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Tolerance of the sums of rows of lbs_weights and of landmarks, which are 1: files hold float32.
SUM_TOLERANCE = 1e-3
NEGATIVE_WEIGHT_TOLERANCE = 1e-6

# Metres, metres per coefficient, weights. Beyond it posed bodies would not be finite.
_MAX_NUMBER = 1e6

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class PoseBlendShapes:
    """Pose blend shapes of the N pairs of vertex and joint that have any; zero elsewhere.

    Attributes:
        vertices: (N,) ascending.
        joints: (N,) from 1 to J-1, ascending within a vertex.
        directions: (N, 3, 9) metres per element of R - I of the joint, row-major.
    """

    vertices: Integers
    joints: Integers
    directions: Floats


@dataclass(frozen=True, eq=False)
class FrameSlice:
    """Further numbers of a frame beside its pose and its place: coefficients of unit standard
    deviation that move the vertices at rest linearly, as betas do, but of one frame alone, such as
    the expression of the face.

    Attributes:
        name: such as "expression".
        directions: (V, 3, n) metres per coefficient.
        walk_sigma: standard deviation of a coefficient's change over a second, for trackers.
    """

    name: str
    directions: Floats
    walk_sigma: float = 1.0


@dataclass(frozen=True, eq=False)
class PoseComponents:
    """Principal components that drive the axis-angles of successive joints,

        theta = mean + directions c,

    with c of unit standard deviation, such as the fingers of a hand.

    Attributes:
        name: such as "left_hand".
        first_joint: number of the first of the j joints.
        mean: (j, 3) radians.
        directions: (j, 3, n) radians per component.
        walk_sigma: standard deviation of a component's change over a second, for trackers.
    """

    name: str
    first_joint: int
    mean: Floats
    directions: Floats
    walk_sigma: float = 3.0


@dataclass(frozen=True, eq=False)
class BodyModelArrays:
    """The arrays of a body model with V vertices, J joints, B betas and F faces.

    Lengths are in metres, in SMPL's body frame: y up, facing +z, left = +x.

    Attributes:
        name: of the body, such as the stem of its file.
        v_template: (V, 3) vertices of the mean shape.
        shapedirs: (V, 3, B) displacement of each vertex per beta.
        posedirs: (V, 3, 9(J-1)) displacement per element of R - I, row-major, joints 1 to J-1; or
            the same without its zeros.
        J_regressor: (J, V) weights that map vertices to joints.
        lbs_weights: (V, J) skinning weights; rows sum to 1.
        parents: (J,) parent of each joint, -1 at joint 0; parents come before their children.
        faces: (F, 3) vertices of the triangles, counter-clockwise from outside.
        joint_names: J names.
        landmarks: name to (vertices, weights) of points on the surface; weights sum to 1.
        frame_slices: further numbers of a frame.
        pose_components: components that together drive each of the last joints once; or none.
    """

    name: str
    v_template: Floats
    shapedirs: Floats
    posedirs: Floats | PoseBlendShapes
    J_regressor: Floats
    lbs_weights: Floats
    parents: Integers
    faces: Integers
    joint_names: tuple[str, ...]
    landmarks: dict[str, tuple[Integers, Floats]]
    frame_slices: tuple[FrameSlice, ...] = ()
    pose_components: tuple[PoseComponents, ...] = ()


def check_arrays(arrays: BodyModelArrays) -> None:
    """Checks shapes, types and values of a body model, whether from a file or made by hand.

    Raises:
        ValueError: names the array, what was expected and what came.
    """
    _check_shapes(arrays)
    for name in ("v_template", "shapedirs", "J_regressor", "lbs_weights"):
        _check_finite(name, getattr(arrays, name))
    posedirs = arrays.posedirs
    _check_finite(
        "posedirs", posedirs.directions if isinstance(posedirs, PoseBlendShapes) else posedirs
    )
    _check_parents(arrays.parents)
    _check_weights(arrays.lbs_weights)
    num_vertices = len(arrays.v_template)
    check_vertices("faces", arrays.faces, num_vertices)
    for name, (vertices, weights) in arrays.landmarks.items():
        _check_landmark(f"landmarks[{name!r}]", vertices, weights, num_vertices)


def _check_shapes(arrays: BodyModelArrays) -> None:
    floats, integers = np.dtype(np.float64), np.dtype(np.int32)
    check_array("v_template", arrays.v_template, floats, "(V, 3)", {})
    V = {"V": len(arrays.v_template)}
    check_array("parents", arrays.parents, integers, "(J,)", {})
    J = {"J": len(arrays.parents)}
    check_array("shapedirs", arrays.shapedirs, floats, "(V, 3, B)", V)
    if isinstance(arrays.posedirs, PoseBlendShapes):
        _check_pairs(arrays.posedirs, V["V"], J["J"])
    else:
        features = {"9(J-1)": 9 * (J["J"] - 1)}
        check_array("posedirs", arrays.posedirs, floats, "(V, 3, 9(J-1))", V | features)
    check_array("lbs_weights", arrays.lbs_weights, floats, "(V, J)", V | J)
    check_array("J_regressor", arrays.J_regressor, floats, "(J, V)", J | V)
    check_array("faces", arrays.faces, integers, "(F, 3)", {})
    for each in arrays.frame_slices:
        check_array(each.name, each.directions, floats, "(V, 3, n)", V)
        _check_finite(each.name, each.directions)
    for part in arrays.pose_components:
        check_array(part.name, part.mean, floats, "(j, 3)", {})
        check_array(part.name, part.directions, floats, "(j, 3, n)", {"j": len(part.mean)})
        _check_finite(part.name, part.mean)
        _check_finite(part.name, part.directions)
    names = arrays.joint_names
    if len(names) != J["J"] or len(set(names)) != len(names):
        raise ValueError(
            f"joint_names: expected J different names with J = {J['J']},"
            f" got {len(names)}, of which {len(set(names))} differ"
        )


def _check_pairs(posedirs: PoseBlendShapes, num_vertices: int, num_joints: int) -> None:
    vertices, joints = posedirs.vertices, posedirs.joints
    N = {"N": len(posedirs.directions)}
    check_array("posedirs", posedirs.directions, np.dtype(np.float64), "(N, 3, 9)", N)
    check_array("posedirs_vertices", vertices, np.dtype(np.int32), "(N,)", N)
    check_array("posedirs_joints", joints, np.dtype(np.int32), "(N,)", N)
    check_vertices("posedirs_vertices", vertices, num_vertices)
    outside = joints[(joints < 1) | (joints >= num_joints)]
    if outside.size:
        raise ValueError(
            f"posedirs_joints: expected joints within 1 .. {num_joints - 1}, got {outside[0]}"
        )
    place = vertices.astype(np.int64) * num_joints + joints
    if (np.diff(place) <= 0).any():
        raise ValueError("posedirs_vertices: expected pairs of vertex and joint in ascending order")


def check_array(
    name: str, array: NDArray[Any], dtype: np.dtype[Any], shape: str, sizes: dict[str, int]
) -> None:
    """`shape` as in the documentation, such as (V, 3, B); a letter not in `sizes` is any size >=
    1."""
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        got = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"{name}: expected an array of {dtype}, got {got}")
    axes = [axis.strip() for axis in shape[1:-1].split(",") if axis]
    expected = [int(axis) if axis.isdigit() else sizes.get(axis) for axis in axes]
    if array.ndim != len(axes) or not all(
        size >= 1 if known is None else size == known
        for size, known in zip(array.shape, expected, strict=True)
    ):
        given = [f"{axis} = {sizes[axis]}" for axis in axes if axis in sizes]
        where = f" with {', '.join(given)}" if given else ""
        raise ValueError(f"{name}: expected {shape}{where}, got {array.shape}")


def _check_finite(name: str, array: Floats) -> None:
    small = np.abs(array) <= _MAX_NUMBER  # not of NaN
    if not small.all():
        at = tuple(int(index) for index in np.argwhere(~small)[0])
        raise ValueError(
            f"{name}: expected finite numbers within {_MAX_NUMBER:g}, got {array[at]} at {list(at)}"
        )


def _check_parents(parents: Integers) -> None:
    num_joints = len(parents)
    roots = np.flatnonzero(parents == -1)
    if roots.tolist() != [0]:
        raise ValueError(
            f"parents: expected one root (-1), at joint 0, got roots at {roots.tolist()}"
        )
    outside = np.flatnonzero((parents < -1) | (parents >= num_joints))
    if outside.size:
        raise ValueError(
            f"parents: expected joints within 0 .. {num_joints - 1}, got {parents[outside[0]]}"
            f" at joint {outside[0]}"
        )
    late = np.flatnonzero(parents >= np.arange(num_joints))
    if late.size:
        ancestor, steps = int(late[0]), 0
        while ancestor != -1 and steps <= num_joints:
            ancestor, steps = int(parents[ancestor]), steps + 1
        if ancestor != -1:
            raise ValueError(f"parents: expected a tree, got a cycle at or above joint {late[0]}")
        raise ValueError(
            f"parents: expected parents before their children, got parent {parents[late[0]]}"
            f" of joint {late[0]}"
        )


def _check_weights(lbs_weights: Floats) -> None:
    vertex, joint = np.unravel_index(np.argmin(lbs_weights), lbs_weights.shape)
    if lbs_weights[vertex, joint] < -NEGATIVE_WEIGHT_TOLERANCE:
        raise ValueError(
            f"lbs_weights: expected weights of at least {-NEGATIVE_WEIGHT_TOLERANCE:g},"
            f" got {lbs_weights[vertex, joint]:g} at vertex {vertex}, joint {joint}"
        )
    sums = lbs_weights.sum(axis=1)
    vertex = np.argmax(np.abs(sums - 1))
    if abs(sums[vertex] - 1) > SUM_TOLERANCE:
        raise ValueError(
            f"lbs_weights: expected rows that sum to 1 within {SUM_TOLERANCE:g},"
            f" got {sums[vertex]:g} at vertex {vertex}"
        )


def check_vertices(name: str, vertices: Integers, num_vertices: int) -> None:
    outside = vertices[(vertices < 0) | (vertices >= num_vertices)]
    if outside.size:
        raise ValueError(
            f"{name}: expected vertices within 0 .. {num_vertices - 1}, got {outside[0]}"
        )


def _check_landmark(name: str, vertices: Integers, weights: Floats, num_vertices: int) -> None:
    check_array(name, vertices, np.dtype(np.int32), "(N,)", {})
    check_array(name, weights, np.dtype(np.float64), "(N,)", {"N": len(vertices)})
    check_vertices(name, vertices, num_vertices)
    if not abs(weights.sum() - 1) <= SUM_TOLERANCE:
        raise ValueError(
            f"{name}: expected weights that sum to 1 within {SUM_TOLERANCE:g},"
            f" got {weights.sum():g}"
        )
