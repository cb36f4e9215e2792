"""Boxes of people from a YOLO or RT-DETR in an ONNX file that the user has.

The shapes of the outputs tell which export it is (A anchors, C classes, of which 0 is a person):

    (1, 4 + C, A)   YOLOv8 to YOLO11: middle, size, scores
    (1, A, 5 + C)   YOLOv5 and YOLOv7: middle, size, objectness, scores
    (1, N, 6)       YOLOv10, YOLO26 and others without duplicates: corners, score, class
    (1, 300, 4 + C) RT-DETR by Ultralytics: middle, size, in sides of the image, scores
    three outputs   RT-DETR and D-FINE by their authors: labels, boxes, scores

Images are letterboxed for YOLO and stretched for RT-DETR, RGB, 0 to 1.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .boxes import box_overlap

Floats = NDArray[np.float64]

_PERSON = 0
_MIN_SCORE = 0.3
# Boxes that overlap by more are one person.
_SAME = 0.7
_SIDE = 640  # of the input, where the model does not state it
_GREY = 114  # beside a letterboxed image
# Rows of an output without duplicates; more are anchors.
_MOST_PEOPLE = 1000


class OnnxBoxes:
    """A function of an image: (N, 5) left, top, right, bottom, score; the surest first.

    Args:
        path: of the .onnx file.

    Raises:
        FileNotFoundError: no such file.
        ImportError: ONNX Runtime is missing.
        ValueError: not a model of this kind.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise FileNotFoundError(f"boxes: expected a file, found none at {path}")
        try:
            runtime: Any = importlib.import_module("onnxruntime")
        except ImportError as error:
            raise ImportError(
                "boxes of a model need ONNX Runtime: pip install onnxruntime"
            ) from error
        try:
            self._session: Any = runtime.InferenceSession(
                str(path), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime has no public class of its errors
            raise ValueError(f"boxes: expected an ONNX model, got {path} ({error})") from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        shape = inputs[0].shape
        if len(shape) != 4 or len(outputs) not in (1, 3):
            raise ValueError(
                f"boxes: expected a YOLO or RT-DETR, which takes [1, 3, H, W], got {path} with "
                f"input {shape} and {len(outputs)} outputs"
            )
        self._path = path
        self._inputs = [each.name for each in inputs]
        self._height, self._width = (_side(each) for each in shape[2:])
        rows = list(outputs[0].shape)
        self._stretched = len(outputs) == 3 or (len(rows) == 3 and rows[1] == 300 and rows[2] != 6)

    def __call__(self, image: NDArray[np.uint8]) -> Floats:
        height, width = image.shape[:2]
        picture, scale = self._prepared(image)
        given: dict[str, Any] = {self._inputs[0]: picture}
        if len(self._inputs) > 1:
            given[self._inputs[1]] = np.array([[width, height]], dtype=np.int64)
        outputs = [np.asarray(each) for each in self._session.run(None, given)]
        found = _of_three(outputs) if len(outputs) == 3 else self._of_one(outputs[0], scale)
        found = found[found[:, 4] >= _MIN_SCORE]
        found[:, :4] = np.clip(found[:, :4], 0, [width, height, width, height])
        found = found[(found[:, 2:4] - found[:, :2]).min(axis=1, initial=np.inf) >= 1]
        return _distinct(found)

    def _prepared(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], Floats]:
        """The input (1, 3, H, W), and its pixels per pixel of the image, (2,)."""
        from PIL import Image  # noqa: PLC0415  # optional

        height, width = image.shape[:2]
        scale = np.array([self._width / width, self._height / height])
        if not self._stretched:
            scale[:] = scale.min()
        size = (max(1, round(width * scale[0])), max(1, round(height * scale[1])))
        resized = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)
        picture = np.full((self._height, self._width, 3), _GREY, dtype=np.uint8)
        picture[: size[1], : size[0]] = np.asarray(resized)
        return (picture.transpose(2, 0, 1)[None] / 255).astype(np.float32), scale

    def _of_one(self, output: NDArray[Any], scale: Floats) -> Floats:
        rows = np.asarray(output[0], dtype=np.float64)
        if output.ndim != 3 or min(rows.shape) < 5:
            raise ValueError(
                f"boxes: expected a YOLO or RT-DETR, got {self._path} with an output of shape "
                f"{list(output.shape)}"
            )
        four = np.tile(scale, 2)
        if rows.shape[1] == 6 and len(rows) <= _MOST_PEOPLE:
            people = rows[rows[:, 5] == _PERSON]
            return np.column_stack([people[:, :4] / four, people[:, 4]])
        if self._stretched:
            sides = np.array([self._width, self._height]) / scale
            return np.column_stack([_corners(rows[:, :4]) * np.tile(sides, 2), rows[:, 4]])
        if rows.shape[0] < rows.shape[1]:
            rows = rows.T
            score = rows[:, 4]
        else:
            score = rows[:, 4] * rows[:, 5]
        return np.column_stack([_corners(rows[:, :4]) / four, score])


def _side(given: Any) -> int:
    return given if isinstance(given, int) and given > 0 else _SIDE


def _corners(middle_and_size: Floats) -> Floats:
    middle, half = middle_and_size[:, :2], middle_and_size[:, 2:4] / 2
    return np.hstack([middle - half, middle + half])


def _of_three(outputs: list[NDArray[Any]]) -> Floats:
    """Of labels, boxes in pixels of the image, and scores, in any order."""
    boxes = next(each for each in outputs if each.ndim == 3)[0]
    labels, scores = (each[0] for each in outputs if each.ndim == 2)
    if np.issubdtype(scores.dtype, np.integer):
        labels, scores = scores, labels
    found = np.column_stack([boxes, scores]).astype(np.float64)
    return np.asarray(found[labels == _PERSON])


def _distinct(found: Floats) -> Floats:
    kept: list[Floats] = []
    for row in found[np.argsort(-found[:, 4], kind="stable")]:
        if not any(box_overlap(row[:4], other[:4]) > _SAME for other in kept):
            kept.append(row)
    return np.array(kept).reshape(-1, 5)
