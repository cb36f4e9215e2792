"""From MakeHuman's stance to SMPL's T-pose, and from its 163 bones to SMPL's 24 joints.

Each limb is turned bone by bone until it points as SMPL's does, the whole person by linear blend
skinning with the fine bones. The legs' direction is that of SMPL-H's mean body (the offsets of its
joints).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from .mesh import Floats, Mesh, People

UP, FRONT, LEFT = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
# Hip to ankle on the left, as measured. The leg keeps its own line from hip over knee to ankle.
LEG = np.array([0.0287, -0.8134, -0.0294])
# How far the collars rise when the arms are raised from half lowered to level: a third of 45
# degrees is the scapulohumeral rhythm of anatomy (Inman 1944), half of it the clavicle's.
COLLAR_RISE = np.radians(8.0)
# How much of their curl fingers keep: SMPL's are almost straight.
FINGER_CURL = 0.35
# The pelvis lies this far below the origin, as in SMPL, whose origin is near the chest.
PELVIS_BELOW_ORIGIN = 0.24

# SMPL's joints as means of bones' beginnings, left side and middle. SMPL's pelvis lies a hand above
# the hips, its three spine joints about 0.5, 1.0 and 1.2 times the way from there to the armpits.
# The upper two lean on pelvis and neck, because the bones there move with the bust.
JOINT_BONES = {
    "pelvis": {"spine04": 1.0},
    "hip": {"upperleg01": 1.0},
    "spine1": {"spine03": 0.5, "spine02": 0.5},
    "knee": {"lowerleg01": 1.0},
    "spine2": {"spine02": 0.25, "spine01": 0.25, "spine04": 0.27, "neck01": 0.23},
    "ankle": {"foot": 1.0},
    "spine3": {"spine01": 0.5, "neck01": 0.3, "spine04": 0.2},
    "foot": {"toe1-1": 0.2, "toe2-1": 0.2, "toe3-1": 0.2, "toe4-1": 0.2, "toe5-1": 0.2},
    "neck": {"neck01": 1.0},
    "collar": {"clavicle": 0.5, "shoulder01": 0.5},
    "head": {"head": 1.0},
    "shoulder": {"upperarm01": 1.0},
    "elbow": {"lowerarm01": 1.0},
    "wrist": {"wrist": 1.0},
    "hand": {"finger2-1": 0.25, "finger3-1": 0.25, "finger4-1": 0.25, "finger5-1": 0.25},
}
# The joints that move each bone's skin, and how much; bones not named go with their parent.
BONE_JOINTS = {
    "root": {"pelvis": 1.0},
    "spine04": {"pelvis": 0.75, "spine1": 0.25},
    "spine03": {"pelvis": 0.25, "spine1": 0.75},
    "spine02": {"spine1": 0.5, "spine2": 0.5},
    "spine01": {"spine3": 1.0},
    "clavicle": {"collar": 1.0},
    "upperarm01": {"shoulder": 1.0},
    "lowerarm01": {"elbow": 1.0},
    "wrist": {"wrist": 1.0},
    **{f"finger{finger}-1": {"hand": 1.0} for finger in range(1, 6)},
    "upperleg01": {"hip": 1.0},
    "lowerleg01": {"knee": 1.0},
    "foot": {"ankle": 1.0},
    **{f"toe{toe}-1": {"foot": 1.0} for toe in range(1, 6)},
    "neck01": {"neck": 1.0},
    "head": {"head": 1.0},
}
_MIDDLE = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")


def joints_of_bones(
    mesh: Mesh,
    joint_names: tuple[str, ...],
    bone_joints: Mapping[str, Mapping[str, float]] = BONE_JOINTS,
) -> Floats:
    """(K, J) how much of each bone's skinning weight goes to each joint; rows sum to 1."""
    shares = np.zeros((len(mesh.bone_names), len(joint_names)))
    for k, (bone, parent) in enumerate(zip(mesh.bone_names, mesh.bone_parents, strict=True)):
        plain, _, suffix = bone.partition(".")
        if plain not in bone_joints:
            shares[k] = shares[parent]
            continue
        side = {"L": "left_", "R": "right_", "": ""}[suffix]
        for joint, share in bone_joints[plain].items():
            shares[k, joint_names.index(joint if joint in _MIDDLE else side + joint)] = share
    return shares


def smpl_joints(mesh: Mesh, bones: Floats, joint_names: tuple[str, ...]) -> Floats:
    """(N, 24, 3) SMPL's joint centres from bones' beginnings (N, K, 3)."""
    joints = []
    for name in joint_names:
        side, _, plain = name.rpartition("_")
        suffix = {"left": ".L", "right": ".R"}.get(side, "")
        joints.append(
            sum(
                weight * bones[:, mesh.bone_names.index(bone + suffix)]
                for bone, weight in JOINT_BONES[plain].items()
            )
        )
    return np.stack(joints, axis=1)


@dataclass(frozen=True)
class TPose:
    """N bodies in SMPL's T-pose, pelvis below the origin; metres.

    Attributes:
        vertices: (N, V, 3).
        bones: (N, K, 3).
    """

    vertices: Floats
    bones: Floats


