"""Schedules of a fit: lists of stages, each saying what is free and what weighs how much.

All numbers of a stage live in the core's `Stage`; a preset sets those that differ from its
defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import cache
from typing import Any

from .._native._core import Stage

# SMPLify publishes weights of residuals; ours are of energies, their squares.
_ANGLE_OF_POSE = 3.17  # the angle prior's residual weight is this times the pose prior's
# The same of the joint limits, ours. They stand beside the angle prior, which does more than hold
# elbows and knees back: without it, limits or not, the joints of 500 fits with the hand-set prior
# were off by 67 mm instead of 59.
_LIMITS_OF_POSE = 6.0


# Residuals of points measured in space are in standard deviations, beside which a prior of weight 2
# says as much as it should. Beside an image's pixels the default preset's last one weighs 5.5^2:
# points weigh half of that, so that they and the prior are in balance.
_POINTS3D_WEIGHT = 5.5**2 / 2
# Lengths of the person and the ground are in standard deviations, as betas are: they weigh what the
# shape prior does. The ground stands in stages without betas too, but not where the body still is
# in its start pose: it would be moved and tilted for feet that are not there.
_GROUND_WEIGHT = 5.0**2
# Of the mean over all points of an outline, beside keypoints that weigh 1 each: weight, width
# (residual units, at 300 px/m), rounds. Chosen by benchmarks/silhouette.py on the prior's training
# motions and by two photographs, in which clothes and hair are not the body's: a narrow width at
# the end leaves them out, where a wide one fattened the body for them. Five times the weight takes
# the shape of 150 training fits from 14 to 11 mm with exact masks, from 27 to 31 with those that
# are 2 px wide and uneven by 3 (keypoints alone: 29).
_SILHOUETTES = (("silhouette, wide", 200.0, 20.0, 2), ("silhouette", 1000.0, 4.0, 2))
# Of the weight that keeps limbs out of one another, beside an outline or a cloud: where a surface
# was seen, the spheres, which are wider than limbs, know less than it. With all of it the shape of
# 150 training fits with masks is off by 16 mm, with a tenth by 14.
_COLLISIONS_BESIDE_SURFACE = 0.1


def default_stages(*, mask: bool = False) -> list[Stage]:
    """Five stages, ours: residuals in pixels of a 300 px/m image, translation free throughout,
    the robust width narrowing as the pose gets near, the prior's weight falling. The last two keep
    limbs out of one another, by depths: the pose must be near before the way out is known. With
    `mask` two more bring the outline of the body to masks."""
    return [copy(stage) for stage in _default_stages(mask)]


@cache
def _default_stages(mask: bool) -> tuple[Stage, ...]:
    stages = []
    # name, sigma (px), pose prior and shape prior (weights of residuals), iterations
    schedule = (
        ("camera", 400.0, 0.0, 0.0, 20),
        ("pose, strong prior", 400.0, 30.0, 0.0, 10),
        ("pose", 200.0, 12.0, 0.0, 12),
        ("shape", 100.0, 6.0, 8.0, 10),
        ("everything", 60.0, 5.5, 5.0, 60),
    )
    for name, sigma, pose, shape, iterations in schedule:
        stage = Stage()
        stage.name = name
        stage.free_body_pose = pose > 0
        stage.free_betas = shape > 0
        stage.reprojection.sigma = sigma
        stage.reprojection.per_point = True
        stage.reprojection.pixels_per_metre = 300.0
        stage.pose_prior.weight = pose**2
        stage.pose_prior.from_zero = True
        stage.angle_prior.weight = (_ANGLE_OF_POSE * pose) ** 2
        stage.joint_limits.weight = (_LIMITS_OF_POSE * pose) ** 2
        stage.shape_prior.weight = shape**2
        stage.height.weight = stage.limb_lengths.weight = shape**2
        stage.ground.weight = _GROUND_WEIGHT if pose > 0 else 0.0
        # A metre weighs as little as a pixel, but keypoints of nobody, all outliers, would let the
        # body run away to where it is a point.
        stage.depth_prior.weight = 1.0
        # An unknown focal length waits for a pose: a body that leans looks as one near by.
        stage.free_focal = shape > 0
        stage.focal_prior.weight = pose**2
        # So do cameras that are refined.
        stage.free_cameras = shape > 0
        stage.camera_prior.weight = pose**2 / 2
        stage.points3d.weight = stage.cloud.weight = _POINTS3D_WEIGHT
        stage.solver.max_iterations = iterations
        stage.solver.function_tolerance = 1e-2
        stages.append(stage)
    camera, everything = stages[0], stages[-1]
    camera.reprojection.limb_weight = 0.0
    camera.depth_prior.weight = 100.0
    # benchmarks/collisions.py says what it takes out, and for how much time. Betas feel it: where
    # they do not, no energy has this derivative, and the last stage stops short of a minimum.
    for stage, weight in ((stages[3], 5e4), (everything, 1e5)):
        stage.interpenetration.weight = weight
        stage.interpenetration.overlap = "depth"
        stage.interpenetration.inflate = 1.3
        stage.interpenetration.shape = True
    # Of 300 training motions a third of this takes 11 % more time, and brings joints no nearer than
    # 0.1 mm.
    everything.solver.function_tolerance = 3e-4
    everything.reference_noise = 2.5  # benchmarks/noise.py
    for stage in stages:
        stage.silhouette_inside.weight = stage.silhouette_contour.weight = 0.0
    return (*stages, *_silhouette_stages(everything)) if mask else tuple(stages)


def _silhouette_stages(everything: Stage) -> list[Stage]:
    """The last stage again, with silhouettes: the outline and what it is nearest to are looked up
    anew in each round. benchmarks/silhouette.py says what it brings."""
    stages = []
    for name, weight, sigma, rounds in _SILHOUETTES:
        stage = copy(everything)
        stage.name = name
        stage.silhouette_inside.weight = stage.silhouette_contour.weight = weight
        stage.silhouette_inside.sigma = stage.silhouette_contour.sigma = sigma
        stage.interpenetration.weight *= _COLLISIONS_BESIDE_SURFACE
        stage.rounds = rounds
        stage.solver.max_iterations = 8
        stage.solver.function_tolerance = 1e-3
        stages.append(stage)
    return stages


def cloud_stages(*, mask: bool = False) -> list[Stage]:
    """The default stages for fits with points or depth (`fit(points=, depth=)`): the cloud is
    looked for further away first, and matched anew several times a stage; the spheres that keep
    limbs apart weigh a tenth throughout. `mask` as of `default_stages`."""
    stages = default_stages(mask=mask)
    # gate and width (metres), rounds
    schedule = [(0.4, 0.3, 3), (0.3, 0.2, 3), (0.2, 0.1, 3), (0.15, 0.05, 3), (0.1, 0.03, 5)]
    schedule += schedule[-1:] * (len(stages) - len(schedule))
    for stage, (gate, width, rounds) in zip(stages, schedule, strict=True):
        stage.cloud.gate, stage.cloud.width = gate, width
        stage.rounds = rounds
        if stage.silhouette_inside.weight == 0.0:  # else they do already
            stage.interpenetration.weight *= _COLLISIONS_BESIDE_SURFACE
    # All pixels of a person some metres away: noise is all that is left at the end.
    stages[-1].cloud.max_points = 4000
    return stages


def smplify_stages() -> list[Stage]:
    """The objective and schedule that SMPLify publishes (Bogo et al. 2016, and its code).

    Residuals in pixels of the image, Geman-McClure of width 100 px by coordinate; the camera
    stage moves place and orientation by shoulders and hips; the body stages hold the place and
    leave hips and neck out and keep limbs out of one another, betas not feeling it; dogleg, at most
    100 iterations a stage. Not SMPLify's: the start and the choice of a second facing direction are
    those of all fits here, confidences weight the camera stage too, tolerances are Ceres', and the
    spheres of the limbs, their radii and which of them may collide are found on the body at hand.
    """
    camera = Stage()
    camera.name = "camera"
    camera.free_body_pose = camera.free_betas = camera.free_cameras = False
    camera.reprojection.head_weight = camera.reprojection.limb_weight = 0.0
    camera.reprojection.robust = "none"
    camera.depth_prior.weight = 1e2**2
    camera.ground.weight = 0.0
    stages = [camera]
    for number, (pose, shape) in enumerate(((404, 100), (404, 50), (57.4, 10), (4.78, 5)), 1):
        stage = Stage()
        stage.name = f"body {number}"
        stage.free_transl = False
        stage.reprojection.sigma = 100.0
        stage.reprojection.hip_weight = 0.0
        stage.pose_prior.weight = pose**2
        stage.angle_prior.weight = (_ANGLE_OF_POSE * pose) ** 2
        stage.shape_prior.weight = stage.camera_prior.weight = shape**2
        stage.height.weight = stage.limb_lengths.weight = shape**2
        stage.ground.weight = shape**2
        stage.interpenetration.weight = 1e3**2
        stages.append(stage)
    for stage in stages:
        stage.reprojection.neck_weight = 0.0
        stage.points3d.weight = stage.cloud.weight = _POINTS3D_WEIGHT
        stage.silhouette_inside.weight = stage.silhouette_contour.weight = 0.0
        stage.solver.minimizer = "dogleg"
        stage.solver.max_iterations = 100
    return stages


# The default stages' energies are this much for one of the negative logarithm of a Gaussian, whose
# own is half of the squared residual.
_GAUSSIAN_WEIGHT = 5.5**2 / 2


# What is known of poses counts this much in a frame among others.
_PRIOR_OF_FRAME = 0.4


def sequence_stages() -> list[Stage]:
    """Two stages for all frames of a clip together (`fit_sequence`): the default preset's last one
    with motion between frames, weaker priors on poses and a narrower robust function; first with a
    wider one and without collisions.

    Chosen by 36 training motions as in benchmarks/sequence.py, unknown to their pose prior: joints
    are off by 47 mm; by 55 with all of the pose prior, a quarter of the angle prior, a robust width
    of 60, motion half as smooth (acceleration.sigma 6), and no starts mirrored in depth.
    """
    stages = default_stages()[-1:] * 2
    together, everything = (copy(stage) for stage in stages)
    together.name = "together"
    # Neighbours tell what is an outlier. Joints are off by 48.8 mm with 60, by 48.5, 47.7 and 48.4
    # with 30, 20 and 14.
    together.reprojection.sigma, everything.reprojection.sigma = 100.0, 20.0
    together.interpenetration.weight = 0.0
    for stage in (together, everything):
        # What a pose has against it, its neighbours have too; and they hold elbows and knees.
        stage.pose_prior.weight *= _PRIOR_OF_FRAME
        stage.joint_limits.weight *= _PRIOR_OF_FRAME
        stage.angle_prior.weight *= _PRIOR_OF_FRAME / 16
        stage.acceleration.weight = _GAUSSIAN_WEIGHT
        stage.rotation_walk.weight = _GAUSSIAN_WEIGHT
        stage.solver.max_iterations = 20
        stage.solver.function_tolerance = 1e-3
    return [together, everything]


def joints3d_stages() -> list[Stage]:
    """Four stages for points in space alone (`fit_joints3d`): place and orientation, then pose with
    priors that fade, then pose and shape. At the end they weigh so little that of 9,000 recorded
    poses every exact joint comes back within 0.8 mm (benchmarks/joints3d.py)."""
    stages = []
    # name, pose prior and shape prior (weights of energies), iterations
    schedule = (
        ("place", 0.0, 0.0, 20),
        ("pose, strong prior", 300.0, 0.0, 20),
        ("pose and shape", 10.0, 2.0, 30),
        ("everything, weak prior", 0.005, 0.005, 100),
    )
    for name, pose, shape, iterations in schedule:
        stage = Stage()
        stage.name = name
        stage.free_body_pose = pose > 0
        stage.free_betas = shape > 0
        stage.reprojection.weight = 0.0
        stage.points3d.weight = 1.0
        stage.ground.weight = 1.0 if pose > 0 else 0.0
        stage.pose_prior.weight = pose
        stage.angle_prior.weight = _ANGLE_OF_POSE**2 * pose
        stage.joint_limits.weight = _LIMITS_OF_POSE**2 * pose
        stage.shape_prior.weight = shape
        stage.solver.max_iterations = iterations
        stage.solver.function_tolerance = 1e-3
        stages.append(stage)
    stages[-1].solver.function_tolerance = 1e-7
    return stages


PRESETS: dict[str, Callable[[], list[Stage]]] = {
    "default": default_stages,
    "smplify": smplify_stages,
}


def make_stages(preset: str | Sequence[Stage]) -> list[Stage]:
    """The stages of a preset, by name or as given; copies, so that they can be changed.

    Raises:
        ValueError: an unknown name, or an empty list.
        TypeError: something in the list that is no Stage.
    """
    if isinstance(preset, str):
        if preset not in PRESETS:
            known = ", ".join(PRESETS)
            raise ValueError(f"preset: expected one of {known}, or stages; got {preset!r}")
        return PRESETS[preset]()
    stages = list(preset)
    if not stages:
        raise ValueError("preset: expected at least one stage, got none")
    for stage in stages:
        if not isinstance(stage, Stage):
            raise TypeError(f"preset: expected Stage objects, got {type(stage).__name__}")
    return [copy(stage) for stage in stages]


def stage_to_dict(stage: Any) -> dict[str, Any]:
    """A stage, or options in one, as plain numbers, strings and dicts, for files."""
    values = {
        name: getattr(stage, name)
        for name, member in vars(type(stage)).items()
        if isinstance(member, property)
    }
    plain = (bool, int, float, str)
    return {
        name: value if isinstance(value, plain) else stage_to_dict(value)
        for name, value in values.items()
    }


def stage_from_dict(values: dict[str, Any]) -> Stage:
    """The stage that `stage_to_dict` wrote; AttributeError where it is of another version."""
    stage = Stage()
    _set_options(stage, values)
    return stage


def _set_options(options: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _set_options(getattr(options, name), value)
        else:
            setattr(options, name, value)
