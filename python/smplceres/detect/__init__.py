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

from .detector import Detection, Detector, checked_picture

__all__ = ["DETECTORS", "Detection", "Detector", "checked_picture", "load_detector"]


def _mediapipe(model: Path | None, mask: bool, video: bool) -> Detector:
    from .mediapipe import MediaPipe, MediaPipeTasks  # noqa: PLC0415  # takes half a second

    return MediaPipe(mask, video) if model is None else MediaPipeTasks(model, mask, video)


def _rtmpose(model: Path | None, mask: bool, video: bool) -> Detector:
    from .rtmpose import RTMPose  # noqa: PLC0415  # brings ONNX Runtime

    return RTMPose(model, mask)


DETECTORS: Mapping[str, Callable[[Path | None, bool, bool], Detector]] = MappingProxyType(
    {"mediapipe": _mediapipe, "rtmpose": _rtmpose}
)


def load_detector(
    name: str = "mediapipe",
    *,
    model: str | PathLike[str] | None = None,
    mask: bool = False,
    video: bool = False,
) -> Detector:
    """Loads a detector.

    - `mediapipe`: 33 keypoints (mediapipe33) of the most visible person, by the model that comes
      with MediaPipe up to 0.10.21; with `model=`, a pose landmarker's `.task` file, of up to
      five people, by any version of MediaPipe.
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

    Raises:
        ValueError: an unknown name, an invalid model.
        FileNotFoundError: no such model.
        ImportError: the library of the detector is missing; the message says how to install it.
    """
    if name not in DETECTORS:
        raise ValueError(f"detector: expected one of {', '.join(DETECTORS)}, got {name!r}")
    return DETECTORS[name](None if model is None else Path(model), mask, video)
