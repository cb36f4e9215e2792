"""Where boxes around people come from: a file, a model of the user, a function of the user."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..base.files.reading import load_text, naming, parsing
from .boxes import BoxSource
from .onnx_boxes import OnnxBoxes

Floats = NDArray[np.float64]


class Boxes:
    """What `--boxes` names.

    - `module:function`: a Python function of an image (H, W, 3) uint8, RGB, that returns (N, 4);
    - `.onnx`: a YOLO or RT-DETR (`OnnxBoxes`); needs ONNX Runtime;
    - `.json`: a list of boxes of one image, or {"photo.jpg": [[left, top, right, bottom], ...]}.

    A fifth number of a box is its score; boxes below 0.3 are left out.

    Args:
        source: one of these.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no such function, or a file without boxes.
        ImportError: ONNX Runtime or the module is missing.
    """

    def __init__(self, source: str | PathLike[str]) -> None:
        self._source = str(source)
        self._function: BoxSource | None = None
        self._of_images: dict[str, Floats] = {}
        path = Path(self._source)
        if path.suffix.lower() == ".json":
            self._of_images = _boxes_of_file(path)
        elif path.suffix.lower() == ".onnx":
            self._function = OnnxBoxes(path)
        else:
            self._function = _function_named(self._source)

    def of(self, image_name: str) -> BoxSource:
        """The function for an image of this name.

        Raises:
            ValueError: a file without boxes of this image.
        """
        if self._function is not None:
            return self._function
        rows = self._of_images.get(image_name, self._of_images.get(""))
        if rows is None:
            raise ValueError(
                f"boxes: expected boxes of {image_name} in {self._source}, got "
                f"{', '.join(self._of_images) or 'none'}"
            )
        return lambda image: rows


def _function_named(text: str) -> BoxSource:
    module, colon, name = text.partition(":")
    if not colon or not name:
        raise ValueError(
            f"boxes: expected a .json of boxes, an .onnx model, or module:function, got {text!r}"
        )
    try:
        function = getattr(importlib.import_module(module), name)
    except AttributeError as error:
        raise ValueError(f"boxes: expected a function {name} in {module}, found none") from error
    if not callable(function):
        raise ValueError(f"boxes: expected a function, got {text}, a {type(function).__name__}")
    return cast("BoxSource", function)


def _boxes_of_file(path: Path) -> dict[str, Floats]:
    if not path.is_file():
        raise FileNotFoundError(f"boxes: expected a file, found none at {path}")
    with naming(path), parsing("boxes of people"):
        content = json.loads(load_text(path))
        named = content if isinstance(content, Mapping) else {"": content}
        return {str(name): _rows(rows) for name, rows in named.items()}


def _rows(rows: Sequence[Any]) -> Floats:
    if len(rows) == 0:
        return np.zeros((0, 4))
    array = np.array(rows, dtype=np.float64).reshape(len(rows), -1)
    if array.shape[1] not in (4, 5):
        raise ValueError(f"expected 4 or 5 numbers a box, got {array.shape[1]}")
    return array
