"""MediaPipe Holistic: one person's body, hands and face, by the models in MediaPipe's wheels up to
0.10.21.

The keypoints are those of `mediapipe_holistic143`: BlazePose's 33 of the body, 21 of the left hand,
21 of the right hand, and iBUG's 68 of the face, taken from the 478 of the face mesh. Left and right
are the person's. A part that is not found has confidence 0; MediaPipe has no confidence for points
of hands and faces: a point in the image has 1, one outside of it 0.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..keypoints.formats import format_named
from ..keypoints.keypoints import Keypoints
from .detector import Detection, Detector, checked_mask, checked_picture
from .face68 import MEDIAPIPE_OF_FACE68
from .mediapipe import NOBODY, import_mediapipe, quiet

FORMAT = "mediapipe_holistic143"
_NUM_BODY, _NUM_HAND = 33, 21

Floats = NDArray[np.float64]


class MediaPipeHolistic(Detector):
    """Body, both hands and face of one person."""

    name = "holistic"

    def __init__(self, mask: bool = False, video: bool = False) -> None:
        module = import_mediapipe()
        holistic = getattr(getattr(module, "solutions", None), "holistic", None)
        if holistic is None:
            raise ImportError(
                "this version of MediaPipe includes no model of hands and face: "
                "pip install 'mediapipe<=0.10.21' (Python 3.12 at most)"
            )
        self._format = format_named(FORMAT)
        with quiet():
            self._holistic: Any = holistic.Holistic(
                static_image_mode=not video,
                model_complexity=1,
                smooth_landmarks=False,
                enable_segmentation=mask,
                smooth_segmentation=False,
                refine_face_landmarks=True,
            )
            self._holistic.process(NOBODY)
        self._found = False

    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        image = checked_picture(image)
        with nullcontext() if self._found else quiet():  # warns once about its internals
            found = self._holistic.process(image)
        if found.pose_landmarks is None:
            return []
        self._found = True
        rows = holistic_rows(found, image.shape[1], image.shape[0])
        keypoints = Keypoints(
            rows[:, :2],
            rows[:, 2],
            self._format,
            (image.shape[1], image.shape[0]),
            "mediapipe holistic",
        )
        return [Detection(keypoints, checked_mask(found.segmentation_mask))]

    def close(self) -> None:
        self._holistic.close()


def holistic_rows(found: Any, width: int, height: int) -> Floats:
    """(143, 3) x, y in pixels, centres at integers, and confidence, of Holistic's result."""
    body = _rows(found.pose_landmarks, _NUM_BODY, width, height)
    body[:, 2] = [min(max(each.visibility, 0.0), 1.0) for each in found.pose_landmarks.landmark]
    hands = [
        _rows(each, _NUM_HAND, width, height)
        for each in (found.left_hand_landmarks, found.right_hand_landmarks)
    ]
    num_face = 1 + max(MEDIAPIPE_OF_FACE68)
    face = _rows(found.face_landmarks, num_face, width, height)[list(MEDIAPIPE_OF_FACE68)]
    return np.concatenate([body, *hands, face])


def _rows(landmarks: Any, number: int, width: int, height: int) -> Floats:
    """(number, 3) of the first landmarks; zeros where the part was not found."""
    if landmarks is None:
        return np.zeros((number, 3))
    xy = np.array([[each.x, each.y] for each in landmarks.landmark[:number]])
    inside = ((xy >= 0) & (xy <= 1)).all(axis=1)
    return np.column_stack([xy * (width, height) - 0.5, inside])
