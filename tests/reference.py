"""An independent oracle in plain NumPy: SMPL, cameras and energies, written from the papers'
formulas with homogeneous matrices, sharing no code with the library."""

from __future__ import annotations

import numpy as np


def rodrigues(w):
    """(3,) axis-angle -> (3, 3)."""
    angle = np.linalg.norm(w)
    if angle == 0:
        return np.eye(3)
    x, y, z = np.asarray(w) / angle
    K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K


def transforms(model, *, betas, root, body_pose):
    """World transforms (J, 4, 4) of the joints, and those that take rest positions along, without
    translation; `root` is a matrix (3, 3)."""
    rest = model.J_regressor @ (model.v_template + model.shapedirs @ betas)
    rotations = [root, *(rodrigues(w) for w in body_pose)]
    world, skin = [], []
    for joint, parent in enumerate(model.parents):
        local, unposed = np.eye(4), np.eye(4)
        local[:3, :3] = rotations[joint]
        local[:3, 3] = rest[joint] - (rest[parent] if parent >= 0 else 0)
        unposed[:3, 3] = -rest[joint]
        world.append(local if parent < 0 else world[parent] @ local)
        skin.append(world[joint] @ unposed)
    return np.array(world), np.array(skin)


def smpl(model, *, betas, root, body_pose, transl):
    """Vertices (V, 3) and joints (J, 3) by linear blend skinning; `root` is a matrix (3, 3)."""
    world, skin = transforms(model, betas=betas, root=root, body_pose=body_pose)
    rotations = np.array([rodrigues(w) for w in body_pose])
    v_posed = model.v_template + model.shapedirs @ betas
    v_posed = v_posed + model.posedirs @ (rotations - np.eye(3)).ravel()
    blended = np.tensordot(model.lbs_weights, skin, axes=1)
    homogeneous = np.column_stack([v_posed, np.ones(len(v_posed))])
    vertices = np.einsum("vab,vb->va", blended, homogeneous)[:, :3]
    return vertices + transl, world[:, :3, 3] + transl


def spheres(model, collision_spheres, *, betas, root, body_pose):
    """Centres (N, 3) without translation and radii (N,) of a posed body's collision spheres."""
    _, skin = transforms(model, betas=betas, root=root, body_pose=body_pose)
    rest = collision_spheres.centres + collision_spheres.shapedirs @ betas
    carrying = skin[np.array(collision_spheres.joints)]
    centres = np.einsum("nab,nb->na", carrying[:, :3, :3], rest) + carrying[:, :3, 3]
    return centres, collision_spheres.radii + collision_spheres.radius_shapedirs @ betas


def interpenetration(options, centres, radii, pairs):
    """Energy of the pairs (M, 2) of spheres."""
    first, second = np.array(pairs).T
    distance = np.linalg.norm(centres[first] - centres[second], axis=1)
    if options.overlap == "depth":
        overlap = np.maximum(0, options.inflate * (radii[first] + radii[second]) - distance)
    else:
        s = (options.width * radii[first]) ** 2 + (options.width * radii[second]) ** 2
        overlap = np.exp(-(distance**2) / (2 * s))
    return options.weight * np.sum(overlap**2)


def patches(model, surface_patches, *, betas, root, body_pose):
    """Middles and centres (P, 2, 3), without translation, of a posed body's patches."""
    _, skin = transforms(model, betas=betas, root=root, body_pose=body_pose)
    rest = surface_patches.points + surface_patches.shapedirs @ betas
    carrying = skin[np.array(surface_patches.joints)]
    return np.einsum("pab,pkb->pka", carrying[:, :3, :3], rest) + carrying[:, None, :3, 3]


def patch_interpenetration(options, points, radii, pairs):
    """Energy of the pairs (M, 2) of patches (P, 2, 3) with radii (P,)."""
    i, j = np.array(pairs).T
    middles, centres = points[:, 0], points[:, 1]
    thickness = np.linalg.norm(centres - middles, axis=1)
    normals = (centres - middles) / thickness[:, None]
    cosine = np.sum(normals[i] * normals[j], axis=1)
    facing = (1 - cosine) / 2
    i, j, facing = (values[facing > 0.5] for values in (i, j, facing))
    common = normals[i] - normals[j]
    common /= np.linalg.norm(common, axis=1, keepdims=True)
    touch = np.sqrt(facing) * (thickness[i] + thickness[j])
    touch += (options.inflate - 1) * (radii[i] + radii[j])
    apart = np.sum(common * (middles[j] - middles[i]), axis=1)
    depth = np.maximum(0, touch - np.sqrt(apart**2 + 1e-3**2))
    left = np.clip(1 + 2 * apart / touch, 0, 1)
    depth *= np.where(apart < 0, left**2 * (3 - 2 * left), 1)
    across = np.sum(np.cross(common, centres[j] - centres[i]) ** 2, axis=1)
    gaussian = np.exp(-across / (radii[i] ** 2 + radii[j] ** 2))
    end = np.exp(-4.5)
    gaussian = np.maximum(0, gaussian - end) / (1 - end)
    return options.weight * np.sum(((facing - 0.5) / 0.5 * depth * gaussian) ** 2)


