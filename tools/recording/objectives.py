"""Objectives at given points: residuals by term, Jacobians by both methods, gradients, energies."""

from __future__ import annotations

from typing import Any

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
    in_world,
    person,
    random_body,
    ring,
    rng_of,
    seen_by,
    stage_with,
)

_ROBUST = ("none", "huber", "geman_mcclure")


def _evaluated(*given: Any, stage: sc.Stage, **known: Any) -> Values:
    """One stage's objective at its start and near it."""
    found: dict[str, object] = {}
    for jacobian in ("fast", "autodiff"):
        stage.solver.jacobian = jacobian
        f = sc.objective(*given, preset=[stage], **known)
        near = f.x0 + rng_of("near").normal(0, 0.05, f.x0.shape)
        found[jacobian] = {"start": _at(f, f.x0), "near": _at(f, near)}
    return found


def _at(f: sc.Objective, x: np.ndarray[Any, Any]) -> Values:
    names = np.array([term for term, count in f.rows for _ in range(count)])
    residuals, jacobian = f.residuals(x), f.jacobian(x)
    terms = {
        str(term): {
            "residuals": residuals[names == term],
            "jacobian": jacobian[names == term],
            "energy": float(residuals[names == term] @ residuals[names == term]),
        }
        for term in np.unique(names)
    }
    return {"x": x, "terms": terms, "energy": f(x), "gradient": f.gradient(x)}


def _before(
    camera: sc.Camera | sc.WeakPerspectiveCamera, somebody: Person, seed: str
) -> sc.Keypoints:
    """Keypoints some 60 px off, so that robust functions bend."""
    return seen_by(camera, somebody, rng_of(seed), noise=60)


@case("objective/reprojection")
def reprojection() -> Values:
    somebody = person(rng_of("objective"))
    seen = _before(CAMERA, somebody, "seen")
    found: dict[str, object] = {}
    for robust in _ROBUST:
        for per_point in (False, True):
            for unit in (0.0, 300.0):
                stage = stage_with(reprojection=2.5)
                stage.reprojection.robust = robust
                stage.reprojection.sigma = 50.0
                stage.reprojection.per_point = per_point
                stage.reprojection.pixels_per_metre = unit
                stage.reprojection.hip_weight = 0.0
                stage.reprojection.head_weight = 0.5
                name = f"{robust}_{'point' if per_point else 'coordinate'}_{unit:g}"
                found[name] = _evaluated(seen, CAMERA, stage=stage, initial=somebody)
    return found


@case("objective/cameras")
def cameras() -> Values:
    somebody = person(rng_of("objective"))
    stage = stage_with(reprojection=1.0, depth_prior=3.0)
    unknown = sc.WeakPerspectiveCamera.guess(1280, 720)
    of_world, about = in_world(somebody), ring()
    return {
        "distorted": _evaluated(
            _before(DISTORTED, somebody, "distorted"), DISTORTED, stage=stage, initial=somebody
        ),
        "weak": _evaluated(_before(WEAK, somebody, "weak"), WEAK, stage=stage, initial=somebody),
        "weak_unknown": _evaluated(
            _before(WEAK, somebody, "weak unknown"), unknown, stage=stage, initial=somebody
        ),
        "world": _evaluated(
            _before(WORLD, of_world, "world"), WORLD, stage=stage, initial=of_world
        ),
        "four": _evaluated(
            [*(_before(each, somebody, f"{i}") for i, each in enumerate(about[:3])), None],
            about,
            stage=stage,
            initial=somebody,
        ),
    }


