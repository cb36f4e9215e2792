"""How often the 90 % ellipsoids of a fit's covariance hold the true joints.

    python benchmarks/uncertainty.py [--fits 300] [--sigma 3] [--mocap val.npz] [--json FILE]

The noise model that the covariance states, met exactly: bodies with poses drawn from the default
prior and betas from a unit Gaussian, upright and facing anywhere before a camera of known focal
length, BODY_25 keypoints with Gaussian noise of known standard deviation. Each is fitted by the
default stages and then by one whose weights are the negative log posterior's, without a robust
function: the mode of the posterior. `joint(j)` there, with the known noise, gives the ellipsoid

    (p_j - truth_j)^T C_j^-1 (p_j - truth_j) <= 6.25   (chi^2 of three degrees, 90 %).

Reported: coverage by joint, of cold fits, of those that met the fit that started at the truth, and
of that. Of other modes (a limb that points away from the camera instead of towards it) a covariance
at one knows nothing, so the shares of cold fits that ended higher and lower in energy than the fit
from the truth are told too; lower: the picture itself favours the wrong mode. With --mocap also
poses of recorded people, of which the prior says too much or too little.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

import smplceres as sc
from cases.errors import CHI2_90
from fit import upright

FORMAT = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
# Fits of one person differ by less where they ended in the same mode, by more where not.
SAME_ENERGY = 0.1


def posterior_stages(sigma_px: float) -> list[sc.Stage]:
    """The default stages, and then the negative log posterior itself."""
    posterior = sc.Stage()
    posterior.name = "posterior"
    posterior.reprojection.robust = "none"
    posterior.reprojection.weight = 1 / (2 * sigma_px**2)
    posterior.pose_prior.weight = 1.0
    posterior.shape_prior.weight = 0.5
    posterior.solver.max_iterations = 300
    posterior.solver.function_tolerance = 1e-9
    return [*sc.default_stages(), posterior]


def sample_pose(prior, rng: np.random.Generator) -> np.ndarray:
    """A body_pose of a prior, Gaussian or mixture."""
    if isinstance(prior, sc.GaussianPosePrior):
        return rng.multivariate_normal(prior.mean, prior.covariance)
    chosen = rng.choice(len(prior.weights), p=prior.weights / prior.weights.sum())
    return rng.multivariate_normal(prior.means[chosen], prior.covars[chosen])


def distances(result: sc.FitResult, truth: np.ndarray, sigma_px: float) -> np.ndarray:
    """(J,) squared Mahalanobis distances of the true joints."""
    covariances = result.covariance(sigma_px).joints
    off = truth - result.joints
    return np.einsum("ji,jik,jk->j", off, np.linalg.inv(covariances), off)


def run(model: sc.BodyModel, poses: list[np.ndarray], sigma_px: float, seed: int) -> dict:
    rng = np.random.default_rng(seed)
    stages = posterior_stages(sigma_px)
    points = model.keypoint_points(FORMAT).points
    cold, warm, gaps, ratios = [], [], [], []
    for pose in poses:
        parameters = upright(model, pose, rng)
        truth = model.joints(**parameters)
        pixels = CAMERA.project(points.evaluate(model._core, **parameters))
        keypoints = pixels + rng.normal(0, sigma_px, pixels.shape)
        arguments = {"model": model, "keypoint_format": FORMAT}
        found = sc.fit(keypoints, CAMERA, preset=stages, **arguments)
        near = sc.fit(keypoints, CAMERA, preset=stages[-1:], initial=parameters, **arguments)
        cold.append(distances(found, truth, sigma_px) <= CHI2_90)
        warm.append(distances(near, truth, sigma_px) <= CHI2_90)
        gaps.append(sum(found.energies.values()) - sum(near.energies.values()))
        ratios.append(found.covariance().sigma_px / sigma_px)
    gap, cold_held, warm_held = np.array(gaps), np.array(cold), np.array(warm)
    same = np.abs(gap) <= SAME_ENERGY
    return {
        "fits": len(poses),
        "cold": cold_held.mean(axis=0).tolist(),
        "same_mode": cold_held[same].mean(axis=0).tolist(),
        "from_truth": warm_held.mean(axis=0).tolist(),
        "cold_all": float(cold_held.mean()),
        "same_mode_all": float(cold_held[same].mean()),
        "from_truth_all": float(warm_held.mean()),
        "share_higher": float((gap > SAME_ENERGY).mean()),
        "share_lower": float((gap < -SAME_ENERGY).mean()),
        "estimated_over_true_sigma": float(np.median(ratios)),
    }


def report(title: str, names: tuple[str, ...], figures: dict) -> None:
    print(f"\n{title}: {figures['fits']} fits; share of true joints within their 90 % ellipsoids")
    columns = ("cold", "same_mode", "from_truth")
    print(f"  {'':16s}" + "".join(f"{column:>12s}" for column in columns))
    for j, name in enumerate(names):
        print(f"  {name:16s}" + "".join(f"{100 * figures[c][j]:11.1f}%" for c in columns))
    print(f"  {'all':16s}" + "".join(f"{100 * figures[f'{c}_all']:11.1f}%" for c in columns))
    print(
        f"  cold fits in a mode worse than from the truth {100 * figures['share_higher']:.1f} %,"
        f" in a better one {100 * figures['share_lower']:.1f} %"
    )
    print(f"  estimated noise / true noise, median {figures['estimated_over_true_sigma']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fits", type=int, default=300)
    parser.add_argument("--sigma", type=float, default=3.0, help="noise, pixels")
    parser.add_argument("--mocap", help="also recorded poses: an .npz with poses (N, 24, 3)")
    parser.add_argument("--json", help="also write the figures here")
    arguments = parser.parse_args()
    model = sc.load_body_model()
    rng = np.random.default_rng(0)
    sets = {
        "poses of the prior": [sample_pose(model.default_prior, rng) for _ in range(arguments.fits)]
    }
    if arguments.mocap:
        with np.load(arguments.mocap) as recorded:
            good = np.flatnonzero(~recorded["suspect"])
            chosen = rng.choice(good, arguments.fits, replace=False)
            sets["recorded poses"] = list(recorded["poses"][chosen, 1:].astype(float))
    figures = {}
    for title, poses in sets.items():
        figures[title] = run(model, poses, arguments.sigma, 1)
        report(title, model.joint_names, figures[title])
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
