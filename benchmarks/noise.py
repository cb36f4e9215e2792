"""Whether the default fit follows the keypoints' noise: against the best constant weights.

    python benchmarks/noise.py poses.npz [--fits 200] [--noises 1 2 6 12] [--seed 0] [--json FILE]

The cases of benchmarks/accuracy.py, at several levels of noise (pixels of a 1000 px picture). A
constant is a factor on the residual weights of the last stage's priors, the same for all pictures;
the best of them is chosen with the truth in hand, for each noise. Reported: mean Procrustes-aligned
joint error of each constant, of the default fit, which estimates the noise, and of one that is told
it.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

import accuracy
import smplceres as sc
from cases import errors, pictures
from smplceres.body.motion_files import read_motions

CONSTANTS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6)
PRIORS = ("pose_prior", "angle_prior", "joint_limits", "shape_prior")


def constant_stages(factor: float) -> list[sc.Stage]:
    stages = sc.default_stages()
    stages[-1].reference_noise = 0.0
    for term in PRIORS:
        getattr(stages[-1], term).weight *= factor**2
    return stages


def error(cases, model, arguments, stages, sigma_px=None) -> float:
    """Mean Procrustes-aligned error, mm."""
    camera = pictures.camera_of(arguments)
    return float(
        np.mean(
            [
                errors.procrustes_aligned(
                    sc.fit(
                        case.keypoints,
                        camera,
                        model=model,
                        keypoint_format=arguments.format,
                        preset=stages,
                        sigma_px=sigma_px,
                    ).joints,
                    case.joints,
                )
                for case in cases
            ]
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poses", nargs="+", help=".npz files of poses")
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--noises", type=float, nargs="+", default=[1.0, 2.0, 6.0, 12.0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="also write the figures here")
    options = parser.parse_args()
    model = sc.load_body_model()
    clips = [clip for path in options.poses for clip in read_motions(path)]
    rows = []
    print(f"{'px':>5s}" + "".join(f"{factor:7g}" for factor in CONSTANTS), end="")
    print(f"{'default':>9s}{'told':>7s}{'of best':>9s}")
    for noise in options.noises:
        arguments = accuracy.parse(
            [*options.poses, f"--fits={options.fits}", f"--noise={noise}", f"--seed={options.seed}"]
        )
        cases = pictures.make_cases(model, clips, arguments)
        constants = [error(cases, model, arguments, constant_stages(f)) for f in CONSTANTS]
        default = error(cases, model, arguments, sc.default_stages())
        told = error(cases, model, arguments, sc.default_stages(), noise)
        rows.append({"noise_px": noise, "constants": constants, "default": default, "told": told})
        print(f"{noise:5g}" + "".join(f"{mm:7.1f}" for mm in constants), end="")
        print(f"{default:9.1f}{told:7.1f}{default / min(constants) - 1:9.1%}", flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"factors": CONSTANTS, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