def keypoints(model, keypoint_format, vertices, joints):
    """(K, 3) where a posed body has a format's keypoints; NaN where it has none."""
    points = np.full((keypoint_format.num_keypoints, 3), np.nan)
    for point, keypoint in zip(points, keypoint_format.keypoints, strict=True):
        places = []
        for name in keypoint.location:
            if name in model.landmarks:
                numbers, weights = model.landmarks[name]
                places.append(weights @ vertices[numbers])
            elif name in model.joint_names:
                places.append(joints[model.joint_names.index(name)])
        if places and len(places) == len(keypoint.location):
            point[:] = np.mean(places, axis=0)
    return points


def project(camera, points, zoom=1.0):
    """(N, 2) pixels of (N, 3) world points; `camera` a Camera or WeakPerspectiveCamera."""
    X, Y, Z = (points @ camera.rotation.T + camera.translation).T
    if not hasattr(camera, "fx"):
        scale = zoom * (camera.scale or 1.0)
        return np.stack([scale * X + camera.cx, scale * Y + camera.cy], axis=1)
    k1, k2, p1, p2, k3, k4, k5, k6 = np.pad(camera.distortion, (0, 8 - len(camera.distortion)))
    x, y = X / Z, Y / Z
    r2 = x**2 + y**2
    radial = (1 + k1 * r2 + k2 * r2**2 + k3 * r2**3) / (1 + k4 * r2 + k5 * r2**2 + k6 * r2**3)
    xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x**2)
    yd = y * radial + p1 * (r2 + 2 * y**2) + 2 * p2 * x * y
    return np.stack([zoom * camera.fx * xd + camera.cx, zoom * camera.fy * yd + camera.cy], axis=1)


def rho(robust, sigma, squared):
    """Robust function of a squared error."""
    if robust == "geman_mcclure":
        return sigma**2 * squared / (sigma**2 + squared)
    if robust == "huber":
        return np.where(
            squared <= sigma**2, squared, 2 * sigma * np.sqrt(np.abs(squared)) - sigma**2
        )
    return squared


def reprojection(options, error, factor):
    """Energy of errors (n, 2) in residual units; factor (n,): confidence times weight."""
    squared = np.sum(error**2, axis=1, keepdims=True) if options.per_point else error**2
    penalty = rho(options.robust, options.sigma, squared).sum(axis=1)
    return options.weight * np.sum(factor**2 * penalty)


def gaussian_prior(x, mean, covariance):
    """Half the squared Mahalanobis distance."""
    return 0.5 * (x - mean) @ np.linalg.solve(covariance, x - mean)


def mixture_prior(x, weights, means, covars):
    """Max-mixture energy with SMPLify's normalisation of the weights."""
    log_sqrt_dets = 0.5 * np.linalg.slogdet(covars)[1]
    log_w = np.log(weights / np.sum(weights))
    log_w -= len(x) / 2 * np.log(2 * np.pi) + log_sqrt_dets - log_sqrt_dets.min()
    return min(
        gaussian_prior(x, mean, covar) - log
        for mean, covar, log in zip(means, covars, log_w, strict=True)
    )


def angle_prior(pose72):
    """Elbows and knees: numbers 55, 58, 12, 15 of the 72 pose numbers."""
    return np.sum(np.exp(pose72[[55, 58, 12, 15]] * np.array([1, -1, -1, -1])) ** 2)


def twist_and_swing(w, axes):
    """Of a rotation vector shorter than pi: twist about b = axes[0], swing about the others.

    By what the rotation does to b: the swing is the shortest turn that takes b where it goes, the
    twist what is left. The twist counts n^2 1.01 / (n^2 + 0.01) of itself, n = cos(swing / 2).
    """
    b, u, v = axes
    rotation = rodrigues(w)
    bone = rotation @ b
    normal = np.cross(b, bone)
    angle = np.arctan2(np.linalg.norm(normal), b @ bone)
    swing = angle * normal / np.linalg.norm(normal) if np.any(normal) else np.zeros(3)
    turned = rodrigues(swing).T @ rotation @ u
    twist = np.arctan2(turned @ np.cross(b, u), turned @ u)
    n2 = np.cos(angle / 2) ** 2
    return np.array([twist * n2 * 1.01 / (n2 + 0.01), swing @ u, swing @ v])


def joint_limits(body_pose, axes, lower, upper, softness):
    """Energy of angles beyond their ranges, softened over the first `softness` radians."""
    angles = np.array([twist_and_swing(*joint) for joint in zip(body_pose, axes, strict=True)])
    beyond = np.maximum(0, np.maximum(angles - upper, lower - angles))
    y = np.minimum(beyond / softness, 1)
    return np.sum((softness * (y**3 - y**4 / 2) + np.maximum(beyond - softness, 0)) ** 2)
