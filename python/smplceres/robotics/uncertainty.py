"""Covariances of a tracked person as robots need them: of the frame of the body and its velocity.

The tracker's covariance is of the rotation of the root about world axes, which turns the body about
its pelvis, of the other angles, of `transl` and of betas. The origin of `body_<id>` is the middle
of the hips, at r from the pelvis. A small rotation w and translation d of the pelvis move it by

    d + w x r + (dm / dbetas) b,

the adjoint of that change of origin and the shape's part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..body.model import BodyModel
from ..fit.live.tracked import Tracked
from ..look.ellipsoids import CHI_SQUARE_90

Floats = NDArray[np.float64]

# Variance of a number that nothing constrains, in its unit squared: messages hold no infinity.
UNKNOWN_VARIANCE = 1e6
# Seconds over which the tracker averages velocities (TrackerOptions::velocity_time).
_VELOCITY_TIME = 0.1


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Covariances in the frame of the joints; all finite.

    Attributes:
        joints: (J, 3, 3) of each joint, metres^2.
        pose: (6, 6) of the middle of the hips, metres, and of a rotation about fixed axes, radians:
            x, y, z, about x, about y, about z.
        twist: (6, 6) of their velocities, per second. Errors of frames at the distance of the time
            over which velocities are averaged count as independent, so that it is rather large.
    """

    joints: Floats
    pose: Floats
    twist: Floats

    @classmethod
    def of(cls, tracked: Tracked, model: BodyModel) -> Uncertainty:
        """Of a person who is tracked or predicted."""
        covariance = finite(tracked.covariance)
        _, jacobian = model.frame_jacobian(tracked.parameters)
        flat = jacobian.reshape(-1, jacobian.shape[-1])  # one product instead of J
        spread = (flat @ covariance).reshape(jacobian.shape)
        joints = spread @ jacobian.transpose(0, 2, 1)
        hips = [model.joint_names.index(f"{side}_hip") for side in ("left", "right")]
        root = _columns(model, "global_orient")
        of_body = np.vstack([jacobian[hips].mean(axis=0), np.eye(jacobian.shape[-1])[root]])
        pose = np.vstack([spread[hips].mean(axis=0), covariance[root]]) @ of_body.T
        return cls(_symmetric(joints), _symmetric(pose), _symmetric(pose) / _VELOCITY_TIME**2)


def twist_of(tracked: Tracked, model: BodyModel, mid_hips: Floats) -> Floats:
    """(6,) velocity of the middle of the hips, metres per second, and of the rotation, radians per
    second, in the frame of the joints."""
    turn = tracked.velocity[_columns(model, "global_orient")]
    move = tracked.velocity[_columns(model, "transl")]
    (a, b, c), (x, y, z) = turn.tolist(), (mid_hips - tracked.joints[0]).tolist()
    around = np.array([b * z - c * y, c * x - a * z, a * y - b * x])
    return np.concatenate([move + around, turn])


def ellipsoid_axes(covariances: Floats) -> tuple[Floats, Floats]:
    """Of 90 % ellipsoids of covariances (N, 3, 3): (N, 3) diameters, metres, and (N, 3, 3)
    rotations whose columns are the axes."""
    values, axes = np.linalg.eigh(covariances)
    # Of an orthonormal matrix the third column times the cross product of the others is +-1.
    a, b, c = axes[..., 0], axes[..., 1], axes[..., 2]
    handed = (a[:, [1, 2, 0]] * b[:, [2, 0, 1]] - a[:, [2, 0, 1]] * b[:, [1, 2, 0]]) * c
    axes = axes * np.sign(handed.sum(axis=1))[:, None, None]
    return 2 * np.sqrt(CHI_SQUARE_90 * np.maximum(values, 0.0)), axes


def covariances_of_ellipsoids(diameters: Floats, axes: Floats) -> Floats:
    """The inverse of `ellipsoid_axes`."""
    variances = (diameters / 2) ** 2 / CHI_SQUARE_90
    return np.asarray((axes * variances[:, None, :]) @ axes.transpose(0, 2, 1))


def finite(covariance: Floats) -> Floats:
    """The covariance with infinite variances limited, and what is with them 0."""
    wide = ~np.isfinite(np.diagonal(covariance)) | (np.diagonal(covariance) > UNKNOWN_VARIANCE)
    if not wide.any():
        return covariance
    limited = np.where(wide[:, None] | wide[None, :], 0.0, covariance)
    limited[wide, wide] = UNKNOWN_VARIANCE
    return limited


def _columns(model: BodyModel, name: str) -> slice:
    begin, size = next((begin, size) for each, begin, size in model.layout.slices if each == name)
    return slice(begin, begin + size)


def _symmetric(matrices: Floats) -> Floats:
    return np.asarray((matrices + np.swapaxes(matrices, -1, -2)) / 2)
