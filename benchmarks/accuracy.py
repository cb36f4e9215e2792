"""How far fits are from the truth, by pose prior or by kind of picture: single-image fits.

    python benchmarks/accuracy.py poses.npz [--fits 500] [--body FILE] [--out FILE]
    python benchmarks/accuracy.py train2.npz --folds FOLDER [--kinds [NAME ...]]

Poses: .npz files as tools/train_pose_prior.py takes them; frames are drawn from all clips alike.
Each is posed on a body of random shape (standard normal betas), turned to the camera by any yaw and
a pitch of some degrees, placed in the middle of a square picture at 3 to 6 m, and seen as
keypoints with noise. The camera is known: focal length 1.2 times the picture's side.

A row of the table is a prior and a number of starts. Errors are the mean distance over the body's
joints (SMPL: 24) in mm: "root" with the pelvis of fit and truth in one place (pelvis-aligned),
"PA" after the best similarity (Procrustes-aligned). Same arguments, same numbers.

With --folds, clips are those of tools/motion_folds.py, a fold at a time, as many fits of each. The
mixture is one trained without them (tools/train_pose_prior.py, some minutes each; kept in FOLDER),
the network FOLDER/lifter_without_K.npz of `tools/train_lifter.py --hold-out K`. With --kinds, a row
is one of the kinds of cases/kinds.py, by default all, with --fits pictures (made-up people: 40).
Also shown: by how many degrees knees bend too much or too little; of legs that no keypoint shows,
the share that stand or sit, each bone within 25 degrees; the share of true joints that the 90 %
ellipsoids of `covariance()` hold.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar

import numpy as np

import smplceres as sc
from cases.errors import (
    figures_of,
    held_in_ellipsoids,
    knee_error,
    plain_legs_error,
)
from cases.folds import NUM_FOLDS, in_folds, lifter_without, prior_without
from cases.kinds import KINDS
from cases.pictures import FOCAL_OF_SIZE, PITCH_DEGREES, Case, Floats, camera_of, make_cases
from cases.postures import frames_of
from smplceres.body.motion_files import Clip, read_motions
from smplceres.fit.presets import PRESETS, make_stages
from smplceres.priors.pose_prior import PosePrior

T = TypeVar("T")

PRIORS = ("none", "gaussian", "mixture", "mixture+limits", "conditional")
PLAIN_LEGS_DEGREES = 25.0


@dataclass(frozen=True, eq=False)
class Setup:
    """A row of the table, but for the number of starts."""

    prior: PosePrior
    stages: list[sc.Stage]


@dataclass(frozen=True, eq=False)
class Sample:
    """Cases that are fitted alike: the files of their mixture and network (None: the shipped ones),
    the camera that is given to fits, and options."""

    cases: list[Case]
    mixture: Path | None
    lifter: Path | None
    camera: sc.Camera
    arguments: argparse.Namespace


# --- Fits ---


def make_setup(
    name: str, model: sc.BodyModel, arguments: argparse.Namespace, mixture: Path | None
) -> Setup:
    prior = sc.load_pose_prior(mixture).for_joints(model.num_joints)
    if name in ("none", "gaussian"):
        prior = sc.anatomical_prior(model.num_joints)
    stages = make_stages(arguments.preset)
    for stage in stages:
        if name == "none":
            stage.pose_prior.weight = stage.angle_prior.weight = 0.0
        if name not in ("mixture+limits", "conditional"):
            stage.joint_limits.weight = 0.0
        if name != "conditional":
            stage.conditional_prior.weight = 0.0
    return Setup(prior, stages)


def fit_all(
    sample: Sample,
    setup: Setup,
    starts: int | str,
    model: sc.BodyModel,
    of_fit: Callable[[sc.FitResult, Case], T],
) -> list[T]:
    """What `of_fit` takes from each; solving leaves the interpreter free for the other threads."""
    arguments = sample.arguments

    def fit(case: Case) -> T:
        result = sc.fit(
            case.keypoints,
            sample.camera,
            model=model,
            keypoint_format=arguments.format,
            pose_prior=setup.prior,
            lifter=sample.lifter,
            preset=setup.stages,
            starts=starts,
            threads=1,
        )
        return of_fit(result, case)

    with ThreadPoolExecutor(arguments.threads) as pool:
        return list(pool.map(fit, sample.cases))


# --- Samples ---


def make_samples(
    model: sc.BodyModel, clips: Sequence[Clip], arguments: argparse.Namespace
) -> dict[str, list[Sample]]:
    """By the name of the kind, "" for the cases of all; several, if there are folds."""
    lifter = Path(arguments.lifter) if arguments.lifter else None
    parts = [(clips, Path(arguments.prior) if arguments.prior else None, lifter)]
    if arguments.folds:
        folder = Path(arguments.folds)
        needs_lifter = "conditional" in arguments.priors
        parts = [
            (
                of,
                prior_without(k, clips, folder),
                lifter_without(k, folder) if needs_lifter else None,
            )
            for k, of in enumerate(in_folds(clips))
            if arguments.only is None or k in arguments.only
        ]
    share = argparse.Namespace(**{**vars(arguments), "fits": arguments.fits // len(parts)})
    samples: dict[str, list[Sample]] = {}
    for of_part, mixture, network in parts:
        if arguments.kinds is None:
            cases = make_cases(model, of_part, share)
            samples.setdefault("", []).append(
                Sample(cases, mixture, network, camera_of(share), share)
            )
            continue
        frames = frames_of(model, of_part)
        for kind in KINDS:
            if arguments.kinds and kind.name not in arguments.kinds:
                continue
            options = kind.arguments(share)
            cases = kind.cases(model, frames, share.fits, share)
            samples.setdefault(kind.name, []).append(
                Sample(cases, mixture, network, kind.camera(options), options)
            )
    return samples


# --- The table ---


def errors_of(result: sc.FitResult, case: Case, at_rest: Floats) -> dict[str, float]:
    """What the table of kinds has beside the figures of joints."""
    covariances = result.covariance().joints
    return {
        "knees": knee_error(result.joints, case.joints),
        "legs": plain_legs_error(result.joints, result.global_orient, at_rest),
        "held": held_in_ellipsoids(result.joints, covariances, case.joints),
    }


def figures_of_kind(errors: Sequence[dict[str, float]]) -> dict[str, float]:
    legs = np.array([error["legs"] for error in errors])
    return {
        "knees_degrees": float(np.mean([error["knees"] for error in errors])),
        "share_plain_legs": float(np.mean(legs <= PLAIN_LEGS_DEGREES)),
        "share_held": float(np.mean([error["held"] for error in errors])),
    }


def measure(
    samples: dict[str, list[Sample]], model: sc.BodyModel, arguments: argparse.Namespace
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    print_head(arguments)
    for kind, of_kind in samples.items():
        if not any(sample.cases for sample in of_kind):
            print(f"{kind:24s}  none")
            continue
        for prior, starts in product(arguments.priors, arguments.starts):
            figures = measure_kind(of_kind, prior, starts, model, arguments)
            rows.append({"kind": kind, "prior": prior, "starts": starts, **figures})
            print_row(rows[-1], arguments)
    return rows


def measure_kind(
    samples: Sequence[Sample],
    prior: str,
    starts: int | str,
    model: sc.BodyModel,
    arguments: argparse.Namespace,
) -> dict[str, float]:
    at_rest = model.joints()
    by_kind = arguments.kinds is not None

    def of_fit(result: sc.FitResult, case: Case) -> tuple[Floats, dict[str, float]]:
        return result.joints, errors_of(result, case, at_rest) if by_kind else {}

    fits = []
    for sample in samples:
        setup = make_setup(prior, model, arguments, sample.mixture)
        fits += fit_all(sample, setup, starts, model, of_fit)
    cases = [case for sample in samples for case in sample.cases]
    figures = {"fits": len(fits), **figures_of(cases, [joints for joints, _ in fits])}
    return {**figures, **figures_of_kind([errors for _, errors in fits])} if by_kind else figures


def print_head(arguments: argparse.Namespace) -> None:
    by_kind = arguments.kinds is not None
    first = " " * 32 if by_kind else ""
    print(f"{first}{'':26s}{'root-aligned, mm':>18s}{'PA, mm':>18s}{'over':>9s}", end="")
    print(f"{'knees':>9s}{'legs':>9s}{'in 90 %':>9s}" if by_kind else "")
    first = f"{'kind':24s}{'fits':>6s}  " if by_kind else ""
    print(f"{first}{'prior':18s}{'starts':>8s}" + 2 * f"{'median':>9s}{'mean':>9s}", end="")
    print(f"{'150 mm':>9s}" + (f"{'degrees':>9s}{'plain':>9s}{'ellips.':>9s}" if by_kind else ""))


def print_row(row: dict[str, object], arguments: argparse.Namespace) -> None:
    by_kind = arguments.kinds is not None
    lengths = ("root_median_mm", "root_mean_mm", "pa_median_mm", "pa_mean_mm")
    line = f"{row['kind']:24s}{row['fits']:6d}  " if by_kind else ""
    line += f"{row['prior']:18s}{row['starts']!s:>8s}"
    line += "".join(f"{row[name]:9.1f}" for name in lengths) + f"{row['share_over_150_mm']:9.1%}"
    if by_kind:
        line += f"{row['knees_degrees']:9.1f}{row['share_plain_legs']:9.1%}{row['share_held']:9.1%}"
    print(line, flush=True)


def starts_of(text: str) -> int | str:
    return text if text == "auto" else int(text)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("poses", nargs="+", help=".npz files of poses")
    add("--fits", type=int, default=500, help="how many poses to fit (default 500)")
    add("--body", help="body model file (default: the built-in body)")
    add("--folds", metavar="FOLDER", help="measure in folds, their priors in this folder")
    add("--only", type=int, nargs="+", choices=range(NUM_FOLDS), help="folds (default: all)")
    add("--kinds", nargs="*", choices=[kind.name for kind in KINDS], help="a table by kind")
    add("--priors", nargs="+", choices=PRIORS, help="which to compare")
    add("--prior", help="the mixture's file (default: the shipped one)")
    add("--lifter", help="the network's file (default: the shipped one)")
    add("--starts", type=starts_of, nargs="+", help='facing directions, or "auto"')
    add("--preset", default="default", choices=tuple(PRESETS), help="stages (default default)")
    add("--format", default="openpose_body25", choices=sc.FORMATS, help="keypoint format")
    add("--noise", type=float, default=3.0, help="px a coordinate, standard deviation (default 3)")
    add("--missing", type=float, default=0.0, help="share of keypoints not seen, 0 to 0.8")
    add("--size", type=int, default=1000, help="side of the picture, px (default 1000)")
    add("--focal", type=float, default=FOCAL_OF_SIZE, help="focal length / side (default 1.2)")
    add("--pitch", type=float, default=PITCH_DEGREES, help="degrees, standard deviation")
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=2)
    add("--out", help="also write figures and settings here, JSON")
    options = parser.parse_args(arguments)
    by_kind_or_fold = options.folds is not None or options.kinds is not None
    if options.folds and (options.prior or options.lifter):
        parser.error("--prior, --lifter: expected none, as --folds has its own")
    options.priors = options.priors or (PRIORS[-1:] if by_kind_or_fold else PRIORS)
    options.starts = options.starts or (["auto"] if by_kind_or_fold else [1, 2])
    for name, low, high in (
        ("fits", 1, 1e9),
        ("noise", 0, 1e3),
        ("missing", 0, 0.8),
        ("size", 16, 1e5),
        ("focal", 0.1, 100),
        ("pitch", 0, 180),
    ):
        if not low <= getattr(options, name) <= high:
            parser.error(f"--{name}: expected {low:g} to {high:g}, got {getattr(options, name)}")
    return options


def main() -> None:
    arguments = parse()
    try:
        model = sc.load_body_model(arguments.body)
        clips = [clip for path in arguments.poses for clip in read_motions(path)]
        samples = make_samples(model, clips, arguments)
    except (OSError, ValueError) as error:
        sys.exit(f"accuracy: {error}")
    rows = measure(samples, model, arguments)
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump(
                {"settings": vars(arguments), "body": model.name, "rows": rows}, file, indent=1
            )


if __name__ == "__main__":
    main()
