"""Uncertainty of a fit: covariances at its solution, from the Gauss-Newton Hessian."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..body.model import BodyModel
from ..cameras.camera import WeakPerspectiveCamera
from ..evidence.views import View
from ..priors.joint_limits import JointLimits
from ..priors.lifter import Lifter
from ..priors.pose_prior import PosePrior
from .fitted_body import FittedBody
from .known import Known
from .last_stage import LastStage

Floats = NDArray[np.float64]

# Min of the estimated noise: no detector is more precise, and exact keypoints (synthetic, or too
# few to contradict any body) would give no uncertainty.
MIN_SIGMA_PX = 0.5

# A variable is undetermined if observations reduce its standard deviation by less than this part.
_UNDETERMINED = 0.05


# Sources of terms (`_core.TermInfo`) that are measurements; the others are prior knowledge.
_MEASURED = ("image", "space")


@dataclass(frozen=True, eq=False)
class Covariance:
    """The posterior of a fitted body, approximated by a Gaussian at the solution.

    J joints, B betas, K keypoints (concatenated over all views).

    The noise model: the error of a coordinate of a keypoint of confidence c is Gaussian with
    standard deviation sigma_px / (w c), where w is the weight of its role in the stage. With the
    density of the pose prior and betas of unit variance the negative log posterior of the variables
    x and its Gauss-Newton Hessian are

        L(x) = sum_k (w_k c_k)^2 rho(|e_k|^2) / (2 sigma_px^2) + E_pose / W_pose
               + |betas|^2 / 2 + (E_angle + E_limits + ...) / W_pose
        H    = J_kp^T J_kp / (W_kp unit^2 sigma_px^2) + (2 / W_pose) (J_pose^T J_pose + ...)
               + (1 / W_shape) J_shape^T J_shape + ...,    covariance = H^-1,

    where E are the energies of the last stage, W their weights there (which are divided out: a
    larger weight of the prior than the noise justifies does not reduce the covariance), J the
    Jacobians of their residuals and unit the units of residuals per pixel. A fit is the mode of
    this posterior if its weights are W_kp = 1 / (2 unit^2 sigma_px^2), W_pose = 1, W_shape = 1/2,
    or any multiple of these. Residuals of known height, limb lengths and ground are in standard
    deviations, like betas, and are included in the same form; so are points measured in space and
    clouds, whose points count as independent: correlations between neighbours in a depth image
    make the true covariance larger. Known betas have variance 0.

    Terms that are no densities (angle prior, joint limits) keep their ratio to the pose prior, or
    without a pose prior to the keypoints, as the depth prior does. Under weak perspective the depth
    prior is a convention and is left out. So is the conditional prior, which is made from the
    keypoints and would count them twice. J_kp is that of the robust residuals, so that H is never
    negative and outliers have little weight: (sigma^2 / (sigma^2 + e^2))^3 along a Geman-McClure
    error e.

    A variable that neither data nor priors constrain has infinite variance and covariances of 0; a
    variable that the stage held has variance 0.

    Attributes:
        matrix: (N, N) of all variables: those of the frame in the order of the model's `layout`,
            betas, zooms of the views; units as below.
        names: N names of them, such as "left_ankle y", "transl z", "betas 0"; the root is
            `global_orient`.
        sigma_px: the noise, given or estimated, pixels.
        joints: (J, 3, 3) of `FitResult.joints`, in their frame, metres^2.
        keypoints2d: (K, 2, 2) of `keypoints2d` of the views, without the noise of the detector,
            pixels^2; NaN for keypoints that the body does not have, and for views without visible
            keypoints.
        prior_std: (N,) standard deviations of the variables under the priors alone.
    """

    matrix: Floats
    names: tuple[str, ...]
    sigma_px: float
    joints: Floats
    keypoints2d: Floats
    prior_std: Floats
    _columns: dict[str, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        std = self.joint_std[np.isfinite(self.joint_std)]
        joints = f"{100 * np.median(std):.1f} cm (median)" if len(std) else "unknown"
        return (
            f"Covariance: {len(self.names)} variables, noise {self.sigma_px:.1f} px\n"
            f"  standard deviation of joints {joints}\n"
            f"  {len(self.undetermined)} variables without information from the observations"
        )

    def of(self, *names: str) -> Floats:
        """(n, n) of some slices of the frame, or of betas, by name.

        Raises:
            ValueError: a name that the body has no slice of.
        """
        unknown = [name for name in names if name not in self._columns]
        if unknown:
            raise ValueError(f"names: expected some of {list(self._columns)}, got {unknown}")
        columns = np.concatenate([self._columns[name] for name in names])
        return np.asarray(self.matrix[np.ix_(columns, columns)])

    @property
    def pose(self) -> Floats:
        """(3J, 3J) of root and body_pose, radians^2.

        For the root it is that of a rotation vector w in world axes that rotates the body about its
        pelvis: exp(w) exp(global_orient), w = 0 at the solution. For body_pose it is that of the
        axis-angle vectors.
        """
        return self.of("global_orient", "body_pose")

    @property
    def transl(self) -> Floats:
        """(3, 3) metres^2."""
        return self.of("transl")

    @property
    def betas(self) -> Floats:
        """(B, B)."""
        return self.of("betas")

    def joint(self, joint: int) -> Floats:
        """(3, 3) of a joint, in the frame of `FitResult.joints`, metres^2."""
        return np.asarray(self.joints[joint])

    @property
    def joint_std(self) -> Floats:
        """(J,) metres, the root of the trace of the covariance of each joint."""
        return np.asarray(np.sqrt(np.trace(self.joints, axis1=1, axis2=2)))

    def joint_std_along(self, axes: Floats) -> Floats:
        """(J, n) standard deviations of joints along unit vectors (n, 3) of their frame, metres,
        such as the rows of a camera's rotation; infinite along unconstrained directions.
        """
        unconstrained = np.isinf(self.joints)
        finite = np.where(unconstrained, 0.0, self.joints)
        variances = np.einsum("ai,jik,ak->ja", axes, finite, axes)
        infinite = unconstrained.any(axis=2).astype(float) @ (np.abs(axes.T) > 1e-9) > 0
        return np.asarray(np.where(infinite, np.inf, np.sqrt(np.maximum(variances, 0.0))))

    @cached_property
    def undetermined(self) -> tuple[str, ...]:
        """Names of variables that the observations do not constrain: the standard deviation is
        within 5 % of that of the prior, or infinite."""
        std = np.sqrt(np.diag(self.matrix))
        wide = np.isinf(std) | (std > (1 - _UNDETERMINED) * self.prior_std)
        return tuple(np.array(self.names)[wide & (std > 0)].tolist())


def covariance_of(
    result: FittedBody,
    last: LastStage,
    own_model: BodyModel | None,
    sigma_px: float | None,
    model: BodyModel | None,
    pose_prior: PosePrior | None,
    joint_limits: JointLimits | None,
    lifter: Lifter | None,
) -> Covariance:
    """`FitResult.covariance`."""
    if sigma_px is not None and not (math.isfinite(sigma_px) and sigma_px > 0):
        raise ValueError(f"sigma_px: expected pixels > 0 or None, got {sigma_px}")
    model = _checked_model(own_model if model is None else model, result)
    known = last.known.completed(model, pose_prior, joint_limits, lifter, result.measured3d)
    at = _Solution(result, last, known)
    at.check_observations()
    if sigma_px is None:
        sigma_px = last.sigma_px
    sigma = at.estimated_sigma_px() if sigma_px is None else float(sigma_px)

    weights, of_data = at.row_weights(sigma)
    posterior, prior = at.posterior(weights), at.posterior(np.where(of_data, 0.0, weights))
    pixels = np.full((len(at.projected), 2, 2), np.nan)
    pixels[at.projected] = posterior.covariances(at.keypoints_jacobian()[..., at.free])
    return Covariance(
        matrix=at.matrix(posterior),
        names=_names(model, len(result.views)),
        sigma_px=sigma,
        joints=posterior.covariances(at.joints_jacobian()[..., at.free]),
        keypoints2d=pixels,
        prior_std=np.sqrt(np.diag(at.matrix(prior))),
        _columns=_columns(model),
    )


class _Solution:
    """The objective of the last stage at the solution; columns as in `_core.Objective`."""

    def __init__(
        self,
        result: FittedBody,
        last: LastStage,
        known: Known,
    ) -> None:
        model = known.model
        self._result, self._last, self._known, self._model = result, last, known, model
        self._on_body = [
            np.array(model.keypoint_points(view.keypoints.format).point_of_keypoint) >= 0
            for view in result.views
        ]
        # Keypoints of the body in views with visible keypoints.
        self.projected = np.concatenate(
            [
                np.zeros(0, dtype=bool),
                *(
                    on_body & np.any(on_body & view.keypoints.visible)
                    for on_body, view in zip(self._on_body, result.views, strict=True)
                ),
            ]
        )
        objective, self._residuals, self._jacobian = self._evaluate(last.stage, result.views)
        self.free = np.array(objective.free)
        # The cameras of the result have the estimated scales.
        self.free[len(self.free) - len(last.free_zoom) :] = last.free_zoom
        self._blocks = objective.rows
        reprojection = _core.TERMS["reprojection"]
        of_views = [count for term, count in objective.rows if term is reprojection]
        seeing = [
            bool(view.keypoints.visible[on_body].any())
            for on_body, view in zip(self._on_body, result.views, strict=True)
        ]
        # Of rows of the reprojection.
        units = last.units[np.array(seeing, dtype=bool)]
        self._units = np.repeat(units, of_views) if of_views else np.zeros(0)

    def _evaluate(
        self, stage: _core.Stage, views: Sequence[View]
    ) -> tuple[_core.Objective, Floats, Floats]:
        objective = _core.Objective(self._known.scene(views), stage, self._state())
        evaluated = objective.evaluate(objective.start, jacobian=True)
        if evaluated is None:  # not of a fit, whose body is in front of the camera
            raise ValueError("covariance: expected a body in front of the camera, got one behind")
        residuals, jacobian = evaluated
        assert jacobian is not None
        return objective, residuals, jacobian

    def estimated_sigma_px(self) -> float:
        """As a fit estimates it (cpp/smplceres/fit/single/noise.h), but at least MIN_SIGMA_PX."""
        scene = self._known.scene(self._result.views)
        sigma = _core.estimate_noise(scene, self._last.stage, self._state())
        return max(sigma, MIN_SIGMA_PX) if math.isfinite(sigma) else MIN_SIGMA_PX

    def _state(self) -> _core.State:
        """The solution; zooms are 0, as they are in the cameras of the result."""
        zooms = np.zeros(len(self._result.views))
        return _core.State(
            _core.Variables(self._model._core, **self._result.parameters, log_zoom=zooms),
            initial_transl=self._last.initial_transl,
            pixels_per_metre=self._last.pixels_per_metre,
        )

    def check_observations(self) -> None:
        """Raises ValueError for a loaded fit whose file does not hold all that was measured."""
        present = {term.name for term, _ in self._blocks}
        for name in self._result.energies.keys() - present:
            if _core.TERMS[name].source in _MEASURED:
                raise ValueError(
                    f"covariance: expected a fit with all of its observations, got one without "
                    f"those of {name}, which are not saved with it"
                )

    def row_weights(self, sigma_px: float) -> tuple[Floats, NDArray[np.bool_]]:
        """(R,) factors that take J^T J to the Hessian of the negative log posterior, and (R,)
        whether a row is a measurement."""
        block_of_row = np.repeat(np.arange(len(self._blocks)), [count for _, count in self._blocks])
        weights = np.zeros(len(block_of_row))
        is_measured = np.zeros(len(block_of_row), dtype=bool)
        for term in _core.TERMS.values():
            is_of_term = np.array([of_block is term for of_block, _ in self._blocks], dtype=bool)
            if is_of_term.any():
                rows = is_of_term[block_of_row]
                weights[rows] = self._factor(term, sigma_px)
                is_measured[rows] = term.source in _MEASURED
        return weights, is_measured

    def _factor(self, term: _core.TermInfo, sigma_px: float) -> float | Floats:
        """The factor on J^T J of a term, by the formula in the docstring of `Covariance`."""
        stage = self._last.stage
        of_keypoints = 1.0 / (self._units * sigma_px) ** 2
        if stage.reprojection.weight > 0:
            of_keypoints /= stage.reprojection.weight
        if term is _core.TERMS["reprojection"]:
            return np.asarray(of_keypoints)
        of_images = float(of_keypoints[0]) if len(of_keypoints) else 1.0 / sigma_px**2
        if term.source == "prediction":  # made from the keypoints, which count already
            return 0.0
        if term.source == "place" and isinstance(self._result.camera, WeakPerspectiveCamera):
            return 0.0
        if term.density_weight > 0:
            return float(term.density_weight / getattr(stage, term.name).weight)
        pose = stage.pose_prior
        if term.source in ("image", "place") or pose.weight == 0:
            return of_images
        return float(_core.TERMS["pose_prior"].density_weight / pose.weight)

    def posterior(self, weights: Floats) -> _core.Posterior:
        """The posterior of the free variables from weighted rows of the Jacobian."""
        return _core.Posterior(self._jacobian[:, self.free], weights)

    def joints_jacobian(self) -> Floats:
        """(J, 3, N) of the joints in the world."""
        joints, jacobian = self._model.frame_jacobian(self._result.parameters)
        zoom = np.zeros((len(joints), 3, len(self._result.views)))
        return np.concatenate([jacobian, zoom], axis=-1)

    def keypoints_jacobian(self) -> Floats:
        """(number projected, 2, N) of the pixels of all keypoints that the body has, visible or
        not: the Jacobian of a stage without robust function."""
        size = len(self.free)
        if not self.projected.any():
            return np.zeros((0, 2, size))
        plain = _core.Stage()
        plain.reprojection.weight = 1.0
        plain.reprojection.robust = "none"
        every, begin = [], 0
        for view in self._result.views:
            projected = self.projected[begin : begin + len(view.keypoints)]
            begin += len(projected)
            xy = np.where(projected[:, None], view.keypoints2d, 0.0)
            seen = replace(view.keypoints, xy=xy, confidence=projected.astype(np.float64))
            every.append(View(seen, view.camera))
        _, _, jacobian = self._evaluate(plain, every)
        return np.asarray(jacobian[: 2 * int(self.projected.sum())].reshape(-1, 2, size))

    def matrix(self, posterior: _core.Posterior) -> Floats:
        """The covariance of all variables, 0 for those that the stage held."""
        full = np.zeros((len(self.free), len(self.free)))
        identity = np.eye(int(self.free.sum()))[None]
        full[np.ix_(self.free, self.free)] = posterior.covariances(identity)[0]
        return full


def _checked_model(model: BodyModel | None, result: FittedBody) -> BodyModel:
    if model is None:
        raise ValueError(
            "model: expected the body of the fit, which is not saved with a fit, got None"
        )
    if not isinstance(model, BodyModel):
        raise TypeError(f"model: expected a BodyModel, got {type(model).__name__}")
    sizes, expected = (
        (model.num_joints, model.num_betas),
        (len(result.joints), len(result.betas)),
    )
    if sizes != expected or not np.allclose(model.joints(**result.parameters), result.joints):
        raise ValueError(f"model: expected the body of the fit ({result.model_name}), got another")
    return model


def _columns(model: BodyModel) -> dict[str, NDArray[np.int64]]:
    """Columns of the slices of the frame and of betas."""
    slices = [*model.layout.slices, ("betas", model.layout.size, model.num_betas)]
    return {name: np.arange(begin, begin + size) for name, begin, size in slices}


def _names(model: BodyModel, num_views: int) -> tuple[str, ...]:
    numbers = model.layout.names(model.joint_names)
    zooms = ["zoom"] if num_views == 1 else [f"zoom {view}" for view in range(num_views)]
    return (*numbers, *(f"betas {i}" for i in range(model.num_betas)), *zooms)
