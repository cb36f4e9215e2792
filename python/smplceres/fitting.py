"""fit: from keypoints to a body."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from .body import BodyModel, Parameters, parameters_of
from .camera import AnyCamera, Camera, WeakPerspectiveCamera
from .camera_refinement import CameraRefinement, checked_refinement
from .counts import checked_threads, count_of
from .ground import Ground
from .hypotheses import hypotheses_of
from .joint_limits import JointLimits
from .keypoint_formats import KeypointFormat
from .keypoints3d import SIGMA, Keypoints3D
from .markers import MarkerFormat
from .mask import AnyMask
from .models import load_body_model
from .noise import NoiseLevel, with_noise
from .observations import checked_keypoints3d, observations
from .person import Person
from .point_cloud import PointCloud, checked_clouds
from .pose_prior import GaussianPosePrior, MixturePosePrior, PosePrior, load_pose_prior
from .presets import cloud_stages, default_stages, joints3d_stages, make_stages
from .result import FitResult, LastStage, StageReport
from .views import AnyFormat, AnyKeypoints, FittedView, View, checked_views, with_masks

# A preset's iteration limits are for Gauss-Newton steps; L-BFGS needs many more, cheaper ones.
_LBFGS_ITERATIONS = 10


def fit(
    keypoints: AnyKeypoints
    | Sequence[AnyKeypoints | None]
    | Mapping[str, AnyKeypoints | None]
    | None,
    camera: AnyCamera | Sequence[AnyCamera] | Mapping[str, AnyCamera] | None = None,
    *,
    model: BodyModel | str | PathLike[str] | None = None,
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None = None,
    mask: AnyMask | Sequence[AnyMask | None] | None = None,
    keypoints3d: Keypoints3D | ArrayLike | None = None,
    points: PointCloud | ArrayLike | Sequence[PointCloud] | None = None,
    depth: ArrayLike | Sequence[ArrayLike | None] | Mapping[str, ArrayLike] | None = None,
    person: Person | None = None,
    ground: Ground | None = None,
    pose_prior: PosePrior | str | PathLike[str] | None = None,
    joint_limits: JointLimits | None = None,
    initial: FitResult | Mapping[str, ArrayLike] | None = None,
    preset: str | Sequence[_core.Stage] = "default",
    starts: int | str = "auto",
    threads: int | None = None,
    estimate_focal: bool = False,
    refine_cameras: bool | CameraRefinement = False,
    sigma_px: NoiseLevel | Sequence[NoiseLevel | None] | None = None,
    jacobian: str | None = None,
    linear_solver: str | None = None,
    minimizer: str | None = None,
    max_time: float | None = None,
) -> FitResult:
    """Fits a body to the keypoints of one person, in one picture or in several taken at once.

    Args:
        keypoints: what `read_keypoints` gives, or an array (K, 3) of x, y (pixels) and confidence,
            or (K, 2). Confidence 0 marks a keypoint that was not seen; at least 3 must be. With a
            list of cameras, a list of as many: None for a camera that the person was not found in.
            With cameras by name, a mapping of some of the names. None: a fit to
            `points` or `depth` alone, from `initial`.
        camera: None: guessed from the keypoints' image size. A list: cameras whose rotation and
            translation place them in one world; the result is there. Or by name, as
            `read_cameras` gives them.
        model: a body, the path of one, or None for the default.
        keypoint_format: of an array; its K says which, where one known format alone has as many. A
            list: one per camera.
        mask: where the person is in the picture: a `Mask`, an array [height, width] of the camera's
            size, bool or uint8, or the path of a PNG. With a list of cameras a list, None for those
            without. The outline of the body is brought to it in stages that weight
            silhouette_inside or silhouette_contour.
        keypoints3d: points of the person measured in space: `Keypoints3D`, or an array (K, 3) of x,
            y, z, metres in the world, or (K, 4) with confidence, each of standard deviation 0.01 m
            at confidence 1, in the format of `keypoints` where K is the same, otherwise that which
            K says. All stages that weight points3d have them, and three of them that are not on one
            line say where to start, in place of the picture (`starts` is then 1).
        points: the person's surface, or a part of it, measured as points: a `PointCloud`, several,
            or an array (N, 3), metres in the world, seen from all around.
        depth: what a depth camera measured: an image [height, width] of the camera's size, metres
            along its optical axis; NaN, infinity and 0 were not measured. With a list of cameras a
            list, None for those without; with cameras by name, by name. `PointCloud.from_depth` has
            a mask, and a camera of its own for depths of another camera than the picture's.
        person: what is known of the person: height, limb lengths, betas. Exact betas are held in
            all stages, whatever `initial` has.
        ground: the plane that the feet are on or above, in the world's frame.
        pose_prior: a prior, the path of a mixture in SMPLify's format, or None for the mixture that
            comes with the package (`load_pose_prior()`; `anatomical_prior` where the body's first
            22 joints are not SMPL's).
        joint_limits: ranges of the joints, for the stages' joint_limits term; None: published
            ranges of motion on bodies with the joints of SMPL, SMPL-H or SMPL-X, no limits on
            others.
        initial: where to start instead of looking for a start: an earlier result of a camera of the
            same kind, or any of global_orient, body_pose, betas, transl; what is left out or None
            is found. Without keypoints, of global_orient and transl both are needed, good to some
            20 degrees and 20 cm.
        preset: "default", "smplify", or a list of stages. With points or depth, "default" is
            `cloud_stages()`; with a mask, `default_stages(mask=True)`, and "smplify", which has no
            silhouettes, is refused.
        starts: "auto": one, and where its fit looks doubtful also the bodies that a picture can
            hardly tell from it, parts mirrored in depth; where it still does, also from the means
            of the pose prior's mixture, facing forwards and backwards, and from a body bent
            forward, facing four ways: early stages of all, the last one of the best few
            (`hypotheses`). A number, 1 to 1000: that
            many facing directions, the cheapest result kept. With "auto" and 1, a person who may as
            well face the other way (seen from the side) is tried both ways.
        threads: that starts are run on, >= 1; None: as many as there are cores. The result is the
            same for any number.
        estimate_focal: take the camera's focal lengths for a guess, and find a common factor on
            them, from 1/5 to 5, in the stages with free_focal; the result's camera has it.
        sigma_px: noise of the keypoints, the standard deviation of a coordinate of confidence 1,
            pixels; or (K,) one for each keypoint; with several cameras, a list of such. In the last
            stage the balance of picture and priors follows it (stages without reference_noise keep
            theirs). None: estimated from the residuals. A keypoint of confidence c has a noise of
            sigma_px / c; of several numbers, their geometric mean is sigma_px, and confidences are
            multiplied so that each keypoint has its own: the result's keypoints have those.
        refine_cameras: True, or a `CameraRefinement`: the places of two or more cameras and their
            focal lengths are found with the body, near what was given; the result's views have the
            cameras found. The first camera's pose is held, and the others' distances and the body
            hold the scale. One person in one picture of each tells little: a sequence tells more.
        jacobian: "fast", or "autodiff" (through the whole body; slow, the reference).
        linear_solver: "auto" or a name that Ceres knows, such as DENSE_QR.
        minimizer: "lm", "dogleg" or "lbfgs". These three: None leaves the preset's own choice
            ("fast", "auto" and "lm" in the default preset).
        max_time: seconds after which the best state so far is returned; None: no limit.

    Raises:
        ValueError: input that cannot be fitted, naming the argument, what was expected, what came.
        KeyboardInterrupt: Ctrl-C while solving.

    A fit that does not converge is no error: it returns its best state with `converged` False.
    Source: Bogo et al., Keep it SMPL, 2016; Pavlakos et al., SMPLify-X, 2019.
    """
    begin = time.perf_counter()
    views = () if keypoints is None else checked_views(keypoints, camera, keypoint_format)
    clouds = checked_clouds(points, depth, camera, views[0].camera if views else None)
    if not views and not clouds:
        raise ValueError("keypoints: expected those of a person, or points or depth, got None")
    views = with_masks(views, mask)
    model = checked_model(model)
    measured = checked_keypoints3d(keypoints3d, views[0].keypoints.format if views else None)
    prior = checked_prior(pose_prior, model)
    limits = checked_limits(joint_limits, model)
    masked = any(view.mask is not None for view in views)
    stages = _stages(preset, masked, bool(clouds))
    for stage in stages:
        if jacobian is not None:
            stage.solver.jacobian = jacobian
        if linear_solver is not None:
            stage.solver.linear_solver = linear_solver
        if minimizer is not None:
            if minimizer == "lbfgs" != stage.solver.minimizer:
                stage.solver.max_iterations *= _LBFGS_ITERATIONS
            stage.solver.minimizer = minimizer
    views, sigma = with_noise(views, sigma_px)
    if not views and measured is None and not _places_body(initial):
        raise ValueError(
            "initial: expected global_orient and transl at least, to start from without keypoints"
        )
    seconds = _checked_seconds(max_time)
    number, threads = _checked_starts(starts), checked_threads(threads)

    if estimate_focal and not all(isinstance(view.camera, Camera) for view in views):
        raise ValueError("estimate_focal: expected a Camera to go with it, got another kind")
    if estimate_focal and depth is not None:
        raise ValueError("estimate_focal: expected a known focal length with depth, got a guess")
    refinement = checked_refinement(
        refine_cameras,
        [view.camera for view in views],
        [bool(view.keypoints.visible.any()) for view in views],
    )
    if refinement is not None and depth is not None:
        raise ValueError("refine_cameras: expected known cameras with depth, got a refinement")
    observed = observations(
        views,
        model,
        measured,
        estimate_focal,
        person=person,
        ground=ground,
        clouds=clouds,
        refinement=refinement,
    )
    solved = _core.fit(
        observed,
        prior.core,
        stages,
        start_pose=prior.start_pose,
        starts=number,
        other_starts=starts == "auto",
        threads=threads,
        sigma_px=sigma or 0.0,
        max_time=seconds,
        initial=None
        if initial is None
        else initial_variables(initial, model, views, observed, prior),
        joint_limits=None if limits is None else limits.core,
    )
    if clouds and not views and measured is None and "cloud" not in solved.energies:
        raise ValueError(
            "points: expected a cloud near the body, got none of its points within the gate of the "
            "last stage that ran and on a side of the body that the sensor sees"
        )
    last_stage = None
    if solved.stages:
        last_stage = LastStage(
            stage=solved.last_stage,
            sigma_px=sigma,
            initial_transl=solved.initial_transl,
            pixels_per_metre=solved.pixels_per_metre,
            free_zoom=tuple(
                estimate_focal
                or (refinement is not None and refinement.focal_sigma > 0)
                or scale_is_unknown(view.camera)
                for view in views
            ),
            own_pose_prior=pose_prior is not None,
            own_joint_limits=joint_limits is not None,
            person=person,
            ground=ground,
            own_clouds=len(clouds) > 0,
            clouds=clouds,
            pose_prior=prior,
            joint_limits=limits,
        )
    return _result(solved, views, model, begin, measured, last_stage)


def fit_joints3d(
    joints3d: Keypoints3D | ArrayLike,
    *,
    model: BodyModel | str | PathLike[str] | None = None,
    keypoint_format: str | KeypointFormat | MarkerFormat | None = None,
    sigma: float = SIGMA,
    person: Person | None = None,
    ground: Ground | None = None,
    pose_prior: PosePrior | str | PathLike[str] | None = None,
    joint_limits: JointLimits | None = None,
    stages: Sequence[_core.Stage] | None = None,
    max_time: float | None = None,
) -> FitResult:
    """Fits a body to points in space alone: 3D joints, keypoints or markers of one person.

    Args:
        joints3d: `Keypoints3D`, or an array (K, 3) of x, y, z (metres) or (K, 4) with confidence.
            Confidence 0 marks a point that was not seen; three that are not on one line must be.
        model: a body, the path of one, or None for the default.
        keypoint_format: of an array: "smpl24" for SMPL's joints, "openpose_body25", ...; its K says
            which, where one known format alone has as many.
        sigma: of an array: standard deviation on each axis at confidence 1, metres, > 0. What
            decides how far the body stays with the priors: give the noise that the points have.
        person, pose_prior, joint_limits: as of `fit`.
        ground: in the frame of the points.
        stages: None: `joints3d_stages()`.
        max_time: as of `fit`.

    Returns:
        A result in the frame of the points, of whatever axes; without camera, keypoints and
        keypoints2d. `residuals3d` is how far the points are from the body.

    Raises:
        ValueError: input that cannot be fitted, naming the argument, what was expected, what came.
        KeyboardInterrupt: Ctrl-C while solving.
    """
    begin = time.perf_counter()
    if not isinstance(joints3d, Keypoints3D):
        joints3d = Keypoints3D.from_array(joints3d, keypoint_format, sigma=sigma)
    model = checked_model(model)
    prior = checked_prior(pose_prior, model)
    limits = checked_limits(joint_limits, model)
    seconds = _checked_seconds(max_time)
    solved = _core.fit(
        observations((), model, joints3d, person=person, ground=ground),
        prior.core,
        joints3d_stages() if stages is None else make_stages(stages),
        start_pose=prior.start_pose,
        starts=1,
        other_starts=False,
        threads=1,
        sigma_px=0.0,
        max_time=seconds,
        initial=None,
        joint_limits=None if limits is None else limits.core,
    )
    last_stage = None
    if solved.stages:
        last_stage = LastStage(
            stage=solved.last_stage,
            initial_transl=solved.initial_transl,
            pixels_per_metre=solved.pixels_per_metre,
            sigma_px=None,
            free_zoom=(),
            own_pose_prior=pose_prior is not None,
            own_joint_limits=joint_limits is not None,
            person=person,
            ground=ground,
            pose_prior=prior,
            joint_limits=limits,
        )
    return _result(solved, (), model, begin, joints3d, last_stage)


def _places_body(initial: FitResult | Mapping[str, ArrayLike] | None) -> bool:
    if not isinstance(initial, Mapping):
        return initial is not None
    return all(initial.get(name) is not None for name in ("global_orient", "transl"))


def checked_model(model: BodyModel | str | PathLike[str] | None) -> BodyModel:
    return model if isinstance(model, BodyModel) else load_body_model(model)


def _stages(
    preset: str | Sequence[_core.Stage], masked: bool, with_clouds: bool
) -> list[_core.Stage]:
    """Those of a preset, the default one for what is there to fit to."""
    if preset != "default":
        stages = make_stages(preset)
    elif with_clouds:
        stages = cloud_stages(mask=masked)
    else:
        stages = default_stages(mask=masked)
    if masked and not any(
        stage.silhouette_inside.weight or stage.silhouette_contour.weight for stage in stages
    ):
        raise ValueError(
            "mask: expected stages that weight silhouette_inside or silhouette_contour, got none"
        )
    return stages


def _checked_starts(starts: int | str) -> int:
    """How many facing directions."""
    number = count_of(1 if isinstance(starts, str) and starts == "auto" else starts)
    if number is None:
        raise ValueError(f"starts: expected a whole number >= 1 or 'auto', got {starts!r}")
    return number


def _checked_seconds(max_time: float | None) -> float:
    """Infinity without a limit."""
    if max_time is not None and not max_time > 0:
        raise ValueError(f"max_time: expected seconds > 0 or None, got {max_time}")
    return float("inf") if max_time is None else float(max_time)


def checked_prior(
    pose_prior: PosePrior | str | PathLike[str] | None, model: BodyModel
) -> PosePrior:
    if pose_prior is None:
        return model.default_prior
    if isinstance(pose_prior, str | PathLike):
        pose_prior = load_pose_prior(pose_prior)
    if not isinstance(pose_prior, GaussianPosePrior | MixturePosePrior):
        raise TypeError(
            "pose_prior: expected a GaussianPosePrior, a MixturePosePrior or the path of one, "
            f"got {type(pose_prior).__name__}"
        )
    return pose_prior.for_joints(model.num_joints)


def checked_limits(joint_limits: JointLimits | None, model: BodyModel) -> JointLimits | None:
    if joint_limits is None:
        return model.default_joint_limits
    if not isinstance(joint_limits, JointLimits):
        raise TypeError(
            f"joint_limits: expected JointLimits or None, got {type(joint_limits).__name__}"
        )
    return joint_limits


def scale_is_unknown(camera: AnyCamera) -> bool:
    return isinstance(camera, WeakPerspectiveCamera) and camera.scale is None


def initial_variables(
    initial: FitResult | Mapping[str, ArrayLike],
    model: BodyModel,
    views: Sequence[View],
    observed: _core.Observations,
    prior: PosePrior,
) -> _core.Variables:
    """The variables to start from; what `initial` leaves out is found as without it."""
    if isinstance(initial, FitResult):
        # A fit to points in space starts one in their frame.
        log_zoom = _zooms_of(initial, views) if initial.views else np.zeros(len(views))
        return _core.Variables(model._core, **initial.parameters, log_zoom=log_zoom)
    if not isinstance(initial, Mapping):
        raise TypeError(f"initial: expected a FitResult or a mapping, got {type(initial).__name__}")
    initial = {name: value for name, value in initial.items() if value is not None}
    unknown = set(initial) - set(Parameters.__annotations__)
    if unknown:
        raise ValueError(
            "initial: expected global_orient, body_pose, betas, transl, got "
            + ", ".join(sorted(unknown))
        )
    given = model.parameters(
        initial.get("betas"),
        initial.get("global_orient"),
        initial.get("body_pose", prior.start_pose),
        initial.get("transl"),
    )
    if not views and {"global_orient", "transl"} <= set(initial):
        return _core.Variables(model._core, **given, log_zoom=np.zeros(0))
    found = _core.initialise(observed, start_pose=given["body_pose"])
    if "global_orient" not in initial:
        given["global_orient"] = found.global_orient
    if "transl" not in initial:
        given["transl"] = found.transl
    if "betas" not in initial:
        given["betas"] = found.betas
    return _core.Variables(model._core, **given, log_zoom=found.log_zoom)


def _zooms_of(initial: FitResult, views: Sequence[View]) -> NDArray[np.float64]:
    if len(initial.views) != len(views):
        raise ValueError(
            f"initial: expected a result of as many views, {len(views)}, got {len(initial.views)}"
        )
    log_zoom = np.zeros(len(views))
    for number, (view, other) in enumerate(zip(views, initial.views, strict=True)):
        if type(other.camera) is not type(view.camera):
            raise ValueError(
                f"initial: expected a result of a {type(view.camera).__name__}, "
                f"got one of a {type(other.camera).__name__}"
            )
        if scale_is_unknown(view.camera):
            log_zoom[number] = math.log(other.camera.scale or 1.0)  # type: ignore[union-attr]
    return log_zoom


def _result(
    solved: _core.Fit,
    views: Sequence[View],
    model: BodyModel,
    begin: float,
    measured: Keypoints3D | None,
    last_stage: LastStage | None = None,
) -> FitResult:
    variables = solved.variables
    parameters = parameters_of(variables)
    return FitResult(
        **parameters,
        joints=model.joints(**parameters),
        views=tuple(
            fitted_view(view, zoom, model, parameters, motion)
            for view, (zoom, motion) in zip(views, camera_changes(variables), strict=True)
        ),
        stages=tuple(stage_report(stage) for stage in solved.stages),
        energies=dict(solved.energies),
        converged=solved.converged,
        message=solved.message,
        num_starts=solved.num_starts,
        hypotheses=hypotheses_of(solved, model) if len(solved.hypotheses) > 1 else (),
        sigma_px=solved.sigma_px or None,
        model_name=model.name,
        keypoints3d=None if measured is None else _places(measured.format, model, parameters),
        measured3d=measured,
        start=parameters_of(solved.start),
        solve_time=time.perf_counter() - begin,
        _model=model,
        _last_stage=last_stage,
    )


def camera_changes(
    variables: _core.Variables,
) -> list[tuple[float, NDArray[np.float64] | None]]:
    """Of each view: log zoom and motion (6,) of its camera, None where no camera moves."""
    motions = list(variables.camera_motion) or [None] * len(variables.log_zoom)
    return [(float(zoom), motion) for zoom, motion in zip(variables.log_zoom, motions, strict=True)]


def changed_camera(
    camera: AnyCamera, log_zoom: float, motion: NDArray[np.float64] | None
) -> AnyCamera:
    """A camera zoomed and moved as a fit found it."""
    if isinstance(camera, Camera):
        if log_zoom != 0.0:
            camera = camera.zoomed(math.exp(log_zoom))
        if motion is not None and np.any(motion):
            camera = camera.moved(motion[:3], motion[3:])
        return camera
    # Far from all bodies, but a scale: what garbage is fitted with.
    return camera.scaled(math.exp(min(max(log_zoom, -600.0), 600.0)))


def fitted_view(
    view: View,
    log_zoom: float,
    model: BodyModel,
    parameters: Parameters,
    motion: NDArray[np.float64] | None = None,
) -> FittedView:
    """A picture with a fitted body in it, its camera zoomed and moved."""
    camera = changed_camera(view.camera, log_zoom, motion)
    places = _places(view.keypoints.format, model, parameters)
    on_body = np.isfinite(places[:, 0])
    keypoints2d = np.full((len(view.keypoints), 2), np.nan)
    keypoints2d[on_body] = camera.project(places[on_body])
    return FittedView(view.keypoints, camera, keypoints2d, mask=view.mask)


def _places(
    point_format: KeypointFormat | MarkerFormat, model: BodyModel, parameters: Parameters
) -> NDArray[np.float64]:
    """(K, 3) metres, where a posed body has the points of a format; NaN where it has none."""
    points, point_of, _ = model.keypoint_points(point_format)
    numbers = np.array(point_of)
    places = np.full((len(numbers), 3), np.nan)
    places[numbers >= 0] = points.evaluate(model._core, **parameters)[numbers[numbers >= 0]]
    return places


def stage_report(stage: _core.StageSummary) -> StageReport:
    summary = stage.summary
    return StageReport(
        name=stage.name,
        iterations=summary.num_iterations,
        initial_cost=summary.initial_cost,
        final_cost=summary.final_cost,
        time=summary.time,
        termination_type=summary.termination_type,
        message=summary.message,
        minimizer=summary.minimizer,
        linear_solver=summary.linear_solver,
        jacobian=summary.jacobian,
        num_residuals=summary.num_residuals,
        num_parameters=summary.num_parameters,
        costs=tuple(tuple(each) for each in summary.costs),
        initial_energies=dict(stage.initial_energies),
        energies=dict(stage.energies),
        parameters=None if stage.variables is None else parameters_of(stage.variables),
    )
