"""A body without a licence: a standing humanoid made of tubes, in SMPL's layout.

Each part (trunk with neck and head, arm, fingers, leg, foot) is a tube of rings about an axis,
closed by a dome at either end. The tables of synthetic_sizes.py give the radii of the rings for a
person of 1.70 m; ten coefficients change lengths and radii smoothly.

Heights of ankle, knee, hip, chin, eyes and shoulders, and the sizes of hand and foot: Drillis and
Contini 1966, as fractions of stature in D. A. Winter, Biomechanics and Motor Control of Human
Movement, figure 4.1. Arms between joint centres: P. de Leva, J. Biomechanics 29, 1996. The outlines
of the cross-sections were drawn by eye.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..base.skeleton import SMPL_JOINTS, SMPL_LANDMARKS, SMPL_PARENTS
from .model import BodyModel
from .model_arrays import BodyModelArrays, check_arrays
from .model_files import Floats
from .synthetic_sizes import (
    ANKLE,
    HEAD,
    HIP,
    KNEE,
    NECK,
    NUM_BETAS,
    PELVIS,
    SPINE1,
    SPINE2,
    SPINE3,
    STATURE,
)
from .synthetic_skinning import skinning_weights
from .synthetic_tubes import (
    LEFT_PARTS,
    LEFT_STARTS,
    NUM_LEFT,
    TRUNK_PART,
    body_faces,
    body_vertices,
)

# Joints are means of rings: (joint, place, weight of the back of the ring) on the trunk ...
TRUNK_JOINTS = (
    ("pelvis", PELVIS, 0.2),
    ("spine1", SPINE1, 0.5),
    ("spine2", SPINE2, 0.5),
    ("spine3", SPINE3, 0.5),
    ("neck", NECK, 0.4),
    ("head", HEAD, 0.5),
)

# ... and (joint, index of LEFT_PARTS, place) on the left.
LEFT_JOINTS = (
    *(("hip", 0, HIP), ("knee", 0, KNEE), ("ankle", 0, ANKLE), ("foot", 1, 0.120)),
    *(("collar", 2, -0.55), ("shoulder", 2, 0), ("elbow", 2, 1), ("wrist", 2, 2), ("hand", 2, 2.6)),
)

# Landmarks are the vertices nearest to points (x, y over the sole, z); off the midline in pairs.
LANDMARKS = (
    ("nose", 0.0, 0.905 * STATURE, 0.140),
    ("eye", 0.033, 0.937 * STATURE, 0.095),
    ("ear", 0.095, 0.924 * STATURE, -0.005),
    ("big_toe", 0.080, 0.012, 0.190),
    ("small_toe", 0.135, 0.008, 0.155),
    ("heel", 0.096, 0.020, -0.090),
)

# Metres: the radius of the pose blend shapes of each joint (joints 1 to 23), and their amplitude.
BLEND_RADII = np.array(
    [
        *(0.10, 0.10, 0.12, 0.07, 0.07, 0.12, 0.05, 0.05, 0.12, 0.05, 0.05, 0.07),
        *(0.08, 0.08, 0.08, 0.08, 0.08, 0.06, 0.06, 0.04, 0.04, 0.04, 0.04),
    ]
)
BLEND_HEIGHT = 0.002


def _J_regressor() -> Floats:
    """Weights [24, 6890]: each joint is the mean of a ring, weighted to the back on the spine."""
    regressor = np.zeros((len(SMPL_JOINTS), int(LEFT_STARTS[-1]) + NUM_LEFT))
    for name, place, backness in TRUNK_JOINTS:
        ring = TRUNK_PART.ring(place)
        angle = np.arange(len(ring)) * 2 * np.pi / len(ring)
        regressor[SMPL_JOINTS.index(name), ring] = (1 - backness * np.sin(angle)) / len(ring)
    for name, part, place in LEFT_JOINTS:
        ring = LEFT_PARTS[part].ring(place) + LEFT_STARTS[part]
        for side, offset in (("left", 0), ("right", NUM_LEFT)):
            regressor[SMPL_JOINTS.index(f"{side}_{name}"), ring + offset] = 1 / len(ring)
    return regressor


def _landmark_vertices() -> dict[str, int]:
    """Vertices, in the order of the parts, that are the landmarks of SMPL."""
    average = body_vertices(np.zeros(NUM_BETAS))
    vertices = {"head_top": TRUNK_PART.num_vertices - 1}
    for name, *target in LANDMARKS:
        point = np.add(target, [0, average[:, 1].min(), 0])
        for side in (1, -1) if point[0] > 0 else (1,):
            label = {1: "left_", -1: "right_"}[side] + name if point[0] > 0 else name
            distance = np.linalg.norm(average - point * [side, 1, 1], axis=1)
            vertices[label] = int(np.argmin(distance))
    return vertices


def _vertex_order() -> NDArray[np.intp]:
    """The vertex, in the order of the parts, at each vertex number of SMPL."""
    landmarks = _landmark_vertices()
    order = np.full(int(LEFT_STARTS[-1]) + NUM_LEFT, -1)
    for name, vertex in SMPL_LANDMARKS.items():
        order[vertex] = landmarks[name]
    order[order < 0] = np.setdiff1d(np.arange(len(order)), order)
    return order


def _posedirs(vertices: Floats, joints: Floats, lbs_weights: Floats) -> Floats:
    """Pose blend shapes [V, 3, 207] that bulge the skin about a bent joint.

    With n = (v - j) / s, the place of a vertex about joint j in units of s = BLEND_RADII, rotation
    R of joint j moves it by -BLEND_HEIGHT w exp((1 - |n|^2) / 2) (R - I) n, where w is the weight
    of the joint and its parent on the vertex. At 90 degrees that is up to 1.4 BLEND_HEIGHT.
    """
    parents = np.array(SMPL_PARENTS[1:])
    n = (vertices[:, None] - joints[1:]) / BLEND_RADII[:, None]
    bell = np.exp((1 - (n**2).sum(axis=2)) / 2)
    reach = BLEND_HEIGHT * bell * (lbs_weights[:, 1:] + lbs_weights[:, parents])
    posedirs = np.zeros((len(vertices), 3, len(parents), 3, 3))
    for axis in range(3):
        posedirs[:, axis, :, axis, :] = -reach[..., None] * n
    return posedirs.reshape(len(vertices), 3, -1)


def make_body_model_arrays(seed: int = 0) -> BodyModelArrays:
    """A humanoid of 1.70 m in SMPL's layout: 6890 vertices, 24 joints, 10 betas, 207 pose features.

    It stands in a T-pose, arms along x, left = +x, y up, facing +z, in metres; its pelvis lies at
    y = -0.24, as the origin of SMPL is near the chest. Joints, tree and the landmarks' vertex
    numbers are SMPL's; the other vertices and the faces are not. Betas are scaled like standard
    normal ones. One unit of each is, roughly:

    0. stature, 0.07 m;
    1. weight: girths by 6 to 9 %;
    2. length of arms and legs, 2.5 %;
    3. half the breadth of the shoulders, 0.010 m;
    4. half the breadth of the hips, 0.009 m;
    5. legs longer by 2.5 %, the torso shorter by as much at constant stature;
    6. size of the head, 3 %;
    7. girth of the arms, 8 %;
    8. depth of the belly, 0.022 m;
    9. size of hands and feet, 4 %.

    Args:
        seed: 0 is the average person; others have another mean shape.
    """
    mean = np.zeros(NUM_BETAS)
    if seed != 0:
        mean = 0.5 * np.random.default_rng(seed).standard_normal(NUM_BETAS)
    order = _vertex_order()
    new_number = np.argsort(order)
    v_template = body_vertices(mean)[order]
    steps = np.eye(NUM_BETAS)
    shapedirs = [(body_vertices(mean + step) - body_vertices(mean - step)) / 2 for step in steps]
    lbs_weights = skinning_weights()[order]
    J_regressor = _J_regressor()[:, order]
    arrays = BodyModelArrays(
        name="synthetic" if seed == 0 else f"synthetic_{seed}",
        v_template=v_template,
        shapedirs=np.ascontiguousarray(np.stack(shapedirs, axis=-1)[order]),
        posedirs=_posedirs(v_template, J_regressor @ v_template, lbs_weights),
        J_regressor=J_regressor,
        lbs_weights=lbs_weights,
        parents=np.array(SMPL_PARENTS, np.int32),
        faces=new_number[body_faces()].astype(np.int32),
        joint_names=SMPL_JOINTS,
        landmarks={
            name: (np.array([vertex], np.int32), np.ones(1))
            for name, vertex in SMPL_LANDMARKS.items()
        },
    )
    check_arrays(arrays)
    return arrays


def make_body_model(seed: int = 0) -> BodyModel:
    """The body of `make_body_model_arrays`, ready to pose and fit."""
    return BodyModel(make_body_model_arrays(seed))
