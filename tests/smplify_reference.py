"""SMPLify's objective in plain NumPy, term by term, as Bogo et al. publish it ("Keep it SMPL",
2016, and its code): energies are squared residuals, weights are those of residuals.

Only body, camera and spheres come from elsewhere (reference.py); numbers stand here once more.
"""

from __future__ import annotations

import numpy as np

# The lsp14 keypoints by number.
TORSO = [2, 3, 8, 9]  # hips, shoulders
SEEN_BY_BODY_STAGES = [0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 13]  # no hips, no neck
GMOF_SIGMA_PX = 100.0
DEPTH_WEIGHT = 1e2
# Of the body stages.
POSE_WEIGHTS = (404.0, 404.0, 57.4, 4.78)
SHAPE_WEIGHTS = (100.0, 50.0, 10.0, 5.0)
ANGLE_WEIGHT_OF_POSE = 3.17
SPHERES_WEIGHT = 1e3
SPHERE_WIDTH_OF_RADIUS = 0.3


def gmof(error, sigma):
    """Geman-McClure of each number."""
    return sigma**2 * error**2 / (sigma**2 + error**2)


def camera_data(pixels, xy, confidence):
    """Torso alone, not robust."""
    error = (pixels - xy)[TORSO]
    return np.sum((confidence[TORSO, None] * error) ** 2)


def camera_depth(z, initial_z):
    return (DEPTH_WEIGHT * (z - initial_z)) ** 2


def data(pixels, xy, confidence):
    seen = SEEN_BY_BODY_STAGES
    penalty = gmof(pixels[seen, 0] - xy[seen, 0], GMOF_SIGMA_PX)
    penalty = penalty + gmof(pixels[seen, 1] - xy[seen, 1], GMOF_SIGMA_PX)
    return np.sum(confidence[seen] ** 2 * penalty)


def pose_prior(body_pose, pi, means, covariances, weight):
    """Rows sqrt(1/2) L_k^T (x - mu_k) and sqrt(-log w_k) of the component where they are least."""
    x = np.ravel(body_pose)
    log_sqrt_det = np.array([0.5 * np.linalg.slogdet(covariance)[1] for covariance in covariances])
    normaliser = (2 * np.pi) ** (len(x) / 2) * np.exp(log_sqrt_det - log_sqrt_det.min())
    energies = []
    for w, mean, covariance in zip(pi / normaliser, means, covariances, strict=True):
        L = np.linalg.cholesky(np.linalg.inv(covariance))
        rows = np.append(np.sqrt(0.5) * L.T @ (x - mean), np.sqrt(-np.log(w)))
        energies.append(rows @ rows)
    return weight**2 * min(energies)


def angle_prior(global_orient, body_pose, pose_weight):
    """exp(s a) of elbows about y and knees about x, by their numbers among all 72."""
    pose = np.concatenate([np.ravel(global_orient), np.ravel(body_pose)])
    bent = np.exp([pose[55], -pose[58], -pose[12], -pose[15]])
    return np.sum((ANGLE_WEIGHT_OF_POSE * pose_weight * bent) ** 2)


def shape_prior(betas, weight):
    return np.sum((weight * betas) ** 2)


def interpenetration(centres, radii, pairs):
    """One residual over all pairs: 1e3 sqrt(sum exp(-d^2 / (2 s))^2)."""
    overlaps = []
    for i, j in pairs:
        s = (SPHERE_WIDTH_OF_RADIUS * radii[i]) ** 2 + (SPHERE_WIDTH_OF_RADIUS * radii[j]) ** 2
        overlaps.append(np.exp(-np.sum((centres[i] - centres[j]) ** 2) / (2 * s)))
    return (SPHERES_WEIGHT * np.sqrt(np.sum(np.square(overlaps)))) ** 2
