#!/usr/bin/env python
"""Trains the conditional pose prior of `smplceres.fit`: a network that maps 2D keypoints to a
distribution of poses.

    pip install "smplceres[lifter]"
    python tools/train_lifter.py motions.npz --out lifter.npz
    python tools/train_lifter.py motions.npz --out lifter.npz --pairs 50e6    # continues

Motions are .npz files of SMPL poses, as tools/train_pose_prior.py takes them. Pairs of an image and
its pose are made by posing the built-in body: poses are augmented (lifter/poses.py) and seen by
cameras from everywhere, with noise, gaps, outliers and exchanged sides, as keypoints of all formats
(lifter/images.py).

The state is saved to OUT.state every few minutes. A run that finds one of the same settings
continues there, with the result of a run that was never stopped. The learning rate falls to zero at
--pairs; a larger number continues from the state of a smaller one. OUT is written at every save, so
that it can be tried.

--begin-with NETWORK.npz begins with the weights of a written network instead of random ones, to
train it further or on other motions; --rate is better lower then, such as 5e-4.

--hold-out FOLD leaves the clips of a fold (motion_folds.py) out, by which choices are made.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import smplceres as sc
from lifter.images import Images, Photographer, Slots
from lifter.network import (
    JOINT_ERROR,
    LIKELIHOOD,
    NUM_ANGLES,
    RANK,
    SHAPE,
    Lifted,
    Lifter,
    Skeleton,
    exp_map,
)
from lifter.poses import Recordings
from lifter.weights import read, write
from motion_folds import NUM_FOLDS, fold_of_clip
from smplceres.body.motion_files import Clip, read_motions

BATCH = 1024
BODIES_AT_ONCE = 16_384
VIEWS_OF_BODY = 10
LAST_RATE, WARM_STEPS = 1e-5, 500
WEIGHT_DECAY, LARGEST_GRADIENT = 1e-4, 1.0
AVERAGED = 0.999  # exponential average of the weights, which is what is written
SAVE_S = 180.0


@dataclass(frozen=True, eq=False)
class Bodies:
    """Points (N, S, 3) of posed bodies, world axes, about the pelvis; root (N, 3, 3), pose (N, 63)
    and betas (N, B)."""

    points: Tensor
    root: Tensor
    pose: Tensor
    betas: Tensor


class Studio:
    """Poses bodies."""

    def __init__(self, model: sc.BodyModel, slots: Slots, recordings: Recordings) -> None:
        self._model = model
        self._recordings = recordings
        self._points = model.keypoint_points(slots.format).points
        self._pelvis = slots.names.index("pelvis")

    def pose(self, count: int, seed: int) -> Bodies:
        rng = np.random.default_rng(seed)
        poses = self._recordings.draw(count, rng)
        betas = rng.standard_normal((count, self._model.num_betas))
        points = np.stack(
            [
                self._points.evaluate(
                    self._model._core,
                    betas=shape,
                    global_orient=pose[0],
                    body_pose=pose[1:],
                    transl=np.zeros(3),
                )
                for pose, shape in zip(poses, betas, strict=True)
            ]
        )
        points -= points[:, self._pelvis, None]
        as_tensor = lambda array: torch.tensor(array, dtype=torch.float32)  # noqa: E731
        return Bodies(
            as_tensor(points),
            exp_map(as_tensor(poses[:, 0])),
            as_tensor(poses[:, 1:].reshape(count, -1)[:, :NUM_ANGLES]),
            as_tensor(betas),
        )


def loss_of(
    network: Lifter, skeleton: Skeleton, images: Images, bodies: Bodies, rows: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The loss, and for reports the mean error of joints (m) and the negative log-likelihood."""
    lifted: Lifted = network(images.input)
    pose, betas = bodies.pose[rows], bodies.betas[rows]
    with torch.no_grad():
        truth = skeleton.joints(images.rotation @ bodies.root[rows], pose, betas)
    error = (skeleton.joints(lifted.root, lifted.pose, lifted.betas) - truth).norm(dim=2).mean()
    unlikely = network.negative_log_likelihood(lifted, pose).mean()
    shape = (lifted.betas - betas).square().mean()
    return JOINT_ERROR * error + LIKELIHOOD * unlikely + SHAPE * shape, error, unlikely


class Training:
    """The network with its optimiser, which can be saved and continued."""

    def __init__(self, network: Lifter, rate: float, settings: dict[str, object]) -> None:
        self.network = network
        self.rate = rate
        self.settings = settings
        self.average = torch.optim.swa_utils.AveragedModel(
            network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGED)
        )
        self.optimiser = torch.optim.AdamW(
            network.parameters(), lr=rate, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
        )
        self.step = 0

    def take_step(self, loss: Tensor, steps: int) -> None:
        warm = min(1.0, (self.step + 1) / WARM_STEPS)
        fall = 0.5 * (1 + math.cos(math.pi * min(self.step / steps, 1.0)))
        for group in self.optimiser.param_groups:
            group["lr"] = warm * (LAST_RATE + (self.rate - LAST_RATE) * fall)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        self.step += 1

    def save(self, path: Path) -> None:
        unfinished = path.with_suffix(path.suffix + ".part")
        torch.save(
            {
                "settings": self.settings,
                "step": self.step,
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
            },
            unfinished,
        )
        os.replace(unfinished, path)

    def load(self, path: Path) -> None:
        """ValueError: the state is of other settings."""
        state = torch.load(path, weights_only=True)
        if state["settings"] != self.settings:
            raise ValueError(
                f"{path}: expected the state of {self.settings}, got {state['settings']}"
            )
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])


