"""What knowing the person or the ground brings to single-image fits of recorded poses.

    python benchmarks/person.py poses.npz [--fits 200] [--noise 3] [--threads 2]

Cases are those of benchmarks/accuracy.py: poses on bodies of random shape, any yaw, a pitch of some
degrees, 3 to 6 m away, keypoints with noise, the camera known. A row is what the fit is told, all
of it true: nothing; the standing height; all limb lengths; both; the betas; the ground plane, where
the lower foot stands (contact) or not only that no foot is below it; height and ground.

The ground is the plane under the lowest point of the soles of the true body, its normal up in the
world of the motion. Cases whose camera looks up from under it are left out. Errors in mm, median
and mean over the cases: joints with the pelvis of fit and truth in one place ("root"), the pelvis
along the optical axis ("depth"), vertices of the shape in the rest pose, the mean vertex in one
place ("shape"), and the standing height ("height").
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

import smplceres as sc
from accuracy import parse as accuracy_options
from cases.errors import root_aligned
from cases.pictures import Case, Floats, camera_of, make_cases
from smplceres.body.motion_files import read_motions
from smplceres.evidence.ground import sole_vertices


@dataclass(frozen=True, eq=False)
class Told:
    """What a case's truth says of the person and of the ground."""

    height: float
    limb_lengths: dict[str, float]
    betas: Floats
    normal: Floats
    offset: float


ROWS: dict[str, Callable[[Told], dict[str, object]]] = {
    "nothing": lambda told: {},
    "height": lambda told: {"person": sc.Person(height=told.height)},
    "limb lengths": lambda told: {"person": sc.Person(limb_lengths=told.limb_lengths)},
    "height and limbs": lambda told: {
        "person": sc.Person(height=told.height, limb_lengths=told.limb_lengths)
    },
    "betas": lambda told: {"person": sc.Person(betas=told.betas)},
    "ground, contact": lambda told: {"ground": sc.Ground(told.normal, told.offset)},
    "ground": lambda told: {"ground": sc.Ground(told.normal, told.offset, contact=False)},
    "height, ground": lambda told: {
        "person": sc.Person(height=told.height),
        "ground": sc.Ground(told.normal, told.offset),
    },
}


def told_of(model: sc.BodyModel, case: Case) -> Told:
    at_rest = model(betas=case.betas, body_pose=case.body_pose)
    soles = at_rest.vertices[sole_vertices(model)] - at_rest.joints[0]
    return Told(
        height=sc.standing_height(model, case.betas),
        limb_lengths=sc.limb_lengths(model, case.betas),
        betas=case.betas,
        normal=case.up,
        offset=float(((soles @ case.rotation.T + case.joints[0]) @ case.up).min()),
    )


def shape_error(model: sc.BodyModel, betas: Floats, truth: Floats) -> float:
    """Mean distance of vertices at rest, their means in one place, mm."""
    apart = model.shapedirs @ (betas - truth)
    return float(1e3 * np.linalg.norm(apart - apart.mean(axis=0), axis=1).mean())


def errors_of(model: sc.BodyModel, case: Case, result: sc.FitResult) -> tuple[float, ...]:
    return (
        root_aligned(result.joints, case.joints),
        float(1e3 * abs(result.joints[0, 2] - case.joints[0, 2])),
        shape_error(model, result.betas, case.betas),
        1e3 * abs(sc.standing_height(model, result.betas) - sc.standing_height(model, case.betas)),
    )


def main() -> None:
    if any(name in sys.argv[1:] for name in ("-h", "--help")):
        sys.exit(__doc__)
    arguments: argparse.Namespace = accuracy_options()
    model = sc.load_body_model(arguments.body)
    clips = [clip for path in arguments.poses for clip in read_motions(path)]
    drawn = [(case, told_of(model, case)) for case in make_cases(model, clips, arguments)]
    cases = [(case, told) for case, told in drawn if told.offset < 0]
    camera = camera_of(arguments)
    print(f"{len(cases)} of {len(drawn)} cases, whose camera is over the ground")
    kinds = ("root", "depth", "shape", "height")
    print(f"{'':20s}" + "".join(f"{kind + ', mm':>16s}" for kind in kinds) + f"{'time':>8s}")
    print(f"{'told':20s}" + 4 * f"{'median':>8s}{'mean':>8s}" + f"{'ms':>8s}")
    for name, known in ROWS.items():

        def fit(case_told: tuple[Case, Told], known=known) -> sc.FitResult:
            case, truth = case_told
            return sc.fit(
                case.keypoints,
                camera,
                model=model,
                keypoint_format=arguments.format,
                preset=arguments.preset,
                **known(truth),  # type: ignore[arg-type]
            )

        with ThreadPoolExecutor(arguments.threads) as pool:
            results = list(pool.map(fit, cases))
        errors = np.array(
            [errors_of(model, case, fit) for (case, _), fit in zip(cases, results, strict=True)]
        )
        figures = np.column_stack([np.median(errors, axis=0), errors.mean(axis=0)]).ravel()
        time = 1e3 * np.median([result.solve_time for result in results])
        print(f"{name:20s}" + "".join(f"{mm:8.1f}" for mm in figures) + f"{time:8.1f}", flush=True)


if __name__ == "__main__":
    main()
