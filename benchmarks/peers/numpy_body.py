"""SMPL in NumPy and a fit of it by SciPy's least_squares, as somebody would write them who has an
afternoon: poses in a batch, so that a numerical Jacobian is one call, and no derivative by hand.

The energy is our default preset's, without what takes more than a line: robust keypoints, mixture
prior, shape; its five stages, their weights and how many iterations they may take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

import smplceres as sc
from smplceres.body.parameters import Parameters

Floats = NDArray[np.float64]

PIXELS_PER_METRE = 300.0
STEP = 1e-6  # of a forward difference


class NumpyBody:
    """A body of arrays under SMPL's names (peers/smpl_files.py)."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays
        self.parents = [int(parent) for parent in arrays["kintree_table"][0].astype(np.int32)]

    def __call__(self, betas: Floats, pose: Floats, transl: Floats) -> Floats:
        """(N, V, 3) vertices of N bodies: betas (N, B), pose (N, J, 3), transl (N, 3)."""
        arrays = self.arrays
        shaped = arrays["v_template"] + np.tensordot(betas, arrays["shapedirs"], axes=(1, 2))
        rest = arrays["J_regressor"] @ shaped
        local = rodrigues(pose)
        feature = (local[:, 1:] - np.eye(3)).reshape(len(pose), -1)
        shaped = shaped + np.tensordot(feature, arrays["posedirs"], axes=(1, 2))
        rotation, place = [local[:, 0]], [rest[:, 0]]
        for joint, parent in enumerate(self.parents[1:], 1):
            rotation.append(rotation[parent] @ local[:, joint])
            bone = rest[:, joint] - rest[:, parent]
            place.append(place[parent] + (rotation[parent] @ bone[..., None])[..., 0])
        R, x = np.stack(rotation, axis=1), np.stack(place, axis=1)
        origin = x - (R @ rest[..., None])[..., 0]
        weights = arrays["weights"]
        blended = (weights @ R.reshape(len(pose), -1, 9)).reshape(len(pose), -1, 3, 3)
        turned = (blended @ shaped[..., None])[..., 0]
        return turned + weights @ origin + transl[:, None]


def rodrigues(rotations: Floats) -> Floats:
    """(..., 3, 3) of axis-angles (..., 3)."""
    angle = np.linalg.norm(rotations, axis=-1)[..., None, None] + 1e-12
    cross = np.zeros((*rotations.shape, 3))
    x, y, z = np.moveaxis(rotations, -1, 0)
    cross[..., 0, 1], cross[..., 0, 2], cross[..., 1, 2] = -z, y, -x
    cross[..., 1, 0], cross[..., 2, 0], cross[..., 2, 1] = z, -y, x
    cross /= angle
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


@dataclass(frozen=True, eq=False)
class Fitted:
    """joints: (J, 3) metres."""

    joints: Floats
    evaluations: int


class LeastSquaresFit:
    """Fits pictures; keypoint k is vertex `vertices[k]` of the body, joint j vertex `joints[j]`.

    x = [global_orient 3 | body_pose 69 | transl 3 | betas B].
    """

    def __init__(
        self,
        body: NumpyBody,
        vertices: list[int],
        joints: list[int],
        prior: sc.MixturePosePrior,
    ) -> None:
        self.body, self.vertices, self.joints = body, vertices, joints
        self.factors = np.swapaxes(np.linalg.cholesky(np.linalg.inv(prior.covars)), 1, 2)
        self.means = prior.means
        log_det = np.linalg.slogdet(prior.covars)[1] / 2
        log_w = np.log(prior.weights) - log_det + log_det.min()
        self.log_w = log_w - prior.means.shape[1] / 2 * np.log(2 * np.pi)

    def fit(
        self,
        keypoints: Floats,
        camera: sc.Camera,
        start: Parameters,
        *,
        batched: bool,
        stages: list[sc.Stage],
    ) -> Fitted:
        """batched: differences in one call of the body, else SciPy's own."""
        x = np.concatenate([np.ravel(start[name]) for name in NAMES])
        scale = PIXELS_PER_METRE * start["transl"][2] / camera.fx
        evaluations = 0
        for stage in stages:
            free = self._free(stage, len(x))
            residuals = self._residuals(x, free, keypoints, camera, scale, stage)
            jacobian = self._differences(residuals) if batched else "2-point"
            solved = least_squares(
                lambda values, residuals=residuals: residuals(values[None])[0],
                x[free],
                jac=jacobian,
                method="trf",
                ftol=max(stage.solver.function_tolerance, 1e-6),
                max_nfev=stage.solver.max_iterations,
            )
            x[free] = solved.x
            evaluations += solved.nfev
        return Fitted(self._vertices(x[None])[0, self.joints], evaluations)

    def _free(self, stage: sc.Stage, size: int) -> NDArray[np.intp]:
        free = np.ones(size, dtype=bool)
        free[3:72] = stage.free_body_pose
        free[75:] = stage.free_betas
        return np.flatnonzero(free)

    def _vertices(self, x: Floats) -> Floats:
        return self.body(x[:, 75:], x[:, :72].reshape(len(x), -1, 3), x[:, 72:75])

    def _residuals(
        self,
        x: Floats,
        free: NDArray[np.intp],
        keypoints: Floats,
        camera: sc.Camera,
        scale: float,
        stage: sc.Stage,
    ) -> Callable[[Floats], Floats]:
        """A function of N bodies' free variables (N, F): residuals (N, R)."""
        sigma = stage.reprojection.sigma
        pose_weight, shape_weight = (
            np.sqrt(term.weight) for term in (stage.pose_prior, stage.shape_prior)
        )
        focal, centre = np.array([camera.fx, camera.fy]), np.array([camera.cx, camera.cy])

        def residuals(values: Floats) -> Floats:
            full = np.repeat(x[None], len(values), axis=0)
            full[:, free] = values
            points = self._vertices(full)[:, self.vertices]
            pixels = focal * points[..., :2] / points[..., 2:] + centre
            error = scale * keypoints[:, 2:] * (pixels - keypoints[:, :2])
            squared = (error**2).sum(axis=-1, keepdims=True)
            rows = [(sigma * error / np.sqrt(sigma**2 + squared)).reshape(len(values), -1)]
            if pose_weight:
                rows.append(pose_weight * self._prior(full[:, 3:72]))
            if shape_weight:
                rows.append(shape_weight * full[:, 75:])
            return np.concatenate(rows, axis=1)

        return residuals

    def _prior(self, poses: Floats) -> Floats:
        """(N, 70) rows of the likeliest component."""
        away = np.sqrt(0.5) * np.einsum("kij,nkj->nki", self.factors, poses[:, None] - self.means)
        best = ((away**2).sum(axis=-1) - self.log_w).argmin(axis=1)
        offset = np.sqrt(np.maximum(-self.log_w[best], 0))
        return np.concatenate([away[np.arange(len(poses)), best], offset[:, None]], axis=1)

    @staticmethod
    def _differences(residuals: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
        def jacobian(values: Floats) -> Floats:
            moved = np.concatenate([values[None], values + STEP * np.eye(len(values))])
            all_rows = residuals(moved)
            return (all_rows[1:] - all_rows[0]).T / STEP

        return jacobian


NAMES = ("global_orient", "body_pose", "transl", "betas")
