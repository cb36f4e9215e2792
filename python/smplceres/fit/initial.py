"""Initial variables of a fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..body.parameters import Parameters
from ..cameras.camera import AnyCamera, WeakPerspectiveCamera
from ..evidence.views import View
from .known import Known
from .result import FitResult


def places_body(initial: FitResult | Mapping[str, ArrayLike] | None) -> bool:
    if not isinstance(initial, Mapping):
        return initial is not None
    return all(initial.get(name) is not None for name in ("global_orient", "transl"))


def scale_is_unknown(camera: AnyCamera) -> bool:
    return isinstance(camera, WeakPerspectiveCamera) and camera.scale is None


def initial_variables(
    initial: FitResult | Mapping[str, ArrayLike],
    known: Known,
    views: Sequence[View],
    scene: _core.Scene,
) -> _core.Variables:
    """The initial variables; parameters that `initial` does not have are estimated."""
    model = known.model
    if isinstance(initial, FitResult):
        # The result of a fit to points in space has no views.
        log_zoom = _zooms_of(initial, views) if initial.views else np.zeros(len(views))
        return _core.Variables(model._core, **initial.parameters, log_zoom=log_zoom)
    if not isinstance(initial, Mapping):
        raise TypeError(f"initial: expected a FitResult or a mapping, got {type(initial).__name__}")
    initial = {name: value for name, value in initial.items() if value is not None}
    unknown = set(initial) - set(Parameters.__annotations__)
    if unknown:
        raise ValueError(
            "initial: expected global_orient, body_pose, betas, transl, slices, got "
            + ", ".join(sorted(unknown))
        )
    given = model.parameters(
        initial.get("betas"),
        initial.get("global_orient"),
        initial.get("body_pose", known.start_pose),
        initial.get("transl"),
        cast("Mapping[str, ArrayLike] | None", initial.get("slices")),
    )
    if not views and {"global_orient", "transl"} <= set(initial):
        return _core.Variables(model._core, **given, log_zoom=np.zeros(0))
    found = _core.initialise(scene, start_pose=given["body_pose"])
    if "global_orient" not in initial:
        given["global_orient"] = found.global_orient
    if "transl" not in initial:
        given["transl"] = found.transl
    if "betas" not in initial:
        given["betas"] = found.betas
    return _core.Variables(model._core, **given, log_zoom=found.log_zoom)


def _zooms_of(initial: FitResult, views: Sequence[View]) -> NDArray[np.float64]:
    if len(initial.views) != len(views):
        raise ValueError(
            f"initial: expected a result of as many views, {len(views)}, got {len(initial.views)}"
        )
    log_zoom = np.zeros(len(views))
    for number, (view, other) in enumerate(zip(views, initial.views, strict=True)):
        if type(other.camera) is not type(view.camera):
            raise ValueError(
                f"initial: expected a result of a {type(view.camera).__name__}, "
                f"got one of a {type(other.camera).__name__}"
            )
        if scale_is_unknown(view.camera):
            log_zoom[number] = math.log(other.camera.scale or 1.0)  # type: ignore[union-attr]
    return log_zoom
