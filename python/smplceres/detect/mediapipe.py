"""MediaPipe Pose: BlazePose's 33 landmarks (Bazarevsky et al., 2020).

Landmarks come in widths and heights of the image with 0 at the left edge of the first pixel, so
pixel centres at integers are half a pixel less. Visibility, the probability that a landmark is in
the image and not hidden, is used as the confidence.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..keypoints.formats import MEDIAPIPE33
from ..keypoints.keypoints import Keypoints
from .detector import Detection, Detector, checked_mask, checked_picture

# Max number of people that a pose landmarker detects.
_MOST_PEOPLE = 5
# Min confidence of MediaPipe's person detector, its default.
_CONFIDENCE = 0.5
# Assumed frame interval: only the order of frames matters.
_FRAME_MS = 33
# The file descriptor that C++ writes to, independent of sys.stderr.
_STANDARD_ERROR = 2
# Processed once at start, as the threads log their start asynchronously.
NOBODY = np.zeros((64, 64, 3), dtype=np.uint8)


class MediaPipe(Detector):
    """The model in the wheels of MediaPipe up to 0.10.21; one person.

    Args:
        mask: also segment the person.
        video: images are frames of one video.
        confidence: min of the person detector.
    """

    name = "mediapipe"

    def __init__(
        self, mask: bool = False, video: bool = False, *, confidence: float = _CONFIDENCE
    ) -> None:
        module = import_mediapipe()
        pose = getattr(getattr(module, "solutions", None), "pose", None)
        if pose is None:
            raise ImportError(
                "this version of MediaPipe includes no model: pip install 'mediapipe<=0.10.21' "
                "(Python 3.12 at most), or give a pose landmarker's .task file (--detector-model)"
            )
        # Of models 0 to 2 the one in the wheel.
        with quiet():
            # Without smoothing: its filter is causal, while `fit_sequence` uses frames on both
            # sides.
            self._pose: Any = pose.Pose(
                static_image_mode=not video,
                model_complexity=1,
                smooth_landmarks=False,
                enable_segmentation=mask,
                smooth_segmentation=False,
                min_detection_confidence=confidence,
            )
            self._pose.process(NOBODY)
        self._found = False

    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        image = checked_picture(image)
        with nullcontext() if self._found else quiet():  # warns once about its internals
            found = self._pose.process(image)
        if found.pose_landmarks is None:
            return []
        self._found = True
        keypoints = _keypoints(found.pose_landmarks.landmark, image)
        return [Detection(keypoints, checked_mask(found.segmentation_mask))]

    def close(self) -> None:
        self._pose.close()


class MediaPipeTasks(Detector):
    """A pose landmarker's `.task` file; several people."""

    name = "mediapipe"

    def __init__(self, model: Path, mask: bool = False, video: bool = False) -> None:
        self._module: Any = import_mediapipe()
        if not model.is_file():
            raise FileNotFoundError(f"detector model: expected a .task file, found none at {model}")
        tasks = importlib.import_module("mediapipe.tasks.python")
        vision = importlib.import_module("mediapipe.tasks.python.vision")
        options = vision.PoseLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_buffer=model.read_bytes()),
            running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
            num_poses=_MOST_PEOPLE,
            output_segmentation_masks=mask,
        )
        self._video = video
        self._frame = 0
        self._found = False
        try:
            with quiet():
                self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
                self._found_in(NOBODY)
        except (RuntimeError, ValueError) as error:
            raise ValueError(
                f"detector model: expected a pose landmarker's .task file, got {model} ({error})"
            ) from error

    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        image = checked_picture(image)
        with nullcontext() if self._found else quiet():
            found = self._found_in(image)
        self._found = self._found or bool(found.pose_landmarks)
        masks = found.segmentation_masks or [None] * len(found.pose_landmarks)
        return [
            Detection(
                _keypoints(landmarks, image),
                checked_mask(None if mask is None else mask.numpy_view()),
            )
            for landmarks, mask in zip(found.pose_landmarks, masks, strict=True)
        ]

    def _found_in(self, image: NDArray[np.uint8]) -> Any:
        wrapped = self._module.Image(image_format=self._module.ImageFormat.SRGB, data=image)
        if not self._video:
            return self._landmarker.detect(wrapped)
        self._frame += 1
        return self._landmarker.detect_for_video(wrapped, self._frame * _FRAME_MS)

    def close(self) -> None:
        self._landmarker.close()


def import_mediapipe() -> Any:
    """The module, loaded without its messages; ImportError says how to install it."""
    try:
        with quiet():
            return importlib.import_module("mediapipe")
    except ImportError as error:
        raise ImportError(
            "detection needs MediaPipe: pip install 'smplceres[detect]' "
            "(or give keypoints of another detector)"
        ) from error


def _keypoints(landmarks: Sequence[Any], image: NDArray[np.uint8]) -> Keypoints:
    height, width = image.shape[:2]
    rows = np.array([[each.x, each.y, each.visibility] for each in landmarks])
    return Keypoints(
        rows[:, :2] * (width, height) - 0.5,
        np.clip(rows[:, 2], 0, 1),
        MEDIAPIPE33,
        (width, height),
        "mediapipe",
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Suppresses the log of MediaPipe's C++ on standard error, for which there is no option."""
    sys.stderr.flush()
    try:
        kept = os.dup(_STANDARD_ERROR)
    except OSError:  # no such descriptor
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), _STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(kept)
