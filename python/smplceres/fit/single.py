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
from ..evidence.observations import checked_keypoints3d
from ..evidence.person import Person
from ..evidence.point_cloud import PointCloud, checked_clouds
from ..evidence.views import AnyFormat, AnyKeypoints, View, checked_views, with_masks
from ..priors.joint_limits import JointLimits
from ..priors.pose_prior import PosePrior
from .from_core import fit_result
from .initial import places_body
from .inputs import checked_refinement_of, stages_for
from .known import Known
from .result import FitResult
from .solving import Solving, set_solver_options, solve


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
    """Fits a body to the keypoints of one person, in one image or in several taken at once.

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
        mask: where the person is in the image: a `Mask`, an array [height, width] of the camera's
            size, bool or uint8, or the path of a PNG. With a list of cameras a list, None for those
            without. The outline of the body is brought to it in stages that weight
            silhouette_inside or silhouette_contour.
        keypoints3d: points of the person measured in space: `Keypoints3D`, or an array (K, 3) of x,
            y, z, metres in the world, or (K, 4) with confidence, each of standard deviation 0.01 m
            at confidence 1, in the format of `keypoints` where K is the same, otherwise that which
            K says. All stages that weight points3d have them, and three of them that are not on one
            line say where to start, in place of the image (`starts` is then 1).
        points: the person's surface, or a part of it, measured as points: a `PointCloud`, several,
            or an array (N, 3), metres in the world, seen from all around.
        depth: what a depth camera measured: an image [height, width] of the camera's size, metres
            along its optical axis; NaN, infinity and 0 were not measured. With a list of cameras a
            list, None for those without; with cameras by name, by name. `PointCloud.from_depth` has
            a mask, and a camera of its own for depths of another camera than the image's.
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
        starts: "auto": one, and where its fit looks doubtful also the bodies that an image can
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
            stage the balance of image and priors follows it (stages without reference_noise keep
            theirs). None: estimated from the residuals. A keypoint of confidence c has a noise of
            sigma_px / c; of several numbers, their geometric mean is sigma_px, and confidences are
            multiplied so that each keypoint has its own: the result's keypoints have those.
        refine_cameras: True, or a `CameraRefinement`: the places of two or more cameras and their
            focal lengths are found with the body, near what was given; the result's views have the
            cameras found. The first camera's pose is held, and the others' distances and the body
            hold the scale. One person in one image of each tells little: a sequence tells more.
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
    known = Known.of(
        *(model, pose_prior, joint_limits),
        person=person,
        ground=ground,
        points3d=checked_keypoints3d(keypoints3d, views[0].keypoints.format if views else None),
        clouds=clouds,
    )
    stages = stages_for(preset, views, bool(clouds))
    set_solver_options(stages, jacobian, linear_solver, minimizer)
    views, sigma = with_noise(views, sigma_px)
    _check_start(views, known, initial)
    solving = Solving.of(stages, starts, threads, max_time)
    refinement = checked_refinement_of(views, refine_cameras, estimate_focal, depth is not None)
    solved = solve(
        *(views, known, solving),
        initial=initial,
        sigma_px=sigma,
        estimate_focal=estimate_focal,
        refinement=refinement,
    )
    _check_cloud_used(views, known, solved)
    free_focal = estimate_focal or (refinement is not None and refinement.focal_sigma > 0)
    return fit_result(solved, views, known, begin, sigma_px=sigma, free_focal=free_focal)


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
