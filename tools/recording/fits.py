"""Fits to keypoints: presets, starts, noise, cameras, solvers, bodies."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import smplceres as sc

from .cases import Values, case
from .inputs import (
    BODY_25,
    CAMERA,
    DISTORTED,
    WEAK,
    WORLD,
    body,
    crossed_arms,
    hidden,
    in_world,
    legs,
    person,
    placed,
    random_body,
    ring,
    rng_of,
    seen_by,
    stage_with,
)


def _people(seed: str, count: int, spread: float = 0.2) -> list[sc.Keypoints]:
    """Of people who face any way."""
    rng = rng_of(seed)
    return [
        seen_by(CAMERA, person(rng, yaw=rng.uniform(-3, 3), spread=spread), rng)
        for _ in range(count)
    ]


def _somebody() -> sc.Keypoints:
    rng = rng_of("somebody")
    return seen_by(CAMERA, person(rng), rng)


@case("fit/default")
def default() -> Values:
    people = _people("default", 6)
    fits: dict[str, object] = {
        f"pose{number}": sc.fit(seen, CAMERA) for number, seen in enumerate(people)
    }
    lower = sc.fit(hidden(people[0], legs()), CAMERA)
    return fits | {"no_legs": lower, "vertices": lower.vertices}


@case("fit/photographs")
def photographs() -> Values:
    """The landmarks that `smplceres demo` fits."""
    found: dict[str, object] = {}
    for name in ("cameraman", "astronaut"):
        (path,) = Path(sc.__file__).parent.rglob(f"{name}_mediapipe.json")
        people = sc.read_keypoints(path)
        result = sc.fit(people[0])
        found[name] = {
            "result": result,
            "vertices": result.vertices,
            "penetration": result.penetration,
        }
    return found


@case("fit/formats")
def formats() -> Values:
    rng = rng_of("formats")
    somebody = person(rng)
    return {
        name: sc.fit(seen_by(CAMERA, somebody, rng, keypoint_format=each), CAMERA)
        for name, each in sc.FORMATS.items()
    }


@case("fit/bodies")
def bodies() -> Values:
    models = {
        "male": sc.load_body_model(gender="male"),
        "female": sc.load_body_model(gender="female"),
        "synthetic": sc.synthetic.make_body_model(),
        "synthetic_1": sc.synthetic.make_body_model(1),
        "random": random_body(),
        "betas_16": sc.load_body_model(num_betas=16),
    }
    found: dict[str, object] = {}
    for name, model in models.items():
        rng = rng_of(name)
        somebody = person(rng, num_betas=model.num_betas)
        found[name] = sc.fit(seen_by(CAMERA, somebody, rng, model=model), CAMERA, model=model)
    return found


@case("fit/doubtful")
def doubtful() -> Values:
    """starts="auto" where several starts are tried."""
    people = _people("doubtful", 6, spread=0.7)
    return {f"pose{number}": sc.fit(seen, CAMERA) for number, seen in enumerate(people)}


@case("fit/side")
def side() -> Values:
    rng = rng_of("side")
    return {
        name: sc.fit(seen_by(CAMERA, person(rng, yaw=yaw), rng), CAMERA)
        for name, yaw in (("left", np.pi / 2), ("right", -np.pi / 2), ("back", np.pi))
    }


@case("fit/starts")
def starts() -> Values:
    seen = _people("starts", 1, spread=0.6)[0]
    return {
        "one": sc.fit(seen, CAMERA, starts=1),
        "four": sc.fit(seen, CAMERA, starts=4, threads=1),
        "four_on_two_threads": sc.fit(seen, CAMERA, starts=4, threads=2),
        "smplify_four": sc.fit(seen, CAMERA, starts=4, preset="smplify", threads=1),
    }


@case("fit/noise")
def noise() -> Values:
    """Of sigma_px; None is estimated."""
    seen = _somebody()
    each = np.linspace(2, 6, len(BODY_25.names))
    rng = rng_of("noise")
    far = seen_by(CAMERA, person(rng), rng, noise=12)
    return {
        "estimated_far": sc.fit(far, CAMERA),
        "given": sc.fit(seen, CAMERA, sigma_px=3.0),
        "of_keypoints": sc.fit(seen, CAMERA, sigma_px=each),
        "nobody": sc.fit(np.c_[rng.uniform(0, 700, (25, 2)), np.ones(25)], CAMERA),
    }


@case("fit/cameras")
def cameras() -> Values:
    rng = rng_of("cameras")
    somebody = person(rng)
    wrong = CAMERA.zoomed(1.2)
    weak = seen_by(WEAK, somebody, rng)
    unknown = sc.WeakPerspectiveCamera.guess(1280, 720)
    return {
        "distorted": sc.fit(seen_by(DISTORTED, somebody, rng), DISTORTED),
        "world": sc.fit(seen_by(WORLD, in_world(somebody), rng), WORLD),
        "estimate_focal": sc.fit(seen_by(CAMERA, somebody, rng), wrong, estimate_focal=True),
        "estimate_focal_smplify": sc.fit(
            seen_by(CAMERA, somebody, rng), wrong, estimate_focal=True, preset="smplify"
        ),
        "weak": sc.fit(weak, WEAK),
        "weak_unknown": sc.fit(weak, unknown),
        "weak_unknown_autodiff": sc.fit(weak, unknown, jacobian="autodiff", starts=1),
        "guessed": sc.fit(seen_by(CAMERA, somebody, rng)),
    }


@case("fit/several_cameras")
def several_cameras() -> Values:
    rng = rng_of("several")
    somebody, about = person(rng), ring()
    seen = [seen_by(camera, somebody, rng) for camera in about]
    coco = seen_by(about[1], somebody, rng, keypoint_format=sc.FORMATS["coco17"])
    names = ("a", "b", "c", "d")
    return {
        "four": sc.fit(seen, about),
        "one_sees_nobody": sc.fit([seen[0], None, seen[2], seen[3]], about),
        "formats": sc.fit([seen[0], coco], about[:2]),
        "by_name": sc.fit(
            {"c": seen[2], "a": seen[0]}, dict(zip(names, about, strict=True)), sigma_px=3.0
        ),
        "smplify": sc.fit(seen[:2], about[:2], preset="smplify"),
        "autodiff": sc.fit(seen[:2], about[:2], jacobian="autodiff", starts=1),
        "focal": sc.fit(seen[:2], about[:2], estimate_focal=True),
    }


@case("fit/refine_cameras")
def refine_cameras() -> Values:
    rng = rng_of("refine")
    somebody, about = person(rng), ring(3)
    seen = [seen_by(camera, somebody, rng) for camera in about]
    given = [
        camera.moved(rng.normal(0, 0.02, 3), rng.normal(0, 0.03, 3)) if number else camera
        for number, camera in enumerate(about)
    ]
    poses = sc.CameraRefinement(rotation_sigma=0.03, centre_sigma=0.04, focal_sigma=0.0, held=1)
    found: dict[str, object] = {
        "default": sc.fit(seen, given, refine_cameras=True),
        "poses": sc.fit(seen, given, refine_cameras=poses),
        "height": sc.fit(seen, given, refine_cameras=True, person=sc.Person(height=1.8)),
        "smplify": sc.fit(seen, given, refine_cameras=True, preset="smplify"),
    }
    stage = stage_with(reprojection=1.0, camera_prior=3.0, focal_prior=2.0, pose_prior=20.0)
    stage.solver.max_iterations = 4
    for jacobian in ("fast", "autodiff"):
        found[f"stage_{jacobian}"] = sc.fit(
            seen, given, refine_cameras=True, preset=[stage], jacobian=jacobian, starts=1
        )
    return found


@case("fit/solvers")
def solvers() -> Values:
    seen = _somebody()
    linear = ("DENSE_NORMAL_CHOLESKY", "DENSE_QR", "SPARSE_NORMAL_CHOLESKY", "DENSE_SCHUR")
    others = ("SPARSE_SCHUR", "ITERATIVE_SCHUR", "CGNR")
    found: dict[str, object] = {
        name: sc.fit(seen, CAMERA, linear_solver=name, starts=1) for name in linear + others
    }
    for minimizer in ("lm", "dogleg", "lbfgs"):
        found[minimizer] = sc.fit(seen, CAMERA, minimizer=minimizer, starts=1)
        found[f"{minimizer}_smplify"] = sc.fit(
            seen, CAMERA, minimizer=minimizer, starts=1, preset="smplify"
        )
    short = sc.default_stages()
    for stage in short:
        stage.solver.max_iterations = 2  # which L-BFGS has a multiple of
    found["lbfgs_short"] = sc.fit(seen, CAMERA, minimizer="lbfgs", starts=1, preset=short)
    found["dogleg_qr"] = sc.fit(
        seen, CAMERA, minimizer="dogleg", linear_solver="DENSE_QR", starts=1
    )
    return found


@case("fit/autodiff")
def autodiff() -> Values:
    seen = _somebody()
    return {
        "default": sc.fit(seen, CAMERA, jacobian="autodiff", starts=1),
        "smplify": sc.fit(seen, CAMERA, jacobian="autodiff", starts=1, preset="smplify"),
        "lbfgs": sc.fit(
            seen,
            CAMERA,
            jacobian="autodiff",
            minimizer="lbfgs",
            starts=1,
            preset=sc.default_stages()[:2],
        ),
    }


@case("fit/smplify")
def smplify() -> Values:
    people = _people("smplify", 4)
    return {
        f"pose{number}": sc.fit(seen, CAMERA, preset="smplify")
        for number, seen in enumerate(people)
    }


@case("fit/robust")
def robust() -> Values:
    seen = _somebody()
    found: dict[str, object] = {}
    for name in ("none", "huber", "geman_mcclure"):
        for per_point in (False, True):
            stages = sc.default_stages()
            for stage in stages:
                stage.reprojection.robust = name
                stage.reprojection.per_point = per_point
                stage.reprojection.sigma = 10.0
                stage.reprojection.hip_weight = 0.7
            found[f"{name}_{'point' if per_point else 'coordinate'}"] = sc.fit(
                seen, CAMERA, preset=stages, starts=1
            )
    return found


@case("fit/interpenetration")
def interpenetration() -> Values:
    rng = rng_of("interpenetration")
    somebody = crossed_arms(person(rng))
    seen = seen_by(CAMERA, somebody, rng)
    found: dict[str, object] = {}
    for overlap in ("gaussian", "depth", "patches"):
        stages = sc.default_stages()
        for stage in stages[-2:]:
            stage.interpenetration.overlap = overlap
            stage.interpenetration.weight = 1e3 if overlap == "gaussian" else 1e5
        result = sc.fit(seen, CAMERA, preset=stages, starts=1, initial=somebody)
        found[overlap] = {"result": result, "penetration": result.penetration}
    return found


@case("fit/held")
def held() -> Values:
    """Stages that hold a part of the variables."""
    seen = _somebody()
    found: dict[str, object] = {}
    for part in ("global_orient", "body_pose", "transl", "betas"):
        stages = sc.default_stages()
        for stage in stages:
            setattr(stage, f"free_{part}", False)
        found[part] = sc.fit(seen, CAMERA, preset=stages, starts=1)
    stages = sc.default_stages()
    stages[-1].rounds = 3
    found["rounds"] = sc.fit(seen, CAMERA, preset=stages, starts=1)
    return found


@case("fit/initial")
def initial() -> Values:
    rng = rng_of("initial")
    somebody = person(rng)
    seen, later = (seen_by(CAMERA, somebody, rng) for _ in range(2))
    first = sc.fit(seen, CAMERA)
    unknown = sc.WeakPerspectiveCamera.guess(1280, 720)
    weak = sc.fit(seen_by(WEAK, somebody, rng), unknown)
    last = sc.default_stages()[-1:]
    return {
        "result": sc.fit(later, CAMERA, initial=first),
        "last_stage": sc.fit(later, CAMERA, initial=first, preset=last),
        "everything": sc.fit(later, CAMERA, initial=somebody),
        "pose": sc.fit(later, CAMERA, initial={"body_pose": somebody["body_pose"]}),
        "place": sc.fit(
            later,
            CAMERA,
            initial={"transl": somebody["transl"], "global_orient": somebody["global_orient"]},
        ),
        "weak": sc.fit(seen_by(WEAK, somebody, rng), unknown, initial=weak),
        "starts": sc.fit(later, CAMERA, initial=first, starts=4),
    }


@case("fit/priors")
def priors() -> Values:
    rng = rng_of("priors")
    seen = _somebody()
    roots = rng.normal(0, 0.3, (3, 69, 69))
    mixture = sc.MixturePosePrior(
        rng.dirichlet(np.full(3, 3.0)),
        rng.normal(0, 0.1, (3, 69)),
        roots @ roots.transpose(0, 2, 1) / 69 + 0.05 * np.eye(69),
    )
    usual = sc.smpl_joint_limits()
    narrow = sc.JointLimits(usual.axes, 0.5 * usual.lower, 0.5 * usual.upper)
    return {
        "gaussian": sc.fit(seen, CAMERA, pose_prior=sc.anatomical_prior(24)),
        "mixture": sc.fit(seen, CAMERA, pose_prior=mixture),
        "smplify_gaussian": sc.fit(
            seen, CAMERA, pose_prior=sc.anatomical_prior(24), preset="smplify"
        ),
        "joint_limits": sc.fit(seen, CAMERA, joint_limits=narrow),
    }


@case("fit/many")
def many() -> Values:
    people: list[Any] = [*_people("many", 3), np.full((25, 3), np.nan)]
    return {
        "one_camera": sc.fit_many(people, CAMERA, threads=2),
        "cameras": sc.fit_many(people[:3], cameras=[CAMERA, DISTORTED, WEAK], threads=1, starts=1),
    }


@case("fit/saved")
def saved() -> Values:
    """What is saved and loaded again."""
    rng = rng_of("saved")
    somebody = in_world(person(rng))
    seen = seen_by(WORLD, somebody, rng)
    known: dict[str, Any] = {"person": sc.Person(height=1.8), "ground": sc.Ground()}
    joints = np.c_[body().joints(**somebody), np.ones(24)]
    results = {
        "default": sc.fit(seen, WORLD, **known),
        "doubtful": sc.fit(_people("doubtful", 2, spread=0.7)[1], CAMERA),
        "keypoints3d": sc.fit(seen, WORLD, keypoints3d=joints),
        "focal": sc.fit(_somebody(), CAMERA.zoomed(1.1), estimate_focal=True, sigma_px=3.0),
    }
    found: dict[str, object] = {}
    with TemporaryDirectory() as folder:
        for name, result in results.items():
            path = Path(folder) / f"{name}.npz"
            result.save(path)
            loaded = sc.load_result(path)
            assert isinstance(loaded, sc.FitResult)
            found[name] = {
                "loaded": loaded,
                "vertices": loaded.vertices,
                "covariance": loaded.covariance(model=body()),
            }
    return found


@case("fit/crop")
def crop() -> Values:
    """A fit on a part of the image, and on the image at half the size."""
    seen = _somebody()
    part = sc.Keypoints(seen.xy - [200, 50], seen.confidence, seen.format)
    half = sc.Keypoints((seen.xy + 0.5) / 2 - 0.5, seen.confidence, seen.format)
    return {
        "crop": sc.fit(part, CAMERA.crop(200, 50, 800, 600)),
        "resized": sc.fit(half, CAMERA.resize(640, 360)),
        "copied": sc.fit(seen, sc.Camera(**placed(CAMERA))),
    }
