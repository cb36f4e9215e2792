"""Shape space and joint regressor of bodies in the T-pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .mesh import Floats, Integers

# Vertices that a joint's centre is regressed from: around it, this many, spread evenly.
REGRESSOR_VERTICES = 120
# Weight of a squared regressor weight against squared metres summed over the sample: keeps weights
# small, so that noise of vertices does not grow in the joints.
REGRESSOR_RIDGE = 2e-7


@dataclass(frozen=True)
class ShapeSpace:
    """vertices = mean + directions betas, betas standard normal over the sample.

    Attributes:
        mean: (V, 3) metres.
        directions: (V, 3, B) metres per standard deviation, largest first.
        explained: (B,) share of the sample's variance.
    """

    mean: Floats
    directions: Floats
    explained: Floats

    def betas(self, vertices: Floats) -> Floats:
        """(N, B) the betas nearest to bodies (N, V, 3)."""
        flat = self.directions.reshape(-1, self.directions.shape[2])
        return np.asarray(np.linalg.solve(flat.T @ flat, flat.T @ self._centred(vertices).T).T)

    def _centred(self, vertices: Floats) -> Floats:
        return (vertices - self.mean).reshape(len(vertices), -1)


def mirrored_vertices(vertices: Floats) -> Integers:
    """(V,) each vertex's counterpart on the other side of a symmetric body (V, 3)."""
    distance, mirror = cKDTree(vertices).query(vertices * [-1, 1, 1])
    if distance.max() > 2e-3 or (np.sort(mirror) != np.arange(len(vertices))).any():
        raise ValueError("vertices: expected a mesh that mirrors itself")
    return np.asarray(mirror)


def symmetric(vertices: Floats, mirror: Integers) -> Floats:
    """Bodies (..., V, 3) averaged with their mirror images."""
    return (vertices + vertices[..., mirror, :] * np.array([-1.0, 1.0, 1.0])) / 2


def principal_shapes(vertices: Floats, num_betas: int) -> ShapeSpace:
    """Principal components of bodies (N, V, 3); each is turned so that its positive end is the
    taller.
    """
    number = len(vertices)
    mean = vertices.mean(axis=0)
    centred = (vertices - mean).reshape(number, -1)
    gram = centred @ centred.T / (number - 1)
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1][:num_betas], vectors[:, ::-1][:, :num_betas]
    # Column b of `vectors` times sqrt(N - 1) are the sample's betas, of variance 1.
    directions = (centred.T @ vectors / np.sqrt(number - 1)).reshape(*mean.shape, -1)
    height = directions[np.argmax(mean[:, 1]), 1] - directions[np.argmin(mean[:, 1]), 1]
    directions = directions * np.where(height < 0, -1.0, 1.0)
    return ShapeSpace(mean, directions, values / np.trace(gram))


def joint_regressor(
    vertices: Floats, joints: Floats, mirror: Integers, joint_mirror: Integers
) -> Floats:
    """(J, V) sparse weights, rows summing to 1, that take bodies (N, V, 3) to joints (N, J, 3).

    Least squares over the sample with small weights, on vertices spread around each joint; the two
    sides mirror each other.
    """
    mean, mean_joints = vertices.mean(axis=0), joints.mean(axis=0)
    regressor = np.zeros((joints.shape[1], vertices.shape[1]))
    for joint, other in enumerate(joint_mirror):
        if other < joint:
            regressor[joint, mirror] = regressor[other]
            continue
        chosen = _around(mean, mean_joints[joint])
        if other == joint:
            chosen = np.unique(np.concatenate([chosen, mirror[chosen]]))
        weights = _least_squares(vertices[:, chosen], joints[:, joint])
        regressor[joint, chosen] = weights
        if other == joint:
            regressor[joint] = (regressor[joint] + regressor[joint, mirror]) / 2
    return regressor


def _around(vertices: Floats, joint: Floats) -> Integers:
    """Vertices near a joint, chosen one after the other in the direction, seen from it, that is
    emptiest.
    """
    offset = vertices - joint
    distance = np.linalg.norm(offset, axis=1)
    # As far as the limb is thick there: thrice the distance of the nearest fifty vertices.
    reach = 3.0 * np.sort(distance)[50] + 0.02
    near = np.flatnonzero(distance < reach)
    directions = offset[near] / distance[near, None]
    chosen = [int(np.argmin(distance[near]))]
    closeness = directions @ directions[chosen[0]]
    while len(chosen) < min(REGRESSOR_VERTICES, len(near)):
        chosen.append(int(np.argmin(closeness + 0.3 * distance[near] / reach)))
        closeness = np.maximum(closeness, directions @ directions[chosen[-1]])
        closeness[chosen] = np.inf
    return near[chosen]


def _least_squares(vertices: Floats, joint: Floats) -> Floats:
    """Weights w, summing to 1, of vertices (N, n, 3), that minimise |joint - w vertices|^2 + ridge
    |w|^2.

    The error is the mean over the sample, of the people's differences from the mean person; the
    mean person's own joint is met exactly.
    """
    number, size = vertices.shape[:2]
    vertices, joint = np.asarray(vertices, np.float64), np.asarray(joint, np.float64)
    mean, mean_joint = vertices.mean(axis=0), joint.mean(axis=0)
    design = np.moveaxis(vertices - mean, 1, 2).reshape(3 * number, size)
    normal = design.T @ design / number + REGRESSOR_RIDGE * np.eye(size)
    met = np.column_stack([mean, np.ones(size)])
    system = np.block([[normal, met], [met.T, np.zeros((4, 4))]])
    right = np.concatenate([design.T @ (joint - mean_joint).ravel() / number, mean_joint, [1.0]])
    return np.asarray(np.linalg.solve(system, right)[:size])
