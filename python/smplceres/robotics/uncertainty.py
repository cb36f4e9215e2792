"""Covariances of a tracked person as robots need them: of the frame of the body and its velocity.

The tracker's covariance is of the rotation of the root about world axes, which turns the body about
its pelvis, of the other angles, of `transl` and of betas. The origin of `body_<id>` is the middle
of the hips, at r from the pelvis. A small rotation w and translation d of the pelvis move it by

    d + w x r + (dm / dbetas) b,

the adjoint of that change of origin and the shape's part: the mean of the derivatives of the hips.
With the rows of w it is the derivative G of the body's frame, of which

    G C G^T,   G_f v   and   G_f V G_f^T

are the covariance of the pose, the twist and its covariance. C is `Tracked.covariance`, V that of
the velocity v, and G_f the columns of what moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..body.model import BodyModel
from ..fit.live.tracked import Tracked
from ..look.ellipsoids import CHI_SQUARE_90
from .frames import MID_HIPS

Floats = NDArray[np.float64]

# Variance of a number that nothing constrains, in its unit squared: messages hold no infinity.
UNKNOWN_VARIANCE = 1e6


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Covariances in the frame of the joints, and the velocity that one is of; all finite.

    Attributes:
        joints: (J, 3, 3) of each joint, metres^2.
        pose: (6, 6) of the middle of the hips, metres, and of a rotation about fixed axes, radians:
            x, y, z, about x, about y, about z.
        velocity: (6,) their velocities, per second.
        twist: (6, 6) of `velocity`, from `Tracked.velocity_covariance`.
    """

    joints: Floats
    pose: Floats
    velocity: Floats
    twist: Floats

    @classmethod
    def of(cls, tracked: Tracked, model: BodyModel) -> Uncertainty:
        """The uncertainty of a person who is tracked or predicted."""
        _, jacobian = model.frame_jacobian(tracked.parameters)
        of_body = _body_jacobian(jacobian, model)
        moving = of_body[:, : len(tracked.velocity)]
        return cls(
            finite(tracked.covariance_of(jacobian)),
            finite(tracked.covariance_of(of_body)),
            moving @ tracked.velocity,
            finite(tracked.velocity_covariance_of(moving)),
        )


def _body_jacobian(jacobian: Floats, model: BodyModel) -> Floats:
    """(6, N) of the frame `body_<id>`, from (J, 3, N) of the joints."""
    root = next(begin for name, begin, _ in model.layout.slices if name == "global_orient")
    of_body = np.zeros((6, jacobian.shape[-1]))
    of_body[:3] = jacobian[MID_HIPS].mean(axis=0)
    of_body[3:, root : root + 3] = np.eye(3)
    return of_body


def ellipsoid_axes(covariances: Floats) -> tuple[Floats, Floats]:
    """Of 90 % ellipsoids of covariances (N, 3, 3): (N, 3) diameters, metres, and (N, 3, 3)
    rotations whose columns are the axes."""
    values, axes = np.linalg.eigh(covariances)
    a, b = axes[..., 0], axes[..., 1]
    axes[..., 2] = a[:, [1, 2, 0]] * b[:, [2, 0, 1]] - a[:, [2, 0, 1]] * b[:, [1, 2, 0]]
    return 2 * np.sqrt(CHI_SQUARE_90 * np.maximum(values, 0.0)), axes


def covariances_of_ellipsoids(diameters: Floats, axes: Floats) -> Floats:
    """The inverse of `ellipsoid_axes`."""
    variances = (diameters / 2) ** 2 / CHI_SQUARE_90
    return np.asarray((axes * variances[:, None, :]) @ axes.transpose(0, 2, 1))


def finite(covariances: Floats) -> Floats:
    """Covariances (..., d, d) with infinite variances limited, and what is with them 0."""
    variances = np.diagonal(covariances, axis1=-2, axis2=-1)
    wide = ~(variances <= UNKNOWN_VARIANCE)
    if not wide.any():
        return covariances
    limited = np.where(wide[..., :, None] | wide[..., None, :], 0.0, covariances)
    return np.asarray(limited + UNKNOWN_VARIANCE * wide[..., None] * np.eye(wide.shape[-1]))
