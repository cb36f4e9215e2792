"""What a fit gives back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _core, exports
from .body import BodyModel, Parameters, parameters_of
from .camera import AnyCamera, camera_from_dict
from .ground import Ground
from .hypotheses import Hypothesis, similar
from .joint_limits import JointLimits
from .keypoint_formats import KeypointFormat
from .keypoints import Keypoints
from .keypoints3d import Keypoints3D
from .motion import Motion
from .penetration import Penetration
from .person import Person
from .pose_prior import PosePrior
from .presets import stage_from_dict, stage_to_dict
from .skeleton import joint_names
from .views import FittedView, median_residual

if TYPE_CHECKING:
    from .covariance import Covariance

Floats = NDArray[np.float64]

_ARRAYS = ("global_orient", "body_pose", "betas", "transl", "joints")


@dataclass(frozen=True)
class StageReport:
    """One stage of a fit.

    Costs are energies, sum |r|^2; time in seconds; termination_type, minimizer and linear_solver as
    Ceres names them.

    Attributes:
        costs: of each solve (a stage has several where its terms are made anew, or its weights are
            balanced by the noise), at its start and after every iteration: the lowest so far.
        initial_energies, energies: sum |r|^2 of each term where the stage began and where it ended,
            in its weights.
        parameters: where it ended; None of many frames.
    """

    name: str
    iterations: int
    initial_cost: float
    final_cost: float
    time: float
    termination_type: str
    message: str
    minimizer: str
    linear_solver: str
    jacobian: str
    num_residuals: int
    num_parameters: int
    costs: tuple[tuple[float, ...], ...] = ()
    initial_energies: dict[str, float] = field(default_factory=dict)
    energies: dict[str, float] = field(default_factory=dict)
    parameters: Parameters | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, strings and dicts, for files."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return values | {"parameters": _plain_parameters(self.parameters)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> StageReport:
        """What `to_dict` wrote, this version's or an earlier one's."""
        costs = tuple(tuple(each) for each in values.get("costs", ()))
        parameters = _parameters(values.get("parameters"))
        return cls(**values | {"costs": costs, "parameters": parameters})


@dataclass(frozen=True, eq=False)
class LastStage:
    """What the objective was that a fit ended in, besides keypoints, camera and body.

    Attributes:
        stage: its options.
        initial_transl: (3,) metres, where the body was put first.
        pixels_per_metre: (views,) in each picture, at that depth.
        sigma_px: the noise that the fit was told of, pixels.
        free_zoom: of each view, whether its camera's scale or focal length was found.
        own_pose_prior, own_joint_limits: they were given, not the body's default ones.
        person, ground: what was known besides the picture.
        own_clouds: surfaces measured as points were given.
        clouds: those; not saved, none after loading.
        pose_prior, joint_limits: not saved; None after loading.
    """

    stage: _core.Stage
    initial_transl: Floats
    pixels_per_metre: Floats
    free_zoom: tuple[bool, ...]
    sigma_px: float | None
    own_pose_prior: bool
    own_joint_limits: bool
    person: Person | None = None
    ground: Ground | None = None
    own_clouds: bool = False
    clouds: tuple[_core.Cloud, ...] = ()
    pose_prior: PosePrior | None = None
    joint_limits: JointLimits | None = None

    @property
    def units(self) -> Floats:
        """(views,) units of keypoints' residuals per pixel, see `ReprojectionOptions`."""
        wanted = self.stage.reprojection.pixels_per_metre
        known = (self.pixels_per_metre > 0) & (wanted > 0)
        return np.where(known, wanted / np.where(known, self.pixels_per_metre, 1.0), 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dicts, for files."""
        return {
            "stage": stage_to_dict(self.stage),
            "initial_transl": self.initial_transl.tolist(),
            "pixels_per_metre": self.pixels_per_metre.tolist(),
            "free_zoom": list(self.free_zoom),
            "sigma_px": self.sigma_px,
            "own_pose_prior": self.own_pose_prior,
            "own_joint_limits": self.own_joint_limits,
            "own_clouds": self.own_clouds,
            "person": None if self.person is None else self.person.to_dict(),
            "ground": None if self.ground is None else self.ground.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LastStage:
        """What `to_dict` wrote."""
        person, ground = values.pop("person"), values.pop("ground")
        return cls(
            stage_from_dict(values.pop("stage")),
            np.array(values.pop("initial_transl")),
            np.array(values.pop("pixels_per_metre")),
            tuple(values.pop("free_zoom")),
            **values,
            person=None if person is None else Person(**person),
            ground=None if ground is None else Ground(**ground),
        )


@dataclass(frozen=True, eq=False)
class FitResult:
    """The body that explains the keypoints of pictures, points in space, or both.

    V vertices, J joints, B betas, K keypoints (of all views, one after the other), K3 points in
    space.

    Places are in the camera's frame (x right, y down, z forward), or in the world frame where the
    camera has a rotation and translation of its own: there `model(**result.parameters)` has these
    joints. A fit to points in space alone is in their frame and has no views.

    Attributes:
        global_orient: (3,) axis-angle of the root, radians, length <= pi.
        body_pose: (J-1, 3) axis-angles of the other joints, radians.
        betas: (B,) shape coefficients, standard deviations.
        transl: (3,) metres.
        joints: (J, 3) metres.
        views: the pictures, each with its camera, its keypoints and where the fitted body has them.
        stages: what each stage did.
        energies: sum |r|^2 of each term at the end, in the last stage's weights.
        converged: the last stage converged; otherwise `message` says why it stopped.
        message: the solver's last word.
        solve_time: seconds of the whole fit.
        num_starts: how many starts were tried.
        model_name: of the body.
        sigma_px: the noise of the keypoints, given or estimated, that the weights of the last stage
            are in balance with, pixels; None: they are as they were set.
        hypotheses: the different ends of several starts, the cheapest first, the result's own among
            them; () where one start was all.
        keypoints3d: (K3, 3) metres, where the fitted body has the points measured in space; NaN
            where it has none; None of a fit without such points.
        measured3d: the measured ones.
        start: where the first stage began.
    """

    global_orient: Floats
    body_pose: Floats
    betas: Floats
    transl: Floats
    joints: Floats
    views: tuple[FittedView, ...]
    stages: tuple[StageReport, ...]
    energies: dict[str, float]
    converged: bool
    message: str
    solve_time: float
    num_starts: int
    model_name: str
    sigma_px: float | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    keypoints3d: Floats | None = None
    measured3d: Keypoints3D | None = None
    start: Parameters | None = None
    _model: BodyModel | None = field(default=None, repr=False)
    _mesh: list[NDArray[Any]] = field(default_factory=list, repr=False)
    _last_stage: LastStage | None = field(default=None, repr=False)

    @property
    def parameters(self) -> Parameters:
        """The arguments that pose the model as fitted."""
        return parameters_of(self)

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
    def camera(self) -> AnyCamera | None:
        """Of the first view; None of a fit without pictures, as `keypoints` and `keypoints2d`."""
        return self.views[0].camera if self.views else None

    @property
    def keypoints(self) -> Keypoints | None:
        """Observed in the first view."""
        return self.views[0].keypoints if self.views else None

    @property
    def keypoints2d(self) -> Floats | None:
        """Of the first view, pixels: where the fitted body has its keypoints; NaN where none."""
        return self.views[0].keypoints2d if self.views else None

    @property
    def residuals(self) -> Floats:
        """(K,) pixels from observed to fitted keypoint; NaN where not seen or not on the body."""
        return np.concatenate([np.zeros(0), *(view.residuals for view in self.views)])

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

    def reprojection_error(self, min_confidence: float = 0.5) -> float:
        """Median residual, pixels, of keypoints of more than this confidence; NaN without any."""
        return median_residual(self.views, min_confidence)

    @property
    def alternatives(self) -> tuple[Hypothesis, ...]:
        """Other poses (a joint further than 10 cm away) that explain the picture about as well: an
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
        from .covariance import covariance_of  # noqa: PLC0415  # stands above fitting, above this

        last = self._needed_last_stage("covariance")
        return covariance_of(self, last, self._model, sigma_px, model, pose_prior, joint_limits)

    @property
    def has_covariance(self) -> bool:
        """Whether `covariance` can be asked for: of a fit to a picture alone that ran a stage."""
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
            **{name: _plain(array) for name, array in self._arrays().items()},
            "views": [_described(view) for view in self.views],
            "measured3d": None if self.measured3d is None else self.measured3d.to_dict(),
            "reprojection_error_px": _plain(np.float64(self.reprojection_error())),
            "stages": [stage.to_dict() for stage in self.stages],
            "start": _plain_parameters(self.start),
            "energies": self.energies,
            "converged": self.converged,
            "message": self.message,
            "solve_time": self.solve_time,
            "num_starts": self.num_starts,
            "sigma_px": self.sigma_px,
            "hypotheses": [hypothesis.to_dict() for hypothesis in self.hypotheses],
            "model_name": self.model_name,
            "last_stage": None if self._last_stage is None else self._last_stage.to_dict(),
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
            arrays, described = self._parts()
            np.savez_compressed(path, **arrays, description=np.array(json.dumps(described)))
        else:
            raise ValueError(f"path: expected a name ending in .npz or .json, got {path.name!r}")

    def _parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays, mesh included, and everything else as plain numbers, lists and strings."""
        arrays = self._arrays()
        described = {key: value for key, value in self.to_dict().items() if key not in arrays}
        for view, view_described in zip(self.views, described["views"], strict=True):
            view_described["locations"] = [
                list(k.location) for k in view.keypoints.format.keypoints
            ]
        return arrays | {"vertices": self.vertices, "faces": self.faces}, described

    def _arrays(self) -> dict[str, Any]:
        """By name; keypoints3d where there are any."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return arrays if self.keypoints3d is None else arrays | {"keypoints3d": self.keypoints3d}

    def __reduce__(self) -> tuple[Any, ...]:  # without the model, with its mesh
        return FitResult._from, self._parts()

    @classmethod
    def load(cls, path: str | PathLike[str]) -> FitResult:
        """Reads what `save` wrote to an .npz.

        Raises:
            FileNotFoundError: no such file.
            ValueError: a file that `save` did not write.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"path: expected a saved fit, found no file {path}")
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in (*_ARRAYS, "vertices", "faces")}
                arrays |= {name: archive[name] for name in archive if name == "keypoints3d"}
                described = json.loads(str(archive["description"]))
            return cls._from(arrays, described)
        except Exception as error:  # a damaged archive raises whatever its parsers run into first
            raise ValueError(f"path: expected a fit saved as .npz, got {path} ({error})") from error

    @classmethod
    def _from(cls, arrays: dict[str, Any], described: dict[str, Any]) -> FitResult:
        mesh = [arrays.pop("vertices"), arrays.pop("faces")]
        measured3d = described.pop("measured3d", None)
        described.pop("reprojection_error_px")
        last_stage = described.pop("last_stage", None)
        return cls(
            **arrays,
            views=tuple(_view(view) for view in described.pop("views")),
            measured3d=None if measured3d is None else Keypoints3D.from_dict(measured3d),
            stages=tuple(StageReport.from_dict(stage) for stage in described.pop("stages")),
            start=_parameters(described.pop("start", None)),
            hypotheses=tuple(map(Hypothesis.from_dict, described.pop("hypotheses", []))),
            **described,
            _mesh=mesh,
            _last_stage=None if last_stage is None else LastStage.from_dict(last_stage),
        )

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

        Metres. docs/exports.md says what each keeps.

        Args:
            path: where to.
            coordinates: "opencv", "y-up", "z-up" or "ros", see `coordinates.conversion`; None:
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


def outliers_of(
    view: FittedView, options: _core.ReprojectionOptions, unit: float
) -> NDArray[np.bool_]:
    """(K,) the rule of `FitResult.outliers` on one picture; unit: residual units per pixel."""
    squared = (unit * (view.keypoints2d - view.keypoints.xy)) ** 2
    error = np.sqrt(squared.sum(axis=1) if options.per_point else squared.max(axis=1))
    with np.errstate(invalid="ignore"):  # NaN where the body has no such keypoint
        far = {
            "geman_mcclure": error > options.sigma,
            "huber": error > 4 * options.sigma,
            "none": np.zeros(len(error), dtype=bool),
        }[options.robust]
    return np.asarray(far & view.keypoints.visible)


def _plain_parameters(parameters: Parameters | None) -> dict[str, Any] | None:
    if parameters is None:
        return None
    return {name: np.asarray(value).tolist() for name, value in parameters.items()}


def _parameters(plain: dict[str, Any] | None) -> Parameters | None:
    if plain is None:
        return None
    return {
        "betas": np.array(plain["betas"]),
        "global_orient": np.array(plain["global_orient"]),
        "body_pose": np.array(plain["body_pose"]),
        "transl": np.array(plain["transl"]),
    }


def _described(view: FittedView) -> dict[str, Any]:
    keypoints = view.keypoints
    return {
        "camera": view.camera.to_dict(),
        "format": keypoints.format.name,
        "names": list(keypoints.format.names),
        "xy": keypoints.xy.tolist(),
        "confidence": keypoints.confidence.tolist(),
        "keypoints2d": _plain(view.keypoints2d),
        "image_size": keypoints.image_size,
        "source": keypoints.source,
    }


def _view(described: dict[str, Any]) -> FittedView:
    keypoint_format = KeypointFormat.from_mapping(
        described["format"],
        list(zip(described["names"], described["locations"], strict=True)),
    )
    keypoints = Keypoints(
        described["xy"],
        described["confidence"],
        keypoint_format,
        described["image_size"],
        described["source"],
    )
    keypoints2d = np.array(described["keypoints2d"], dtype=np.float64)  # None becomes NaN
    return FittedView(keypoints, camera_from_dict(described["camera"]), keypoints2d)


def _plain(array: NDArray[Any] | np.float64) -> Any:
    """Nested lists, NaN as None: JSON has no NaN."""
    return json.loads(json.dumps(array.tolist()).replace("NaN", "null"))
