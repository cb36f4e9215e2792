"""Schedules of a fit: lists of stages, each with its free variables and the weights of its terms.

The numbers are those of cpp/smplceres/objective/presets.cc.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from .._native import _core
from .._native._core import Stage


def default_stages(*, mask: bool = False) -> list[Stage]:
    """Five stages: residuals in pixels of an image with 300 px/m, the translation free throughout,
    a robust width that narrows as the pose approaches, prior weights that fall.

    The last two keep limbs out of one another, by depths: the pose must be near before the
    direction out is known.

    Args:
        mask: two more stages align the outline of the body with masks.
    """
    return _core.default_stages(mask)


def cloud_stages(*, mask: bool = False) -> list[Stage]:
    """The default stages for fits with points or depth (`fit(points=, depth=)`).

    Points are matched from farther away first, and anew several times a stage.

    Args:
        mask: as in `default_stages`.
    """
    return _core.cloud_stages(mask)


def smplify_stages() -> list[Stage]:
    """The objective and schedule that SMPLify publishes (Bogo et al. 2016, and its code).

    Residuals in pixels of the image, Geman-McClure of width 100 px by coordinate; the camera stage
    moves place and orientation by shoulders and hips; the body stages hold the place, leave hips
    and neck out and keep limbs out of one another without an effect on betas; dogleg, at most 100
    iterations a stage. Not SMPLify's: the start and the choice of a second facing direction are
    those of all fits here, confidences weight the camera stage too, tolerances are Ceres', and the
    spheres of the limbs, their radii and which of them may collide are found on the body at hand.
    """
    return _core.smplify_stages()


def sequence_stages() -> list[Stage]:
    """Two stages for all frames of a clip together (`fit_sequence`): the last default stage with
    motion between frames, weaker priors on poses and a narrower robust function; first with a wider
    one and without collisions.

    Chosen by 36 training motions as in benchmarks/sequence.py, unknown to their pose prior: joints
    are off by 47 mm; by 55 with all of the pose prior, a quarter of the angle prior, a robust width
    of 60, motion half as smooth (acceleration.sigma 6), and no starts mirrored in depth.
    """
    return _core.sequence_stages()


def joints3d_stages() -> list[Stage]:
    """Four stages for points in space alone (`fit_joints3d`): place and orientation, then pose with
    priors that fade, then pose and shape. At the end priors weigh so little that of 9,000 recorded
    poses every exact joint comes back within 0.8 mm (benchmarks/joints3d.py)."""
    return _core.joints3d_stages()


def whole_body_stages() -> list[Stage]:
    """The default stages on the body's keypoints alone; then hands and face, with the place and the
    shape of the body constant and poorly fitted hands from other turns of the forearm; then
    everything together, with the noise of hands and face estimated apart from the body's."""
    return _core.whole_body_stages()


def smplify_x_stages() -> list[Stage]:
    """The schedule that SMPLify-X publishes (Pavlakos et al. 2019, fit_smplx.yaml): its stages,
    weights and switches of hands and face. Not SMPLify-X's: the pose prior is the fit's, with the
    weights that VPoser's code has there; collisions are those of spheres, as in SMPLify."""
    return _core.smplify_x_stages()


PRESETS: dict[str, Callable[[], list[Stage]]] = {
    "default": default_stages,
    "smplify": smplify_stages,
    "whole-body": whole_body_stages,
    "smplify-x": smplify_x_stages,
}


def make_stages(preset: str | Sequence[Stage]) -> list[Stage]:
    """The stages of a preset, by name or as given; copies, so that they can be changed.

    Raises:
        ValueError: an unknown name, or an empty list.
        TypeError: something in the list that is no Stage.
    """
    if isinstance(preset, str):
        if preset not in PRESETS:
            known = ", ".join(PRESETS)
            raise ValueError(f"preset: expected one of {known}, or stages; got {preset!r}")
        return PRESETS[preset]()
    stages = list(preset)
    if not stages:
        raise ValueError("preset: expected at least one stage, got none")
    for stage in stages:
        if not isinstance(stage, Stage):
            raise TypeError(f"preset: expected Stage objects, got {type(stage).__name__}")
    return [copy(stage) for stage in stages]


def stage_to_dict(stage: Any) -> dict[str, Any]:
    """A stage, or options in one, as plain numbers, strings and dicts, for files."""
    values = {
        name: getattr(stage, name)
        for name, member in vars(type(stage)).items()
        if isinstance(member, property)
    }
    plain = (bool, int, float, str, list)
    return {
        name: value if isinstance(value, plain) else stage_to_dict(value)
        for name, value in values.items()
    }


def stage_from_dict(values: dict[str, Any]) -> Stage:
    """The stage that `stage_to_dict` wrote; AttributeError where it is of another version."""
    stage = Stage()
    _set_options(stage, values)
    return stage


def _set_options(options: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _set_options(getattr(options, name), value)
        else:
            setattr(options, name, value)
