"""The ground plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..base.checked_arrays import float_array
from ..base.checked_numbers import check_sigma
from ..body.model import BodyModel
from ..cameras.camera import AnyCamera, Camera

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """A plane that the feet are on or above: x with normal . x = offset, in the world's frame.

    The frame is that of a fit's camera and results. The ground of a world whose y is up is
    `Ground()`; without a rotation and translation of the camera the world is the camera's frame, y
    down, and a level camera 1.5 m above the floor has `Ground((0, -1, 0), -1.5)`.

    Args:
        normal: (3,) upwards, of any length but 0.
        offset: metres from the origin to the plane along the normal.
        sigma: standard deviation of the soles from the plane, metres, >= 1e-6: shoes, carpets and
            the error of the plane.
        contact: the lower foot touches the plane. False, for people who jump, climb or sit with
            raised feet: no foot is below the plane.

    Raises:
        ValueError: a number out of range, NaN. In a fit: a camera that is not above the plane (a
            normal that points down, a wrong frame), a body that does not name its ankles and feet.
    """

    normal: ArrayLike = (0.0, 1.0, 0.0)
    offset: float = 0.0
    sigma: float = 0.02
    contact: bool = True

    def __post_init__(self) -> None:
        normal = float_array("normal", self.normal)
        if normal.shape != (3,) or not np.isfinite(normal).all():
            raise ValueError(f"normal: expected 3 finite numbers, got {self.normal}")
        length = float(np.linalg.norm(normal))
        if not 1e-9 < length < np.inf:
            raise ValueError(f"normal: expected a vector of any length but 0, got {self.normal}")
        if not np.isfinite(self.offset):
            raise ValueError(f"offset: expected finite metres, got {self.offset}")
        check_sigma("sigma", self.sigma)
        normal = normal / length
        normal.flags.writeable = False
        object.__setattr__(self, "normal", normal)

    def height_of(self, points: ArrayLike) -> Floats:
        """(...,) metres above the plane, of points (..., 3) in the world."""
        return np.asarray(np.asarray(points) @ np.asarray(self.normal) - self.offset)

    def for_body(self, model: BodyModel, cameras: Sequence[AnyCamera]) -> _core.Ground:
        """For the core; ValueError if it does not fit the body or a camera."""
        for camera in cameras:
            if not isinstance(camera, Camera):
                continue
            above = float(self.height_of(-camera.rotation.T @ camera.translation))
            if not above > 0:
                raise ValueError(
                    f"ground: expected a plane under the camera, got one {-above:.3g} m over it: "
                    "the normal points up in the world frame, which is the camera frame, y down, "
                    "if the camera has no rotation and translation"
                )
        return _core.Ground(
            soles=_soles(model),
            normal=self.normal,
            offset=self.offset,
            sigma=self.sigma,
            contact=self.contact,
        )

    def to_dict(self) -> dict[str, Any]:
        """The arguments as plain numbers and lists, for files."""
        return {**vars(self), "normal": np.asarray(self.normal).tolist()}


@lru_cache(maxsize=8)
def _soles(model: BodyModel) -> _core.SkinnedPoints:
    points = _core.SkinnedPoints(model._core)
    for vertex in sole_vertices(model):
        points.add(model._core, vertices=[(vertex, 1.0)])
    return points


def sole_vertices(model: BodyModel) -> list[int]:
    """Eight vertices of a body that touch the ground when it stands at rest: heel, inner ball,
    outer ball and toes of the left foot, then of the right.

    The lowest vertices of the mean body at rest (y up, facing +z) in four zones of the vertices
    skinned to ankle and foot: the rear 30 % of the length of a foot, 55 to 80 %, inner and outer
    half, and the foremost 20 %.

    Raises:
        ValueError: a body that does not name its ankles and feet.
    """
    needed = [f"{side}_{joint}" for side in ("left", "right") for joint in ("ankle", "foot")]
    if any(name not in model.joint_names for name in needed):
        raise ValueError(f"ground: expected a body with {', '.join(needed)}, got {model.name!r}")
    v, weights = model.v_template, model.lbs_weights
    chosen = []
    for side in ("left", "right"):
        joints = [model.joint_names.index(f"{side}_{joint}") for joint in ("ankle", "foot")]
        share = weights[:, joints].sum(axis=1)
        foot = np.flatnonzero(share > 0.5 * share.max())
        across, up, along = np.abs(v[foot, 0]), v[foot, 1], v[foot, 2]
        part = (along - along.min()) / max(float(np.ptp(along)), 1e-9)
        ball = (part >= 0.55) & (part <= 0.8)
        middle = across[ball].mean() if ball.any() else across.mean()
        zones = (
            part <= 0.3,
            ball & (across <= middle),
            ball & (across > middle),
            part >= 0.8,
        )
        chosen += [int(foot[np.where(zone, up, up.max() + 1).argmin()]) for zone in zones]
    return chosen
