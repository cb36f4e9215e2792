"""Parts of results as plain numbers, lists and strings, and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..body.model import Parameters
from ..cameras.camera import camera_from_dict
from ..evidence.views import FittedView
from ..keypoints.formats import KeypointFormat
from ..keypoints.keypoints import Keypoints


def plain_parameters(parameters: Parameters | None) -> dict[str, Any] | None:
    if parameters is None:
        return None
    return {name: np.asarray(value).tolist() for name, value in parameters.items()}


def parameters_from_plain(plain: dict[str, Any] | None) -> Parameters | None:
    if plain is None:
        return None
    return {
        "betas": np.array(plain["betas"]),
        "global_orient": np.array(plain["global_orient"]),
        "body_pose": np.array(plain["body_pose"]),
        "transl": np.array(plain["transl"]),
    }


def plain_view(view: FittedView) -> dict[str, Any]:
    keypoints = view.keypoints
    return {
        "camera": view.camera.to_dict(),
        "format": keypoints.format.name,
        "names": list(keypoints.format.names),
        "xy": keypoints.xy.tolist(),
        "confidence": keypoints.confidence.tolist(),
        "keypoints2d": plain_numbers(view.keypoints2d),
        "image_size": keypoints.image_size,
        "source": keypoints.source,
    }


def view_from_plain(described: dict[str, Any]) -> FittedView:
    keypoint_format = KeypointFormat.from_mapping(
        described["format"],
        list(zip(described["names"], described["locations"], strict=True)),
    )
    keypoints = Keypoints(
        described["xy"],
        described["confidence"],
        keypoint_format,
        described["image_size"],
        described["source"],
    )
    keypoints2d = np.array(described["keypoints2d"], dtype=np.float64)  # None becomes NaN
    return FittedView(keypoints, camera_from_dict(described["camera"]), keypoints2d)


def plain_numbers(array: NDArray[Any] | np.float64) -> Any:
    """Nested lists, NaN as None: JSON has no NaN."""
    return json.loads(json.dumps(array.tolist()).replace("NaN", "null"))
