"""Body models: posed meshes and joints, and the points on them that keypoints observe."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypedDict, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .._native import _core
from ..base.checked_numbers import checked_threads
from ..base.skeleton import NUM_SHARED_JOINTS, SMPL_JOINTS, joint_names
from ..keypoints.formats import KeypointFormat
from ..keypoints.markers import MarkerFormat
from ..priors.joint_limits import JointLimits, smpl_joint_limits
from ..priors.pose_prior import PosePrior, anatomical_prior, load_pose_prior
from .model_arrays import BodyModelArrays, PoseBlendShapes
from .penetration import Penetration, penetration

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Body:
    """A posed body, or many.

    Attributes:
        vertices: (..., V, 3) metres, float64 or float32.
        joints: (..., J, 3) metres.
    """

    vertices: NDArray[Any]
    joints: Floats


class _ParametersOfAnyBody(TypedDict):
    betas: Floats
    global_orient: Floats
    body_pose: Floats
    transl: Floats


class Parameters(_ParametersOfAnyBody, total=False):
    """The pose, shape and position of a body: all arguments of `BodyModel.__call__`; `slices` for a
    body that has further slices."""

    slices: dict[str, Floats]


class Posed(Protocol):
    """An object with the parameters of a body: variables of the core, results."""

    @property
    def betas(self) -> Floats: ...
    @property
    def global_orient(self) -> Floats: ...
    @property
    def body_pose(self) -> Floats: ...
    @property
    def transl(self) -> Floats: ...
    @property
    def slices(self) -> dict[str, Floats]: ...


def parameters_of(posed: Posed) -> Parameters:
    """The parameters of an object that has them."""
    parameters: Parameters = {
        "betas": posed.betas,
        "global_orient": posed.global_orient,
        "body_pose": posed.body_pose,
        "transl": posed.transl,
    }
    if posed.slices:
        parameters["slices"] = posed.slices
    return parameters


class KeypointPoints(NamedTuple):
    """The skinned points of a keypoint format on one body, for the core."""

    points: _core.SkinnedPoints
    point_of_keypoint: list[int]  # K; -1 if the body has no such point
    roles: list[int]  # K, KeypointRole


class BodyModel:
    """A body in SMPL's form with V vertices, J joints, B betas and F faces.

    Calling it poses it: `model(betas=b, global_orient=g, body_pose=p, transl=t)`, in one pose or in
    many.

    Args:
        arrays: the content of a model file.

    Raises:
        ValueError: inconsistent sizes, NaN, parents that do not form a tree.

    Source: Loper et al., SMPL: A Skinned Multi-Person Linear Model, 2015.
    """

    def __init__(self, arrays: BodyModelArrays) -> None:
        self.name = arrays.name
        self.joint_names = arrays.joint_names
        self.landmarks = dict(arrays.landmarks)
        posedirs = arrays.posedirs
        self._core = _core.BodyModel(
            v_template=arrays.v_template,
            shapedirs=arrays.shapedirs,
            posedirs=(posedirs.vertices, posedirs.joints, posedirs.directions)
            if isinstance(posedirs, PoseBlendShapes)
            else posedirs,
            J_regressor=arrays.J_regressor,
            lbs_weights=arrays.lbs_weights,
            parents=[int(parent) for parent in arrays.parents],
            faces=arrays.faces,
            frame_slices=[
                (each.name, each.directions, each.walk_sigma) for each in arrays.frame_slices
            ],
        )
        self._joint_points = _core.SkinnedPoints(self._core)
        for joint in range(self.num_joints):
            self._joint_points.add(self._core, joints=[(joint, 1.0)])
        self._keypoint_points: dict[KeypointFormat | MarkerFormat, KeypointPoints] = {}

    def __repr__(self) -> str:
        return (
            f"BodyModel({self.name!r}: {self.num_vertices} vertices, {self.num_joints} joints, "
            f"{self.num_betas} betas)"
        )

    @property
    def num_vertices(self) -> int:
        """V."""
        return self._core.num_vertices

    @property
    def num_joints(self) -> int:
        """J."""
        return self._core.num_joints

    @property
    def num_betas(self) -> int:
        """B."""
        return self._core.num_betas

    @property
    def layout(self) -> _core.FrameLayout:
        """The slices of the vector of a frame: names, begins and sizes."""
        return self._core.layout

    @property
    def parents(self) -> NDArray[np.int32]:
        """(J,) parent of each joint, -1 at the root; parents come before their children."""
        return np.array(self._core.parents, dtype=np.int32)

    @property
    def faces(self) -> NDArray[np.int32]:
        """(F, 3) vertex numbers of the triangles, counter-clockwise from outside."""
        return self._core.faces

    @property
    def v_template(self) -> Floats:
        """(V, 3) vertices of the mean shape at rest, metres."""
        return self._core.v_template

    @property
    def shapedirs(self) -> Floats:
        """(V, 3, B) displacement per beta, metres."""
        return self._core.shapedirs

    @property
    def posedirs(self) -> Floats:
        """(V, 3, 9(J-1)) displacement per element of vec(R - I), row-major, metres."""
        return self._core.posedirs

    @property
    def J_regressor(self) -> Floats:
        """(J, V) weights that map vertices at rest to joints."""
        return self._core.J_regressor

    @property
    def lbs_weights(self) -> Floats:
        """(V, J) skinning weights."""
        return self._core.lbs_weights

    def __call__(
        self,
        *,
        betas: ArrayLike | None = None,
        global_orient: ArrayLike | None = None,
        body_pose: ArrayLike | None = None,
        transl: ArrayLike | None = None,
        slices: Mapping[str, ArrayLike] | None = None,
        dtype: DTypeLike = np.float64,
        threads: int | None = None,
    ) -> Body:
        """The body in one pose or in many; arguments that are left out are zero.

        Leading dimensions are those of many bodies and broadcast as NumPy's do: a `body_pose`
        (F, J-1, 3) with `betas` (B,) is one shape in F poses. Results are bitwise identical alone
        and in a batch, for any number of threads.

        Args:
            betas: (..., B) shape coefficients, standard deviations.
            global_orient: (..., 3) axis-angle of the root about the pelvis, radians.
            body_pose: (..., J-1, 3) axis-angles of the other joints, radians; (..., 3(J-1)) is
                accepted too.
            transl: (..., 3) metres, added to all.
            slices: (..., n) coefficients by name, for a body with further slices (`FrameSlice`).
            dtype: of the vertices: float64; or float32, which is several times faster and stores
                pose blend shapes as 16-bit integers, with errors up to a micrometre for
                displacements of centimetres.
            threads: for many bodies, >= 1; None: the number of cores.

        Raises:
            ValueError: a wrong number of values, dimensions that do not broadcast, NaN, an
                unsupported dtype, threads < 1.
        """
        if np.dtype(dtype) not in (np.float64, np.float32):
            raise ValueError(f"dtype: expected float64 or float32, got {np.dtype(dtype)}")
        leading, parameters = self._bodies(betas, global_orient, body_pose, transl, slices)
        vertices, joints = self._core.pose(
            **parameters,
            single_precision=np.dtype(dtype) == np.float32,
            threads=checked_threads(threads),
        )
        return Body(
            vertices.reshape(*leading, *vertices.shape[1:]),
            joints.reshape(*leading, *joints.shape[1:]),
        )

    def parameters(
        self,
        betas: ArrayLike | None,
        global_orient: ArrayLike | None,
        body_pose: ArrayLike | None,
        transl: ArrayLike | None,
        slices: Mapping[str, ArrayLike] | None = None,
    ) -> Parameters:
        """All as arrays in the shapes of the core, None as zeros; ValueError as `__call__`."""
        given = self._by_name(betas, global_orient, body_pose, transl, slices)
        return self._as_parameters(
            {name: _parameter(name, given[name], shape) for name, shape in self._shapes.items()}
        )

    def _by_name(
        self,
        betas: ArrayLike | None,
        global_orient: ArrayLike | None,
        body_pose: ArrayLike | None,
        transl: ArrayLike | None,
        slices: Mapping[str, ArrayLike] | None,
    ) -> dict[str, ArrayLike | None]:
        """All parameters under the names of `_shapes`."""
        further = [name for name, _ in self.layout.further]
        unknown = sorted(set(slices or ()) - set(further))
        if unknown:
            raise ValueError(
                f"slices: expected names of the body's further slices, {further}, got {unknown}"
            )
        given: dict[str, ArrayLike | None] = {"betas": betas, "global_orient": global_orient}
        given |= {"body_pose": body_pose, "transl": transl}
        return given | dict.fromkeys(further) | dict(slices or {})

    def _as_parameters(self, arrays: dict[str, Floats]) -> Parameters:
        """The inverse of `_by_name`."""
        slices = {name: arrays.pop(name) for name, _ in self.layout.further}
        return cast(Parameters, arrays | {"slices": slices} if slices else arrays)

    def joints(
        self,
        *,
        betas: ArrayLike | None = None,
        global_orient: ArrayLike | None = None,
        body_pose: ArrayLike | None = None,
        transl: ArrayLike | None = None,
        slices: Mapping[str, ArrayLike] | None = None,
        threads: int | None = None,
    ) -> Floats:
        """(..., J, 3) joints of the body in one or many poses, without the mesh; arguments as
        `__call__`."""
        leading, parameters = self._bodies(betas, global_orient, body_pose, transl, slices)
        joints = self._core.joints(**parameters, threads=checked_threads(threads))
        return joints.reshape(*leading, *joints.shape[1:])

    def _bodies(
        self,
        betas: ArrayLike | None,
        global_orient: ArrayLike | None,
        body_pose: ArrayLike | None,
        transl: ArrayLike | None,
        slices: Mapping[str, ArrayLike] | None,
    ) -> tuple[tuple[int, ...], Parameters]:
        """The leading dimensions, and all parameters as the core takes them: one row for each
        body, or one for all."""
        given = self._by_name(betas, global_orient, body_pose, transl, slices)
        shapes = self._shapes
        arrays, of_each = [], []
        for name, shape in shapes.items():
            array = _of_bodies(name, given[name], shape)
            arrays.append(array)
            of_each.append(array.shape[: array.ndim - len(shape)])
        try:
            leading = np.broadcast_shapes(*of_each) if any(of_each) else ()
        except ValueError:
            raise ValueError(
                f"{', '.join(shapes)}: expected leading dimensions that broadcast, got "
                f"{', '.join(map(str, of_each))}"
            ) from None
        rows = {}
        for (name, shape), array, own in zip(shapes.items(), arrays, of_each, strict=True):
            if math.prod(own) == 1:
                rows[name] = array.reshape(1, *shape)
            else:
                everybody = np.broadcast_to(array, leading + shape)
                rows[name] = everybody.reshape(math.prod(leading), *shape)
        return leading, self._as_parameters(rows)

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Of the parameters of one body."""
        return {
            "betas": (self.num_betas,),
            "global_orient": (3,),
            "body_pose": (self.num_joints - 1, 3),
            "transl": (3,),
            **{name: (size,) for name, size in self.layout.further},
        }

    def joints_jacobian(self, parameters: Parameters) -> tuple[Floats, Floats, Floats]:
        """(J, 3) joints, (J, 3, 3J) their derivatives with respect to global_orient and body_pose,
        (J, 3, B) to betas; those with respect to transl are 1."""
        joints, pose, shape = self._joint_points.evaluate_with_jacobian(self._core, **parameters)
        return joints, pose, shape[..., : self.num_betas]

    def frame_jacobian(self, parameters: Parameters) -> tuple[Floats, Floats, Floats]:
        """(J, 3) joints, (J, 3, F) their derivatives with respect to the F numbers of a frame in
        the order of `layout`, and (J, 3, B) to betas.

        The derivative with respect to the root is that of a rotation vector in the axes of the
        world, which turns the body about its pelvis.
        """
        joints, pose, shape = self._joint_points.evaluate_with_jacobian(self._core, **parameters)
        turn = np.cross(np.eye(3)[None], (joints - joints[0])[:, None]).transpose(0, 2, 1)
        of_slice = {"global_orient": turn, "body_pose": pose[..., 3:], "transl": np.eye(3)}
        begin = self.num_betas
        for name, size in self.layout.further:
            of_slice[name] = shape[..., begin : begin + size]
            begin += size
        frame = np.zeros((len(joints), 3, self.layout.size))
        for name, begin, size in self.layout.slices:
            frame[..., begin : begin + size] = of_slice[name]
        return joints, frame, shape[..., : self.num_betas]

    def penetration(self, vertices: ArrayLike) -> Penetration:
        """The self-penetration of a posed mesh of this body.

        Args:
            vertices: (V, 3) metres, of a body posed by this model.

        Raises:
            ValueError: a wrong shape, NaN.
        """
        return penetration(_core.penetration(self._core, vertices), self.joint_names)

    @cached_property
    def default_prior(self) -> PosePrior:
        """The default prior of fits: the mixture of `load_pose_prior()`, or hand-set anatomical
        ranges if the first 22 joints are not SMPL's."""
        if self.joint_names[:NUM_SHARED_JOINTS] == SMPL_JOINTS[:NUM_SHARED_JOINTS]:
            return load_pose_prior().for_joints(self.num_joints)
        return anatomical_prior(self.num_joints)

    @cached_property
    def default_joint_limits(self) -> JointLimits | None:
        """The default limits of fits: published ranges of motion; None if the joints are not those
        of SMPL, SMPL-H or SMPL-X."""
        named_joints = self.joint_names == joint_names(self.num_joints)
        if named_joints and "pelvis" in self.joint_names:
            return smpl_joint_limits(self.num_joints)
        return None

    def keypoint_points(self, keypoint_format: KeypointFormat | MarkerFormat) -> KeypointPoints:
        """The points on this body that the keypoints or markers of a format observe; cached.

        Raises:
            ValueError: the body has no point of the format, or lacks the vertex of a marker.
        """
        if keypoint_format not in self._keypoint_points:
            if isinstance(keypoint_format, MarkerFormat):
                made = self._make_markers(keypoint_format)
            else:
                made = self._make_points(keypoint_format)
            self._keypoint_points[keypoint_format] = made
        return self._keypoint_points[keypoint_format]

    def _make_points(self, keypoint_format: KeypointFormat) -> KeypointPoints:
        points, numbers = _core.locate_points(
            self._core,
            body_name=self.name,
            joint_names=self.joint_names,
            landmarks=[
                (name, vertices.tolist(), weights.tolist())
                for name, (vertices, weights) in self.landmarks.items()
            ],
            format_name=keypoint_format.name,
            locations=[keypoint.location for keypoint in keypoint_format.keypoints],
        )
        return KeypointPoints(points, numbers, [int(role) for role in keypoint_format.roles])

    def _make_markers(self, markers: MarkerFormat) -> KeypointPoints:
        points = _core.SkinnedPoints(self._core)
        offsets = markers.rest_offsets(self.v_template, self.faces)
        numbers = [
            points.add(self._core, vertices=[(vertex, 1.0)], offset=offset)
            for vertex, offset in zip(markers.vertices, offsets, strict=True)
        ]
        return KeypointPoints(points, numbers, [int(role) for role in markers.roles])


def _parameter(name: str, value: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """Of one body."""
    array = np.zeros(shape) if value is None else np.asarray(value, dtype=np.float64)
    if array.shape not in (shape, (math.prod(shape),)):
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
    return array.reshape(shape)


def _of_bodies(name: str, value: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """(..., *shape), of one body or many. The core checks for NaN."""
    array = np.zeros(shape) if value is None else np.asarray(value, dtype=np.float64)
    if array.shape[-len(shape) :] == shape:
        return array
    if array.shape[-1:] == (math.prod(shape),):
        return array.reshape(array.shape[:-1] + shape)
    expected = ", ".join(map(str, shape))
    raise ValueError(f"{name}: expected shape (..., {expected}), got {array.shape}")