def train(
    training: Training,
    studio: Studio,
    model: sc.BodyModel,
    slots: Slots,
    options: argparse.Namespace,
) -> None:
    out = Path(options.out)
    state = out.with_suffix(".state")
    if state.exists():
        training.load(state)
    skeleton = Skeleton(model)
    steps = int(options.pairs) // BATCH
    steps_of_bodies = BODIES_AT_ONCE * VIEWS_OF_BODY // BATCH
    saved = begin = time.monotonic()
    errors: list[float] = []
    unlikely: list[float] = []

    def save() -> None:
        training.save(state)
        write(out, training.average.module, slots, options.acknowledgement)
        seconds = time.monotonic() - begin
        print(
            f"{training.step * BATCH / 1e6:7.2f} M pairs, {seconds:6.0f} s: "
            f"joints {1e3 * np.mean(errors):6.1f} mm, -log p {np.mean(unlikely):7.2f}, "
            f"degrees of freedom {training.network.dof().item():5.1f}",
            flush=True,
        )
        errors.clear()
        unlikely.clear()

    # The state is saved between sets of bodies only: each set and its views follow from its number.
    while training.step < steps:
        number = training.step // steps_of_bodies
        bodies = studio.pose(BODIES_AT_ONCE, options.seed + number)
        photographer = Photographer(slots, options.seed + number)
        for _ in range(min(steps_of_bodies, steps - training.step)):
            rows = torch.randint(BODIES_AT_ONCE, (BATCH,), generator=photographer.generator)
            images = photographer.take(bodies.points[rows])
            loss, error, nll = loss_of(training.network, skeleton, images, bodies, rows)
            training.take_step(loss, steps)
            errors.append(error.item())
            unlikely.append(nll.item())
        if time.monotonic() - saved > SAVE_S or training.step >= steps:
            save()
            saved = time.monotonic()


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("motions", nargs="+", help=".npz files to train on")
    add("--out", required=True, help="the network to write, .npz")
    add("--pairs", type=float, default=50e6, help="how many to see in all (default 50e6)")
    add("--width", type=int, default=384, help="of the hidden layers (default 384)")
    add("--blocks", type=int, default=3, help="residual blocks (default 3)")
    add(
        "--begin-with",
        metavar="NETWORK",
        help="a written network, .npz, whose weights to begin with",
    )
    add("--rate", type=float, default=2e-3, help="the highest learning rate (default 2e-3)")
    add("--hold-out", type=int, choices=range(NUM_FOLDS), metavar="FOLD", help="clips to leave out")
    add(
        "--acknowledgement",
        default="",
        metavar="TEXT",
        help="what the data's owner asks to be said",
    )
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    if Path(options.out).suffix != ".npz":
        parser.error(f"--out: expected a file ending in .npz, got {options.out}")
    limits = (
        ("pairs", BATCH, 1e12),
        ("width", 8, 8192),
        ("blocks", 1, 64),
        ("rate", LAST_RATE, 0.1),
    )
    for name, low, high in limits:
        if not low <= getattr(options, name) <= high:
            parser.error(f"--{name}: expected {low:g} to {high:g}, got {getattr(options, name)}")
    return options


def clips_of(options: argparse.Namespace) -> list[Clip]:
    clips = [clip for path in options.motions for clip in read_motions(path)]
    return [
        clip
        for clip in clips
        if options.hold_out is None or fold_of_clip(clip.name) != options.hold_out
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    try:
        recordings = Recordings.of(clips_of(options))
        model, slots = sc.load_body_model(), Slots.of_formats()
        studio = Studio(model, slots, recordings)
        some = studio.pose(2000, options.seed).pose.numpy().astype(np.float64)
        settings = {
            name: getattr(options, name) for name in ("width", "blocks", "hold_out", "seed")
        }
        network = Lifter(
            3 * len(slots.names) + 4,
            model.num_betas,
            options.width,
            options.blocks,
            some.mean(axis=0),
            some.std(axis=0),
        )
        print(
            f"{sum(p.numel() for p in network.parameters()):,} parameters, "
            f"{len(slots.names)} slots, rank {RANK}"
        )
        if options.begin_with is not None:
            read(Path(options.begin_with), network, slots)
        train(Training(network, options.rate, settings), studio, model, slots, options)
    except (OSError, ValueError) as error:
        sys.exit(f"train_lifter: {error}")
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
