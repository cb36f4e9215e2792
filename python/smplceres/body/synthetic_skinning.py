"""Skinning weights of the synthetic body."""

from __future__ import annotations

import numpy as np

from ..base.skeleton import MIRRORED_JOINTS, SMPL_JOINTS
from .model_files import Floats
from .synthetic_sizes import (
    ANKLE,
    ARM,
    HIP,
    KNEE,
    NECK,
    NUM_BETAS,
    PELVIS,
    SPINE1,
    SPINE2,
    SPINE3,
    STATURE,
    sizes_of,
)
from .synthetic_tubes import (
    arm_vertices,
    digit_vertices,
    foot_vertices,
    leg_vertices,
    smoothstep,
    trunk_bumps,
    trunk_vertices,
)


def _chain(names: tuple[str, ...], steps: list[Floats]) -> dict[str, Floats]:
    """Weights of joints along a limb; step i in 0 .. 1 is the blend from joint i to joint i + 1."""
    beyond = [np.ones_like(steps[0]), *np.cumprod(steps, axis=0), np.zeros_like(steps[0])]
    return {name: beyond[i] - beyond[i + 1] for i, name in enumerate(names)}


def _step(place: Floats, joint: float, half_width: float) -> Floats:
    return smoothstep((place - joint + half_width) / (2 * half_width))


def _trunk_weights(vertices: Floats) -> dict[str, Floats]:
    x, height = np.abs(vertices[:, 0]), vertices[:, 1] / STATURE
    # The chin follows the head, the nape the neck.
    tilted = height + 0.4 * vertices[:, 2] / STATURE
    weights = _chain(
        ("pelvis", "spine1", "spine2", "spine3", "neck", "head"),
        [
            _step(height, SPINE1, 0.040),
            _step(height, SPINE2, 0.040),
            _step(height, SPINE3, 0.030),
            _step(tilted, NECK, 0.022),
            _step(tilted, 0.883, 0.018),
        ],
    )
    lateral = smoothstep((x - 0.04) / 0.10) * smoothstep((height - 0.76) / 0.05)
    thigh = 0.7 * smoothstep((x - 0.02) / 0.10) * smoothstep((PELVIS - height) / 0.06)
    sides = {}
    for side, mine in (("left", vertices[:, 0] > 0), ("right", vertices[:, 0] < 0)):
        sides[f"{side}_collar"] = weights["spine3"] * lateral * mine
        sides[f"{side}_hip"] = weights["pelvis"] * thigh * mine
    weights["spine3"] = weights["spine3"] * (1 - lateral)
    weights["pelvis"] = weights["pelvis"] * (1 - thigh)
    return weights | sides


def _leg_weights(vertices: Floats) -> dict[str, Floats]:
    down = -vertices[:, 1] / STATURE
    steps = [_step(down, -HIP, 0.045), _step(down, -KNEE, 0.032), _step(down, -ANKLE, 0.030)]
    return _chain(("pelvis", "left_hip", "left_knee", "left_ankle"), steps)


def _foot_weights(vertices: Floats) -> dict[str, Floats]:
    return _chain(("left_ankle", "left_foot"), [_step(vertices[:, 2], 0.108, 0.04)])


def _arm_weights(vertices: Floats) -> dict[str, Floats]:
    place = np.interp(vertices[:, 0], ARM, [-1, 0, 1, 2, 3])
    steps = [_step(place, 0, 0.3), _step(place, 1, 0.22), _step(place, 2, 0.25)]
    steps.append(_step(place, 2.6, 0.3))
    joints = ("left_collar", "left_shoulder", "left_elbow", "left_wrist", "left_hand")
    return _chain(joints, steps)


def _by_joint(named: dict[str, Floats]) -> Floats:
    """Weights [N, 24] from those of some joints."""
    zeros = np.zeros(len(next(iter(named.values()))))
    return np.stack([named.get(joint, zeros) for joint in SMPL_JOINTS], axis=-1)


def skinning_weights() -> Floats:
    """Skinning weights [6890, 24]."""
    average = sizes_of(np.zeros(NUM_BETAS))
    left = [
        _by_joint(_leg_weights(leg_vertices(average))),
        _by_joint(_foot_weights(foot_vertices(average))),
        _by_joint(_arm_weights(arm_vertices(average))),
        _by_joint({"left_hand": np.ones(len(digit_vertices(average)))}),
    ]
    trunk = _by_joint(_trunk_weights(trunk_vertices(average) + trunk_bumps()))
    right = [weights[:, MIRRORED_JOINTS] for weights in left]
    return np.concatenate([trunk, *left, *right])
