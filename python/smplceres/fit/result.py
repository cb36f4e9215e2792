"""The result of a fit."""

from __future__ import annotations

import importlib
import json
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import exports
from ..base.files.writing import write_whole
from ..base.skeleton import joint_names
from ..body.load import own_body_named
from ..body.model import BodyModel, BodyOrigin
from ..body.motion import Motion
from ..body.parameters import Parameters
from ..body.penetration import Penetration
from ..evidence.keypoints3d import Keypoints3D
from ..priors.joint_limits import JointLimits
from ..priors.lifter import Lifter
from ..priors.pose_prior import PosePrior
from .codec import (
    AS_IT_IS,
    BODY,
    PARAMETERS,
    TEXT,
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
from .described import lines_of_fit
from .doubts.warning import WARNINGS, FitWarning, Warnings
from .fitted_body import FittedBody
from .hypotheses import Hypothesis, similar
from .known_parts import unknown_joints, vertices_of_unknown
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
    **dict.fromkeys(("energies", "converged", "solve_time", "num_starts", "sigma_px"), AS_IT_IS),
    "message": TEXT,
    "hypotheses": several(part_of(Hypothesis)),
    "model_name": TEXT,
    "_last_stage": optional(part_of(LastStage)),
    "_warnings": WARNINGS,
    "_body": BODY,
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
    _warnings: Warnings = field(default_factory=Warnings, repr=False)

    @property
    def warnings(self) -> tuple[FitWarning, ...]:
        """What is likely wrong with the inputs, each with code, sentence, evidence and remedy; ()
        if nothing is. Found at the first access, which may fit again to test what points at it."""
        return self._warnings.found

    _saved_body: BodyOrigin | None = field(default=None, repr=False)  # of a loaded result

    @property
    def _body(self) -> BodyOrigin | None:
        """Where the body comes from."""
        return self._saved_body if self._model is None else self._model.origin

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
            ValueError: a loaded result without its model; use
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
        """The body; None for a loaded fit of another body than those of the package."""
        return self._model

    @property
    def joint_names(self) -> tuple[str, ...]:
        """J; for a loaded result those of SMPL, SMPL-H or SMPL-X, or numbers."""
        return joint_names(len(self.joints)) if self._model is None else self._model.joint_names

    @property
    def full_pose(self) -> Floats:
        """(J, 3) global_orient and body_pose."""
        return np.vstack([self.global_orient, self.body_pose])

    @property
    def joint_transforms(self) -> Floats:
        """(J, 4, 4) world_from_joint, metres: orientation and position of each joint.

        Raises:
            ValueError: a loaded result without its model.
        """
        return self.needed_model(None).joint_transforms(self.parameters)

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
        lifter: Lifter | None = None,
    ) -> Covariance:
        """The covariance of the free variables of the last stage, at the solution.

        It is computed from the Gauss-Newton Hessian of the negative log posterior, priors included;
        `Covariance` describes the noise model. It is local: it does not include other solutions,
        such as limbs mirrored in depth, or errors of the body, the focal length or the prior.

        Args:
            sigma_px: standard deviation of a coordinate of a keypoint of confidence 1, pixels;
                None: that of the fit, or estimated from the residuals of keypoints.
            model: the body; needed for a loaded or unpickled fit of another body than
                those of the package.
            pose_prior, joint_limits, lifter: those of the fit; needed for a loaded fit with
                non-default ones.

        Raises:
            ValueError: a noise that is not positive, a loaded fit without the needed arguments, a
                fit that ran no stage.
        """
        last = self._needed_last_stage("covariance")
        return covariance_of(
            self, last, self._model, sigma_px, model, pose_prior, joint_limits, lifter
        )

    @property
    def has_covariance(self) -> bool:
        """Whether `covariance` is available: for fits that ran a stage."""
        return self._last_stage is not None

    def unknown_vertices(self, covariance: Covariance | None = None) -> NDArray[np.bool_]:
        """(V,) vertices of parts that no observation tells: the standard deviation of their joints
        across the view (without a camera: along x and y) is above 8 cm.

        Args:
            covariance: of this fit; None: computed. Where there is none, as for a loaded fit of
                another body or of other priors, nothing is unknown.
        """
        none = np.zeros(len(self.vertices), dtype=bool)
        if self._model is None or not (self.has_covariance or covariance is not None):
            return none
        if covariance is None:
            try:
                covariance = self.covariance()
            except ValueError:  # a prior that is not saved, too few observations
                return none
        turn = np.eye(3) if self.camera is None else self.camera.rotation
        return vertices_of_unknown(self._model, unknown_joints(covariance, turn[:2]))

    @property
    def knows_outliers(self) -> bool:
        """Whether `outliers` is available: for fits that ran a stage."""
        return self._last_stage is not None

    def needed_model(self, model: BodyModel | None) -> BodyModel:
        """The body: the argument, or that of the fit; ValueError for a loaded fit without one."""
        model = self._model if model is None else model
        if model is None:
            raise ValueError(
                "model: expected the body of the fit, which is not saved with it "
                f"({self._saved_body or self.model_name}), got None"
            )
        return model

    def _needed_last_stage(self, what: str) -> LastStage:
        if self._last_stage is None:
            raise ValueError(f"{what}: expected a fit that ran a stage, got another")
        return self._last_stage

    def __repr__(self) -> str:
        state = "converged" if self.converged else f"not converged ({self.message})"
        return "\n".join(lines_of_fit(self, state, self.residuals3d, self._model))

    def _repr_html_(self) -> str | None:
        """For notebooks: the lines, the overlay and the side view; None without Pillow."""
        try:  # by name: drawings import results
            notebook = importlib.import_module("smplceres.look.notebook")
        except ImportError:
            return None
        return str(notebook.html_of(self))

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
            write_whole(path, json.dumps(self.to_dict(), indent=1) + "\n")
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

    def __reduce__(self) -> tuple[Any, ...]:  # with the mesh; a model that is in no file as well
        in_no_file = self._model is not None and self._model.origin is None
        return FitResult._from, (*self._parts(), self._model if in_no_file else None)

    def __copy__(self) -> FitResult:
        return replace(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> FitResult:
        return FitResult._from(*deepcopy(self._parts(), memo), self._model)

    def _parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays, mesh included, and everything else as plain numbers, lists and strings."""
        mesh = {"vertices": self.vertices, "faces": self.faces}
        return self._arrays() | mesh, self._described()

    def _described(self) -> dict[str, Any]:
        error = plain_numbers(np.float64(self.reprojection_error()))
        return plain_parts(self, _PARTS) | {"reprojection_error_px": error}

    @classmethod
    def _from(
        cls, arrays: dict[str, Any], described: dict[str, Any], model: BodyModel | None = None
    ) -> FitResult:
        """Without `model` the body is found by name or file, if it is the one that was fitted."""
        parts = read_parts(described, _PARTS)
        result = cls(
            **{name: arrays[name] for name in _ARRAYS},
            slices=read_slices(arrays),
            keypoints3d=arrays.get("keypoints3d"),
            _saved_body=parts.pop("_body", None),
            **parts,
            _mesh=[arrays["vertices"], arrays["faces"]],
        )
        return replace(result, _model=_found_body(result) if model is None else model)

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
            model: the body; needed for a loaded or unpickled fit of another body than
                those of the package.

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
        shape_morphs: bool = False,
        place: str = "camera",
        bones: str = "smpl",
    ) -> None:
        """Writes the body for other programs, by the suffix of the path:

        - .glb: glTF 2.0, mesh, skeleton, skin weights, the camera; parts that no observation tells
          (`unknown_vertices`) are grey and translucent;
        - .bvh: the skeleton; .csv: positions of joints; .json: parameters and joints;
        - .trc, .sto, .c3d: trajectories of joints and orientations, for biomechanics;
        - .npz: AMASS's layout (`Motion.read`); `save` writes the whole result to an .npz;
        - .obj, .ply: the mesh.

        Units are metres. docs/guides/results/exports.md describes the content of each format.

        Args:
            path: of the file.
            coordinates: "opencv", "y-up", "z-up" or "ros", see `base.coordinates.conversion`; None:
                "y-up" for .glb, .bvh, .trc and .sto, "z-up" for .npz and .c3d, otherwise no
                conversion.
            world, model: as of `motion`.
            pose_correctives: of .glb, the pose blend shapes of this pose as an active
                morph target (None: True); False: linear skinning alone.
            shape_morphs: of .glb, betas as morph targets, which move the mesh and not the bones.
            place: "camera": as fitted; "origin": the pelvis of the first frame at the origin,
                facing +z; "ground": the same, with the lowest point on the ground at height 0. The
                last two are in y-up coordinates unless others are named.
            bones: names of .glb and .bvh, of `exports.BONES`: "smpl", "mixamo" or "vrm".

        Raises:
            ValueError: an unknown suffix or frame, a loaded fit without its model (not needed for
                .obj and .ply), an unknown world frame where one is needed.
            OSError: the file cannot be written.
        """
        suffix = exports.checked_suffix(path)
        as_it_is = coordinates is None and pose_correctives is None and place == "camera"
        if suffix in exports.MESHES and as_it_is and world is None and model is None:
            exports.write_file(path, exports.MESHES[suffix](self.vertices, self.faces))
        else:
            motion = self.motion(world=world, model=model)
            unknown = None
            if suffix == ".glb" and motion.model is self._model:
                unknown = self.unknown_vertices()
            settings = exports.Settings(pose_correctives, shape_morphs, place, bones, unknown)
            exports.export_motion(motion, path, coordinates, settings)


def _found_body(result: FitResult) -> BodyModel | None:
    """The body that was fitted, of the package or of a file that is still there; None: neither."""
    try:
        saved = result._saved_body
        if saved is None:  # a file of an earlier version
            model = own_body_named(result.model_name, len(result.betas))
        else:
            model = saved.load()
    except (OSError, ValueError):
        return None
    if model is None or (model.num_joints, 3) != result.joints.shape:
        return None
    if len(result.betas) != model.num_betas or {n for n, _ in model.layout.further} != set(
        result.slices
    ):
        return None
    same = np.array_equal(model.faces, result.faces)
    return model if same and np.allclose(model.joints(**result.parameters), result.joints) else None
