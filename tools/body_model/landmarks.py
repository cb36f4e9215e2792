"""Points of anatomy on the skin, as means of few vertices of the mean body in the T-pose.

Each is found where anatomy says, not by a vertex's number, so that another mesh gives the same
points.
"""

from __future__ import annotations

import numpy as np

from .mesh import Floats, Integers

# Vertices that a landmark is the mean of; a power of 2, so that their weights sum to exactly 1 in
# any precision.
NUM_VERTICES = 4

Landmarks = dict[str, tuple[Integers, Floats]]


def find_landmarks(
    vertices: Floats, joints: dict[str, Floats], weights: dict[str, Floats]
) -> Landmarks:
    """Landmarks of a symmetric body: y up, facing +z, left = +x.

    Args:
        vertices: (V, 3) in the T-pose, metres.
        joints: SMPL's joint centres by name.
        weights: (V,) skinning weights by joint, and under "left_eyeball", "left_big_toe" and
        "left_small_toe"
            those of the bones of that name.
    """
    x, y, z = vertices.T
    head = (weights["head"] > 0.5) & (weights["left_eyeball"] < 0.5) & (x > -0.05)
    on_midline = head & (np.abs(x) < 0.012)
    foot = (weights["left_ankle"] + weights["left_foot"] > 0.5) & (x > 0)
    shoulder, hip = joints["left_shoulder"], joints["left_hip"]
    # The ear sticks out: of the skin at the height of the eyes and below, what lies furthest to the
    # side.
    eye_height = y[weights["left_eyeball"] > 0.5].mean()
    beside = head & (y > eye_height - 0.06) & (y < eye_height + 0.02)
    rim = vertices[beside & (x > x[beside].max() - 0.012)]
    found = {
        "nose": _extreme(z, on_midline & (y < eye_height)),
        "head_top": _extreme(y, head),
        "left_eye": _extreme(z, weights["left_eyeball"] > 0.5),
        # The hollow of the ear, at the canal.
        "left_ear": _nearest(vertices, rim.mean(axis=0) + np.array([-0.015, -0.005, 0.01]), head),
        "left_big_toe": _extreme(z, (weights["left_big_toe"] > 0.5) & (x > 0)),
        "left_small_toe": _extreme(z, (weights["left_small_toe"] > 0.5) & (x > 0)),
        "left_heel": _extreme(-z, foot & (y < y[foot].min() + 0.05)),
        # The bony top of the shoulder, over the joint.
        "left_acromion": _extreme(
            y, (np.abs(x - shoulder[0]) < 0.02) & (np.abs(z - shoulder[2]) < 0.03)
        ),
        # The fold where the thigh meets the trunk, in front of the hip joint.
        "left_hip_crease": _nearest(
            vertices, hip + np.array([-0.01, -0.02, 0.12]), z > hip[2] + 0.02
        ),
    }
    even = np.full(NUM_VERTICES, 1 / NUM_VERTICES)
    return {name: (chosen, even) for name, chosen in found.items()}


def with_right_side(landmarks: Landmarks, mirror: Integers) -> Landmarks:
    """Adds the right side's; a landmark on the midline becomes its own mirror image."""
    both: Landmarks = {}
    for name, (vertices, weights) in landmarks.items():
        if name.startswith("left_"):
            both[name] = vertices, weights
            both[name.replace("left_", "right_")] = mirror[vertices], weights
        else:
            both[name] = np.concatenate([vertices, mirror[vertices]]), np.tile(weights / 2, 2)
    return both


def _extreme(measure: Floats, among: Integers) -> Integers:
    candidates = np.flatnonzero(among)
    return candidates[np.argsort(-measure[candidates], kind="stable")[:NUM_VERTICES]]


def _nearest(vertices: Floats, place: Floats, among: Integers) -> Integers:
    return _extreme(-np.linalg.norm(vertices - place, axis=1), among)
