#!/usr/bin/env python3
"""What not knowing the focal length costs: fits with it, with a guess, and with estimate_focal.

    python benchmarks/focal.py ../shared/data/mocap/val.npz

Poses and pictures as benchmarks/accuracy.py makes them, lenses from 0.6 to 2.5 times the picture's
side, evenly on a logarithmic scale; people as large in the picture with every lens.
"""

from __future__ import annotations

import argparse

import numpy as np

import accuracy
import smplceres as sc
from cases import errors, pictures
from smplceres.body.motion_files import read_motions

LENSES = np.geomspace(0.6, 2.5, 6)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("poses", nargs="+", help=".npz files of poses")
    parser.add_argument("--fits", type=int, default=60, help="of each lens (default 60)")
    options = parser.parse_args()
    model = sc.load_body_model()
    clips = [clip for path in options.poses for clip in read_motions(path)]

    kinds = ("known", "guessed", "estimated")
    joints: dict[str, list[np.ndarray]] = {kind: [] for kind in kinds}
    truth: list[pictures.Case] = []
    print("lens / side: median Procrustes-aligned error (mm); estimated / true focal length")
    for number, lens in enumerate(LENSES):
        arguments = accuracy.parse(
            [
                *options.poses,
                "--fits",
                str(options.fits),
                "--focal",
                str(lens),
                "--seed",
                str(number),
            ]
        )
        cases = pictures.make_cases(model, clips, arguments)
        camera = pictures.camera_of(arguments)
        guess = sc.Camera.guess(camera.width, camera.height)
        here: dict[str, list[np.ndarray]] = {kind: [] for kind in kinds}
        ratios = []
        for case in cases:
            for kind in kinds:
                result = sc.fit(
                    case.keypoints,
                    camera if kind == "known" else guess,
                    model=model,
                    keypoint_format=arguments.format,
                    estimate_focal=kind == "estimated",
                )
                here[kind].append(result.joints)
            ratios.append(result.camera.fx / camera.fx)
        line = "  ".join(
            f"{kind} {errors.figures_of(cases, here[kind])['pa_median_mm']:5.1f}" for kind in kinds
        )
        quartiles = np.percentile(ratios, [25, 50, 75])
        spread = " ".join(f"{ratio:.2f}" for ratio in quartiles)
        print(f"{lens:5.2f}: {line}   {spread}", flush=True)
        truth += cases
        for kind in kinds:
            joints[kind] += here[kind]
    known = errors.figures_of(truth, joints["known"])
    for kind in kinds:
        figures = errors.figures_of(truth, joints[kind])
        change = figures["pa_mean_mm"] / known["pa_mean_mm"] - 1
        print(
            f"{kind:10s} PA median {figures['pa_median_mm']:.1f}, "
            f"mean {figures['pa_mean_mm']:.1f} mm ({change:+.1%}); "
            f"root-aligned mean {figures['root_mean_mm']:.1f} mm"
        )


if __name__ == "__main__":
    main()