def to_t_pose(mesh: Mesh, people: People) -> TPose:
    """Turns every person's limbs as SMPL's are."""
    vertices, bones = [], []
    for rest_vertices, rest_bones in zip(people.vertices, people.bones, strict=True):
        turns = _turns(mesh, np.asarray(rest_bones, np.float64))
        posed_bones, offsets = _place(mesh, rest_bones, turns)
        posed = np.zeros(rest_vertices.shape)
        for slot in range(mesh.weights.shape[1]):
            k = mesh.weight_bones[:, slot]
            moved = np.einsum("vij,vj->vi", turns[k], rest_vertices) + offsets[k]
            posed += mesh.weights[:, slot, None] * moved
        vertices.append(posed)
        bones.append(posed_bones)
    posed_vertices, posed_bones = np.stack(vertices), np.stack(bones)
    pelvis = smpl_joints(mesh, posed_bones, ("pelvis",))
    shift = np.array([0.0, -PELVIS_BELOW_ORIGIN, 0.0]) - pelvis
    return TPose(posed_vertices + shift, posed_bones + shift)


# The beginning of a bone of one side.
At = Callable[[str], Floats]


def _turns(mesh: Mesh, bones: Floats) -> Floats:
    """(K, 3, 3) world rotations of the bones that bring a person to the T-pose."""
    index = {name: k for k, name in enumerate(mesh.bone_names)}
    turns = np.tile(np.eye(3), (len(bones), 1, 1))
    own: dict[str, Floats] = {}
    for side, x in ((".L", 1.0), (".R", -1.0)):

        def at(bone: str, side: str = side) -> Floats:
            return np.asarray(bones[index[bone + side]])

        own |= _arm(at, side, x)
        own |= _leg(at, side, np.array([x, 1.0, 1.0]))
    for k, name in enumerate(mesh.bone_names):
        parent = mesh.bone_parents[k]
        turns[k] = own.get(name, turns[parent] if parent >= 0 else np.eye(3))
    for side in (".L", ".R"):
        _straighten_fingers(mesh, bones, turns, side)
    return turns


def _arm(at: At, side: str, x: float) -> dict[str, Floats]:
    """World rotations of one arm: along x, palm down, elbow hinge upright; x is +1 on the left."""
    shoulder, elbow, wrist = at("upperarm01"), at("lowerarm01"), at("wrist")
    along = LEFT * x
    hinge = np.cross(wrist - elbow, elbow - shoulder) * x  # upright in the T-pose
    upper = frame(along, UP) @ frame(elbow - shoulder, hinge).T
    fore = frame(along, UP) @ frame(wrist - elbow, hinge).T
    across = at("finger2-1") - at("finger5-1")  # towards the thumb
    hand = frame(along, FRONT) @ frame(at("finger3-1") - wrist, across).T
    twist = rotation_vector(hand @ fore.T) @ along * along
    rise = axis_angle(FRONT * x * COLLAR_RISE)
    return {
        "clavicle" + side: rise,
        "upperarm01" + side: upper,
        # The forearm turns with the hand, more so towards it.
        "lowerarm01" + side: axis_angle(0.3 * twist) @ fore,
        "lowerarm02" + side: axis_angle(0.75 * twist) @ fore,
        "wrist" + side: hand,
    }


def _leg(at: At, side: str, mirror: Floats) -> dict[str, Floats]:
    """World rotations of one leg; the foot stays flat on the floor."""
    leg = between(at("foot") - at("upperleg01"), LEG * mirror)
    return {"upperleg01" + side: leg, "foot" + side: np.eye(3)}


def _straighten_fingers(mesh: Mesh, bones: Floats, turns: Floats, side: str) -> None:
    """Unrolls fingers 2 to 5 about the axis across the hand, up to FINGER_CURL of their curl."""
    index = {name: k for k, name in enumerate(mesh.bone_names)}
    hand = turns[index["wrist" + side]]
    along = hand @ unit(bones[index["finger3-1" + side]] - bones[index["wrist" + side]])
    for finger in "2345":
        first, second, third = (index[f"finger{finger}-{segment}{side}"] for segment in "123")
        for k, tip in ((first, second), (second, third)):
            curl = rotation_vector(between(hand @ unit(bones[tip] - bones[k]), along))
            curl[:2] = 0  # fingers stay spread
            turns[k] = axis_angle((1 - FINGER_CURL) * curl) @ hand
        turns[third] = turns[second]


def _place(mesh: Mesh, bones: Floats, turns: Floats) -> tuple[Floats, Floats]:
    """Bones' new beginnings, and the offsets that go with the rotations."""
    placed = np.zeros_like(bones, dtype=np.float64)
    for k, parent in enumerate(mesh.bone_parents):
        placed[k] = (
            bones[k] if parent < 0 else placed[parent] + turns[parent] @ (bones[k] - bones[parent])
        )
    return placed, placed - np.einsum("kij,kj->ki", turns, bones)


# --- Rotations ---


def unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))


def frame(first: Floats, second: Floats) -> Floats:
    """Columns: `first`, then `second` made perpendicular to it, then their cross product."""
    a = unit(first)
    b = unit(second - (second @ a) * a)
    return np.stack([a, b, np.cross(a, b)], axis=1)


def axis_angle(vector: Floats) -> Floats:
    """Rotation matrix of a rotation vector."""
    return np.asarray(Rotation.from_rotvec(vector).as_matrix())


def rotation_vector(matrix: Floats) -> Floats:
    """The rotation vector of a matrix that turns by less than pi."""
    return np.asarray(Rotation.from_matrix(matrix).as_rotvec())


def between(source: Floats, target: Floats) -> Floats:
    """The shortest rotation that takes one direction to another."""
    a, b = unit(source), unit(target)
    axis = np.cross(a, b)
    length = float(np.linalg.norm(axis))
    return axis_angle(axis * (np.arctan2(length, a @ b) / length)) if length > 1e-12 else np.eye(3)
