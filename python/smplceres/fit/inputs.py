"""Arguments of several fits, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike

from .._native import _core
from ..body.load import WHOLE, load_body_model
from ..body.model import BodyModel
from ..cameras.camera import Camera
from ..cameras.refinement import CameraRefinement, checked_refinement
from ..evidence.views import View
from ..keypoints.keypoints import Keypoints
from ..priors.joint_limits import JointLimits
from ..priors.lifter import Lifter, load_lifter
from ..priors.pose_prior import GaussianPosePrior, MixturePosePrior, PosePrior, load_pose_prior
from .presets import cloud_stages, default_stages, make_stages, whole_body_stages


def checked_model(model: BodyModel | str | PathLike[str] | None) -> BodyModel:
    return model if isinstance(model, BodyModel) else load_body_model(model)


def model_for(
    model: BodyModel | str | PathLike[str] | None, keypoints: Iterable[Keypoints]
) -> BodyModel:
    """The body given, or that of the package with hands and face where any are seen, or that
    without."""
    if model is None and any(each.has_details for each in keypoints):
        model = WHOLE
    return checked_model(model)


def stages_for(
    preset: str | Sequence[_core.Stage],
    views: Sequence[View],
    with_clouds: bool,
    model: BodyModel,
) -> list[_core.Stage]:
    """The stages of a preset; the default depends on the observations and the body."""
    masked = any(view.mask is not None for view in views)
    if preset != "default":
        stages = make_stages(preset)
    elif with_clouds:
        stages = cloud_stages(mask=masked)
    elif not masked and model.has_details and _show_details(views):
        stages = whole_body_stages()
    else:
        stages = default_stages(mask=masked)
    if masked and not any(
        stage.silhouette_inside.weight or stage.silhouette_contour.weight for stage in stages
    ):
        raise ValueError(
            "mask: expected stages that weight silhouette_inside or silhouette_contour, got none"
        )
    return stages


def _show_details(views: Sequence[View]) -> bool:
    """Without views, whose stages are for images to come, True."""
    return not views or any(view.keypoints.has_details for view in views)


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
    return pose_prior.for_joints(model.num_prior_joints)


def checked_lifter(lifter: Lifter | str | PathLike[str] | None) -> Lifter:
    if lifter is None or isinstance(lifter, str | PathLike):
        return load_lifter(lifter)
    if not isinstance(lifter, Lifter):
        raise TypeError(
            f"lifter: expected a Lifter, the path of one or None, got {type(lifter).__name__}"
        )
    return lifter


def checked_limits(joint_limits: JointLimits | None, model: BodyModel) -> JointLimits | None:
    if joint_limits is None:
        return model.default_joint_limits
    if not isinstance(joint_limits, JointLimits):
        raise TypeError(
            f"joint_limits: expected JointLimits or None, got {type(joint_limits).__name__}"
        )
    return joint_limits


def refinement_of(
    frames: Sequence[Sequence[View]],
    refine_cameras: bool | CameraRefinement,
    estimate_focal: bool,
    with_depth: bool = False,
) -> CameraRefinement | None:
    """The refinement of cameras in a fit; None: cameras are held.

    Args:
        frames: views of each frame, with the same cameras.
        refine_cameras, estimate_focal: as of `fit`.
        with_depth: whether depth images are given, which need known cameras.

    Raises:
        ValueError: unsuitable cameras; unknown cameras with a depth image.
    """
    cameras = [view.camera for view in frames[0]]
    if estimate_focal and not all(isinstance(camera, Camera) for camera in cameras):
        raise ValueError("estimate_focal: expected a Camera to go with it, got another kind")
    if estimate_focal and with_depth:
        raise ValueError("estimate_focal: expected a known focal length with depth, got a guess")
    if refine_cameras is False:
        return None
    sees = [
        any(view.keypoints.visible.any() for view in of_camera)
        for of_camera in zip(*frames, strict=True)
    ]
    refinement = checked_refinement(refine_cameras, cameras, sees)
    if with_depth:
        raise ValueError("refine_cameras: expected known cameras with depth, got a refinement")
    return refinement
