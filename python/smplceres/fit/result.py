"""What a fit gives back."""

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
    saved,
    several,
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

    V vertices, K3 points in space; the frame, and J, B and K, are as of `FittedBody`, whose
    attributes a result has too: pose, shape, place, joints and views.

    Attributes:
        stages: what each stage did.
        energies: sum |r|^2 of each term at the end, in the last stage's weights.
        converged: the last stage converged; otherwise `message` says why it stopped.
        message: the solver's last word.
        solve_time: seconds of the whole fit.
        num_starts: how many starts were tried.
        sigma_px: the noise of the keypoints, given or estimated, that the weights of the last stage
            are in balance with, pixels; None: they are as they were set.
        hypotheses: the different ends of several starts, the cheapest first, the result's own among
            them; () where one start was all.
        keypoints3d: (K3, 3) metres, where the fitted body has the points measured in space; NaN
            where it has none; None of a fit without such points.
        start: where the first stage began.
    """

    stages: tuple[StageReport, ...]
    energies: dict[str, float]
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
        """(V, 3) metres; computed when first asked for."""
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
        """Where the fitted mesh passes through itself; computed when first asked for.

        Raises:
            ValueError: of a result from a file, which knows its mesh but not its model;
                `model.penetration(result.vertices)` says the same.
        """
        if self._model is None:
            raise ValueError(
                "penetration: expected a result that knows its body model, got one from a file; "
                "ask model.penetration(result.vertices)"
            )
        return self._model.penetration(self.vertices)

    @property
    def own_model(self) -> BodyModel | None:
        """The body; None of a fit from a file."""
        return self._model

    @property
    def joint_names(self) -> tuple[str, ...]:
        """J; of a result from a file those of SMPL, SMPL-H or SMPL-X, or numbers."""
        return joint_names(len(self.joints)) if self._model is None else self._model.joint_names

    @property
    def residuals3d(self) -> Floats:
        """(K3,) metres from measured to fitted point; NaN where not seen or not on the body; (0,)
        of a fit without points in space."""
        if self.measured3d is None or self.keypoints3d is None:
            return np.zeros(0)
        measured, _ = self.measured3d.in_world(self.camera)
        distance = np.linalg.norm(self.keypoints3d - measured, axis=1)
        return np.where(self.measured3d.visible, distance, np.nan)

    @property
    def alternatives(self) -> tuple[Hypothesis, ...]:
        """Other poses (a joint further than 10 cm away) that explain the image about as well: an
        energy at most a quarter above the result's. Of fits that tried more than one start."""
        return similar(self.hypotheses)

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """(K,) keypoints seen that the last stage's robust function hardly listens to.

        The rule: a pull of less than a quarter of what the squared error would have, rho'(e^2) <
        1/4. That is an error of more than sigma under Geman-McClure, 4 sigma under Huber, never
        without a robust function; where rho is of each coordinate, of either.

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
        """How sure the fit is: the covariance of what the last stage left free, at its solution.

        From the Gauss-Newton Hessian of the negative log posterior, priors included; see
        `Covariance` for the noise model and what is in it. It speaks of the neighbourhood of this
        solution: not of a limb that may as well point the other way, nor of what a wrong body, a
        wrong focal length or a wrong prior adds.

        Args:
            sigma_px: standard deviation of a coordinate of a keypoint of confidence 1, pixels;
                None: as the fit was told, or estimated from the keypoints' residuals.
            model: the body; needed for a fit that was loaded or unpickled, which has none.
            pose_prior, joint_limits: those of the fit; needed for a loaded fit that was given its
                own.

        Raises:
            ValueError: a noise that is not positive, a loaded fit without what it needs, a fit that
                ran no stage.
        """
        last = self._needed_last_stage("covariance")
        return covariance_of(self, last, self._model, sigma_px, model, pose_prior, joint_limits)

    @property
    def has_covariance(self) -> bool:
        """Whether `covariance` can be asked for: of a fit to an image alone that ran a stage."""
        return self._last_stage is not None

    @property
    def knows_outliers(self) -> bool:
        """Whether `outliers` can be asked for: of a fit that ran a stage."""
        return self._last_stage is not None

    def needed_model(self, model: BodyModel | None) -> BodyModel:
        """The body: as given, or the fit's own; ValueError of a loaded fit, which has none."""
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
        """Reads what `save` wrote to an .npz.

        Raises:
            FileNotFoundError: no such file.
            ValueError: a file that `save` did not write.
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
            keypoints3d=arrays.get("keypoints3d"),
            **read_parts(described, _PARTS),
            _mesh=[arrays["vertices"], arrays["faces"]],
        )

    def _arrays(self) -> dict[str, Any]:
        """By name; keypoints3d where there are any."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return arrays if self.keypoints3d is None else arrays | {"keypoints3d": self.keypoints3d}

    def motion(self, *, world: str | None = None, model: BodyModel | None = None) -> Motion:
        """The body in its pose, apart from how it was found.

        Args:
            world: the axes of the frame that `joints` are in, "opencv", "y-up" or "z-up"; None:
                "opencv" where the cameras have no place of their own, otherwise the one in which
                the person is upright (within 45 degrees), or unknown.
            model: the body; needed for a fit that was loaded or unpickled, which has none.

        Raises:
            ValueError: another name, a loaded fit without its model.
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
        """Writes the body for other programs, by the path's suffix:

        - .glb: glTF 2.0, mesh, skeleton, skin weights, betas as morph targets;
        - .bvh: the skeleton; .csv: the joints' places; .json: parameters and joints;
        - .npz: AMASS's layout (`Motion.read`); `save` writes the whole result to an .npz;
        - .obj, .ply: the mesh.

        Metres. docs/guides/exports.md says what each keeps.

        Args:
            path: where to.
            coordinates: "opencv", "y-up", "z-up" or "ros", see `base.coordinates.conversion`; None:
                "y-up" for .glb and .bvh, "z-up" for .npz, and otherwise as they are.
            world, model: as of `motion`.
            pose_correctives: of .glb, the pose blend shapes of this pose as a morph target, which
                is on (None: True); False: only the linear skinning.

        Raises:
            ValueError: another suffix, another name, a loaded fit without its model (which .obj
                and .ply can do without), a world that is not known where one is needed.
            OSError: a place that cannot be written to.
        """
        suffix = exports.checked_suffix(path)
        as_it_is = coordinates is None and pose_correctives is None
        if suffix in exports.MESHES and as_it_is and world is None and model is None:
            exports.write_file(path, exports.MESHES[suffix](self.vertices, self.faces))
        else:
            motion = self.motion(world=world, model=model)
            exports.export_motion(motion, path, coordinates, pose_correctives)
