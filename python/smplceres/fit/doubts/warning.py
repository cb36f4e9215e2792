"""A warning of a result: what is likely wrong with its inputs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from ..codec import Part, several


class FitWarning(NamedTuple):
    """What is likely wrong with the inputs of a fit.

    Attributes:
        code: the kind, one of `CODES`.
        sentence: what is likely wrong.
        evidence: the figures that say so.
        remedy: what to change.
    """

    code: str
    sentence: str
    evidence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.sentence} ({self.evidence}); {self.remedy}"

    def to_dict(self) -> dict[str, Any]:
        """Plain strings, for files."""
        return self._asdict()

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FitWarning:
        """What `to_dict` wrote."""
        return cls(**{name: str(values[name]) for name in cls._fields})


# Kinds of warnings; docs/guides/first_steps/troubleshooting.md describes them.
CODES = (
    *("confidence_scale", "keypoint_format", "y_up", "x_y_exchanged", "mirrored"),
    *("intrinsics_resolution", "portrait_landscape", "focal_length", "distortion"),
    *("world_from_cam", "opengl_axes", "cameras_exchanged", "unit_of_length"),
    *("sides_of_view", "view_disagrees", "views_disagree", "body_size", "unseen_limbs"),
    *("keypoints_at_origin", "outlying_points"),
    *("frame_rate", "frame_numbers", "sides_of_frames"),
)


class Warnings:
    """The warnings of a result, found when they are asked for: a fit of which nobody asks them does
    not wait for them.

    Args:
        find: finds them; called once.
    """

    def __init__(self, find: Callable[[], tuple[FitWarning, ...]] = tuple) -> None:
        self._find = find

    @cached_property
    def found(self) -> tuple[FitWarning, ...]:
        """What is likely wrong with the inputs."""
        return self._find()

    def __reduce__(self) -> tuple[Any, ...]:
        """For copies and pickles, which hold the warnings and not what finds them."""
        return Warnings.of, (self.found,)

    @classmethod
    def of(cls, found: tuple[FitWarning, ...]) -> Warnings:
        """Those that are known."""
        return cls(lambda: found)


NO_WARNINGS = Warnings()

_SEVERAL = several(Part(FitWarning.to_dict, FitWarning.from_dict))
WARNINGS = Part(
    lambda warnings: _SEVERAL.plain(warnings.found),
    lambda plain: Warnings.of(_SEVERAL.read(plain)),
)
