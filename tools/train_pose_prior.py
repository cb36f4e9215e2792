#!/usr/bin/env python
"""Trains a pose prior for `smplceres.fit(pose_prior=...)`, a mixture of Gaussians, from motions.

    pip install "smplceres[train]"
    python tools/train_pose_prior.py motions.npz --out prior.npz
    python tools/train_pose_prior.py motions.npz --out prior.npz --evaluate other_people.npz

Motions are .npz files of SMPL poses, any number of them: either many clips in one file (`poses`
(N, 24, 3), `lengths`, optionally `names` and `suspect`), or AMASS's layout, a clip a file (`poses`
(N, 72), (N, 156) or (N, 165), and `mocap_framerate`). What is done to them:

 1. frames marked suspect go, axis-angles are wrapped to at most pi;
 2. a frame stays where a joint has turned by more than --thin since the last one that stayed;
 3. a clip gives at most --per-clip frames, evenly spread, so that one long walk does not rule;
 4. numbers that a clip never moves were not measured. They are drawn from the hand-set anatomical
    ranges, so that the prior says "unknown within range" and not "never moves";
 5. every pose comes a second time with left and right exchanged, and the mixture is symmetric;
 6. expectation maximisation (scikit-learn), on numbers in units of their anatomical ranges; every
    covariance has --floor squared of these added on its diagonal, so that none is ever flat;
 7. each covariance gives way by --shrink to that of all poses: frames are many, but people and
    actions few, and a component that knows its own too well is wrong about others.

The output has the keys weights (K,), means (K, 69) and covars (K, 69, 69), radians, in SMPLify's
layout, and `acknowledgement`, which also stands in a text file beside it: pass the sentence that
your data's owner asks for.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

import smplceres as sc
from smplceres.base.skeleton import MIRRORED_JOINTS, MIRRORED_ROTATION, SMPL_JOINTS
from smplceres.body.motion_files import Clip, read_motions

Floats = NDArray[np.float64]

RANGES = sc.anatomical_prior(len(SMPL_JOINTS))
RANGE_WIDTHS = np.sqrt(np.diag(RANGES.covariance))
ITERATIONS_BETWEEN = 10
MIN_POSES = 10  # a component
CONVERGED = 1e-3  # rise of the mean log-likelihood in so many iterations


@dataclass(frozen=True)
class Options:
    """How to train; see --help."""

    components: int = 8
    thin: float = 8.0  # degrees
    per_clip: int = 60
    floor: float = 0.3  # of the anatomical ranges
    shrink: float = 0.5  # of a covariance
    seed: int = 0


# Of the joints from 1 on, as in a body pose.
OTHER_SIDE = [joint - 1 for joint in MIRRORED_JOINTS[1:]]


def mirrored(poses: Floats) -> Floats:
    """Body poses (..., 69) with left and right exchanged: sides swap, y and z change sign."""
    joints = poses.reshape(*poses.shape[:-1], -1, 3)
    return (joints[..., OTHER_SIDE, :] * MIRRORED_ROTATION).reshape(poses.shape)


# --- Poses to learn from ---


def thinned(clip: Clip, degrees: float) -> Floats:
    """(F', 69) the frames in which some joint has turned by more than this since the last."""
    poses = clip.body_poses
    kept = [0]
    for frame in range(1, len(poses)):
        turned = (poses[frame] - poses[kept[-1]]).reshape(-1, 3)
        if np.linalg.norm(turned, axis=1).max() > np.radians(degrees):
            kept.append(frame)
    return poses[kept]


def training_rows(clips: Sequence[Clip], options: Options) -> Floats:
    """(N, 69) poses, thinned, as many of each clip as its share allows; NaN where not measured."""
    clips = [clip for clip in clips if clip.body_measured.any()]
    if not clips:
        raise ValueError("motions: expected clips in which something moves, got none")
    rows = []
    for clip in clips:
        poses = thinned(clip, options.thin)
        if len(poses) > options.per_clip:
            poses = poses[np.linspace(0, len(poses) - 1, options.per_clip).round().astype(int)]
        rows.append(np.where(clip.body_measured, poses, np.nan))
    count = sum(map(len, rows))
    if count < MIN_POSES * options.components:
        least = f"{MIN_POSES * options.components} poses for {options.components} components"
        raise ValueError(f"motions: expected at least {least}, got {count} that differ")
    return np.concatenate(rows)


# --- Training ---


def train(rows: Floats, options: Options) -> sc.MixturePosePrior:
    """The mixture of poses (N, 69), NaN where not measured, and of their mirror images.

    Works on numbers in units of their anatomical ranges. Numbers that are missing in some poses are
    drawn from these; those missing in all take no part, and get their ranges exactly.
    """
    scaled = (rows - RANGES.mean) / RANGE_WIDTHS
    missing = np.isnan(scaled)
    scaled[missing] = np.random.default_rng(options.seed).standard_normal(missing.sum())
    start = Moments.of_labels(scaled, first_labels(scaled, options), options)
    found = maximised(np.concatenate([scaled, mirrored(scaled)]), start, options)
    found = found.shrunk(options.shrink)
    never = missing.all(axis=0)
    never &= mirrored(never.astype(float)) != 0
    found.means[:, never] = 0
    found.covars[:, never, :] = found.covars[:, :, never] = 0
    found.covars[:, never, never] = 1
    return sc.MixturePosePrior(
        found.weights,
        RANGES.mean + RANGE_WIDTHS * found.means,
        RANGE_WIDTHS[:, None] * found.covars * RANGE_WIDTHS,
    )


@dataclass(frozen=True, eq=False)
class Moments:
    """Weights (K,), means (K, 69), covariances (K, 69, 69); k and K - 1 - k mirror each other."""

    weights: Floats
    means: Floats
    covars: Floats

    @classmethod
    def of_labels(cls, scaled: Floats, labels: NDArray[np.intp], options: Options) -> Moments:
        both = np.concatenate([scaled, mirrored(scaled)])
        labels = np.concatenate([labels, options.components - 1 - labels])
        members = [both[labels == k] for k in range(options.components)]
        floor = options.floor**2 * np.eye(both.shape[1])
        return cls(
            np.array([len(rows) for rows in members]) / len(both),
            np.stack([rows.mean(axis=0) for rows in members]),
            np.stack([np.cov(rows.T, bias=True) + floor for rows in members]),
        )

    def symmetric(self) -> Moments:
        """Each component averaged with the mirror image of its partner."""
        images = mirrored(self.means)[::-1]
        covar_images = mirrored(mirrored(self.covars).swapaxes(1, 2))[::-1]
        return Moments(
            (self.weights + self.weights[::-1]) / 2,
            (self.means + images) / 2,
            (self.covars + covar_images) / 2,
        )

    def shrunk(self, share: float) -> Moments:
        """Covariances moved by this share towards the covariance of the whole mixture."""
        offsets = self.means - self.weights @ self.means
        whole = np.einsum("k,kij->ij", self.weights, self.covars)
        whole += np.einsum("k,ki,kj->ij", self.weights, offsets, offsets)
        return replace(self, covars=(1 - share) * self.covars + share * whole)


def first_labels(scaled: Floats, options: Options) -> NDArray[np.intp]:
    """(N,) the component that each pose is first counted to; its mirror image to the partner's.

    Poses are folded over onto one side of the direction in which left and right differ most and
    clustered there; a cluster and its mirror image are components k and K - 1 - k, so that with an
    odd K the last cluster is its own image.
    """
    difference = (scaled - mirrored(scaled)) / 2
    _, _, directions = np.linalg.svd(difference, full_matrices=False)
    folded_over = difference @ directions[0] < 0
    folded = np.where(folded_over[:, None], mirrored(scaled), scaled)
    clusters = (options.components + 1) // 2
    labels = KMeans(clusters, n_init=10, random_state=options.seed).fit_predict(folded)
    return np.where(folded_over, options.components - 1 - labels, labels)


def maximised(both: Floats, moments: Moments, options: Options) -> Moments:
    """Expectation maximisation on poses and their mirror images.

    On such data it keeps a symmetric mixture symmetric but for rounding, which may grow from
    iteration to iteration; so the symmetry is renewed every few.
    """
    last = -np.inf
    while True:
        mixture = GaussianMixture(
            options.components,
            reg_covar=options.floor**2,
            weights_init=moments.weights,
            means_init=moments.means,
            precisions_init=np.linalg.inv(moments.covars),
            init_params="random_from_data",  # the cheapest: all is given
            max_iter=ITERATIONS_BETWEEN,
            random_state=options.seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mixture.fit(both)
        moments = Moments(mixture.weights_, mixture.means_, mixture.covariances_).symmetric()
        if mixture.lower_bound_ < last + CONVERGED:
            return moments
        last = mixture.lower_bound_


# --- Likelihood ---


def mean_log_likelihood(
    prior: sc.GaussianPosePrior | sc.MixturePosePrior, clips: Sequence[Clip]
) -> float:
    """Natural logarithm of the density of a pose, averaged over all frames.

    The density of a clip's frames is the marginal one of the numbers that the clip measured, the
    same for every prior.
    """
    logs = [log_density(prior, clip.body_poses, clip.body_measured) for clip in clips]
    return float(np.concatenate(logs).mean())


def log_density(
    prior: sc.GaussianPosePrior | sc.MixturePosePrior, poses: Floats, measured: NDArray[np.bool_]
) -> Floats:
    """(F,) log of the marginal density of the measured numbers of poses (F, 69)."""
    if isinstance(prior, sc.GaussianPosePrior):
        prior = sc.MixturePosePrior(np.ones(1), prior.mean[None], prior.covariance[None])
    logs = []
    for weight, mean, covar in zip(prior.weights, prior.means, prior.covars, strict=True):
        root = np.linalg.cholesky(covar[np.ix_(measured, measured)])
        rows = np.linalg.solve(root, (poses - mean)[:, measured].T)
        log_norm = len(root) / 2 * np.log(2 * np.pi) + np.log(np.diag(root)).sum()
        logs.append(np.log(weight / prior.weights.sum()) - log_norm - 0.5 * (rows**2).sum(axis=0))
    return np.asarray(np.logaddexp.reduce(logs, axis=0))


# --- Command line ---


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Options()
    add = parser.add_argument
    add("motions", nargs="+", help=".npz files to train on")
    add("--out", help="the prior to write, .npz; a text beside it has the acknowledgement")
    add(
        "--acknowledgement",
        default="",
        metavar="TEXT",
        help="what the data's owner asks to be said",
    )
    add("--components", type=int, default=default.components, metavar="K", help="default 8")
    add("--thin", type=float, default=default.thin, help="degrees, step 2 (default %(default)g)")
    add(
        "--per-clip",
        type=int,
        default=default.per_clip,
        help="frames, step 3 (default %(default)s)",
    )
    add(
        "--floor", type=float, default=default.floor, help="0.01 to 1, step 6 (default %(default)g)"
    )
    add("--shrink", type=float, default=default.shrink, help="0 to 1, step 7 (default %(default)g)")
    add("--seed", type=int, default=default.seed, help="of all that is drawn (default 0)")
    add("--leave-out", nargs="+", default=[], metavar="GLOB", help="clips not to train on, by name")
    add("--evaluate", metavar="FILE", help=".npz of other motions: print how likely they are")
    add("--compare", type=int, nargs="*", default=[], metavar="K", help="also with K components")
    options = parser.parse_args(arguments)
    if not (options.out or options.evaluate):
        parser.error("--out or --evaluate: expected one of them, got neither")
    if options.out and Path(options.out).suffix != ".npz":
        parser.error(f"--out: expected a file ending in .npz, got {options.out}")
    limits = {"thin": (0, 180), "per_clip": (1, 1e6), "floor": (0.01, 1), "shrink": (0, 1)}
    for name, (low, high) in {**limits, "components": (1, 1000)}.items():
        if not low <= getattr(options, name) <= high:
            option = "--" + name.replace("_", "-")
            parser.error(f"{option}: expected {low:g} to {high:g}, got {getattr(options, name)}")
    return options


def clips_of(paths: Sequence[str], left_out: Sequence[str]) -> list[Clip]:
    clips = [clip for path in paths for clip in read_motions(path)]
    return [clip for clip in clips if not any(fnmatch(clip.name, glob) for glob in left_out)]


def write(path: Path, prior: sc.MixturePosePrior, acknowledgement: str) -> None:
    np.savez_compressed(
        path,
        weights=prior.weights.astype(np.float32),
        means=prior.means.astype(np.float32),
        covars=prior.covars.astype(np.float32),
        acknowledgement=np.array(acknowledgement),
    )
    if acknowledgement:
        path.with_suffix(".NOTICE.txt").write_text(acknowledgement + "\n", encoding="utf-8")


def report(prior: sc.MixturePosePrior, rows: Floats) -> None:
    condition = max(np.linalg.cond(covar) for covar in prior.covars)
    print(
        f"{len(rows)} poses and their mirror images, {np.isnan(rows).mean():.0%} of numbers missing"
    )
    print(
        f"{len(prior.weights)} components, condition number of a covariance at most {condition:.0f}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    given = parse(arguments)
    names = [field.name for field in fields(Options)]
    options = Options(**{name: getattr(given, name) for name in names})
    try:
        rows = training_rows(clips_of(given.motions, given.leave_out), options)
        prior = train(rows, options)
        others = clips_of([given.evaluate], []) if given.evaluate else []
    except (OSError, ValueError) as error:
        sys.exit(f"train_pose_prior: {error}")
    report(prior, rows)
    if given.out:
        write(Path(given.out), prior, given.acknowledgement)
        print(f"wrote {given.out}")
    if others:
        print(f"log-likelihood of a pose of {given.evaluate}, nats, measured numbers alone:")
        print(f"  hand-set Gaussian {mean_log_likelihood(RANGES, others):8.2f}")
        for count in sorted({options.components, *given.compare}):
            other = (
                prior
                if count == options.components
                else train(rows, replace(options, components=count))
            )
            print(
                f"  {count:3d} components    {mean_log_likelihood(other, others):8.2f}", flush=True
            )


if __name__ == "__main__":
    main()
