"""The scene of a fit, for the core."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .._native import _core
from ..body.model import BodyModel
from ..cameras.camera import AnyCamera, Camera
from ..cameras.refinement import CameraRefinement
from ..keypoints.formats import KeypointFormat
from ..priors.joint_limits import JointLimits
from ..priors.lifter import Lifter
from ..priors.pose_prior import PosePrior
from .ground import Ground
from .keypoints3d import Keypoints3D
from .person import Person
from .views import View


def make_scene(
    views: Sequence[View],
    model: BodyModel,
    pose_prior: PosePrior,
    joint_limits: JointLimits | None = None,
    *,
    points3d: Keypoints3D | None = None,
    person: Person | None = None,
    ground: Ground | None = None,
    clouds: Sequence[_core.Cloud] = (),
    lifter: Lifter | None = None,
    estimate_focal: bool = False,
    refinement: CameraRefinement | None = None,
) -> _core.Scene:
    """Images, points in space, surfaces, and known quantities.

    Args:
        views: the images.
        model, pose_prior: as of `fit`.
        joint_limits: as of `fit`; None: no limits.
        points3d, person, ground, clouds: as of `fit`.
        lifter: predicts the pose from the keypoints if a single view sees the person, without a
            mask, and nothing was measured in space (`Scene::Prediction` in evidence/scene.h).
        estimate_focal, refinement: degrees of freedom of the cameras.

    Raises:
        ValueError: a body without the points of a format; points in a camera's frame without a
            camera; a person or ground that does not fit the body, a camera under the ground.
        TypeError: a person or ground of another type.
    """
    if person is not None and not isinstance(person, Person):
        raise TypeError(f"person: expected a Person or None, got {type(person).__name__}")
    if ground is not None and not isinstance(ground, Ground):
        raise TypeError(f"ground: expected a Ground or None, got {type(ground).__name__}")
    camera = views[0].camera if views else None
    core_views = [
        _view(view, model, _core_camera(view.camera, number, estimate_focal, refinement))
        for number, view in enumerate(views)
    ]
    return _core.Scene(
        model=model._core,
        pose_prior=pose_prior.core,
        joint_limits=None if joint_limits is None else joint_limits.core,
        joint_prior=model.joint_prior,
        views=core_views,
        points3d=None if points3d is None else _points3d(points3d, camera, model),
        person=None if person is None else person.for_body(model),
        ground=None if ground is None else ground.for_body(model, [view.camera for view in views]),
        clouds=clouds,
        lifting=_lifting(lifter, views, core_views),
    )


def _lifting(
    lifter: Lifter | None, views: Sequence[View], core_views: Sequence[_core.View]
) -> _core.Lifting | None:
    """Of the first view that sees the person."""
    for view, core_view in zip(views, core_views, strict=True):
        if lifter is not None and (view.keypoints.confidence > 0).any():
            slots = lifter.slots_of(view.keypoints.format)
            guessed = isinstance(view.camera, Camera) and view.camera.guessed
            return _core.Lifting(lifter.core, core_view, slots, focal_guessed=guessed)
    return None


def _core_camera(
    camera: AnyCamera, number: int, estimate_focal: bool, refinement: CameraRefinement | None
) -> _core.Pinhole | _core.WeakPerspective:
    """With the degrees of freedom of a fit."""
    if not isinstance(camera, Camera):
        return camera.core
    if refinement is None:
        return camera.guessed_core if estimate_focal else camera.core
    sigmas = {
        "rotation_sigma": refinement.rotation_sigma,
        "centre_sigma": refinement.centre_sigma,
    }
    if refinement.focal_sigma > 0 and not estimate_focal:
        sigmas["log_focal_sigma"] = refinement.focal_sigma
    return camera.unsure_core(
        focal_known=not (estimate_focal or refinement.focal_sigma > 0),
        pose_known=number == refinement.held,
        **sigmas,
    )


def _view(
    view: View, model: BodyModel, camera: _core.Pinhole | _core.WeakPerspective
) -> _core.View:
    points, point_of_keypoint, roles = model.keypoint_points(view.keypoints.format)
    return _core.View(
        points=points,
        point_of_keypoint=point_of_keypoint,
        roles=roles,
        keypoints=view.keypoints.xy,
        confidence=view.keypoints.confidence,
        camera=camera,
        mask=None if view.mask is None else view.mask.core,
    )


def _points3d(measured: Keypoints3D, camera: AnyCamera | None, model: BodyModel) -> _core.Points3d:
    points, point_of, roles = model.keypoint_points(measured.format)
    xyz, covariance = measured.in_world(camera)
    return _core.Points3d(
        model=model._core,
        points=points,
        point_of=point_of,
        roles=roles,
        xyz=xyz,
        covariance=covariance,
        confidence=measured.confidence,
    )


def checked_keypoints3d(
    keypoints3d: Keypoints3D | ArrayLike | None, keypoint_format: KeypointFormat | None
) -> Keypoints3D | None:
    """The points in space of a fit; an array with the number of points of the images' format has
    that format. ValueError as `Keypoints3D.from_array`."""
    if keypoints3d is None or isinstance(keypoints3d, Keypoints3D):
        return keypoints3d
    shape = np.shape(keypoints3d)
    same = (
        keypoint_format is not None and len(shape) > 0 and shape[0] == keypoint_format.num_keypoints
    )
    return Keypoints3D.from_array(keypoints3d, keypoint_format if same else None)
