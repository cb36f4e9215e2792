"""Tracked: a person at one time, as a tracker knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..._native import _core
from ...base.pickled_fields import PickledFields
from ...body.model import BodyModel
from ...body.parameters import Parameters, parameters_of
from ...evidence.views import View
from ...keypoints.keypoints import Keypoints
from ..from_core import fitted_view
from ..result import FitResult

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Motion:
    """What the uncertainty of a velocity depends on; of the core's `newest_step`.

    Attributes:
        dt: seconds of the last step.
        elapsed: seconds since.
        by_state: (F, F + B) derivative of the step with respect to the frame and betas.
        covariance: (F, F) of the part of the step that is independent of these numbers, in the
            units of energies.
        walk_information: (F,) of the random walk after a second, in these units.
        time: seconds, of the average and of the decay of velocities.
    """

    dt: float
    elapsed: float
    by_state: Floats
    covariance: Floats
    walk_information: Floats
    time: float


# The part of the random walk's variance by which a velocity changes while it is averaged. On
# training motions 92 % of the true velocities of joints are then in the 90 % ellipsoids, and 80 %
# without it (benchmarks/tracker.py, velocities_inside_90_percent).
_USUAL = 0.01


@dataclass(frozen=True, eq=False)
class Tracked(PickledFields):
    """A person at one time.

    Attributes:
        timestamp: seconds.
        status: "tracked"; "predicted", not visible; "starting", a cold fit is in progress; "lost",
            no person is tracked and the other attributes have no meaning.
        global_orient, body_pose, betas, transl, slices: parameters, as of `FitResult`.
        velocity: of the frame's numbers in the order of the model's `layout`, per second: radians
            of a rotation about world axes, radians of axis-angles, metres, coefficients.
        energies: sum |r|^2 of each term of the update.
        update_time: seconds of the update.
    """

    timestamp: float
    status: str
    global_orient: Floats
    body_pose: Floats
    betas: Floats
    transl: Floats
    velocity: Floats
    energies: dict[str, float]
    update_time: float
    _motion: Motion | None = field(repr=False)  # None before the second frame
    _information: Floats = field(repr=False)  # in the units of energies
    _scale: float = field(repr=False)  # of an energy, that halves a squared standard deviation
    _view: View = field(repr=False)
    _zoom: float = field(repr=False)
    _model: BodyModel = field(repr=False)
    slices: dict[str, Floats] = field(default_factory=dict)

    def __repr__(self) -> str:
        x, y, z = self.transl
        at = f", transl ({x:.2f}, {y:.2f}, {z:.2f}) m" if self._known else ""
        return f"Tracked({self.status} at {self.timestamp:.2f} s{at})"

    @property
    def _known(self) -> bool:
        return self.status in ("tracked", "predicted")

    @property
    def parameters(self) -> Parameters:
        """Arguments of the model."""
        return parameters_of(self)

    @property
    def keypoints(self) -> Keypoints:
        """What was seen of the person; no confidence is above 0 where that was nothing."""
        return self._view.keypoints

    @property
    def full_pose(self) -> Floats:
        """(J, 3) global_orient and body_pose."""
        return np.vstack([self.global_orient, self.body_pose])

    @cached_property
    def joints(self) -> Floats:
        """(J, 3) metres, in the world."""
        return self._model.joints(**self.parameters)

    @cached_property
    def _posterior(self) -> _core.Posterior:
        known = float(self._known)
        return _core.Posterior.of_hessian(known * self._scale * self._information)

    @cached_property
    def covariance(self) -> Floats:
        """(N, N) of the frame's numbers in the order of the model's `layout` and betas, given this
        and all earlier frames and the priors: radians about world axes, radians, metres, standard
        deviations. Numbers that nothing constrains, and all while no person is tracked, have
        infinite variances."""
        return self._posterior.covariance()

    def covariance_of(self, jacobian: Floats) -> Floats:
        """(..., d, d) of functions of these N numbers, by their derivatives (..., d, N); infinite
        variances as of `covariance`."""
        groups = jacobian.reshape(-1, *jacobian.shape[-2:])
        covariances = self._posterior.covariances(groups)
        return covariances.reshape(*jacobian.shape[:-1], jacobian.shape[-2])

    @cached_property
    def joint_covariance(self) -> Floats:
        """(J, 3, 3) of each joint, metres^2; infinite variances while no person is tracked."""
        _, jacobian = self._model.frame_jacobian(self.parameters)
        return self.covariance_of(jacobian)

    @cached_property
    def joint_std(self) -> Floats:
        """(J,) metres, root of the mean variance over the axes; infinite while no person is
        tracked."""
        variances = np.trace(self.joint_covariance, axis1=1, axis2=2) / 3
        return np.asarray(np.sqrt(variances))

    @cached_property
    def joint_transforms(self) -> Floats:
        """(J, 4, 4) world_from_joint, metres: orientation and position of each joint."""
        return self._model.joint_transforms(self.parameters)

    @cached_property
    def velocity_covariance(self) -> Floats:
        """(F, F) of `velocity`: that of steps between frames, averaged over 0.1 s, and the change
        of velocity that is usual in this time; infinite variances before the second frame and while
        no person is tracked.

        Errors of steps count as independent, which they are in the limit of small noise.
        """
        return self.velocity_covariance_of(np.eye(len(self.velocity)))

    def velocity_covariance_of(self, jacobian: Floats) -> Floats:
        """(..., d, d) of `jacobian @ velocity` with a jacobian (..., d, F); infinite variances as
        of `velocity_covariance`."""
        motion, transposed = self._motion, np.swapaxes(jacobian, -1, -2)
        if motion is None or not self._known:
            unknown = np.diag(np.full(jacobian.shape[-2], np.inf))
            return np.broadcast_to(unknown, (*jacobian.shape[:-1], len(unknown))).copy()
        posterior = self.covariance_of(jacobian @ motion.by_state)
        of_walk = jacobian @ (motion.covariance / self._scale) @ transposed
        share = 1.0 - np.exp(-motion.dt / motion.time)
        usual = 1.0 / (self._scale * motion.walk_information * motion.time)
        change = (jacobian * usual) @ transposed
        measured = share / (2.0 - share) * (posterior + of_walk) / motion.dt**2 + _USUAL * change
        kept = np.exp(-2.0 * motion.elapsed / motion.time)
        return np.asarray(kept * measured + (1.0 - kept) * change)

    @cached_property
    def joint_velocities(self) -> Floats:
        """(J, 3) metres per second."""
        _, jacobian = self._model.frame_jacobian(self.parameters)
        return np.asarray(jacobian[..., : len(self.velocity)] @ self.velocity)

    @cached_property
    def joint_velocity_covariance(self) -> Floats:
        """(J, 3, 3) of `joint_velocities`, (metres per second)^2; infinite variances as of
        `velocity_covariance`."""
        _, jacobian = self._model.frame_jacobian(self.parameters)
        return self.velocity_covariance_of(jacobian[..., : len(self.velocity)])

    @cached_property
    def fit(self) -> FitResult:
        """The same as a `FitResult`: keypoints in the image, residuals, mesh, files."""
        return FitResult(
            **self.parameters,
            joints=self.joints,
            views=(fitted_view(self._view, self._zoom, self._model, self.parameters),),
            stages=(),
            energies=self.energies,
            converged=self.status == "tracked",
            message=self.status,
            solve_time=self.update_time,
            num_starts=0,
            model_name=self._model.name,
            _model=self._model,
        )
