"""How well the prior finds a hand in one image: 21 pixels with noise, the size known, the wrist's
rotation known within 0.15 radians.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from .hand import LeftHand

Floats = NDArray[np.float64]

WIDTH_PX = 130.0
WRIST_NOISE = 0.15  # radians, of the start
WRIST_SPREAD = 0.3  # radians, that a fit allows it
TIPS = slice(16, 21)


def tip_errors(
    hand: LeftHand,
    poses: Floats,
    prior: tuple[Floats, Floats, Floats],
    noise: float,
    rng: np.random.Generator,
) -> Floats:
    """(N, 5) metres, in the wrist's frame, of poses (N, 45) seen from random sides.

    Args:
        prior: mean (45,), components (n, 45) and standard deviations (n,).
        noise: of a pixel's coordinate.
    """
    mean, rows, deviations = prior
    number = len(rows)

    def points(state: Floats) -> Floats:
        pose = mean + (deviations * state[:number]) @ rows
        return np.asarray(hand.points(pose.reshape(1, 15, 3))[0])

    errors = []
    for pose in poses:
        truth = hand.points(pose.reshape(1, 15, 3))[0]
        wrist = Rotation.from_quat(rng.normal(size=4))
        seen = wrist.apply(truth)
        scale = WIDTH_PX / np.ptp(seen[:, :2], axis=0).max()
        pixels = scale * seen[:, :2] + rng.normal(0, noise, (21, 2))
        start = Rotation.from_rotvec(rng.normal(0, WRIST_NOISE / np.sqrt(3), 3)) * wrist

        def residuals(
            state: Floats, start: Rotation = start, scale: float = scale, pixels: Floats = pixels
        ) -> Floats:
            turned = Rotation.from_rotvec(state[number : number + 3]) * start
            missed = scale * turned.apply(points(state))[:, :2] + state[-2:] - pixels
            turn = state[number : number + 3] / WRIST_SPREAD
            return np.concatenate([missed.ravel() / noise, state[:number], turn])

        found = least_squares(residuals, np.zeros(number + 5), method="lm").x
        errors.append(np.linalg.norm((points(found) - truth)[TIPS], axis=1))
    return np.array(errors)
