"""Poses to train on: recorded ones, augmented, on bodies of random shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import smplceres as sc
from smplceres.base.skeleton import (
    MIRRORED_JOINTS,
    MIRRORED_ROTATION,
    NUM_SHARED_JOINTS,
    SMPL_JOINTS,
)
from smplceres.body.motion_files import Clip

Floats = NDArray[np.float64]

_RANGES = sc.anatomical_prior(len(SMPL_JOINTS))
_MEAN = np.concatenate([np.zeros((1, 3)), _RANGES.mean.reshape(-1, 3)])
_WIDTH = np.concatenate([np.zeros((1, 3)), np.sqrt(np.diag(_RANGES.covariance)).reshape(-1, 3)])

_LEGS = [
    SMPL_JOINTS.index(f"{side}_{joint}")
    for side in ("left", "right")
    for joint in ("hip", "knee", "ankle", "foot")
]
_ARMS = [
    SMPL_JOINTS.index(f"{side}_{joint}")
    for side in ("left", "right")
    for joint in ("collar", "shoulder", "elbow", "wrist")
]
_TRUNK = [SMPL_JOINTS.index(joint) for joint in ("spine1", "spine2", "spine3", "neck", "head")]
_HIPS, _KNEES, _SHOULDERS, _ELBOWS = (
    [SMPL_JOINTS.index(f"{side}_{joint}") for side in ("left", "right")]
    for joint in ("hip", "knee", "shoulder", "elbow")
)
_SIDES = np.array([-1.0, 1.0])  # of rotations about y and z that mirror each other, left and right

# Shares of the poses that are changed in each way.
OTHER_LEGS = 0.2  # legs from another frame
OTHER_ARMS = 0.2  # arms from another frame
SHAKEN = 0.5  # noise on all joints
# What no recording has enough of: legs that stand straight or sit, arms that hang (among poses with
# such legs, and among all others), and upright trunks above such legs.
STANDING, SEATED = 0.09, 0.08
HANGING_TOO, HANGING = 0.5, 0.04
UPRIGHT = 0.5
FROM_RANGES = 0.04  # all joints from the anatomical ranges

MOST_OF_CLIP = 300  # frames; longer clips count as clips of this length
SHAKE = np.radians(8)  # largest standard deviation
UNMEASURED = 0.5  # of the anatomical ranges, for numbers that no clip measured


@dataclass(frozen=True, eq=False)
class Recordings:
    """All frames of the clips, with the probability of each and what was measured.

    Attributes:
        poses: (N, 24, 3) axis-angles, radians; the root in a world whose y is up.
        measured: (N, 24, 3) whether a number varies in its clip.
        probability: (N,) sums to 1.
    """

    poses: Floats
    measured: NDArray[np.bool_]
    probability: Floats

    @classmethod
    def of(cls, clips: Sequence[Clip]) -> Recordings:
        lengths = np.array([len(clip.poses) for clip in clips])
        weights = np.repeat(np.minimum(lengths, MOST_OF_CLIP) / lengths, lengths)
        return cls(
            np.concatenate([clip.poses for clip in clips]),
            np.concatenate([np.broadcast_to(clip.measured, clip.poses.shape) for clip in clips]),
            weights / weights.sum(),
        )

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """(count, 24, 3) augmented poses; hands, which nothing measures, are at rest."""
        first, legs, arms = (
            rng.choice(len(self.poses), count, p=self.probability) for _ in range(3)
        )
        poses, measured = self.poses[first].copy(), self.measured[first].copy()
        for share, others, joints in ((OTHER_LEGS, legs, _LEGS), (OTHER_ARMS, arms, _ARMS)):
            rows = np.flatnonzero(rng.random(count) < share)
            at = np.ix_(rows, joints)
            poses[at], measured[at] = (
                self.poses[others[rows]][:, joints],
                self.measured[others[rows]][:, joints],
            )
        _make_plain(poses, measured, rng)
        rows = rng.random(count) < FROM_RANGES
        poses[rows, 1:] = (_MEAN + _WIDTH * rng.standard_normal(poses[rows].shape))[:, 1:]
        shaken = (rng.random(count) < SHAKEN) * rng.uniform(0, SHAKE, count)
        poses[:, 1:] += shaken[:, None, None] * rng.standard_normal(poses[:, 1:].shape)
        drawn = _MEAN + UNMEASURED * _WIDTH * rng.standard_normal(poses.shape)
        unmeasured = ~measured & ~rows[:, None, None]
        unmeasured[:, 0] = False
        poses[unmeasured] = drawn[unmeasured]
        poses[:, NUM_SHARED_JOINTS:] = 0
        mirrored = rng.random(count) < 0.5
        poses[mirrored] = poses[mirrored][:, MIRRORED_JOINTS] * np.array(MIRRORED_ROTATION)
        return poses


def _make_plain(poses: Floats, measured: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Gives some poses the limbs of people who stand straight or sit on something."""
    count = len(poses)
    chance = rng.random(count)
    standing = chance < STANDING
    seated = (chance >= STANDING) & (chance < STANDING + SEATED)
    _make_legs(np.flatnonzero(standing), (0, 6), (3, 5), poses, measured, rng)
    _make_legs(np.flatnonzero(seated), (80, 18), (82, 18), poses, measured, rng)
    plain = standing | seated
    _make_arms(
        np.flatnonzero(rng.random(count) < np.where(plain, HANGING_TOO, HANGING)),
        *(poses, measured, rng),
    )
    at = np.ix_(np.flatnonzero(plain & (rng.random(count) < UPRIGHT)), _TRUNK)
    poses[at] = np.radians(4) * rng.standard_normal(poses[at].shape)
    measured[at] = True


def _make_legs(
    rows: NDArray[np.intp],
    flexion: tuple[float, float],
    bend: tuple[float, float],
    poses: Floats,
    measured: NDArray[np.bool_],
    rng: np.random.Generator,
) -> None:
    """Means and standard deviations of hips and knees, degrees."""
    at = np.ix_(rows, _LEGS)
    poses[at] = np.radians(5) * rng.standard_normal(poses[at].shape)
    shape = (len(rows), 2)
    hips = np.ix_(rows, _HIPS)
    poses[hips] *= 1.4
    poses[(*hips, 0)] = -np.radians(rng.normal(*flexion, shape))
    poses[(*np.ix_(rows, _KNEES), 0)] = np.radians(np.abs(rng.normal(*bend, shape)))
    measured[at] = True


def _make_arms(
    rows: NDArray[np.intp], poses: Floats, measured: NDArray[np.bool_], rng: np.random.Generator
) -> None:
    """Arms that hang, nearly straight, and swing forwards or backwards together or in turn."""
    at = np.ix_(rows, _ARMS)
    poses[at] = np.radians(4) * rng.standard_normal(poses[at].shape)
    shape = (len(rows), 2)
    shoulders, elbows = np.ix_(rows, _SHOULDERS), np.ix_(rows, _ELBOWS)
    swing = rng.normal(0, 10, shape) + _SIDES * rng.normal(0, 10, (len(rows), 1))
    poses[(*shoulders, 0)] = np.radians(swing)
    poses[(*shoulders, 1)] = np.radians(rng.normal(0, 8, shape))
    poses[(*shoulders, 2)] = _SIDES * np.radians(rng.normal(75, 8, shape))
    poses[(*elbows, 1)] = _SIDES * np.radians(np.abs(rng.normal(0, 14, shape)))
    measured[at] = True
