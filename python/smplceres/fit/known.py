"""Known quantities of a person and a scene, the input of a fit besides images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..body.model import BodyModel
from ..cameras.refinement import CameraRefinement
from ..evidence.ground import Ground
from ..evidence.keypoints3d import Keypoints3D
from ..evidence.person import Person
from ..evidence.scene import make_scene
from ..evidence.views import View
from ..priors.joint_limits import JointLimits
from ..priors.lifter import Lifter
from ..priors.pose_prior import PosePrior
from .inputs import checked_lifter, checked_limits, checked_model, checked_prior


@dataclass(frozen=True, eq=False)
class SavedKnown:
    """The part of `Known` that files of results hold.

    Attributes:
        person, ground: as given to the fit.
        given: which of "pose_prior", "joint_limits", "lifter" and "clouds" were given to the fit.
            Files do not hold them.
    """

    person: Person | None = None
    ground: Ground | None = None
    given: frozenset[str] = frozenset()

    def completed(
        self,
        model: BodyModel,
        pose_prior: PosePrior | None,
        joint_limits: JointLimits | None,
        lifter: Lifter | None,
        points3d: Keypoints3D | None,
    ) -> Known:
        """Adds the parts that a file does not hold; None: the default of the body.

        Raises:
            ValueError: an argument of the fit is missing.
        """
        if pose_prior is None and "pose_prior" in self.given:
            raise ValueError("pose_prior: expected that of the fit, which is not saved, got None")
        if joint_limits is None and "joint_limits" in self.given:
            raise ValueError(
                "joint_limits: expected those of the fit, which are not saved, got None"
            )
        if lifter is None and "lifter" in self.given:
            raise ValueError("lifter: expected that of the fit, which is not saved, got None")
        if "clouds" in self.given:
            raise ValueError(
                "covariance: expected a fit with its points, which are not saved with it"
            )
        return Known.of(
            model,
            pose_prior,
            joint_limits,
            lifter,
            person=self.person,
            ground=self.ground,
            points3d=points3d,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dicts, for files."""
        return {
            **{f"own_{name}": name in self.given for name in _GIVEN},
            "person": None if self.person is None else self.person.to_dict(),
            "ground": None if self.ground is None else self.ground.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SavedKnown:
        """Reads the output of `to_dict`, also of earlier versions."""
        person, ground = values["person"], values["ground"]
        return SavedKnown(
            person=None if person is None else Person(**person),
            ground=None if ground is None else Ground(**ground),
            given=frozenset(name for name in _GIVEN if values.get(f"own_{name}", False)),
        )


_GIVEN = ("pose_prior", "joint_limits", "lifter", "clouds")


@dataclass(frozen=True, eq=False, kw_only=True)
class Known(SavedKnown):
    """Known quantities of a person and a scene, the input of a fit besides images.

    Attributes:
        model: the body.
        pose_prior, joint_limits: those given, or the default ones of the body.
        lifter: the network given, or that of the package.
        points3d: points of the person measured in space.
        clouds: surfaces of the person measured as points.
    """

    model: BodyModel
    pose_prior: PosePrior
    joint_limits: JointLimits | None
    lifter: Lifter
    points3d: Keypoints3D | None = None
    clouds: tuple[_core.Cloud, ...] = ()

    @classmethod
    def of(
        cls,
        model: BodyModel | str | PathLike[str] | None,
        pose_prior: PosePrior | str | PathLike[str] | None,
        joint_limits: JointLimits | None,
        lifter: Lifter | str | PathLike[str] | None = None,
        *,
        person: Person | None = None,
        ground: Ground | None = None,
        points3d: Keypoints3D | None = None,
        clouds: tuple[_core.Cloud, ...] = (),
    ) -> Known:
        """From the arguments of a fit.

        Raises:
            ValueError, TypeError: an invalid model, prior, limits or network.
        """
        model = checked_model(model)
        given = (
            pose_prior is not None,
            joint_limits is not None,
            lifter is not None,
            len(clouds) > 0,
        )
        return cls(
            model=model,
            pose_prior=checked_prior(pose_prior, model),
            joint_limits=checked_limits(joint_limits, model),
            lifter=checked_lifter(lifter),
            person=person,
            ground=ground,
            points3d=points3d,
            clouds=clouds,
            given=frozenset(name for name, was in zip(_GIVEN, given, strict=True) if was),
        )

    @cached_property
    def start_pose(self) -> NDArray[np.float64]:
        """(3(J-1),) radians, the initial body_pose of fits."""
        return self.model.full_pose(self.pose_prior.start_pose)

    def scene(
        self,
        views: Sequence[View],
        *,
        estimate_focal: bool = False,
        refinement: CameraRefinement | None = None,
    ) -> _core.Scene:
        """Images and known quantities, for the core.

        Args:
            views: the images.
            estimate_focal, refinement: degrees of freedom of the cameras.

        Raises:
            ValueError, TypeError: as `make_scene`.
        """
        return make_scene(
            views,
            self.model,
            self.pose_prior,
            self.joint_limits,
            points3d=self.points3d,
            person=self.person,
            ground=self.ground,
            clouds=self.clouds,
            lifter=self.lifter,
            estimate_focal=estimate_focal,
            refinement=refinement,
        )

    def completed(
        self,
        model: BodyModel,
        pose_prior: PosePrior | None,
        joint_limits: JointLimits | None,
        lifter: Lifter | None,
        points3d: Keypoints3D | None,
    ) -> Known:
        """Replaces body, prior, limits or network that are not None."""
        return Known.of(
            model,
            self.pose_prior if pose_prior is None else pose_prior,
            self.joint_limits if joint_limits is None else joint_limits,
            self.lifter if lifter is None else lifter,
            person=self.person,
            ground=self.ground,
            points3d=points3d,
            clouds=self.clouds,
        )
