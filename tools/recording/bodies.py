"""Posed bodies, their measures, cameras, priors, keypoint formats, presets, and the build."""

from __future__ import annotations

import numpy as np

import smplceres as sc

from .cases import Values, case
from .inputs import (
    CAMERA,
    DISTORTED,
    WEAK,
    WORLD,
    Person,
    body,
    crossed_arms,
    person,
    random_body,
    rng_of,
)

_GENDERS = ("neutral", "male", "female")


def _random_poses(model: sc.BodyModel, count: int, seed: str) -> Person:
    """Many at once, in random poses of large angles."""
    rng = rng_of(seed)
    return {
        "betas": rng.normal(0, 1, (count, model.num_betas)),
        "global_orient": rng.normal(0, 1, (count, 3)),
        "body_pose": rng.normal(0, 0.5, (count, model.num_joints - 1, 3)),
        "transl": rng.normal(0, 1, (count, 3)),
    }


def _posed(model: sc.BodyModel, seed: str) -> Values:
    few = _random_poses(model, 2, seed)
    one = {name: values[0] for name, values in few.items()}
    jacobian = model.joints_jacobian(
        model.parameters(one["betas"], one["global_orient"], one["body_pose"], one["transl"])
    )
    return {
        "vertices": model(**few, threads=1).vertices,
        "vertices_float32": model(**few, dtype=np.float32, threads=2).vertices,
        "joints_with_mesh": model(**few, threads=2).joints,
        "joints": model.joints(**_random_poses(model, 20, seed), threads=1),
        "rest_joints": model.joints(),
        "joints_jacobian": list(jacobian),
    }


@case("body/package")
def package_bodies() -> Values:
    return {gender: _posed(sc.load_body_model(gender=gender), gender) for gender in _GENDERS}


@case("body/others")
def other_bodies() -> Values:
    return {
        "synthetic": _posed(sc.synthetic.make_body_model(), "synthetic"),
        "synthetic_1": _posed(sc.synthetic.make_body_model(1), "synthetic_1"),
        "random": _posed(random_body(), "random"),
        "betas_16": _posed(sc.load_body_model(num_betas=16), "betas_16"),
    }


@case("body/penetration")
def penetration() -> Values:
    somebody = crossed_arms(person(rng_of("penetration")))
    bent = {name: values[0] for name, values in _random_poses(body(), 1, "bent").items()}
    return {
        "crossed_arms": body().penetration(body()(**somebody).vertices),
        "bent": body().penetration(body()(**bent).vertices),
    }


@case("body/measures")
def measures() -> Values:
    betas = rng_of("measures").normal(0, 1, 10)
    models = {gender: sc.load_body_model(gender=gender) for gender in _GENDERS}
    return {
        gender: {
            "height": sc.standing_height(model, betas),
            "limbs": sc.limb_lengths(model, betas),
            "measured": sc.measure(model, betas),
        }
        for gender, model in models.items()
    }


@case("priors")
def priors() -> Values:
    mixture = sc.load_pose_prior()
    ranges = sc.anatomical_prior(24)
    limits = sc.smpl_joint_limits()
    pose = rng_of("priors").normal(0, 0.5, (23, 3))
    return {
        "mixture": {"weights": mixture.weights, "means": mixture.means, "covars": mixture.covars},
        "mixture_start": mixture.start_pose,
        "gaussian": {"mean": ranges.mean, "covariance": ranges.covariance},
        "gaussian_55": sc.anatomical_prior(55).mean,
        "limits": {"axes": limits.axes, "lower": limits.lower, "upper": limits.upper},
        "angles": limits.angles(pose),
    }


@case("cameras")
def cameras() -> Values:
    points = rng_of("cameras").normal([0, 0, 4], 0.5, (20, 3))
    in_world = points * [1, 1, -1] + [0, 1, 4]
    moved = WORLD.moved([0.1, -0.2, 0.05], [0.1, 0.2, -0.1])
    return {
        "pinhole": CAMERA.project(points),
        "distorted": DISTORTED.project(points),
        "weak_perspective": WEAK.project(points),
        "world": WORLD.project(in_world),
        "moved": moved.project(in_world),
        "moved_camera": moved,
        "zoomed": CAMERA.zoomed(1.1).project(points),
        "behind": CAMERA.project(-points),
    }


@case("coordinates")
def coordinates() -> Values:
    somebody = person(rng_of("coordinates"))
    joints = body().joints(**somebody)
    found: dict[str, object] = {}
    for target in ("y-up", "z-up", "ros"):
        orient, transl = sc.convert_pose(
            body(),
            somebody["betas"],
            somebody["global_orient"],
            somebody["transl"],
            "opencv",
            target,
        )
        points = sc.convert_points(joints, "opencv", target)
        found[target] = {"orient": orient, "transl": transl, "points": points}
    return found


@case("formats")
def formats() -> Values:
    return {
        name: {
            "names": each.names,
            "locations": ["+".join(keypoint.location) for keypoint in each.keypoints],
            "roles": [int(role) for role in each.roles],
        }
        for name, each in sc.FORMATS.items()
    }


@case("build")
def build() -> Values:
    """What all other arrays depend on: a difference here explains the others."""
    info = sc.build_info()
    core: dict[str, object] = {name: info[name] for name in ("arch", "simd", "ceres", "eigen")}
    return core | {"compiler": info["compiler"], "numpy": np.__version__}


@case("presets")
def presets() -> Values:
    """Every option of every stage."""
    return {
        "default": sc.default_stages(),
        "default_mask": sc.default_stages(mask=True),
        "cloud": sc.cloud_stages(),
        "cloud_mask": sc.cloud_stages(mask=True),
        "joints3d": sc.joints3d_stages(),
        "smplify": sc.smplify_stages(),
        "sequence": sc.sequence_stages(),
        "tracker": sc.tracker_stage(),
    }
