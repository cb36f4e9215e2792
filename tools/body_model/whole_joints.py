"""The 55 joints of the whole body, in SMPL-X's order and tree: what they are on MakeHuman's bones.

The first 22 are SMPL's. Fingers begin where MakeHuman's finger bones do; an eye turns about the
middle of its ball; the jaw turns about a line a little before and below the ears' canals, as the
mandible does. (MakeHuman's own jaw bone begins inside the mouth.)
"""

from __future__ import annotations

import numpy as np

from smplceres.base.skeleton import NUM_SHARED_JOINTS, SMPL_JOINTS, SMPL_PARENTS, SMPLX_JOINTS

from .landmarks import Landmarks
from .mesh import Floats, Mesh
from .tpose import BONE_JOINTS

# SMPL-X's order of a hand's fingers, and their numbers in MakeHuman.
FINGERS = {"index": 2, "middle": 3, "pinky": 5, "ring": 4, "thumb": 1}
SEGMENTS = (1, 2, 3)
JAW = SMPLX_JOINTS.index("jaw")
EYES = {"left": JAW + 1, "right": JAW + 2}
HANDS = {"left": JAW + 3, "right": JAW + 18}  # the first of 15 finger joints
NUM_HAND_JOINTS = 15
NUM_JOINTS = len(SMPLX_JOINTS)

# From the canal of the ear to the head of the mandible, metres: y up, z to the front.
JAW_FROM_EAR = np.array([0.0, -0.005, 0.012])


def _parents() -> tuple[int, ...]:
    parents = [*SMPL_PARENTS[:NUM_SHARED_JOINTS], *3 * [SMPL_JOINTS.index("head")]]
    for side in ("left", "right"):
        for _ in FINGERS:
            first = len(parents)
            parents += [SMPL_JOINTS.index(f"{side}_wrist"), first, first + 1]
    return tuple(parents)


PARENTS = _parents()
MIRRORED = tuple(
    SMPLX_JOINTS.index({"left": "right", "right": "left"}.get(side, side) + line + rest)
    for side, line, rest in (name.partition("_") for name in SMPLX_JOINTS)
)
# As BONE_JOINTS of SMPL's 24, with fingers of their own; the palm goes with the wrist.
WHOLE_BONE_JOINTS: dict[str, dict[str, float]] = {
    **BONE_JOINTS,
    **{
        f"finger{number}-{segment}": {f"{finger}{segment}": 1.0}
        for finger, number in FINGERS.items()
        for segment in SEGMENTS
    },
    "eye": {"eye_smplhf": 1.0},
}


def whole_joints(
    mesh: Mesh, vertices: Floats, bones: Floats, body: Floats, ears: Landmarks
) -> Floats:
    """(N, 55, 3) joint centres of N bodies.

    Args:
        vertices: (N, V, 3).
        bones: (N, K, 3), where each bone begins.
        body: (N, 22, 3) SMPL's first joints.
        ears: the landmarks left_ear and right_ear.
    """
    canals = [
        np.einsum("k,nki->ni", share, vertices[:, chosen])
        for chosen, share in (ears["left_ear"], ears["right_ear"])
    ]
    joints = [body, (sum(canals) / 2 + JAW_FROM_EAR)[:, None]]
    for suffix in (".L", ".R"):
        ball = mesh.weights_of("eye" + suffix) > 0.5
        joints.append(vertices[:, ball].mean(axis=1, keepdims=True))
    for suffix in (".L", ".R"):
        chosen = [
            mesh.bone_names.index(f"finger{number}-{segment}{suffix}")
            for number in FINGERS.values()
            for segment in SEGMENTS
        ]
        joints.append(bones[:, chosen])
    return np.concatenate(joints, axis=1)
