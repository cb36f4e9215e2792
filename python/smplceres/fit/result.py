"""The result of a fit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import exports
from ..base.skeleton import joint_names
from ..body.model import BodyModel, Parameters
from ..body.motion import Motion
from ..body.penetration import Penetration
from ..evidence.keypoints3d import Keypoints3D
from ..priors.joint_limits import JointLimits
from ..priors.pose_prior import PosePrior
from .codec import (
    AS_IT_IS,
    PARAMETERS,
    VIEW,
    optional,
    part_of,
    plain_numbers,
    plain_parts,
    plain_view,
    read_parts,
    read_slices,
    saved,
    several,
    slice_arrays,
    write_npz,
)
from .covariance import Covariance, covariance_of
from .fitted_body import FittedBody
from .hypotheses import Hypothesis, similar
from .last_stage import LastStage
from .outliers import outliers_of
from .stage_report import StageReport

Floats = NDArray[np.float64]

_ARRAYS = ("global_orient", "body_pose", "betas", "transl", "joints")
# All else in a file.
_PARTS = {
    "views": several(VIEW),
    "measured3d": optional(part_of(Keypoints3D)),
    "stages": several(part_of(StageReport)),
    "start": PARAMETERS,
    **dict.fromkeys(
        ("energies", "converged", "message", "solve_time", "num_starts", "sigma_px"), AS_IT_IS
    ),
    "hypotheses": several(part_of(Hypothesis)),
    "model_name": AS_IT_IS,
    "_last_stage": optional(part_of(LastStage)),
}


@dataclass(frozen=True, eq=False)
class FitResult(FittedBody):
    """The body that explains the keypoints of images, points in space, or both.

    V vertices, K3 points in space; J, B, K and the frame are defined by `FittedBody`, which also
    describes pose, shape, position, joints, views and energies.

    Attributes:
        stages: reports of the stages.
        converged: of the last stage; otherwise `message` gives the reason.
        message: of the solver, at the end.
        solve_time: seconds of the whole fit.
        num_starts: number of initial estimates.
        sigma_px: the noise of the keypoints, given or estimated, that balances the last stage,
            pixels; None: the weights of the last stage were not balanced.
        hypotheses: the different solutions of several initial estimates by cost, that of the result
            included; () for a single initial estimate.
        keypoints3d: (K3, 3) metres, the points measured in space on the fitted body; NaN for points
            that it does not have; None without such points.
        start: the initial estimate of the first stage.
    """

    stages: tuple[StageReport, ...]
    converged: bool
    message: str
    solve_time: float
    num_starts: int
    sigma_px: float | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    keypoints3d: Floats | None = None
    start: Parameters | None = None
    _model: BodyModel | None = field(default=None, repr=False)
    _mesh: list[NDArray[Any]] = field(default_factory=list, repr=False)
    _last_stage: LastStage | None = field(default=None, repr=False)

    @property
    def vertices(self) -> Floats:
        """(V, 3) metres; computed at the first access."""
        if not self._mesh:
            assert self._model is not None
            self._mesh.extend((self._model(**self.parameters).vertices, self._model.faces))
        return self._mesh[0]

    @property
    def faces(self) -> NDArray[np.int32]:
        """(F, 3) vertex numbers of the triangles."""
        return self._model.faces if self._model is not None else self._mesh[1]

    @cached_property
    def penetration(self) -> Penetration:
        """Self-penetration of the fitted mesh; computed at the first access.

        Raises:
            ValueError: a loaded result, which has no model; use
                `model.penetration(result.vertices)`.
        """
        if self._model is None:
            raise ValueError(
                "penetration: expected a result with its body model, got a loaded one; "
                "use model.penetration(result.vertices)"
            )
        return self._model.penetration(self.vertices)

    @property
    def own_model(self) -> BodyModel | None:
        """The body; None for a loaded fit."""
        return self._model

    @property
    def joint_names(self) -> tuple[str, ...]:
        """J; for a loaded result those of SMPL, SMPL-H or SMPL-X, or numbers."""
        return joint_names(len(self.joints)) if self._model is None else self._model.joint_names

    @property
    def residuals3d(self) -> Floats:
        """(K3,) metres from measured to fitted point; NaN if missing or not on the body; (0,)
        without points in space."""
        if self.measured3d is None or self.keypoints3d is None:
            return np.zeros(0)
        measured, _ = self.measured3d.in_world(self.camera)
        distance = np.linalg.norm(self.keypoints3d - measured, axis=1)
        return np.where(self.measured3d.visible, distance, np.nan)

    @property
    def alternatives(self) -> tuple[Hypothesis, ...]:
        """Other poses (a joint differs by more than 10 cm) with comparable energy, at most a
        quarter above that of the result; () for a single initial estimate."""
        return similar(self.hypotheses)

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """(K,) visible keypoints with little weight in the robust function of the last stage.

        The criterion is rho'(e^2) < 1/4, a quarter of the weight of a squared error: an error above
        sigma for Geman-McClure, above 4 sigma for Huber, never without a robust function; if rho
        acts on coordinates, of either coordinate.

        Raises:
            ValueError: the fit ran no stage.
        """
        last = self._needed_last_stage("outliers")
        outliers = [
            outliers_of(view, last.stage.reprojection, unit)
            for view, unit in zip(self.views, last.units, strict=True)
        ]
        return np.concatenate([np.zeros(0, dtype=bool), *outliers])

    def covariance(
        self,
        sigma_px: float | None = None,
        *,
        model: BodyModel | None = None,
        pose_prior: PosePrior | None = None,
        joint_limits: JointLimits | None = None,
    ) -> Covariance:
        """The covariance of the free variables of the last stage, at the solution.

        It is computed from the Gauss-Newton Hessian of the negative log posterior, priors included;
        `Covariance` describes the noise model. It is local: it does not include other solutions,
        such as limbs mirrored in depth, or errors of the body, the focal length or the prior.

        Args:
            sigma_px: standard deviation of a coordinate of a keypoint of confidence 1, pixels;
                None: that of the fit, or estimated from the residuals of keypoints.
            model: the body; needed for a fit that was loaded or unpickled, which has none.
            pose_prior, joint_limits: those of the fit; needed for a loaded fit with non-default
                ones.

        Raises:
            ValueError: a noise that is not positive, a loaded fit without the needed arguments, a
                fit that ran no stage.
        """
        last = self._needed_last_stage("covariance")
        return covariance_of(self, last, self._model, sigma_px, model, pose_prior, joint_limits)

    @property
    def has_covariance(self) -> bool:
        """Whether `covariance` is available: for fits that ran a stage."""
        return self._last_stage is not None

    @property
    def knows_outliers(self) -> bool:
        """Whether `outliers` is available: for fits that ran a stage."""
        return self._last_stage is not None

    def needed_model(self, model: BodyModel | None) -> BodyModel:
        """The body: the argument, or that of the fit; ValueError for a loaded fit without one."""
        model = self._model if model is None else model
        if model is None:
            raise ValueError(
                "model: expected the body of the fit, which is not saved with a fit "
                f"({self.model_name}, of load_body_model), got None"
            )
        return model

    def _needed_last_stage(self, what: str) -> LastStage:
        if self._last_stage is None:
            raise ValueError(f"{what}: expected a fit that ran a stage, got another")
        return self._last_stage

    def to_dict(self) -> dict[str, Any]:
        """All but the mesh, as plain numbers, lists and strings."""
        return {
            **{name: plain_numbers(array) for name, array in self._arrays().items()},
            **self._described(),
            "views": [plain_view(view) for view in self.views],
        }

    def save(self, path: str | PathLike[str]) -> None:
        """Writes .npz (all, mesh included; `load` reads it back) or .json (all but the mesh).

        Raises:
            ValueError: another ending.
        """
        path = Path(path)
        if path.suffix == ".json":
            path.write_text(json.dumps(self.to_dict(), indent=1) + "\n")
        elif path.suffix == ".npz":
            write_npz(path, *self._parts())
        else:
            raise ValueError(f"path: expected a name ending in .npz or .json, got {path.name!r}")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> FitResult:
        """Reads an .npz of `save`.

        Raises:
            FileNotFoundError: no such file.
            ValueError: not such a file.
        """
        with saved(path, "fit") as (arrays, described):
            return cls._from(arrays, described)

    def __reduce__(self) -> tuple[Any, ...]:  # without the model, with its mesh
        return FitResult._from, self._parts()

    def _parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays, mesh included, and everything else as plain numbers, lists and strings."""
        mesh = {"vertices": self.vertices, "faces": self.faces}
        return self._arrays() | mesh, self._described()

    def _described(self) -> dict[str, Any]:
        error = plain_numbers(np.float64(self.reprojection_error()))
        return plain_parts(self, _PARTS) | {"reprojection_error_px": error}

    @classmethod
    def _from(cls, arrays: dict[str, Any], described: dict[str, Any]) -> FitResult:
        return cls(
            **{name: arrays[name] for name in _ARRAYS},
            slices=read_slices(arrays),
            keypoints3d=arrays.get("keypoints3d"),
            **read_parts(described, _PARTS),
            _mesh=[arrays["vertices"], arrays["faces"]],
        )

    def _arrays(self) -> dict[str, Any]:
        """Arrays by name; keypoints3d if there are any."""
        arrays = {name: getattr(self, name) for name in _ARRAYS} | slice_arrays(self.slices)
        return arrays if self.keypoints3d is None else arrays | {"keypoints3d": self.keypoints3d}

    def motion(self, *, world: str | None = None, model: BodyModel | None = None) -> Motion:
        """The fitted body as a motion of one frame.

        Args:
            world: the axes of the frame that `joints` are in, "opencv", "y-up" or "z-up"; None:
                "opencv" if the cameras have no pose, otherwise the one in which the person is
                upright (within 45 degrees), or unknown.
            model: the body; needed for a fit that was loaded or unpickled, which has none.

        Raises:
            ValueError: an unknown frame, a loaded fit without its model.
        """
        model = self.needed_model(model)
        motion = Motion(
            model=model,
            poses=np.vstack([self.global_orient, self.body_pose])[None],
            betas=self.betas,
            transl=self.transl[None],
            times=np.zeros(1),
        )
        return motion.placed(world, [view.camera for view in self.views])

    def export(
        self,
        path: str | PathLike[str],
        *,
        coordinates: str | None = None,
        world: str | None = None,
        model: BodyModel | None = None,
        pose_correctives: bool | None = None,
    ) -> None:
        """Writes the body for other programs, by the suffix of the path:

        - .glb: glTF 2.0, mesh, skeleton, skin weights, betas as morph targets;
        - .bvh: the skeleton; .csv: positions of joints; .json: parameters and joints;
        - .npz: AMASS's layout (`Motion.read`); `save` writes the whole result to an .npz;
        - .obj, .ply: the mesh.

        Units are metres. docs/guides/exports.md describes the content of each format.

        Args:
            path: of the file.
            coordinates: "opencv", "y-up", "z-up" or "ros", see `base.coordinates.conversion`; None:
                "y-up" for .glb and .bvh, "z-up" for .npz, otherwise no conversion.
            world, model: as of `motion`.
            pose_correctives: of .glb, the pose blend shapes of this pose as an active
                morph target (None: True); False: linear skinning alone.

        Raises:
            ValueError: an unknown suffix or frame, a loaded fit without its model (not needed for
                .obj and .ply), an unknown world frame where one is needed.
            OSError: the file cannot be written.
        """
        suffix = exports.checked_suffix(path)
        as_it_is = coordinates is None and pose_correctives is None
        if suffix in exports.MESHES and as_it_is and world is None and model is None:
            exports.write_file(path, exports.MESHES[suffix](self.vertices, self.faces))
        else:
            motion = self.motion(world=world, model=model)
            exports.export_motion(motion, path, coordinates, pose_correctives)
