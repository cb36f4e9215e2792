"""Sequences of short clips, and the people of a clip linked and fitted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import smplceres as sc

from .cases import Values, case
from .inputs import (
    CAMERA,
    WEAK,
    WORLD,
    body,
    clip,
    hidden,
    in_world,
    legs,
    ring,
    rng_of,
    seen_by,
    stage_with,
)

_FPS = 15.0


def _seen(
    seed: str,
    frames: int,
    camera: sc.Camera | sc.WeakPerspectiveCamera = CAMERA,
    *,
    noise: float = 3.0,
) -> list[sc.Keypoints | None]:
    rng = rng_of(seed)
    motion = clip(rng, np.arange(frames) / _FPS)
    if camera is WORLD:
        moved = [in_world(somebody) for somebody in motion]
        motion = [
            there | {"transl": there["transl"] + [0.02 * frame, 0, 0]}
            for frame, there in enumerate(moved)
        ]
    return [seen_by(camera, somebody, rng, noise=noise) for somebody in motion]


def _from_all(seed: str, frames: int, cameras: Sequence[sc.Camera]) -> list[list[sc.Keypoints]]:
    """One list a camera."""
    rng = rng_of(seed)
    motion = clip(rng, np.arange(frames) / _FPS)
    return [[seen_by(camera, somebody, rng) for somebody in motion] for camera in cameras]


@case("sequence/default")
def default() -> Values:
    seen = _seen("default", 24)
    result = sc.fit_sequence(seen, CAMERA, fps=_FPS, threads=1)
    uneven = np.cumsum([0.0, *rng_of("times").uniform(0.03, 0.1, 11)])
    return {
        "result": result,
        "frame": result[5],
        "frame_covariance": result[5].covariance(),
        "motion": result.motion().poses,
        "measured": sc.measure(result),
        "uneven": sc.fit_sequence(seen[:12], CAMERA, times=uneven, threads=1),
        "one_frame": sc.fit_sequence(seen[:1], CAMERA, fps=_FPS, threads=1),
    }


@case("sequence/gaps")
def gaps() -> Values:
    """Frames of nobody at the start, within, at the end, and legs that are hidden for a while."""
    seen = _seen("gaps", 20)
    for frame in (0, 7, 8, 9, 19):
        seen[frame] = None
    for frame in (12, 13, 14):
        keypoints = seen[frame]
        assert keypoints is not None
        seen[frame] = hidden(keypoints, legs())
    return {"result": sc.fit_sequence(seen, CAMERA, fps=_FPS, threads=1)}


@case("sequence/windows")
def windows() -> Values:
    seen = _seen("windows", 100)
    return {"result": sc.fit_sequence(seen, CAMERA, fps=_FPS, window=60, threads=1)}


@case("sequence/cameras")
def cameras() -> Values:
    about = ring(3)
    seen = _from_all("cameras", 10, about)
    rows: list[list[sc.Keypoints | None]] = [list(row) for row in seen]
    rows[1][4] = rows[2][4] = rows[0][7] = None
    unknown = sc.WeakPerspectiveCamera.guess(1280, 720)
    return {
        "three": sc.fit_sequence(rows, about, fps=_FPS, threads=1),
        "weak": sc.fit_sequence(_seen("weak", 8, WEAK), WEAK, fps=_FPS, threads=1),
        "weak_unknown": sc.fit_sequence(_seen("weak", 8, WEAK), unknown, fps=_FPS, threads=1),
        "estimate_focal": sc.fit_sequence(
            _seen("focal", 10), CAMERA.zoomed(1.2), fps=_FPS, estimate_focal=True, threads=1
        ),
    }


@case("sequence/refine_cameras")
def refine_cameras() -> Values:
    rng = rng_of("refine")
    about = ring(3)
    seen = _from_all("refine", 10, about)
    given = [
        camera.moved(rng.normal(0, 0.02, 3), rng.normal(0, 0.03, 3)) if number else camera
        for number, camera in enumerate(about)
    ]
    return {"result": sc.fit_sequence(seen, given, fps=_FPS, refine_cameras=True, threads=1)}


@case("sequence/known")
def known() -> Values:
    seen = _seen("world", 10, WORLD)
    limits = sc.smpl_joint_limits()
    narrow = sc.JointLimits(limits.axes, 0.3 * limits.lower, 0.3 * limits.upper)
    return {
        "ground": sc.fit_sequence(seen, WORLD, fps=_FPS, ground=sc.Ground(), threads=1),
        "height": sc.fit_sequence(seen, WORLD, fps=_FPS, person=sc.Person(height=1.8), threads=1),
        "betas": sc.fit_sequence(
            seen, WORLD, fps=_FPS, person=sc.Person(betas=np.full(10, 0.3)), threads=1
        ),
        "priors": sc.fit_sequence(
            seen,
            WORLD,
            fps=_FPS,
            pose_prior=sc.anatomical_prior(24),
            joint_limits=narrow,
            threads=1,
        ),
        "female": sc.fit_sequence(
            seen, WORLD, fps=_FPS, model=sc.load_body_model(gender="female"), threads=1
        ),
    }


@case("sequence/stages")
def stages() -> Values:
    """Linear solvers, both Jacobians, terms between frames, frames coupled by the shape alone."""
    seen = _seen("stages", 6)
    found: dict[str, object] = {}

    def fitted(*chosen: sc.Stage) -> sc.SequenceResult:
        return sc.fit_sequence(seen, CAMERA, fps=_FPS, stages=list(chosen), threads=1)

    solvers = ("SPARSE_NORMAL_CHOLESKY", "DENSE_NORMAL_CHOLESKY", "DENSE_SCHUR", "SPARSE_SCHUR")
    for solver in solvers:
        stage = sc.sequence_stages()[-1]
        stage.solver.linear_solver = solver
        stage.solver.max_iterations = 5
        found[solver] = fitted(stage)
    for jacobian in ("fast", "autodiff"):
        stage = stage_with(
            reprojection=1.0,
            pose_prior=10.0,
            shape_prior=10.0,
            acceleration=15.0,
            rotation_walk=15.0,
        )
        stage.solver.jacobian = jacobian
        stage.solver.max_iterations = 4
        stage.acceleration.sigma, stage.rotation_walk.sigma = 2.0, 0.7
        found[jacobian] = fitted(stage)
    apart = sc.sequence_stages()[-1]
    apart.acceleration.weight = apart.rotation_walk.weight = 0.0
    found["uncoupled"] = fitted(apart)
    for minimizer in ("dogleg", "lbfgs"):
        stage = sc.sequence_stages()[-1]
        stage.solver.minimizer = minimizer
        stage.solver.max_iterations = 6
        found[minimizer] = fitted(stage)
    return found


@case("sequence/checkpoint")
def checkpoint() -> Values:
    """Results of a run, and of a second run that reads all steps from the folder."""
    seen = _seen("checkpoint", 10)
    with TemporaryDirectory() as folder:
        first, again = (
            sc.fit_sequence(seen, CAMERA, fps=_FPS, threads=1, checkpoint=folder) for _ in range(2)
        )
        path = Path(folder) / "saved.npz"
        first.save(path)
        loaded = sc.load_result(path)
        assert isinstance(loaded, sc.SequenceResult)
        covariance = loaded[3].covariance(model=body())
    return {"first": first, "again": again, "loaded": loaded, "loaded_covariance": covariance}


@case("sequence/people")
def people() -> Values:
    """Two people, one of whom comes later; detections in changing order."""
    rng = rng_of("people")
    times = np.arange(10) / _FPS
    first, second = clip(rng, times, at=-0.6), clip(rng, times, at=0.6)
    frames = []
    for number, both in enumerate(zip(first, second, strict=True)):
        seen = [seen_by(CAMERA, somebody, rng) for somebody in both]
        frames.append(seen[:1] if number < 3 else seen[:: (-1) ** number])
    found: dict[str, object] = {}
    for number, (track, result) in enumerate(sc.fit_people(frames, CAMERA, fps=_FPS, threads=1)):
        found[str(number)] = {"first": track.first, "seen": track.num_seen, "result": result}
    one = [seen[0] for seen in frames]
    return found | {"sides": [each for each in sc.set_sides_right(one)]}
