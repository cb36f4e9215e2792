"""What several starts bring, and what they cost: fits of recorded poses seen from all around.

    python benchmarks/starts.py poses.npz [--fits 300] [--pitch 10] [--threads 2] [--json FILE]

The cases of benchmarks/accuracy.py (3 px of noise, known camera, any yaw, the camera's pitch of
--pitch degrees standard deviation). Rows: one start, "auto", four facing directions. Reported:
share of fits whose joints are off by more than 150 mm (pelvis-aligned), errors, and the time of a
fit, all rows measured fit by fit in the same run; how many fits looked doubtful.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

import accuracy
import smplceres as sc
from cases.errors import figures_of
from cases.pictures import camera_of, make_cases
from smplceres.body.motion_files import read_motions

ROWS: dict[str, int | str] = {"one start": 1, "auto": "auto", "4 facings": 4}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poses", nargs="+", help=".npz files of poses")
    parser.add_argument("--fits", type=int, default=300)
    parser.add_argument("--noise", type=float, default=3.0, help="px")
    parser.add_argument("--pitch", type=float, default=10.0, help="degrees, standard deviation")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="also write the figures here")
    options = parser.parse_args()
    model = sc.load_body_model()
    arguments = accuracy.parse(
        [
            *options.poses,
            f"--fits={options.fits}",
            f"--noise={options.noise}",
            f"--seed={options.seed}",
            f"--pitch={options.pitch}",
        ]
    )
    clips = [clip for path in options.poses for clip in read_motions(path)]
    cases = make_cases(model, clips, arguments)
    camera = camera_of(arguments)
    given = {"model": model, "keypoint_format": arguments.format, "threads": options.threads}
    sc.fit(cases[0].keypoints, camera, **given)  # makes what is made once
    joints: dict[str, list] = {name: [] for name in ROWS}
    times: dict[str, list[float]] = {name: [] for name in ROWS}
    tried = []
    for case in cases:
        for name, starts in ROWS.items():
            begin = time.perf_counter()
            result = sc.fit(case.keypoints, camera, starts=starts, **given)
            times[name].append(1e3 * (time.perf_counter() - begin))
            joints[name].append(result.joints)
            if starts == "auto":
                tried.append(len(result.hypotheses) > 0)
    figures = {name: figures_of(cases, joints[name]) for name in ROWS}
    print(f"{len(cases)} fits; {np.mean(tried):.1%} with other starts in auto")
    print(f"{'':12s}{'over 150 mm':>12s}{'root median':>12s}{'mean':>7s}{'PA mean':>9s}", end="")
    print(f"{'ms median':>11s}{'mean':>7s}{'times one':>11s}")
    for name, row in figures.items():
        ms = np.array(times[name])
        row.update(ms_median=float(np.median(ms)), ms_mean=float(ms.mean()))
        ratio = row["ms_mean"] / figures["one start"]["ms_mean"]
        print(
            f"{name:12s}{row['share_over_150_mm']:12.2%}{row['root_median_mm']:12.1f}"
            f"{row['root_mean_mm']:7.1f}{row['pa_mean_mm']:9.1f}{row['ms_median']:11.1f}"
            f"{row['ms_mean']:7.1f}{ratio:11.2f}"
        )
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
