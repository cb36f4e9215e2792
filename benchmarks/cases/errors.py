"""How far fits are from the truth, mm and degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smplceres.base.skeleton import SMPL_JOINTS

from .pictures import Case, Floats, matrix_of

FAR_MM = 150.0
CHI2_90 = 6.251388631170325  # of three degrees of freedom

_LEGS = [
    [SMPL_JOINTS.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle")]
    for side in ("left", "right")
]


def root_aligned(fitted: Floats, truth: Floats) -> float:
    """Mean distance of joints (J, 3), pelvis on pelvis, mm."""
    return float(1e3 * np.linalg.norm(fitted - fitted[0] - truth + truth[0], axis=1).mean())


def procrustes_aligned(fitted: Floats, truth: Floats) -> float:
    """Mean distance after the similarity that brings the fit closest, mm (Umeyama 1991)."""
    a, b = fitted - fitted.mean(axis=0), truth - truth.mean(axis=0)
    u, singular, vt = np.linalg.svd(a.T @ b)
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = (singular * signs).sum() / (a**2).sum()
    return float(1e3 * np.linalg.norm(scale * a @ (u * signs) @ vt - b, axis=1).mean())


def figures_of(cases: Sequence[Case], fitted: Sequence[Floats]) -> dict[str, float]:
    """Of the joints (J, 3) of fits."""
    pairs = [(joints, case.joints) for joints, case in zip(fitted, cases, strict=True)]
    root = np.array([root_aligned(*pair) for pair in pairs])
    aligned = np.array([procrustes_aligned(*pair) for pair in pairs])
    return {
        "root_median_mm": float(np.median(root)),
        "root_mean_mm": float(root.mean()),
        "pa_median_mm": float(np.median(aligned)),
        "pa_mean_mm": float(aligned.mean()),
        "share_over_150_mm": float(np.mean(root > FAR_MM)),
    }


def leg_bones(joints: Floats) -> Floats:
    """(2, 2, 3) unit vectors of thigh and shin, left and right, of SMPL's joints (J, 3)."""
    bones = np.array([np.diff(joints[leg], axis=0) for leg in _LEGS])
    return bones / np.linalg.norm(bones, axis=-1, keepdims=True)


def knee_bends(joints: Floats) -> Floats:
    """(2,) degrees between thigh and shin."""
    thigh, shin = leg_bones(joints).swapaxes(0, 1)
    return np.degrees(np.arccos(np.clip((thigh * shin).sum(axis=-1), -1, 1)))


def knee_error(fitted: Floats, truth: Floats) -> float:
    """Degrees by which the knees of joints (J, 3) bend too much or too little, mean of both."""
    return float(np.abs(knee_bends(fitted) - knee_bends(truth)).mean())


def plain_legs_error(joints: Floats, global_orient: Floats, at_rest: Floats) -> float:
    """Degrees from the bone of the legs farthest off to people who stand or sit, the nearer.

    Seen from the pelvis, all point as those of the joints at rest (J, 3), or the thighs forward.
    """
    bones = leg_bones(joints) @ matrix_of(global_orient)
    standing = leg_bones(at_rest)
    sitting = standing.copy()
    sitting[:, 0] = [0, 0, 1]
    cosines = [(bones * plain).sum(axis=-1).min() for plain in (standing, sitting)]
    return float(np.degrees(np.arccos(np.clip(max(cosines), -1, 1))))


def held_in_ellipsoids(joints: Floats, covariances: Floats, truth: Floats) -> float:
    """Share of the true joints (J, 3) in the 90 % ellipsoids of covariances (J, 3, 3), m^2."""
    off = truth - joints
    return float(np.mean(np.einsum("ji,jik,jk->j", off, np.linalg.inv(covariances), off) < CHI2_90))
