"""Body models: posed meshes and joints, and the points on them that keypoints observe."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .._native import _core
from ..base.checked_numbers import checked_threads
from ..base.skeleton import NUM_SHARED_JOINTS, SMPL_JOINTS, joint_names
from ..keypoints.formats import KeypointFormat
from ..keypoints.markers import MarkerFormat
from ..priors.joint_distributions import JOINT_DISTRIBUTIONS
from ..priors.joint_limits import JointLimits, smpl_joint_limits
from ..priors.pose_prior import PosePrior, anatomical_prior, load_pose_prior
from .call_habits import (
    array_of,
    axis_angles_of_matrices,
    first_tensor,
    like,
    of_bodies,
    of_one_body,
    split_full_pose,
)
from .keypoint_points import KeypointPoints, points_of_format, points_of_markers
from .model_arrays import BodyModelArrays, PoseBlendShapes
from .parameters import Parameters
from .penetration import Penetration, penetration
from .whole_parts import EXPRESSION, with_parts

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


class BodyOrigin(Protocol):
    """Where a body comes from: a name of the package's, or a file (`body.load`)."""

    def load(self) -> BodyModel: ...

    def to_dict(self) -> dict[str, Any]: ...


class BodyModel:
    """A body in SMPL's form with V vertices, J joints, B betas and F faces.

    Calling it poses it: `model(betas=b, global_orient=g, body_pose=p, transl=t)`, in one pose or in
    many.

    Args:
        arrays: the content of a model file.
        origin: where a copy in another process loads the body from; None: copies carry the arrays.

    Raises:
        ValueError: inconsistent sizes, NaN, parents that do not form a tree.

    Source: Loper et al., SMPL: A Skinned Multi-Person Linear Model, 2015.
    """

    def __init__(self, arrays: BodyModelArrays, origin: BodyOrigin | None = None) -> None:
        self.name = arrays.name
        self.origin = origin
        self._arrays = arrays if origin is None else None  # for copies in other processes
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
            pose_components=[
                (each.name, each.first_joint, each.mean, each.directions, each.walk_sigma)
                for each in arrays.pose_components
            ],
        )
        self._joint_points = _core.SkinnedPoints(self._core)
        for joint in range(self.num_joints):
            self._joint_points.add(self._core, joints=[(joint, 1.0)])
        self._keypoint_points: dict[KeypointFormat | MarkerFormat, KeypointPoints] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return (BodyModel, (self._arrays,)) if self.origin is None else (self.origin.load, ())

    def __copy__(self) -> BodyModel:  # it never changes
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> BodyModel:
        return self

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
        betas: ArrayLike | None = None,
        *,
        global_orient: ArrayLike | None = None,
        body_pose: ArrayLike | None = None,
        transl: ArrayLike | None = None,
        slices: Mapping[str, ArrayLike] | None = None,
        expression: ArrayLike | None = None,
        left_hand_pose: ArrayLike | None = None,
        right_hand_pose: ArrayLike | None = None,
        jaw_pose: ArrayLike | None = None,
        leye_pose: ArrayLike | None = None,
        reye_pose: ArrayLike | None = None,
        full_pose: ArrayLike | None = None,
        pose2rot: bool = True,
        dtype: DTypeLike = np.float64,
        threads: int | None = None,
    ) -> Body:
        """The body in one pose or in many; arguments that are left out are zero.

        Leading dimensions are those of many bodies and broadcast as NumPy's do: a `body_pose`
        (F, J-1, 3) with `betas` (B,) is one shape in F poses. Results are bitwise identical alone
        and in a batch, for any number of threads.

        Args:
            betas: (..., B) shape coefficients, standard deviations; fewer are filled up with 0, and
                further ones may be 0.
            global_orient: (..., 3) axis-angle of the root about the pelvis, radians.
            body_pose: (..., J-1, 3) axis-angles of the other joints, radians; (..., 3(J-1)) is
                accepted too.
            transl: (..., 3) metres, added to all.
            slices: (..., n) coefficients by name, for a body with further slices (`FrameSlice`).
            expression: (..., 10) coefficients of a body with a face, the same as
                slices={"expression": ...}.
            left_hand_pose, right_hand_pose: (..., 15, 3) axis-angles of the fingers, of a body that
                has them, in place of those in body_pose; jaw_pose, leye_pose, reye_pose: (..., 3).
                body_pose may be (..., 21, 3) of such a body. Poses are those of `smplx` with
                `use_pca=False, flat_hand_mean=True`.
            full_pose: (..., J, 3) or (..., 3J), instead of global_orient and body_pose.
            pose2rot: False: global_orient and body_pose are rotation matrices (..., 1, 3, 3) or
                (..., 3, 3), and (..., J-1, 3, 3).
            dtype: of the vertices: float64; or float32, which is several times faster and stores
                pose blend shapes as 16-bit integers, with errors up to a micrometre for
                displacements of centimetres.
            threads: for many bodies, >= 1; None: the number of cores.

        Tensors of PyTorch are accepted, without gradients (`torch_layer`); with any, the result has
        tensors of its type and device.

        Raises:
            ValueError: a wrong number of values, dimensions that do not broadcast, NaN, matrices
                that are no rotations, a tensor that requires a gradient, an unsupported dtype,
                threads < 1.
        """
        tensor = first_tensor(betas, global_orient, body_pose, transl, full_pose)
        global_orient, body_pose = self._axis_angles(global_orient, body_pose, full_pose, pose2rot)
        if np.dtype(dtype) not in (np.float64, np.float32):
            raise ValueError(f"dtype: expected float64 or float32, got {np.dtype(dtype)}")
        parts = {
            "left_hand_pose": left_hand_pose,
            "right_hand_pose": right_hand_pose,
            "jaw_pose": jaw_pose,
            "leye_pose": leye_pose,
            "reye_pose": reye_pose,
        }
        parts = {name: array_of(name, part) for name, part in parts.items()}
        body_pose = with_parts(array_of("body_pose", body_pose), parts, self.num_joints)
        if expression is not None:
            slices = {**(slices or {}), EXPRESSION: expression}
        leading, parameters = self._bodies(betas, global_orient, body_pose, transl, slices)
        vertices, joints = self._core.pose(
            **parameters,
            single_precision=np.dtype(dtype) == np.float32,
            threads=checked_threads(threads),
        )
        return Body(
            like(tensor, vertices.reshape(*leading, *vertices.shape[1:])),
            like(tensor, joints.reshape(*leading, *joints.shape[1:])),
        )

    def _axis_angles(
        self,
        global_orient: ArrayLike | None,
        body_pose: ArrayLike | None,
        full_pose: ArrayLike | None,
        pose2rot: bool,
    ) -> tuple[ArrayLike | None, ArrayLike | None]:
        """global_orient and body_pose of the arguments of a call."""
        given = {"global_orient": global_orient, "body_pose": body_pose}
        if full_pose is not None:
            return split_full_pose(array_of("full_pose", full_pose), self.num_joints, given)
        if pose2rot:
            return global_orient, body_pose
        counts = {"global_orient": 1, "body_pose": self.num_joints - 1}
        root, others = (
            None
            if value is None
            else axis_angles_of_matrices(name, array_of(name, value), counts[name])
            for name, value in given.items()
        )
        return None if root is None else root[..., 0, :], others

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
            {name: of_one_body(name, given[name], shape) for name, shape in self._shapes.items()}
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
        given: dict[str, ArrayLike | None] = {
            "betas": betas,
            "global_orient": global_orient,
            "body_pose": body_pose,
            "transl": transl,
            **dict.fromkeys(self._further),
        }
        if slices:
            if unknown := sorted(slices.keys() - self._further.keys()):
                raise ValueError(
                    "slices: expected names of the body's further slices, "
                    f"{list(self._further)}, got {unknown}"
                )
            given |= slices
        return given

    def _as_parameters(self, arrays: dict[str, Floats]) -> Parameters:
        """The inverse of `_by_name`."""
        slices = {name: arrays.pop(name) for name in self._further}
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
            array = of_bodies(name, given[name], shape)
            arrays.append(array)
            of_each.append(array.shape[: array.ndim - len(shape)])
        if not any(of_each):  # one body, the common case
            rows = {name: array[None] for name, array in zip(shapes, arrays, strict=True)}
            return (), self._as_parameters(rows)
        try:
            leading = np.broadcast_shapes(*of_each)
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
    def _further(self) -> dict[str, int]:
        """Sizes of the further slices by name."""
        return dict(self.layout.further)

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Of the parameters of one body."""
        return {
            "betas": (self.num_betas,),
            "global_orient": (3,),
            "body_pose": (self.num_joints - 1, 3),
            "transl": (3,),
            **{name: (size,) for name, size in self._further.items()},
        }

    def joints_jacobian(self, parameters: Parameters) -> tuple[Floats, Floats, Floats]:
        """(J, 3) joints, (J, 3, 3J) their derivatives with respect to global_orient and body_pose,
        (J, 3, B) to betas; those with respect to transl are 1."""
        joints, pose, shape = self._joint_points.evaluate_with_jacobian(self._core, **parameters)
        return joints, pose, shape[..., : self.num_betas]

    def frame_jacobian(self, parameters: Parameters) -> tuple[Floats, Floats]:
        """(J, 3) joints, and (J, 3, F + B) their derivatives with respect to the F numbers of a
        frame in the order of `layout`, followed by betas.

        The derivative with respect to the root is that of a rotation vector in the axes of the
        world, which turns the body about its pelvis.
        """
        at = _core.Variables(self._core, **parameters, log_zoom=np.zeros(0))
        return _core.linearize_points(self._core, self._joint_points, at)

    def joint_transforms(self, parameters: Parameters) -> Floats:
        """(J, 4, 4) world_from_joint, metres: orientation and position of each joint."""
        at = _core.Variables(self._core, **parameters, log_zoom=np.zeros(0))
        return _core.joint_transforms(self._core, at)

    def penetration(self, vertices: ArrayLike) -> Penetration:
        """The self-penetration of a posed mesh of this body.

        Args:
            vertices: (V, 3) metres, of a body posed by this model.

        Raises:
            ValueError: a wrong shape, NaN.
        """
        return penetration(_core.penetration(self._core, vertices), self.joint_names)

    @cached_property
    def has_smpl_joints(self) -> bool:
        """Whether the first 22 joints are SMPL's, as those of all bodies of its family."""
        return self.joint_names[:NUM_SHARED_JOINTS] == SMPL_JOINTS[:NUM_SHARED_JOINTS]

    @cached_property
    def default_prior(self) -> PosePrior:
        """The default prior of fits: the mixture of `load_pose_prior()`, or hand-set anatomical
        ranges if the first 22 joints are not SMPL's."""
        if self.has_smpl_joints:
            return load_pose_prior().for_joints(self.num_prior_joints)
        return anatomical_prior(self.num_prior_joints)

    @cached_property
    def has_details(self) -> bool:
        """Whether the body has fingers or a face that keypoints move."""
        return self.layout.num_free_joints < self.num_joints or EXPRESSION in self._further

    @cached_property
    def num_prior_joints(self) -> int:
        """The number of joints that pose priors of fits cover, from the first on: all J; of a body
        whose fingers follow components, those of the body, 22."""
        if self.layout.num_free_joints == self.num_joints:
            return self.num_joints
        return NUM_SHARED_JOINTS

    @cached_property
    def joint_prior(self) -> list[tuple[int, tuple[float, ...], tuple[float, ...]]]:
        """Joint, mean and standard deviation (radians) of the free joints that the pose prior does
        not cover: jaw and eyes of a body whose fingers follow components."""
        uncovered = range(self.num_prior_joints, self.layout.num_free_joints)
        return [
            (joint, *JOINT_DISTRIBUTIONS[self.joint_names[joint]])
            for joint in uncovered
            if self.joint_names[joint] in JOINT_DISTRIBUTIONS
        ]

    def full_pose(self, pose: Floats) -> Floats:
        """(3(J-1),) the first numbers of a body_pose, followed by zeros."""
        full = np.zeros(3 * (self.num_joints - 1))
        full[: len(pose)] = pose
        return full

    @cached_property
    def default_joint_limits(self) -> JointLimits | None:
        """The default limits of fits: published ranges of motion; None if the joints are not those
        of SMPL, SMPL-H or SMPL-X."""
        named_joints = self.joint_names == joint_names(self.num_joints)
        if named_joints and "pelvis" in self.joint_names:
            limits = smpl_joint_limits(self.num_joints)
            return limits.first(self.num_prior_joints - 1)
        return None

    def keypoint_points(self, keypoint_format: KeypointFormat | MarkerFormat) -> KeypointPoints:
        """The points on this body that the keypoints or markers of a format observe; cached.

        Raises:
            ValueError: the body has no point of the format, or lacks the vertex of a marker.
        """
        if keypoint_format not in self._keypoint_points:
            if isinstance(keypoint_format, MarkerFormat):
                skin = self.v_template, self.faces
                made = points_of_markers(self._core, keypoint_format, *skin)
            else:
                names = self.name, self.joint_names, self.landmarks
                made = points_of_format(self._core, keypoint_format, *names)
            self._keypoint_points[keypoint_format] = made
        return self._keypoint_points[keypoint_format]