@case("objective/terms")
def terms() -> Values:
    """One term at a time, beside weak keypoints."""
    somebody = in_world(crossed_arms(person(rng_of("objective"), spread=0.6)))
    seen = _before(WORLD, somebody, "terms")
    known = sc.Person(
        height=1.8,
        limb_lengths={"left_thigh": 0.45, "shoulder_width": 0.4},
        betas=np.full(10, 0.2),
        betas_sigma=0.5,
    )
    below, above = sc.Ground(offset=-0.02), sc.Ground(offset=0.05, contact=False)
    gaussian = sc.anatomical_prior(24)
    single: dict[str, tuple[dict[str, float], dict[str, Any]]] = {
        "mixture": ({"pose_prior": 2.0}, {}),
        "gaussian": ({"pose_prior": 2.0}, {"pose_prior": gaussian}),
        "angle_prior": ({"angle_prior": 2.0}, {}),
        "joint_limits": ({"joint_limits": 2.0}, {}),
        "shape_prior": ({"shape_prior": 2.0}, {}),
        "shape_prior_of_person": ({"shape_prior": 2.0}, {"person": known}),
        "height": ({"height": 2.0}, {"person": known}),
        "limb_lengths": ({"limb_lengths": 2.0}, {"person": known}),
        "ground": ({"ground": 2.0}, {"ground": below}),
        "ground_no_contact": ({"ground": 2.0}, {"ground": above}),
    }
    found: dict[str, object] = {}
    for name, (weights, given) in single.items():
        stage = stage_with(reprojection=1e-3, **weights)
        found[name] = _evaluated(seen, WORLD, stage=stage, initial=somebody, **given)
    stage = stage_with(reprojection=1e-3, pose_prior=2.0)
    stage.pose_prior.from_zero = True
    found["mixture_from_zero"] = _evaluated(seen, WORLD, stage=stage, initial=somebody)
    return found


@case("objective/interpenetration")
def interpenetration() -> Values:
    somebody = crossed_arms(person(rng_of("objective")))
    seen = _before(CAMERA, somebody, "interpenetration")
    found: dict[str, object] = {}
    for overlap in ("gaussian", "depth", "patches"):
        for shape in (False, True):
            stage = stage_with(reprojection=1e-3, interpenetration=1e4)
            stage.interpenetration.overlap = overlap
            stage.interpenetration.shape = shape
            name = f"{overlap}_{'shape' if shape else 'pose'}"
            found[name] = _evaluated(seen, CAMERA, stage=stage, initial=somebody)
    return found


@case("objective/presets")
def presets() -> Values:
    """Every stage at the start of a fit, and at the body that was seen."""
    somebody = in_world(person(rng_of("objective")))
    seen = seen_by(WORLD, somebody, rng_of("presets"))
    known: dict[str, Any] = {"ground": sc.Ground(), "person": sc.Person(height=1.75)}
    found: dict[str, object] = {}
    for name, stages in (
        ("default", sc.default_stages()),
        ("smplify", sc.smplify_stages()),
        ("sequence", sc.sequence_stages()),
        ("tracker", [sc.tracker_stage()]),
    ):
        for number in range(len(stages)):
            f = sc.objective(seen, WORLD, preset=stages, stage=number, **known)
            x = f.pack(**somebody)
            found[f"{name}/{number}"] = {
                "start": _at(f, f.x0),
                "seen": _at(f, x),
                "unpacked": f.unpack(x),
            }
    f = sc.objective(seen, WORLD)
    found["hessian"] = f.hessian(f.x0)
    return found


@case("objective/bodies")
def bodies() -> Values:
    """All terms on other bodies."""
    found: dict[str, object] = {}
    others = {
        "random": random_body(),
        "synthetic": sc.synthetic.make_body_model(),
        "female": sc.load_body_model(gender="female"),
        "own": body(),
    }
    for name, model in others.items():
        somebody = person(rng_of(name), num_betas=model.num_betas)
        seen = seen_by(CAMERA, somebody, rng_of(name), model=model, noise=40)
        stage = sc.default_stages()[-1]
        stage.depth_prior.weight = 10.0
        found[name] = _evaluated(seen, CAMERA, stage=stage, model=model, initial=somebody)
    return found
