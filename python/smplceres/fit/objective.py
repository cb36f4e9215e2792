"""objective: the energy of a fit as a function for other solvers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..body.model import BodyModel
from ..body.parameters import Parameters, parameters_of
from ..cameras.camera import AnyCamera
from ..evidence.ground import Ground
from ..evidence.person import Person
from ..evidence.views import AnyFormat, AnyKeypoints, checked_views
from ..priors.joint_limits import JointLimits
from ..priors.lifter import Lifter
from ..priors.pose_prior import PosePrior
from .initial import initial_variables
from .known import Known
from .presets import make_stages
from .result import FitResult

Floats = NDArray[np.float64]


class Objective:
    """The energy of one stage as a function of a flat vector x (N,): E(x) = sum_i r_i(x)^2.

    x holds the free variables of the stage, in this order: the rotation of the root relative to its
    initial orientation (3, a rotation vector in world axes, radians), body_pose (3(J-1), radians),
    transl (3, metres), betas (B), and for each view with unknown scale the logarithm of the zoom of
    its weak perspective camera. Created by `smplceres.objective`.

        f = smplceres.objective(keypoints, camera)
        scipy.optimize.least_squares(f.residuals, f.x0, jac=f.jacobian)
        scipy.optimize.minimize(f, f.x0, jac=f.gradient)
        model(**f.unpack(solution.x))

    If a point of the body is behind the camera, energy and residuals are infinite and derivatives
    NaN; SciPy's trust regions and CMA-ES reject such steps.

    Every call raises ValueError for an x of another length or with NaN or infinity. An object may
    be used by one thread at a time.

    Attributes:
        x0: (N,) the initial estimate.
        rows: (term, number of residuals), in the order of the residuals.
    """

    def __init__(self, core: _core.Objective, model: BodyModel) -> None:
        self._core = core
        self._model = model
        self._free = np.array(core.free)
        self._start = core.start
        self.x0: Floats = self._start[self._free]
        self.rows: tuple[tuple[str, int], ...] = tuple(
            (term.name, count) for term, count in core.rows
        )

    def __call__(self, x: ArrayLike) -> float:
        """E(x)."""
        evaluated = self._core.evaluate(self._full(x))
        return float("inf") if evaluated is None else float(evaluated[0] @ evaluated[0])

    def residuals(self, x: ArrayLike) -> Floats:
        """(R,) r(x)."""
        evaluated = self._core.evaluate(self._full(x))
        return np.full(self._core.num_residuals, np.inf) if evaluated is None else evaluated[0]

    def jacobian(self, x: ArrayLike) -> Floats:
        """(R, N) dr/dx."""
        return self._linearized(x)[1]

    def gradient(self, x: ArrayLike) -> Floats:
        """(N,) dE/dx = 2 J^T r."""
        residuals, jacobian = self._linearized(x)
        return np.asarray(2 * residuals @ jacobian)

    def hessian(self, x: ArrayLike) -> Floats:
        """(N, N) 2 J^T J, Gauss and Newton's for d2E/dx2."""
        jacobian = self.jacobian(x)
        return np.asarray(2 * jacobian.T @ jacobian)

    def unpack(self, x: ArrayLike) -> Parameters:
        """Parameters of the model at x; body_pose is not wrapped."""
        return parameters_of(self._core.unpack(self._full(x)))

    def pack(
        self,
        *,
        betas: ArrayLike | None = None,
        global_orient: ArrayLike | None = None,
        body_pose: ArrayLike | None = None,
        transl: ArrayLike | None = None,
        slices: Mapping[str, ArrayLike] | None = None,
    ) -> Floats:
        """(N,) x of a pose; missing parameters are those of x0. ValueError as `BodyModel`."""
        start = self.unpack(self.x0)
        given = {
            "betas": betas,
            "global_orient": global_orient,
            "body_pose": body_pose,
            "transl": transl,
            "slices": slices,
        }
        chosen = start | {name: value for name, value in given.items() if value is not None}
        parameters = self._model.parameters(**chosen)  # type: ignore[arg-type]  # of the same keys
        zooms = self._start[-self._core.num_views :] if self._core.num_views else np.zeros(0)
        variables = _core.Variables(self._model._core, **parameters, log_zoom=zooms)
        return np.asarray(self._core.pack(variables)[self._free])

    def _full(self, x: ArrayLike) -> Floats:
        values = np.asarray(x, dtype=np.float64)
        if values.shape != self.x0.shape:
            raise ValueError(f"x: expected shape {self.x0.shape}, got {values.shape}")
        full = self._start.copy()
        full[self._free] = values
        return full

    def _linearized(self, x: ArrayLike) -> tuple[Floats, Floats]:
        evaluated = self._core.evaluate(self._full(x), jacobian=True)
        if evaluated is None:
            nowhere = np.full((self._core.num_residuals, len(self.x0)), np.nan)
            return nowhere[:, 0], nowhere
        residuals, jacobian = evaluated
        assert jacobian is not None
        return residuals, jacobian[:, self._free]


def objective(
    keypoints: AnyKeypoints | Sequence[AnyKeypoints | None],
    camera: AnyCamera | Sequence[AnyCamera] | None = None,
    *,
    model: BodyModel | str | PathLike[str] | None = None,
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None = None,
    person: Person | None = None,
    ground: Ground | None = None,
    pose_prior: PosePrior | str | PathLike[str] | None = None,
    joint_limits: JointLimits | None = None,
    lifter: Lifter | str | PathLike[str] | None = None,
    initial: FitResult | Mapping[str, ArrayLike] | None = None,
    preset: str | Sequence[_core.Stage] = "default",
    stage: int = -1,
) -> Objective:
    """The objective of one stage of a fit, for solvers other than Ceres.

    Weights are those of the stage. A fit balances its last stage by the noise of the keypoints,
    unless `reference_noise` is 0.

    Args:
        keypoints, camera, model, keypoint_format: as in `fit`.
        person, ground, pose_prior, joint_limits, lifter, preset: as in `fit`.
        initial: as in `fit`; without it, x0 is the upright initial estimate of a fit.
        stage: index in the list of stages.

    Raises:
        ValueError: as `fit`; a stage that the preset does not have.
    """
    views = checked_views(keypoints, camera, keypoint_format)
    known = Known.of(model, pose_prior, joint_limits, lifter, person=person, ground=ground)
    stages = make_stages(preset)
    if not isinstance(stage, SupportsIndex) or not -len(stages) <= stage < len(stages):
        raise ValueError(f"stage: expected one of the preset's {len(stages)} stages, got {stage!r}")
    scene = known.scene(views)
    variables = initial_variables({} if initial is None else initial, known, views, scene)
    return Objective(_core.Objective(scene, stages[stage], variables), known.model)
