"""Arguments that several fits have, checked."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from .._native import _core
from ..base.checked_numbers import count_of
from ..body.load import load_body_model
from ..body.model import BodyModel
from ..priors.joint_limits import JointLimits
from ..priors.pose_prior import GaussianPosePrior, MixturePosePrior, PosePrior, load_pose_prior
from .presets import cloud_stages, default_stages, make_stages


def checked_model(model: BodyModel | str | PathLike[str] | None) -> BodyModel:
    return model if isinstance(model, BodyModel) else load_body_model(model)


def stages_for(
    preset: str | Sequence[_core.Stage], masked: bool, with_clouds: bool
) -> list[_core.Stage]:
    """Those of a preset, the default one for what is there to fit to."""
    if preset != "default":
        stages = make_stages(preset)
    elif with_clouds:
        stages = cloud_stages(mask=masked)
    else:
        stages = default_stages(mask=masked)
    if masked and not any(
        stage.silhouette_inside.weight or stage.silhouette_contour.weight for stage in stages
    ):
        raise ValueError(
            "mask: expected stages that weight silhouette_inside or silhouette_contour, got none"
        )
    return stages


def checked_starts(starts: int | str) -> int:
    """How many facing directions."""
    number = count_of(1 if isinstance(starts, str) and starts == "auto" else starts)
    if number is None:
        raise ValueError(f"starts: expected a whole number >= 1 or 'auto', got {starts!r}")
    return number


def checked_seconds(max_time: float | None) -> float:
    """Infinity without a limit."""
    if max_time is not None and not max_time > 0:
        raise ValueError(f"max_time: expected seconds > 0 or None, got {max_time}")
    return float("inf") if max_time is None else float(max_time)


def checked_prior(
    pose_prior: PosePrior | str | PathLike[str] | None, model: BodyModel
) -> PosePrior:
    if pose_prior is None:
        return model.default_prior
    if isinstance(pose_prior, str | PathLike):
        pose_prior = load_pose_prior(pose_prior)
    if not isinstance(pose_prior, GaussianPosePrior | MixturePosePrior):
        raise TypeError(
            "pose_prior: expected a GaussianPosePrior, a MixturePosePrior or the path of one, "
            f"got {type(pose_prior).__name__}"
        )
    return pose_prior.for_joints(model.num_joints)


def checked_limits(joint_limits: JointLimits | None, model: BodyModel) -> JointLimits | None:
    if joint_limits is None:
        return model.default_joint_limits
    if not isinstance(joint_limits, JointLimits):
        raise TypeError(
            f"joint_limits: expected JointLimits or None, got {type(joint_limits).__name__}"
        )
    return joint_limits
