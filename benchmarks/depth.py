"""How far fits to a depth image are from the truth: rendered bodies, recorded poses, noise.

    python benchmarks/depth.py poses.npz [--fits 100] [--noise 10]

Poses: .npz files as tools/train_pose_prior.py takes them, each on a body of random shape (standard
normal betas), turned by any yaw, 2.5 to 4 m before a depth camera of 640 x 480 pixels, in front of
a wall. A depth is off by Gaussian noise; a tenth of the pixels was not measured.

A row is what the fit is told besides the depth image:

    place     no keypoints; the start is the true pose on the mean body, turned by 15 degrees about
              a random axis and 10 cm off in a random direction
    pose      the same, and every joint turned by 15 degrees about a random axis
    shape     as place, from the true betas, which are known
    keypoints openpose_body25 with 3 px of noise, no start
    nothing   those keypoints alone, without depth

Errors: the median vertex of a fit, all vertices, those that no pixel saw included, mm; median, mean
and 90 % over the fits, and the start's. "seen" is the same of vertices that the camera saw. Same
arguments, same errors.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

import smplceres as sc
from smplceres._native import _core
from smplceres.body.motion_files import read_motions
from smplceres.body.parameters import Parameters

Floats = NDArray[np.float64]

CAMERA = sc.Camera(fx=525, fy=525, cx=319.5, cy=239.5, width=640, height=480)
OFF_DEGREES, OFF_METRES = 15.0, 0.10
UNMEASURED = 0.1
ROWS = ("place", "pose", "shape", "keypoints", "nothing")


@dataclass(frozen=True, eq=False)
class Case:
    """A body and what a depth camera measured of it."""

    truth: Parameters
    vertices: Floats
    seen: NDArray[np.bool_]  # vertices
    depth: Floats
    keypoints: sc.Keypoints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poses", nargs="+", help=".npz files of poses")
    parser.add_argument("--fits", type=int, default=100, help="how many poses (default 100)")
    parser.add_argument("--noise", type=float, default=10.0, help="mm (default 10)")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=ROWS)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    model = sc.load_body_model()
    clips = [clip for path in arguments.poses for clip in read_motions(path)]
    poses = np.concatenate([clip.poses for clip in clips])
    rng = np.random.default_rng(arguments.seed)
    chosen = poses[rng.choice(len(poses), arguments.fits, replace=False)]
    cases = [make_case(model, pose, 1e-3 * arguments.noise, rng) for pose in chosen]
    starts = [start_of(case, rng) for case in cases]
    print("median vertex, mm: median   mean   90 % (start)    seen   within 8 mm  ms a fit")
    for row in arguments.rows:
        fits = [fit_row(row, model, *both, rng) for both in zip(cases, starts, strict=True)]
        errors = np.array([error for error, _, _, _ in fits])
        print(
            f"{row:>17}: {np.median(errors):6.1f} {errors.mean():6.1f} "
            f"{np.percentile(errors, 90):6.1f} ({np.median([fit[2] for fit in fits]):5.0f}) "
            f"{np.median([fit[1] for fit in fits]):7.1f} {100 * (errors <= 8).mean():11.0f} % "
            f"{1e3 * np.median([fit[3] for fit in fits]):9.0f}",
            flush=True,
        )


def make_case(model: sc.BodyModel, pose: Floats, noise: float, rng: np.random.Generator) -> Case:
    """Upright before the camera: y down, so a half turn about x, after any yaw."""
    upright = compose([np.pi, 0, 0], [0, rng.uniform(-np.pi, np.pi), 0])
    truth: Parameters = {
        "betas": rng.normal(size=model.num_betas),
        "global_orient": compose(upright, pose[0]),
        "body_pose": pose[1:],
        "transl": np.zeros(3),
    }
    at = np.array([rng.uniform(-0.4, 0.4), rng.uniform(-0.1, 0.1), rng.uniform(2.5, 4.0)])
    truth["transl"] = at - model(**truth).vertices.mean(axis=0)
    vertices = model(**truth).vertices
    face, depth = _core.rasterise(
        CAMERA.core, vertices, model.faces, width=CAMERA.width, height=CAMERA.height
    )
    seen = np.zeros(len(vertices), dtype=bool)
    seen[model.faces[face[face >= 0]]] = True
    depth[face < 0] = 6.0
    depth += rng.normal(0, noise, depth.shape)
    depth[rng.random(depth.shape) < UNMEASURED] = np.nan
    joints = sc.FORMATS["openpose_body25"]
    points, point_of, _ = model.keypoint_points(joints)
    places = points.evaluate(model._core, **truth)[np.array(point_of)]
    pixels = CAMERA.project(places) + rng.normal(0, 3.0, (len(places), 2))
    return Case(truth, vertices, seen, depth, sc.Keypoints(pixels, np.ones(len(places)), joints))


def compose(second: ArrayLike, first: ArrayLike) -> Floats:
    """Axis-angle of a rotation after another."""
    turned = Rotation.from_rotvec(second) * Rotation.from_rotvec(first)
    return np.asarray(turned.as_rotvec())


def off(rng: np.random.Generator, length: float) -> Floats:
    direction = rng.normal(size=3)
    return np.asarray(length * direction / np.linalg.norm(direction))


def start_of(case: Case, rng: np.random.Generator) -> Parameters:
    turn = np.radians(OFF_DEGREES)
    pose = case.truth["body_pose"]
    return {
        "betas": np.zeros_like(case.truth["betas"]),
        "global_orient": compose(off(rng, turn), case.truth["global_orient"]),
        "body_pose": np.array([compose(joint, off(rng, turn)) for joint in pose]),
        "transl": case.truth["transl"] + off(rng, OFF_METRES),
    }


def fit_row(
    row: str, model: sc.BodyModel, case: Case, start: Parameters, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Median vertex error, that of the seen, that of the start, mm; seconds."""
    if row != "pose":
        start = {**start, "body_pose": case.truth["body_pose"]}
    if row == "shape":
        start["betas"] = case.truth["betas"]
    if row in ("keypoints", "nothing"):
        depth = None if row == "nothing" else case.depth
        result = sc.fit(case.keypoints, CAMERA, depth=depth, model=model)
    else:
        result = sc.fit(
            None,
            CAMERA,
            depth=case.depth,
            initial=start,
            person=sc.Person(betas=case.truth["betas"]) if row == "shape" else None,
            model=model,
        )
    errors = 1e3 * np.linalg.norm(result.vertices - case.vertices, axis=1)
    at_start = 1e3 * np.linalg.norm(model(**start).vertices - case.vertices, axis=1)
    return (
        float(np.median(errors)),
        float(np.median(errors[case.seen])),
        float(np.median(at_start)),
        result.solve_time,
    )


if __name__ == "__main__":
    main()
