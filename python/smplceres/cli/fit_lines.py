"""`smplceres fit -`: people as lines of JSON in, bodies as lines of JSON out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from ..base.files.reading import one_line
from ..cameras.camera import AnyCamera, Camera
from ..keypoints.keypoints import Keypoints
from .fit_settings import Settings
from .options import camera_of_options, keypoint_format_of
from .output import ALL_FITTED, SOME_NOT_FITTED, result_record

LINES_HELP = """\
  in:   {"keypoints": [[x, y, confidence], ...], "format": "openpose_body25",
         "width": 1280, "height": 720, "camera": [fx, fy, cx, cy], "id": 7}
        pixels; format, if the number of keypoints does not determine it (or --format); width and
        height, or --image-size; camera, or its options; id, any value, is returned
  out:  {"id": 7, "global_orient": [x, y, z], "body_pose": [[x, y, z], ...], "betas": [...],
         "transl": [x, y, z], "joints": [[x, y, z], ...], "reprojection_error_px": 3.1, ...}
        metres and radians, in the camera frame; or {"id": 7, "error": "..."}
  Without a camera the focal length is the image's diagonal, the same for all lines.
  Every line is answered by one line immediately; nothing is written to DIR."""

_KEYS = ("keypoints", "format", "width", "height", "image_size", "camera", "id")


def fit_lines(settings: Settings, options: argparse.Namespace) -> int:
    """Standard input to standard output; the exit status."""
    status = ALL_FITTED
    for line in sys.stdin:
        if not line.strip():
            continue
        answer: dict[str, Any] = {}
        try:
            person = _parsed(line)
            if "id" in person:
                answer["id"] = person["id"]
            keypoints = _keypoints(person, options)
            result = settings.fit(keypoints, _camera(person, options, keypoints))
            answer |= result_record(result)
        except (ValueError, TypeError) as error:
            answer["error"] = one_line(error)
            status = SOME_NOT_FITTED
        print(json.dumps(answer), flush=True)
    return status


def _parsed(line: str) -> dict[str, Any]:
    try:
        person = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected a line of JSON, got another line ({error})") from error
    if not isinstance(person, dict):
        raise ValueError(f"expected an object of JSON, got {type(person).__name__}")
    return person


def _keypoints(person: Mapping[str, Any], options: argparse.Namespace) -> Keypoints:
    unknown = [key for key in person if key not in _KEYS]
    if unknown:
        raise ValueError(f"expected the keys {', '.join(_KEYS)}, got {unknown[0]!r}")
    if "keypoints" not in person:
        raise ValueError("keypoints: expected [[x, y, confidence], ...], got none")
    size = options.image_size or person.get("image_size")
    if size is None and {"width", "height"} <= person.keys():
        size = [person["width"], person["height"]]
    if size is None:
        raise ValueError("image size: expected width and height, or --image-size W H, got neither")
    chosen = keypoint_format_of(options) or person.get("format")
    return Keypoints.from_array(person["keypoints"], chosen, size)


def _camera(
    person: Mapping[str, Any], options: argparse.Namespace, keypoints: Keypoints
) -> AnyCamera:
    assert keypoints.image_size is not None  # checked by _keypoints
    own = person.get("camera")
    if own is None:
        return camera_of_options(options, keypoints.image_size)
    if not isinstance(own, list) or len(own) != 4:
        raise ValueError(f"camera: expected [fx, fy, cx, cy], got {own!r}")
    width, height = keypoints.image_size
    fx, fy, cx, cy = own
    return Camera(fx=fx, fy=fy, cx=cx, cy=cy, width=width, height=height)
