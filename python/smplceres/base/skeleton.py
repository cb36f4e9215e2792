"""Joints and surface landmarks of the SMPL family, by their usual names."""

from __future__ import annotations

SMPL_JOINTS: tuple[str, ...] = (
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
)

# Index of the mirrored joint of each of SMPL_JOINTS; joints on the midline mirror to themselves.
MIRRORED_JOINTS: tuple[int, ...] = tuple(
    SMPL_JOINTS.index({"left": "right", "right": "left"}.get(side, side) + line + rest)
    for side, line, rest in (name.partition("_") for name in SMPL_JOINTS)
)
# Signs of a rotation vector mirrored at the plane x = 0, which exchanges left and right.
MIRRORED_ROTATION: tuple[int, int, int] = (1, -1, -1)
# The parent of each of SMPL_JOINTS.
SMPL_PARENTS: tuple[int, ...] = (
    *(-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
    *(9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21),
)

# SMPL, SMPL-H and SMPL-X differ from here on: hands and face.
NUM_SHARED_JOINTS = 22
_BODY_JOINTS = SMPL_JOINTS[:NUM_SHARED_JOINTS]
# SMPL-H's order of the fingers, which SMPL-X keeps.
_FINGERS = ("index", "middle", "pinky", "ring", "thumb")
_HAND_JOINTS = tuple(
    f"{side}_{finger}{segment}"
    for side in ("left", "right")
    for finger in _FINGERS
    for segment in (1, 2, 3)
)

SMPLH_JOINTS: tuple[str, ...] = _BODY_JOINTS + _HAND_JOINTS
SMPLX_JOINTS: tuple[str, ...] = (
    *_BODY_JOINTS,
    "jaw",
    "left_eye_smplhf",
    "right_eye_smplhf",
    *_HAND_JOINTS,
)

JOINTS_BY_COUNT = {len(names): names for names in (SMPL_JOINTS, SMPLH_JOINTS, SMPLX_JOINTS)}

# Source: the smplx package's vertex ids, which SMPLify-X uses; head_top: SMPLify.
SMPL_LANDMARKS: dict[str, int] = {
    "nose": 332,
    "right_eye": 6260,
    "left_eye": 2800,
    "right_ear": 4071,
    "left_ear": 583,
    "left_big_toe": 3216,
    "left_small_toe": 3226,
    "left_heel": 3387,
    "right_big_toe": 6617,
    "right_small_toe": 6624,
    "right_heel": 6787,
    "head_top": 411,
}

# Source: the smplx package's vertex ids.
SMPLX_LANDMARKS: dict[str, int] = {
    "nose": 9120,
    "right_eye": 9929,
    "left_eye": 9448,
    "right_ear": 616,
    "left_ear": 6,
    "left_big_toe": 5770,
    "left_small_toe": 5780,
    "left_heel": 8846,
    "right_big_toe": 8463,
    "right_small_toe": 8474,
    "right_heel": 8635,
}

# (vertices, joints) of the meshes that the landmarks were numbered on: SMPL, SMPL-H, SMPL-X.
_LANDMARKS_BY_SIZE = {
    (6890, 24): SMPL_LANDMARKS,
    (6890, 52): SMPL_LANDMARKS,
    (10475, 55): SMPLX_LANDMARKS,
}


def joint_names(num_joints: int) -> tuple[str, ...]:
    """Names of SMPL's 24 joints, SMPL-H's 52 or SMPL-X's 55; otherwise joint_0, joint_1 ..."""
    if num_joints in JOINTS_BY_COUNT:
        return JOINTS_BY_COUNT[num_joints]
    return tuple(f"joint_{joint}" for joint in range(num_joints))


def landmark_vertices(num_vertices: int, num_joints: int) -> dict[str, int]:
    """Vertex numbers of surface landmarks (nose, eyes, ears, toes, heels, crown).

    Returns:
        name to vertex for the meshes of SMPL and SMPL-H (6890 vertices) and SMPL-X (10475); empty
        for any other size, whose numbering is unknown.
    """
    return dict(_LANDMARKS_BY_SIZE.get((num_vertices, num_joints), {}))
