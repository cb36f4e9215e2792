"""Pose blend shapes that keep skin from collapsing where it is bent and from wringing where it is
twisted.

Linear blend skinning with few joints is compared, over random poses, with a finer model of the same
body: forearms, upper arms and thighs twist along their length, as the bones under them let them,
and bent joints keep part of their volume by dual-quaternion skinning (Kavan et al., Geometric
Skinning with Approximate Dual Quaternion Blending, 2008). What differs is fitted, vertex by vertex,
by SMPL's pose blend shapes: linear in R - I of the joints near the vertex.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from smplceres.base.skeleton import SMPL_PARENTS

from .mesh import Floats, Integers, Mesh
from .tpose import BONE_JOINTS, axis_angle, joints_of_bones, unit

# How much of the dual-quaternion result a bend takes; all of it bulges.
VOLUME = 0.5
# (bone, joint whose place it takes, share of that joint's twist, joint further out, share of that
# one's twist): a sleeve of skin between two joints turns by growing shares of both joints' twists
# about the limb.
TWIST_BONES = (
    ("upperarm01", "shoulder", 0.45, None, 0.0),
    ("lowerarm01", "elbow", 0.35, "wrist", 0.25),
    ("lowerarm02", "elbow", 0.85, "wrist", 0.65),
    ("upperleg01", "hip", 0.5, None, 0.0),
)
# Smallest displacement (m), at its largest over the sample, that a (vertex, joint) pair is kept
# for.
SMALLEST = 5e-4
RIDGE = 2e-3


@dataclass(frozen=True)
class Correctives:
    """Pose blend shapes of the pairs of vertex and joint that have any; N pairs.

    Attributes:
        vertices: (N,) ascending.
        joints: (N,) 1 to J-1.
        directions: (N, 3, 9) metres per element of R - I, row-major.
    """

    vertices: Integers
    joints: Integers
    directions: Floats

    def displacements(self, rotations: Floats, num_vertices: int) -> Floats:
        """(P, V, 3) of poses with joint rotations (P, J, 3, 3)."""
        features = (rotations - np.eye(3)).reshape(len(rotations), -1, 9)
        moved = np.zeros((len(rotations), num_vertices, 3))
        for joint in np.unique(self.joints):
            of = self.joints == joint
            moved[:, self.vertices[of]] += np.einsum(
                "pf,nif->pni", features[:, joint], self.directions[of]
            )
        return moved


class FineBody:
    """A body of J joints with twisting sleeves, and the same without."""

    def __init__(
        self,
        mesh: Mesh,
        joint_names: tuple[str, ...],
        vertices: Floats,
        joints: Floats,
        parents: Sequence[int] = SMPL_PARENTS,
        bone_joints: Mapping[str, Mapping[str, float]] = BONE_JOINTS,
    ) -> None:
        """vertices (V, 3) and joints (J, 3) in the T-pose."""
        self.vertices, self.joints, self.parents = vertices, joints, tuple(parents)
        shares = joints_of_bones(mesh, joint_names, bone_joints)
        weights = np.column_stack([mesh.weights_of(bone) for bone in mesh.bone_names])
        self.weights = weights @ shares
        sleeves, self.sleeves = [], []
        coarse = weights.copy()
        for bone, joint, own, outer, share in TWIST_BONES:
            for side, name in ((".L", "left_"), (".R", "right_")):
                k = mesh.bone_names.index(bone + side)
                sleeves.append(weights[:, k])
                coarse[:, k] = 0
                far = None if outer is None else joint_names.index(name + outer)
                self.sleeves.append((joint_names.index(name + joint), own, far, share))
        self.fine_weights = np.column_stack([coarse @ shares, *sleeves])

    def linear(self, rotations: Floats) -> tuple[Floats, Floats]:
        """(V, 3) skinned by 24 joints, and the blended matrices (V, 3, 3), of one pose."""
        turns, offsets = self._forward(rotations)
        blended = np.tensordot(self.weights, turns, 1)
        return np.einsum("vij,vj->vi", blended, self.vertices) + self.weights @ offsets, blended

    def target(self, rotations: Floats) -> Floats:
        """(V, 3) of one pose with twisting sleeves and part of the volume kept."""
        turns, offsets = self._forward(rotations)
        extra = [self._sleeve(sleeve, rotations, turns, offsets) for sleeve in self.sleeves]
        turns = np.concatenate([turns, [turn for turn, _ in extra]])
        offsets = np.concatenate([offsets, [offset for _, offset in extra]])
        blended = np.tensordot(self.fine_weights, turns, 1)
        linear = np.einsum("vij,vj->vi", blended, self.vertices) + self.fine_weights @ offsets
        return linear + VOLUME * (self._dual_quaternion(turns, offsets) - linear)

    def _forward(self, rotations: Floats) -> tuple[Floats, Floats]:
        turns, offsets = np.zeros((len(self.parents), 3, 3)), np.zeros((len(self.parents), 3))
        for k, parent in enumerate(self.parents):
            turns[k] = rotations[k] if parent < 0 else turns[parent] @ rotations[k]
            base = (
                self.joints[k] if parent < 0 else turns[parent] @ self.joints[k] + offsets[parent]
            )
            offsets[k] = base - turns[k] @ self.joints[k]
        return turns, offsets

    def _sleeve(
        self,
        sleeve: tuple[int, float, int | None, float],
        rotations: Floats,
        turns: Floats,
        offsets: Floats,
    ) -> tuple[Floats, Floats]:
        joint, own, outer, share = sleeve
        child = self.parents.index(joint)
        axis = self.joints[child] - self.joints[joint]
        angle = (own - 1) * twist(rotations[joint], axis)
        if outer is not None:
            angle += share * twist(rotations[outer], axis)
        turn = turns[joint] @ axis_angle(unit(axis) * angle)
        place = turns[joint] @ self.joints[joint] + offsets[joint]
        return turn, place - turn @ self.joints[joint]

    def _dual_quaternion(self, turns: Floats, offsets: Floats) -> Floats:
        real = Rotation.from_matrix(turns).as_quat(scalar_first=True)
        # Signs: of two quaternions of a rotation, the one near the joint that the chain comes from.
        for k, parent in enumerate([*self.parents, *(joint for joint, *_ in self.sleeves)]):
            if parent >= 0 and real[k] @ real[parent] < 0:
                real[k] = -real[k]
        dual = 0.5 * _quaternion_product(np.column_stack([np.zeros(len(offsets)), offsets]), real)
        blend, blend_dual = self.fine_weights @ real, self.fine_weights @ dual
        length = np.linalg.norm(blend, axis=1, keepdims=True)
        blend, blend_dual = blend / length, blend_dual / length
        conjugate = blend * [1, -1, -1, -1]
        moved = 2 * _quaternion_product(blend_dual, conjugate)[:, 1:]
        return np.asarray(Rotation.from_quat(blend, scalar_first=True).apply(self.vertices) + moved)


def fit_correctives(body: FineBody, rotations: Floats) -> Correctives:
    """Least squares over poses with joint rotations (P, J, 3, 3)."""
    missing = np.stack([_rest_difference(body, pose) for pose in rotations])
    features = (rotations - np.eye(3)).reshape(len(rotations), -1, 9)
    moved_by = _joints_that_move(body)
    patterns, group = np.unique(moved_by, axis=0, return_inverse=True)
    vertices, joints, directions = [], [], []
    for number, pattern in enumerate(patterns):
        chosen = np.flatnonzero(pattern)
        of_group = np.flatnonzero(group.ravel() == number)
        if not len(chosen):
            continue
        design = features[:, chosen].reshape(len(rotations), -1)
        normal = design.T @ design + RIDGE * len(rotations) * np.eye(design.shape[1])
        solution = np.linalg.solve(
            normal, design.T @ missing[:, of_group].reshape(len(rotations), -1)
        )
        solution = solution.reshape(len(chosen), 9, len(of_group), 3).transpose(2, 0, 3, 1)
        for i, joint in enumerate(chosen):
            size = np.linalg.norm(
                np.einsum("pf,nif->pni", features[:, joint], solution[:, i]), axis=2
            )
            kept = size.max(axis=0) > SMALLEST
            vertices.append(of_group[kept])
            joints.append(np.full(kept.sum(), joint))
            directions.append(solution[kept, i])
    order = np.lexsort((np.concatenate(joints), np.concatenate(vertices)))
    return Correctives(
        np.concatenate(vertices)[order],
        np.concatenate(joints)[order],
        np.concatenate(directions)[order],
    )


def _joints_that_move(body: FineBody) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(V, J) the joints whose bending or twisting changes a vertex's shape: both sides of them
    move it.
    """
    num_joints = len(body.parents)
    fine = body.fine_weights[:, :num_joints] > 0.01
    moved = np.zeros_like(fine)
    touched = body.weights > 0.01
    for joint, parent in enumerate(body.parents):
        if parent >= 0:
            moved[:, joint] = touched[:, joint] & touched[:, parent]
    for column, (joint, _, outer, _) in enumerate(body.sleeves, start=num_joints):
        on_sleeve = body.fine_weights[:, column] > 0.01
        moved[:, joint] |= on_sleeve
        if outer is not None:
            moved[:, outer] |= on_sleeve
    return moved


