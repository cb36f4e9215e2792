"""Detectors: the people in an image, as keypoints that a fit takes.

with load_detector() as detector:
    for person in detector(image):
        result = smplceres.fit(person.keypoints, smplceres.Camera.guess(width, height))

Each detector is a separate library, imported at its first use: `pip install 'smplceres[detect]'`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType

from .box_sources import Boxes
from .boxes import BoxSource
from .detector import Detection, Detector, SureKeypoints, checked_picture
from .people_in_boxes import PeopleInBoxes

__all__ = [
    "DETECTORS",
    "BoxSource",
    "Boxes",
    "Detection",
    "Detector",
    "PeopleInBoxes",
    "checked_picture",
    "load_detector",
]

# Visibility is a probability: below, a point is rather hidden than seen.
_MIN_CONFIDENCE = {"mediapipe": 0.5}


def _mediapipe(model: Path | None, mask: bool, video: bool) -> Detector:
    from .mediapipe import MediaPipe, MediaPipeTasks  # noqa: PLC0415  # takes half a second
    from .mediapipe_people import MediaPipePeople  # noqa: PLC0415

    if model is not None:
        return MediaPipeTasks(model, mask, video)
    return MediaPipe(mask, video) if video else MediaPipePeople(mask)


def _holistic(model: Path | None, mask: bool, video: bool) -> Detector:
    from .holistic import MediaPipeHolistic  # noqa: PLC0415  # takes half a second

    if model is not None:
        raise ValueError("model: expected none, as holistic's models come with MediaPipe")
    return MediaPipeHolistic(mask, video)


def _rtmpose(model: Path | None, mask: bool, video: bool) -> Detector:
    from .rtmpose import RTMPose  # noqa: PLC0415  # brings ONNX Runtime

    return RTMPose(model, mask)


DETECTORS: Mapping[str, Callable[[Path | None, bool, bool], Detector]] = MappingProxyType(
    {"mediapipe": _mediapipe, "holistic": _holistic, "rtmpose": _rtmpose}
)


def load_detector(
    name: str = "mediapipe",
    *,
    model: str | PathLike[str] | None = None,
    mask: bool = False,
    video: bool = False,
    boxes: BoxSource | str | PathLike[str] | None = None,
    min_confidence: float | None = None,
) -> Detector:
    """Loads a detector.

    - `mediapipe`: 33 keypoints (mediapipe33) of the people of an image, or of the most visible
      person of a video, by the models that come with MediaPipe up to 0.10.21; with `model=`, a
      pose landmarker's `.task` file, of up to five people, by any version of MediaPipe.
    - `holistic`: 143 keypoints (mediapipe_holistic143) of the body, both hands and the face of one
      person, by the models that come with MediaPipe up to 0.10.21.
    - `rtmpose`: COCO's 17 or Halpe's 26 keypoints (coco17, halpe26) of all people, by RTMPose
    models
      in ONNX files: `model=` is a folder of them, by default rtmlib's cache.

    Args:
        name: one of `DETECTORS`.
        model: the file or folder of the detector's model.
        mask: also segment the person. Masks include clothes and hair, which the body does not
            have: fits to them have larger girths and larger keypoint residuals.
        video: images are the frames of one video, in order: people are tracked, which is faster
            and smoother.
        boxes: of the people, from another detector: a function from an image (H, W, 3) uint8 to
            (N, 4) left, top, right, bottom, or what `Boxes` reads. Each box is detected by itself,
            in videos frame by frame.
        min_confidence: keypoints below are missing; None: 0.5 for mediapipe, whose confidence is
            the probability that a point is visible, otherwise 0.

    Raises:
        ValueError: an unknown name, an invalid model.
        FileNotFoundError: no such model.
        ImportError: the library of the detector is missing; the message says how to install it.
    """
    if name not in DETECTORS:
        raise ValueError(f"detector: expected one of {', '.join(DETECTORS)}, got {name!r}")
    path = None if model is None else Path(model)
    detector = DETECTORS[name](path, mask, video and boxes is None)
    limit = _MIN_CONFIDENCE.get(name, 0.0) if min_confidence is None else min_confidence
    if limit != 0:
        detector = SureKeypoints(detector, limit)
    if boxes is None:
        return detector
    return PeopleInBoxes(detector, boxes if callable(boxes) else Boxes(boxes).of(""))
