"""Kinds of pictures: how their people, views, keypoints and cameras are chosen."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

import smplceres as sc

from . import postures
from .pictures import DEPTHS, Case, Floats, View, camera_of, make_case, random_view, turn
from .postures import Frames

OUTLIER_SHARE = 0.1
PLAIN_VIEWS = 40
PLAIN_PITCH_DEGREES = (-5.0, 12.0)

Views = Callable[[int, argparse.Namespace, np.random.Generator], View]
Change = Callable[[Case, sc.KeypointFormat, np.random.Generator], Floats]


# --- Views ---


def any_view(number: int, arguments: argparse.Namespace, rng: np.random.Generator) -> View:
    """As those of recorded poses are seen."""
    return random_view(arguments, rng)


def all_around(number: int, arguments: argparse.Namespace, rng: np.random.Generator) -> View:
    """From 40 sides in turn, from slightly above or below."""
    yaw = 2 * np.pi * number / PLAIN_VIEWS
    return View(yaw, np.radians(rng.uniform(*PLAIN_PITCH_DEGREES)), rng.uniform(*DEPTHS))


def lying(number: int, arguments: argparse.Namespace, rng: np.random.Generator) -> View:
    """Turned onto the back, the face, or a side, in turn."""
    axis, angle = ((0, -np.pi / 2), (0, np.pi / 2), (2, np.pi / 2), (2, -np.pi / 2))[number % 4]
    return replace(random_view(arguments, rng), turned=turn(axis, angle))


def any_orientation(number: int, arguments: argparse.Namespace, rng: np.random.Generator) -> View:
    """Turned by a rotation of which all are alike probable."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q *= np.sign(np.diag(r))
    q[:, 0] *= np.linalg.det(q)
    return replace(random_view(arguments, rng), turned=q)


# --- Changes of the keypoints (K, 3) ---


def as_seen(case: Case, of: sc.KeypointFormat, rng: np.random.Generator) -> Floats:
    """No change."""
    return case.keypoints


def without_legs(case: Case, of: sc.KeypointFormat, rng: np.random.Generator) -> Floats:
    """Cut off at the hips: nothing of knees and feet is seen."""
    legs = ("knee", "ankle", "heel", "toe", "foot")
    seen = [not any(part in name for part in legs) for name in of.names]
    return case.keypoints * np.c_[np.ones((len(seen), 2)), seen]


def with_outliers(case: Case, of: sc.KeypointFormat, rng: np.random.Generator) -> Floats:
    """A tenth of the keypoints are anywhere in the person's box."""
    keypoints = case.keypoints.copy()
    pixels = keypoints[keypoints[:, 2] > 0, :2]
    wrong = rng.random(len(keypoints)) < OUTLIER_SHARE
    keypoints[wrong, :2] = rng.uniform(pixels.min(axis=0), pixels.max(axis=0), (wrong.sum(), 2))
    return keypoints


def with_swapped_sides(case: Case, of: sc.KeypointFormat, rng: np.random.Generator) -> Floats:
    """Left and right are exchanged in arms or in legs, but not in shoulders and hips."""
    arms, legs = ("elbow", "wrist"), ("knee", "ankle", "heel", "toe", "foot")
    parts = arms if rng.random() < 0.5 else legs
    limb = np.array([any(part in name for part in parts) for name in of.names])
    order = np.where(limb, of.left_right_swap, np.arange(len(limb)))
    return case.keypoints[order]


# --- Kinds ---


@dataclass(frozen=True)
class Kind:
    """Of pictures.

    Attributes:
        name: of the row.
        poses: made up, each in turn; empty: recorded ones, of which `chosen` are drawn.
        chosen: which of recorded frames.
        view: from where number n is seen.
        change: of the keypoints.
        options: of benchmarks/accuracy.py, in place of the given ones.
        guessed_camera: whether the fit knows only the size of the image.
    """

    name: str
    poses: tuple[Floats, ...] = ()
    chosen: Callable[[Frames], NDArray[np.bool_]] = postures.anyhow
    view: Views = any_view
    change: Change = as_seen
    options: Mapping[str, object] = field(default_factory=dict)
    guessed_camera: bool = False

    def arguments(self, given: argparse.Namespace) -> argparse.Namespace:
        return argparse.Namespace(**{**vars(given), **self.options})

    def camera(self, arguments: argparse.Namespace) -> sc.Camera:
        """The camera that is given to the fit."""
        if self.guessed_camera:
            return sc.Camera.guess(arguments.size, arguments.size)
        return camera_of(arguments)

    def cases(
        self, model: sc.BodyModel, frames: Frames, count: int, given: argparse.Namespace
    ) -> list[Case]:
        """At most `count`, by their options' seed; none if no recorded frame is of this kind."""
        arguments = self.arguments(given)
        rng = np.random.default_rng(arguments.seed)
        if self.poses:
            poses = [self.poses[i % len(self.poses)] for i in range(min(count, PLAIN_VIEWS))]
        else:
            of_kind = frames.poses[self.chosen(frames)]
            poses = list(rng.choice(of_kind, count)) if len(of_kind) else []
        keypoint_format = sc.FORMATS[arguments.format]
        cases = []
        for number, pose in enumerate(poses):
            view = self.view(number, arguments, rng)
            case = make_case(model, pose, arguments, rng, view)
            cases.append(replace(case, keypoints=self.change(case, keypoint_format, rng)))
        return cases


def _plain(name: str, *poses: Floats) -> tuple[Kind, ...]:
    """Made-up people, for two formats and for a guessed camera."""
    options = {"noise": 2.0}
    kind = Kind(name, poses, view=all_around, options=options)
    return (
        kind,
        replace(kind, name=f"{name}, coco17", options={**options, "format": "coco17"}),
        replace(kind, name=f"{name}, guessed camera", guessed_camera=True),
    )


KINDS: tuple[Kind, ...] = (
    *_plain("standing", postures.STANDING),
    *_plain("walking", postures.WALKING),
    *_plain("sitting", postures.SITTING),
    Kind(
        "plain, upper body",
        (postures.STANDING, postures.SITTING),
        view=all_around,
        change=without_legs,
        options={"noise": 2.0},
    ),
    Kind("recorded"),
    Kind("coco17", options={"format": "coco17"}),
    Kind("mediapipe33", options={"format": "mediapipe33"}),
    Kind("near lens", options={"focal": 0.7}),
    Kind("tele lens", options={"focal": 2.5}),
    Kind("guessed camera", guessed_camera=True),
    Kind("upper body", change=without_legs),
    Kind("40 % missing", options={"missing": 0.4}),
    Kind("outliers", change=with_outliers),
    Kind("swapped sides", change=with_swapped_sides),
    Kind("crouching", chosen=postures.crouching),
    Kind("bending", chosen=postures.bending),
    Kind("hands up", chosen=postures.hands_up),
    Kind("lying", chosen=postures.upright, view=lying),
    Kind("any orientation", view=any_orientation),
    Kind("acrobatics", chosen=postures.acrobatic),
)
