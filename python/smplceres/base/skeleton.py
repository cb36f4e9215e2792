"""Joints and surface landmarks of the SMPL family, by their usual names."""

from __future__ import annotations

from .._native import _core

SMPL_JOINTS: tuple[str, ...] = tuple(_core.joint_names(24))

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

SMPLH_JOINTS = tuple(_core.joint_names(52))
SMPLX_JOINTS = tuple(_core.joint_names(55))

# The 68 points of a face in the order of 300-W (iBUG): 17 of its edge, then brows, nose, eyes and
# mouth.
FACE_LANDMARKS: tuple[str, ...] = tuple(_core.face_landmarks())
NUM_CONTOUR_LANDMARKS = 17
# Joints of the fingers of SMPL-H and SMPL-X, and the tips.
FINGER_LOCATIONS: tuple[str, ...] = tuple(_core.finger_locations())

JOINTS_BY_COUNT = {len(names): names for names in (SMPL_JOINTS, SMPLH_JOINTS, SMPLX_JOINTS)}


def joint_names(num_joints: int) -> tuple[str, ...]:
    """Names of SMPL's 24 joints, SMPL-H's 52 or SMPL-X's 55; otherwise joint_0, joint_1 ..."""
    return tuple(_core.joint_names(num_joints))


def landmark_vertices(num_vertices: int, num_joints: int) -> dict[str, int]:
    """Vertex numbers of surface landmarks (nose, eyes, ears, toes, heels, crown).

    Returns:
        name to vertex for the meshes of SMPL and SMPL-H (6890 vertices) and SMPL-X (10475); empty
        for any other size, whose numbering is unknown.
    """
    return dict(_core.known_landmarks(num_vertices, num_joints))


SMPL_LANDMARKS = landmark_vertices(6890, 24)
