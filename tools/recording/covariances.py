"""Covariances of fits of many kinds, and the measures that follow from them."""

from __future__ import annotations

import numpy as np

import smplceres as sc

from .cases import Values, case
from .inputs import (
    CAMERA,
    SMALL,
    WEAK,
    WORLD,
    body,
    hidden,
    in_world,
    legs,
    mask_image,
    person,
    ring,
    rng_of,
    seen_by,
    stage_with,
    surface_points,
)


def _all_of(result: sc.FitResult) -> Values:
    return {"estimated": result.covariance(), "given": result.covariance(4.0)}


@case("covariance/keypoints")
def keypoints() -> Values:
    rng = rng_of("covariance")
    somebody = person(rng)
    seen = seen_by(CAMERA, somebody, rng)
    unknown = sc.WeakPerspectiveCamera.guess(1280, 720)
    weak = seen_by(WEAK, somebody, rng)
    results = {
        "default": sc.fit(seen, CAMERA),
        "sigma_px": sc.fit(seen, CAMERA, sigma_px=2.0),
        "exact": sc.fit(seen_by(CAMERA, somebody, rng, noise=0.0), CAMERA),
        "no_legs": sc.fit(hidden(seen, legs()), CAMERA),
        "smplify": sc.fit(seen, CAMERA, preset="smplify"),
        "autodiff": sc.fit(seen, CAMERA, jacobian="autodiff", starts=1),
        "gaussian": sc.fit(seen, CAMERA, pose_prior=sc.anatomical_prior(24)),
        "weak": sc.fit(weak, WEAK),
        "weak_unknown": sc.fit(weak, unknown),
        "focal": sc.fit(seen, CAMERA.zoomed(1.1), estimate_focal=True),
        "world": sc.fit(seen_by(WORLD, in_world(somebody), rng), WORLD),
        "synthetic": sc.fit(seen, CAMERA, model=sc.synthetic.make_body_model()),
    }
    found: dict[str, object] = {name: _all_of(result) for name, result in results.items()}
    return found | {"measured": sc.measure(results["default"])}


@case("covariance/cameras")
def cameras() -> Values:
    rng = rng_of("covariance cameras")
    somebody, about = person(rng), ring()
    seen = [seen_by(camera, somebody, rng) for camera in about]
    return {
        "four": _all_of(sc.fit(seen, about)),
        "one_sees_nobody": _all_of(sc.fit([seen[0], None, seen[2], None], about)),
        "refined": _all_of(sc.fit(seen[:3], about[:3], refine_cameras=True)),
    }


@case("covariance/evidence")
def evidence() -> Values:
    rng = rng_of("covariance evidence")
    somebody = in_world(person(rng))
    seen = seen_by(WORLD, somebody, rng)
    joints = body().joints(**somebody) + rng.normal(0, 0.01, (24, 3))
    cloud, normals = surface_points(somebody, rng, 800)
    betas = somebody["betas"]
    near = person(rng, depth=3.0)
    masked = sc.fit(seen_by(SMALL, near, rng, noise=1.0), SMALL, mask=mask_image(SMALL, near))
    return {
        "height": _all_of(sc.fit(seen, WORLD, person=sc.Person(height=1.8))),
        "limbs": _all_of(sc.fit(seen, WORLD, person=sc.Person(limb_lengths={"left_shin": 0.42}))),
        "betas": _all_of(sc.fit(seen, WORLD, person=sc.Person(betas=betas))),
        "betas_sigma": _all_of(sc.fit(seen, WORLD, person=sc.Person(betas=betas, betas_sigma=0.3))),
        "ground": _all_of(sc.fit(seen, WORLD, ground=sc.Ground())),
        "keypoints3d": _all_of(sc.fit(seen, WORLD, keypoints3d=joints)),
        "joints3d": _all_of(sc.fit_joints3d(joints)),
        "cloud": _all_of(sc.fit(seen, WORLD, points=sc.PointCloud(cloud, normals=normals))),
        "mask": _all_of(masked),
    }


@case("covariance/stages")
def stages() -> Values:
    """Of posteriors with Gaussian noise, of stages that hold something, without a pose prior."""
    rng = rng_of("covariance stages")
    seen = seen_by(CAMERA, person(rng), rng)
    gaussian = sc.anatomical_prior(24)
    posterior = stage_with(reprojection=1 / 18, pose_prior=1.0, shape_prior=0.5)
    posterior.reprojection.robust = "none"
    held = stage_with(reprojection=1 / 18, pose_prior=1.0, shape_prior=0.5, depth_prior=1.0)
    held.free_betas = held.free_global_orient = False
    without = stage_with(reprojection=1 / 18, shape_prior=0.5, joint_limits=10.0, angle_prior=1.0)
    undetermined = stage_with(reprojection=1.0)
    found: dict[str, object] = {}
    for name, stage in (
        ("posterior", posterior),
        ("held", held),
        ("no_pose_prior", without),
        ("no_prior", undetermined),
    ):
        stage.solver.max_iterations = 30
        start = sc.fit(seen, CAMERA, starts=1)
        result = sc.fit(seen, CAMERA, preset=[stage], pose_prior=gaussian, initial=start)
        found[name] = {
            "fit": result,
            **_all_of(result),
            "axes": result.covariance().joint_std_along(np.eye(3)),
        }
    return found
