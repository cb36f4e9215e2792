"""An independent oracle in plain NumPy: SMPL, cameras and energies, written from the papers' formulas
with homogeneous matrices, sharing no code with the library."""

from __future__ import annotations

import numpy as np


def rodrigues(w):
    """(3,) axis-angle -> (3, 3)."""
    w = np.asarray(w, dtype=float)
    angle = np.linalg.norm(w)
    K = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
    if angle < 1e-12:
        return np.eye(3) + K
    K = K / angle
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K


def smpl(model, betas, global_orient, body_pose, transl):
    """Vertices (V, 3) and joints (J, 3) by linear blend skinning with 4 x 4 transforms."""
    v_shaped = model.v_template + model.shapedirs @ betas
    rest = model.J_regressor @ v_shaped
    rotations = [rodrigues(w) for w in np.concatenate([[global_orient], body_pose])]
    feature = np.concatenate([(R - np.eye(3)).ravel() for R in rotations[1:]])
    v_posed = v_shaped + model.posedirs @ feature
    world = []
    for joint, parent in enumerate(model.parents):
        local = np.eye(4)
        local[:3, :3] = rotations[joint]
        local[:3, 3] = rest[joint] - (rest[parent] if parent >= 0 else 0)
        world.append(local if parent < 0 else world[parent] @ local)
    joints = np.array([T[:3, 3] for T in world])
    skin = []
    for T, j in zip(world, rest, strict=True):
        unposed = np.eye(4)
        unposed[:3, 3] = -j
        skin.append(T @ unposed)
    blended = np.einsum("vj,jab->vab", model.lbs_weights, np.array(skin))
    homogeneous = np.concatenate([v_posed, np.ones((len(v_posed), 1))], axis=1)
    vertices = np.einsum("vab,vb->va", blended, homogeneous)[:, :3]
    return vertices + transl, joints + transl


def project(camera, points):
    """(N, 2) pixels of (N, 3) world points; `camera` a Camera or WeakPerspectiveCamera."""
    X, Y, Z = (points @ camera.rotation.T + camera.translation).T
    if not hasattr(camera, "fx"):
        return np.stack([camera.scale * X + camera.cx, camera.scale * Y + camera.cy], axis=1)
    k1, k2, p1, p2, k3, k4, k5, k6 = np.pad(camera.distortion, (0, 8 - len(camera.distortion)))
    x, y = X / Z, Y / Z
    r2 = x**2 + y**2
    radial = (1 + k1 * r2 + k2 * r2**2 + k3 * r2**3) / (1 + k4 * r2 + k5 * r2**2 + k6 * r2**3)
    xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x**2)
    yd = y * radial + p1 * (r2 + 2 * y**2) + 2 * p2 * x * y
    return np.stack([camera.fx * xd + camera.cx, camera.fy * yd + camera.cy], axis=1)


def rho(robust, sigma, s):
    """Robust function of a squared error."""
    if robust == "geman_mcclure":
        return sigma**2 * s / (sigma**2 + s)
    if robust == "huber":
        return np.where(s <= sigma**2, s, 2 * sigma * np.sqrt(s) - sigma**2)
    return s


def reprojection(pixels, observed, confidence, weights, options, pixels_per_metre):
    """Energy of visible keypoints: pixels, observed (n, 2), confidence and weights (n,)."""
    unit = options.pixels_per_metre / pixels_per_metre if options.pixels_per_metre > 0 else 1.0
    error = unit * (pixels - observed)
    squared = np.sum(error**2, axis=1) if options.per_point else error**2
    penalty = rho(options.robust, options.sigma, squared)
    if not options.per_point:
        penalty = penalty.sum(axis=1)
    return options.weight * np.sum((weights * confidence) ** 2 * penalty)


def gaussian_prior(weight, mean, covariance, x):
    """weight / 2 times the squared Mahalanobis distance."""
    return weight / 2 * (x - mean) @ np.linalg.solve(covariance, x - mean)


def mixture_prior(weight, weights, means, covars, x):
    """Max-mixture energy with SMPLify's normalisation of the weights."""
    size = len(x)
    sqrt_dets = np.sqrt([np.linalg.det(covar) for covar in covars])
    w = weights / weights.sum() / ((2 * np.pi) ** (size / 2) * sqrt_dets / sqrt_dets.min())
    energies = [
        gaussian_prior(1.0, mean, covar, x) - np.log(w_k)
        for mean, covar, w_k in zip(means, covars, w, strict=True)
    ]
    return weight * min(energies)


def angle_prior(weight, pose72):
    """Elbows and knees: numbers 55, 58, 12, 15 of the 72 pose numbers."""
    return weight * np.sum(np.exp(pose72[[55, 58, 12, 15]] * np.array([1, -1, -1, -1])) ** 2)
