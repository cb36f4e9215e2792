"""Angles of the hand's hinges from 21 points in space, for many hands at once.

Minimises, by Levenberg-Marquardt on all hands together, the distances of the points of a hand that
is scaled, turned and moved and whose fingers have lengths of their own, plus what is known about
angles: their usual values, that the last two hinges of a finger bend together, and their limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from .hand import NUM_ANGLES, POINTS, THUMB, LeftHand, hinge_limits

Floats = NDArray[np.float64]

# Standard deviations of the points, metres: across the image, and in depth.
POINT_NOISE = np.array([0.004, 0.004, 0.009])
# Usual bends and spreads of a finger, and how much the last bend follows the one before.
FINGER_MEAN, FINGER_SPREAD = np.array([0.4, 0.0, 0.6, 0.35]), np.array([0.7, 0.15, 0.8, 0.5])
FOLLOW, FOLLOW_NOISE = 0.6, 0.25
THUMB_MEAN = np.array([0.0, 0.0, 0.0, 0.2, 0.0, 0.3])
THUMB_SPREAD = np.array([0.45, 0.45, 0.45, 0.4, 0.1, 0.5])
LIMIT_NOISE = 0.03
LENGTH_SPREAD = 0.12  # of the logarithm of a finger's length
ITERATIONS = 12
# A palm's points, which place a hand before its fingers are known.
PALM = np.array([0, 1, 4, 7, 10])


@dataclass(frozen=True)
class Refit:
    """N hands.

    Attributes:
        pose: (N, 15, 3) rotation vectors.
        error: (N,) root mean square distance of the points, metres of our hand.
    """

    pose: Floats
    error: Floats


def refit(hand: LeftHand, points: Floats, thumb_mean: Floats) -> Refit:
    """points (N, 21, 3) in MediaPipe's order, in any unit; thumb_mean (3,) of its root."""
    here = np.empty_like(points)
    here[:, POINTS] = points
    scale, turn, move = _palm_places(hand, here)
    usual = np.concatenate([np.tile(FINGER_MEAN, 4), THUMB_MEAN])
    usual[THUMB : THUMB + 3] = thumb_mean
    spread = np.concatenate([np.tile(FINGER_SPREAD, 4), THUMB_SPREAD])
    least, most = hinge_limits().T
    unit = np.median(scale)

    def residuals(state: Floats) -> Floats:
        angles, lengths = state[:, :NUM_ANGLES], state[:, NUM_ANGLES : NUM_ANGLES + 5]
        turned = Rotation.from_rotvec(state[:, -6:-3]).as_matrix() @ turn
        size = scale * np.exp(state[:, -7])
        own = hand.points(hand.pose(angles), np.exp(lengths)) * size[:, None, None]
        placed = own @ np.swapaxes(turned, 1, 2)
        placed += move[:, None] + state[:, None, -3:] * scale[:, None, None]
        missed = (placed - here) / scale[:, None, None] / POINT_NOISE
        beyond = np.maximum(least - angles, 0) + np.maximum(angles - most, 0)
        follow = angles[:, 3:THUMB:4] - FOLLOW * angles[:, 2:THUMB:4]
        return np.concatenate(
            [
                missed.reshape(len(state), -1),
                (angles - usual) / spread,
                follow / FOLLOW_NOISE,
                beyond / LIMIT_NOISE,
                lengths / LENGTH_SPREAD,
                np.log(size / unit)[:, None] / 0.5,
            ],
            axis=1,
        )

    state = np.zeros((len(points), NUM_ANGLES + 5 + 7))
    state[:, :NUM_ANGLES] = usual
    state = _minimise(residuals, state)
    angles = state[:, :NUM_ANGLES]
    left = residuals(state)[:, : 21 * 3].reshape(-1, 21, 3) * POINT_NOISE
    error = np.sqrt((left[..., :2] ** 2).sum(axis=2).mean(axis=1))
    return Refit(hand.pose(angles), error)


def _palm_places(hand: LeftHand, points: Floats) -> tuple[Floats, Floats, Floats]:
    """Scale (N,), rotation (N, 3, 3) and translation (N, 3) of palms, by Umeyama's formula."""
    rest = hand.rest[PALM] - hand.rest[PALM].mean(axis=0)
    seen = points[:, PALM] - points[:, PALM].mean(axis=1, keepdims=True)
    u, s, vt = np.linalg.svd(np.einsum("npi,pj->nij", seen, rest))
    sign = np.ones_like(s)
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    turn = (u * sign[:, None]) @ vt
    scale = (s * sign).sum(axis=1) / (rest**2).sum()
    scale = np.maximum(scale, 0.3 * np.median(scale))
    middle = points[:, PALM].mean(axis=1)
    move = middle - scale[:, None] * (turn @ hand.rest[PALM].mean(axis=0))
    return scale, turn, move


def _minimise(residuals: Callable[[Floats], Floats], state: Floats) -> Floats:
    damping = np.full(len(state), 1e-2)
    value = residuals(state)
    cost = (value**2).sum(axis=1)
    step = 1e-5
    for _ in range(ITERATIONS):
        jacobian = np.empty((*value.shape, state.shape[1]))
        for column in range(state.shape[1]):
            moved = state.copy()
            moved[:, column] += step
            jacobian[:, :, column] = (residuals(moved) - value) / step
        normal = np.swapaxes(jacobian, 1, 2) @ jacobian
        gradient = np.einsum("nrp,nr->np", jacobian, value)
        diagonal = np.einsum("npp->np", normal)
        damped = normal + (damping[:, None] * diagonal + 1e-9)[:, :, None] * np.eye(len(state[0]))
        tried = state - np.linalg.solve(damped, gradient[..., None])[..., 0]
        new_value = residuals(tried)
        new_cost = (new_value**2).sum(axis=1)
        better = new_cost < cost
        state = np.where(better[:, None], tried, state)
        value = np.where(better[:, None], new_value, value)
        cost = np.where(better, new_cost, cost)
        damping = np.where(better, damping / 4, damping * 6)
    return state
