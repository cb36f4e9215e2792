"""The objective of the last stage of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from .known import SavedKnown
from .presets import stage_from_dict, stage_to_dict

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LastStage:
    """The objective of the last stage, besides views and body.

    Attributes:
        stage: its options.
        known: the other input of the fit; for loaded results the part that files hold.
        initial_transl: (3,) metres, the initial estimate of the fit.
        pixels_per_metre: (views,) in each image, at that depth.
        free_zoom: of each view, whether its camera's scale or focal length was estimated.
        sigma_px: the noise that the fit was given, pixels; None: it was estimated.
    """

    stage: _core.Stage
    known: SavedKnown
    initial_transl: Floats
    pixels_per_metre: Floats
    free_zoom: tuple[bool, ...] = ()
    sigma_px: float | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return LastStage.from_dict, (self.to_dict(),)

    def __copy__(self) -> LastStage:  # it never changes
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> LastStage:
        return self

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
            **self.known.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LastStage:
        """Reads the output of `to_dict`, also of earlier versions."""
        return cls(
            stage_from_dict(values["stage"]),
            SavedKnown.from_dict(values),
            np.array(values["initial_transl"]),
            np.array(values["pixels_per_metre"]),
            tuple(values["free_zoom"]),
            values["sigma_px"],
        )
