"""RTMPose (Jiang et al., 2023) through rtmlib, with local model files.

A person detector (YOLOX) finds people, RTMPose their keypoints. Nothing is downloaded: the files
are those of rtmlib's cache, or of a folder.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..keypoints.formats import KeypointFormat, recognise_format
from ..keypoints.keypoints import Keypoints
from .detector import Detection, Detector, checked_picture

# Sizes in the names of OpenMMLab's files: rtmpose-m_..._256x192-e48f03d0_20230504.onnx, height
# first; and those of the person detectors by their letter.
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_SMALL_YOLOX = ("yolox_tiny", "yolox_nano")


class RTMPose(Detector):
    """The keypoints of all people, in the format with the model's number: coco17 or halpe26."""

    name = "rtmpose"

    def __init__(self, folder: Path | None = None, mask: bool = False) -> None:
        if mask:
            raise ValueError("mask: expected another detector, as rtmpose has no masks")
        try:
            rtmlib = importlib.import_module("rtmlib")
        except ImportError as error:
            raise ImportError(
                "rtmpose needs rtmlib and ONNX Runtime: pip install 'smplceres[rtmpose]'"
            ) from error
        people, pose = _model_files(rtmlib_cache() if folder is None else folder)
        side = 416 if people.name.startswith(_SMALL_YOLOX) else 640
        settings = {"backend": "onnxruntime", "device": "cpu"}
        with redirect_stdout(sys.stderr):  # it prints the models that it loads
            self._people: Any = rtmlib.YOLOX(str(people), model_input_size=(side, side), **settings)
            self._pose: Any = rtmlib.RTMPose(
                str(pose), model_input_size=_input_size(pose.name), **settings
            )

    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        image = checked_picture(image)
        blue_first = np.ascontiguousarray(image[..., ::-1])  # as OpenCV reads images
        boxes = self._people(blue_first)
        if len(boxes) == 0:  # RTMPose would use the whole image
            return []
        places, scores = self._pose(blue_first, bboxes=boxes)
        keypoint_format = _format(places.shape[1])
        size = (image.shape[1], image.shape[0])
        return [
            Detection(Keypoints(xy, np.maximum(score, 0), keypoint_format, size, "rtmpose"))
            for xy, score in zip(places, scores, strict=True)
        ]


def rtmlib_cache() -> Path:
    """The folder of rtmlib's models."""
    home = os.environ.get("TORCH_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME", "~/.cache"), "rtmlib"
    )
    return Path(home).expanduser() / "hub" / "checkpoints"


def _model_files(folder: Path) -> tuple[Path, Path]:
    """The files of the person detector and of the pose model."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"detector model: expected a folder with yolox*.onnx and rtmpose*.onnx, found none at "
            f"{folder}"
        )
    found = []
    for pattern in ("yolox*.onnx", "rtmpose*.onnx"):
        files = sorted(folder.rglob(pattern))
        if not files:
            raise FileNotFoundError(
                f"detector model: expected a file {pattern} in {folder}, found none"
            )
        found.append(files[0])
    return found[0], found[1]


def _input_size(name: str) -> tuple[int, int]:
    """(width, height) of the pose model's input, from its name."""
    size = _SIZE.search(name)
    return (int(size[2]), int(size[1])) if size else (192, 256)


def _format(num_keypoints: int) -> KeypointFormat:
    try:
        return recognise_format(num_keypoints)
    except ValueError as error:
        raise ValueError(f"detector model: {error}") from error
