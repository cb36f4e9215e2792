"""fit: from keypoints to a body."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from os import PathLike

from numpy.typing import ArrayLike

from .._native import _core
from ..body.model import BodyModel
from ..cameras.camera import AnyCamera
from ..cameras.refinement import CameraRefinement
from ..evidence.ground import Ground
from ..evidence.keypoints3d import Keypoints3D
from ..evidence.mask import AnyMask
from ..evidence.noise import NoiseLevel, with_noise
from ..evidence.person import Person
from ..evidence.point_cloud import PointCloud, checked_clouds
from ..evidence.scene import checked_keypoints3d
from ..evidence.views import AnyFormat, AnyKeypoints, View, checked_views, with_masks
from ..priors.joint_limits import JointLimits
from ..priors.lifter import Lifter
from ..priors.pose_prior import PosePrior
from .doubts.examine import examined_fit, plain_fit
from .initial import places_body
from .inputs import model_for, refinement_of, stages_for
from .known import Known
from .result import FitResult
from .solving import Solving, set_solver_options
from .task import Task


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
    lifter: Lifter | str | PathLike[str] | None = None,
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
    check: bool = True,
) -> FitResult:
    """Fits a body to one person in one image or in several simultaneous images.

    Args:
        keypoints: `Keypoints` of `read_keypoints`, or an array (K, 3) of x, y (pixels) and
            confidence, or (K, 2). Confidence 0 marks a missing keypoint; at least 3 must be
            visible. For a list of cameras a list of the same length, None for a camera without the
            person; for cameras by name a mapping of some of the names. None: a fit to `points` or
            `depth` alone, from `initial`.
        camera: None: guessed from the image size of the keypoints. A list: cameras whose rotations
            and translations define one world frame, that of the result. Or by name, as from
            `read_cameras`.
        model: a body, the path of one, "whole", or None: the body of the package, with hands and
            face ("whole") if the keypoints show any.
        keypoint_format: of an array; None: the only known format with K keypoints. A list: one per
            camera.
        mask: of the person: a `Mask`, an array [height, width] of the camera's size, bool or uint8,
            or the path of a PNG. For a list of cameras a list, None for those without. The
            silhouette of the body is aligned with it in stages that weight silhouette_inside or
            silhouette_contour.
        keypoints3d: points of the person measured in space: `Keypoints3D`, or an array (K, 3) of x,
            y, z, metres in the world, or (K, 4) with confidence, with standard deviation 0.01 m at
            confidence 1, in the format of `keypoints` if K is the same, otherwise in the only known
            format with K points. They are used in all stages that weight points3d; three points
            that are not collinear determine the initial estimate (`starts` is then 1).
        points: the surface of the person, or a part of it, measured as points: a `PointCloud`,
            several, or an array (N, 3), metres in the world, measured from all sides.
        depth: a depth image [height, width] of the camera's size, metres along its optical axis;
            NaN, infinity and 0 are not measured. For a list of cameras a list, None for those
            without; for cameras by name, by name. `PointCloud.from_depth` accepts a mask, and a
            depth camera other than that of the image.
        person: known quantities of the person: height, limb lengths, betas. Exact betas are held in
            all stages and override `initial`.
        ground: the ground plane in the world frame.
        pose_prior: a prior, the path of a mixture in SMPLify's format, or None for the mixture of
            the package (`load_pose_prior()`; `anatomical_prior` if the first 22 joints of the body
            are not SMPL's).
        joint_limits: for the term joint_limits of the stages; None: published ranges of motion for
            the joints of SMPL, SMPL-H or SMPL-X, no limits for other bodies.
        lifter: the network of the term conditional_prior, which predicts a distribution of poses
            from the keypoints of a single image: a `Lifter`, the path of one that
            tools/train_lifter.py wrote, or None for that of the package. Fits with keypoints in
            several images, with a mask or with anything measured in space have no such term, nor
            have bodies whose first 22 joints are not SMPL's.
        initial: the initial estimate: an earlier result of a camera of the same kind, or any of
            global_orient, body_pose, betas, transl, slices; missing ones are estimated. Without
            keypoints, global_orient and transl are needed, to some 20 degrees and 20 cm.
        preset: "default", "whole-body", "smplify", "smplify-x", or a list of stages. With points or
            depth, "default" is `cloud_stages()`; with a mask, `default_stages(mask=True)`; with
            keypoints of hands or a face and a body that has them, `whole_body_stages()`. The
            published ones have no silhouette terms and do not accept a mask.
        starts: initial estimates, of which the result of least energy is kept. 1: the body that
            `lifter` predicts; without a prediction the best facing direction, and both of a person
            in side view. 2 to 1000: the prediction, and as many facing directions. "auto": as 1;
            if that fit is doubtful, also the best facing direction, and the solution with parts
            mirrored in depth, which an image hardly distinguishes; if it is still doubtful, also
            the means of the mixture prior, facing forwards and backwards, and a body bent forward
            in four directions. All run the early stages, the best few the last one (`hypotheses`).
        threads: for several initial estimates, >= 1; None: the number of cores. The result is the
            same for any number.
        estimate_focal: treat the focal lengths of the camera as a guess and estimate a common
            factor, from 1/5 to 5, in stages with free_focal; the camera of the result has it.
        sigma_px: noise of the keypoints, the standard deviation of a coordinate of confidence 1,
            pixels; or (K,) one for each keypoint; for several cameras, a list of these. In the last
            stage it sets the balance of observations and priors (except in stages without
            reference_noise). None: estimated from the residuals. The noise of a keypoint of
            confidence c is sigma_px / c; for (K,) numbers sigma_px is their geometric mean and
            confidences are scaled accordingly, also those of the result.
        refine_cameras: True, or a `CameraRefinement`: poses and focal lengths of two or more
            cameras are estimated with the body, near the given ones; views of the result have the
            estimated cameras. The pose of the first camera is held, and the distances of the others
            and the body constrain the scale. One person in one image per camera constrains them
            weakly, a sequence better.
        jacobian: "fast", or "autodiff" (of the whole body; slow, the reference).
        linear_solver: "auto" or a name of Ceres, such as DENSE_QR.
        minimizer: "lm", "dogleg" or "lbfgs". For these three, None keeps the value of the preset
            ("fast", "auto" and "lm" in the default preset).
        max_time: seconds after which the best state so far is returned; None: no limit.
        check: look for inputs that cannot be right: `warnings` of the result names them, and those
            that make a fit meaningless are an error.

    Raises:
        ValueError: invalid input; names the argument, the expected and the actual value.
        TypeError: a camera, model, prior, limits, person, ground, points, mask or refine_cameras of
            another type than stated.
        FileNotFoundError, OSError: the file of a model, a prior or a mask is missing or cannot be
            read.
        ImportError: Pillow, which reads masks from files, is missing.
        KeyboardInterrupt: Ctrl-C while solving.

    A fit that does not converge raises no error: it returns its best state with `converged` False.
    Source: Bogo et al., Keep it SMPL, 2016; Pavlakos et al., SMPLify-X, 2019.
    """
    begin = time.perf_counter()
    views = () if keypoints is None else checked_views(keypoints, camera, keypoint_format)
    clouds = checked_clouds(points, depth, camera, views[0].camera if views else None)
    if not views and not clouds:
        raise ValueError("keypoints: expected those of a person, or points or depth, got None")
    views = with_masks(views, mask)
    known = Known.of(
        *(model_for(model, (view.keypoints for view in views)), pose_prior, joint_limits, lifter),
        person=person,
        ground=ground,
        points3d=checked_keypoints3d(keypoints3d, views[0].keypoints.format if views else None),
        clouds=clouds,
    )
    stages = stages_for(preset, views, bool(clouds), known.model)
    set_solver_options(stages, jacobian, linear_solver, minimizer)
    views, sigma = with_noise(views, sigma_px)
    _check_start(views, known, initial)
    solving = Solving.of(stages, starts, threads, max_time)
    refinement = refinement_of([views], refine_cameras, estimate_focal, depth is not None)
    task = Task(known, solving, initial, sigma, estimate_focal, refinement)

    def check_solved(solved: _core.Fit) -> None:
        _check_cloud_used(views, known, solved)

    return (examined_fit if check else plain_fit)(task, views, begin, check_solved)


def _check_start(
    views: Sequence[View], known: Known, initial: FitResult | Mapping[str, ArrayLike] | None
) -> None:
    if not views and known.points3d is None and not places_body(initial):
        raise ValueError(
            "initial: expected global_orient and transl at least, to start from without keypoints"
        )


def _check_cloud_used(views: Sequence[View], known: Known, solved: _core.Fit) -> None:
    if not views and known.points3d is None and "cloud" not in solved.energies:
        raise ValueError(
            "points: expected a cloud near the body, got none of its points within the gate of the "
            "last stage that ran and on a side of the body that the sensor sees"
        )
