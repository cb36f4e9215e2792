"""How far fits to 3D joints are from the truth: all 24 joints of recorded poses, with noise.

    python benchmarks/joints3d.py poses.npz [--fits 200]

Poses: .npz files as tools/train_pose_prior.py takes them, each on a body of random shape (standard
normal betas) at a random place. Errors are distances of fitted from true joints, mm, over all
joints of all fits; "worst" is the largest mean of a fit. Same arguments, same errors.
"""

from __future__ import annotations

import argparse

import numpy as np

import smplceres as sc
from smplceres.body.motion_files import read_motions

NOISES_MM = (0.0, 5.0, 10.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poses", nargs="+", help=".npz files of poses")
    parser.add_argument("--fits", type=int, default=200, help="how many poses to fit (default 200)")
    parser.add_argument("--sigma", type=float, default=0.01, help="metres, told to the fit")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    model = sc.load_body_model()
    clips = [clip for path in arguments.poses for clip in read_motions(path)]
    poses = np.concatenate([clip.poses for clip in clips])
    print("noise, mm   mean   99 %    max  worst fit   noise itself   ms a fit")
    for noise in NOISES_MM:
        rng = np.random.default_rng(arguments.seed)
        errors, times, raw = [], [], []
        for pose in poses[rng.choice(len(poses), arguments.fits, replace=False)]:
            joints = model.joints(
                betas=rng.normal(size=model.num_betas),
                global_orient=pose[0],
                body_pose=pose[1:],
                transl=rng.normal(size=3),
            )
            seen = joints + rng.normal(0, 1e-3 * noise, joints.shape)
            result = sc.fit_joints3d(
                seen, model=model, keypoint_format="smpl24", sigma=arguments.sigma
            )
            errors.append(1e3 * np.linalg.norm(result.joints - joints, axis=1))
            raw.append(1e3 * np.linalg.norm(seen - joints, axis=1))
            times.append(1e3 * result.solve_time)
        print(
            f"{noise:9.0f} {np.mean(errors):6.2f} {np.percentile(errors, 99):6.2f} "
            f"{np.max(errors):6.2f} {np.mean(errors, axis=1).max():10.2f} "
            f"{np.mean(raw):14.2f} {np.median(times):10.1f}"
        )


if __name__ == "__main__":
    main()
