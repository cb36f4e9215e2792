"""Settings that all fits of a run share."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

from ..body.load import load_body_model
from ..body.model import BodyModel
from ..cameras.camera import AnyCamera
from ..fit.result import FitResult
from ..fit.single import fit
from ..keypoints.keypoints import Keypoints
from ..priors.lifter import Lifter, load_lifter
from ..priors.pose_prior import PosePrior, load_pose_prior


@dataclass(frozen=True)
class Settings:
    """Settings that all fits of a run share."""

    model: BodyModel | None  # None: by what the keypoints show
    pose_prior: PosePrior | None
    lifter: Lifter | None
    options: argparse.Namespace
    estimate_focal: bool

    def fit(self, keypoints: Keypoints, camera: AnyCamera, **more: Any) -> FitResult:
        options = self.options
        return fit(
            keypoints,
            camera,
            model=self.model,
            pose_prior=self.pose_prior,
            lifter=self.lifter,
            preset=options.preset,
            starts=options.starts,
            threads=options.threads,
            estimate_focal=self.estimate_focal,
            jacobian=options.jacobian,
            linear_solver=options.linear_solver,
            minimizer=options.minimizer,
            max_time=options.max_time,
            check=options.check,
            **more,
        )


def settings_of(options: argparse.Namespace, estimate_focal: bool) -> Settings:
    model = None if options.model is None else load_body_model(options.model)
    prior = None if options.pose_prior is None else load_pose_prior(options.pose_prior)
    lifter = None if options.lifter is None else load_lifter(options.lifter)
    return Settings(model, prior, lifter, options, estimate_focal)
