"""The objective that a fit ended in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..evidence.ground import Ground
from ..evidence.person import Person
from ..priors.joint_limits import JointLimits
from ..priors.pose_prior import PosePrior
from .presets import stage_from_dict, stage_to_dict

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LastStage:
    """What the objective was that a fit ended in, besides keypoints, camera and body.

    Attributes:
        stage: its options.
        initial_transl: (3,) metres, where the body was put first.
        pixels_per_metre: (views,) in each picture, at that depth.
        sigma_px: the noise that the fit was told of, pixels.
        free_zoom: of each view, whether its camera's scale or focal length was found.
        own_pose_prior, own_joint_limits: they were given, not the body's default ones.
        person, ground: what was known besides the picture.
        own_clouds: surfaces measured as points were given.
        clouds: those; not saved, none after loading.
        pose_prior, joint_limits: not saved; None after loading.
    """

    stage: _core.Stage
    initial_transl: Floats
    pixels_per_metre: Floats
    free_zoom: tuple[bool, ...]
    sigma_px: float | None
    own_pose_prior: bool
    own_joint_limits: bool
    person: Person | None = None
    ground: Ground | None = None
    own_clouds: bool = False
    clouds: tuple[_core.Cloud, ...] = ()
    pose_prior: PosePrior | None = None
    joint_limits: JointLimits | None = None

    @property
    def units(self) -> Floats:
        """(views,) units of keypoints' residuals per pixel, see `ReprojectionOptions`."""
        wanted = self.stage.reprojection.pixels_per_metre
        known = (self.pixels_per_metre > 0) & (wanted > 0)
        return np.where(known, wanted / np.where(known, self.pixels_per_metre, 1.0), 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dicts, for files."""
        return {
            "stage": stage_to_dict(self.stage),
            "initial_transl": self.initial_transl.tolist(),
            "pixels_per_metre": self.pixels_per_metre.tolist(),
            "free_zoom": list(self.free_zoom),
            "sigma_px": self.sigma_px,
            "own_pose_prior": self.own_pose_prior,
            "own_joint_limits": self.own_joint_limits,
            "own_clouds": self.own_clouds,
            "person": None if self.person is None else self.person.to_dict(),
            "ground": None if self.ground is None else self.ground.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LastStage:
        """What `to_dict` wrote."""
        person, ground = values.pop("person"), values.pop("ground")
        return cls(
            stage_from_dict(values.pop("stage")),
            np.array(values.pop("initial_transl")),
            np.array(values.pop("pixels_per_metre")),
            tuple(values.pop("free_zoom")),
            **values,
            person=None if person is None else Person(**person),
            ground=None if ground is None else Ground(**ground),
        )