def _rest_difference(body: FineBody, rotations: Floats) -> Floats:
    """(V, 3) displacement before skinning that takes one pose's linear skinning to its target."""
    linear, blended = body.linear(rotations)
    difference = body.target(rotations) - linear
    # A blended matrix shrinks where it wrings: its damped inverse does not explode there.
    transposed = np.swapaxes(blended, 1, 2)
    normal = transposed @ blended + 0.05 * np.eye(3)
    return np.asarray(np.linalg.solve(normal, transposed @ difference[..., None])[..., 0])


def twist(rotation: Floats, axis: Floats) -> float:
    """The angle (radians) that a rotation turns about an axis, apart from tilting it."""
    axis = axis / np.linalg.norm(axis)
    sine = np.array(
        [
            rotation[2, 1] - rotation[1, 2],
            rotation[0, 2] - rotation[2, 0],
            rotation[1, 0] - rotation[0, 1],
        ]
    )
    # Quaternion (1 + trace, sine vector) up to scale.
    return float(2 * np.arctan2(sine @ axis, 1 + np.trace(rotation)))


def _quaternion_product(a: Floats, b: Floats) -> Floats:
    """Of rows (w, x, y, z)."""
    w = a[:, 0] * b[:, 0] - np.einsum("ni,ni->n", a[:, 1:], b[:, 1:])
    v = a[:, :1] * b[:, 1:] + b[:, :1] * a[:, 1:] + np.cross(a[:, 1:], b[:, 1:])
    return np.column_stack([w, v])
