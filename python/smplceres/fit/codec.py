"""Saving and loading of results: one table of parts describes both directions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..base.files.npz_files import load_npz
from ..base.files.reading import of_system, one_line
from ..base.files.writing import whole_file
from ..body.load import origin_from_dict
from ..body.parameters import Parameters
from ..cameras.camera import camera_from_dict
from ..evidence.mask import Mask
from ..evidence.views import FittedView
from ..keypoints.formats import KeypointFormat
from ..keypoints.keypoints import Keypoints

Arrays = dict[str, Any]


class Part(NamedTuple):
    """The conversion of a value of a result to numbers, strings, lists and dicts, and back.

    Attributes:
        plain: converts the value to its form in a file.
        read: converts the form in a file to the value.
    """

    plain: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda plain: plain


class HasDict(Protocol):
    """A class that converts its objects itself."""

    def to_dict(self) -> dict[str, Any]: ...

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Any: ...


AS_IT_IS = Part()


def _checked_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got a {type(value).__name__}")
    return value


TEXT = Part(read=_checked_text)


def part_of(kind: type[HasDict]) -> Part:
    return Part(lambda value: value.to_dict(), kind.from_dict)


def optional(part: Part) -> Part:
    """None stays None."""
    return Part(
        lambda value: None if value is None else part.plain(value),
        lambda plain: None if plain is None else part.read(plain),
    )


def several(part: Part) -> Part:
    """A tuple."""
    return Part(
        lambda values: [part.plain(value) for value in values],
        lambda plain: tuple(part.read(each) for each in plain),
    )


def plain_parts(result: object, parts: Mapping[str, Part]) -> dict[str, Any]:
    """The parts of a result by name; `_name` of the result is `name` in a file."""
    return {
        name.removeprefix("_"): part.plain(getattr(result, name)) for name, part in parts.items()
    }


def read_parts(described: Mapping[str, Any], parts: Mapping[str, Part]) -> dict[str, Any]:
    """The arguments of a result from `plain_parts`, without parts that the file does not have."""
    return {
        name: part.read(described[name.removeprefix("_")])
        for name, part in parts.items()
        if name.removeprefix("_") in described
    }


def write_npz(path: Path, arrays: Mapping[str, Any], described: Mapping[str, Any]) -> None:
    """Writes arrays, and everything else as one JSON text."""
    text = np.array(json.dumps(described))
    with whole_file(path) as file:
        np.savez_compressed(file, **arrays, description=text)


@contextmanager
def saved(path: str | PathLike[str], what: str) -> Iterator[tuple[Arrays, dict[str, Any]]]:
    """The content of a file of `write_npz`, converted inside the block.

    Raises:
        FileNotFoundError: no such file.
        OSError: the file cannot be read.
        ValueError: not such a file, or the block raises an error.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"path: expected a saved {what}, found no file {path}")
    try:
        arrays = load_npz(path)
        yield arrays, json.loads(str(arrays.pop("description")))
    except Exception as error:
        if of_system(error):
            raise
        said = one_line(error)
        raise ValueError(f"path: expected a saved {what} (.npz), got {path} ({said})") from error


# --- Parts ---


def plain_numbers(array: NDArray[Any] | np.float64) -> Any:
    """Nested lists, NaN as None: JSON has no NaN."""
    return json.loads(json.dumps(array.tolist()).replace("NaN", "null"))


_SLICES = "slices/"


def slice_arrays(slices: Mapping[str, NDArray[Any]]) -> Arrays:
    """Further slices of a body among the arrays of a result."""
    return {_SLICES + name: array for name, array in slices.items()}


def read_slices(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """The inverse of `slice_arrays`."""
    return {
        name.removeprefix(_SLICES): array
        for name, array in arrays.items()
        if name.startswith(_SLICES)
    }


def _plain_parameters(parameters: Parameters) -> dict[str, Any]:
    arrays: Arrays = {**parameters}
    arrays |= slice_arrays(arrays.pop("slices", {}))
    return {name: np.asarray(value).tolist() for name, value in arrays.items()}


def _parameters(plain: dict[str, Any]) -> Parameters:
    arrays = {name: np.array(value) for name, value in plain.items()}
    parameters: Parameters = {
        "betas": arrays["betas"],
        "global_orient": arrays["global_orient"],
        "body_pose": arrays["body_pose"],
        "transl": arrays["transl"],
    }
    if slices := read_slices(arrays):
        parameters["slices"] = slices
    return parameters


def plain_view(view: FittedView) -> dict[str, Any]:
    """A view without the locations of its keypoints on the body."""
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


def _whole_view(view: FittedView) -> dict[str, Any]:
    return plain_view(view) | {
        "locations": [list(keypoint.location) for keypoint in view.keypoints.format.keypoints],
        "mask": _MASK.plain(view.mask),
    }


def _view(described: dict[str, Any]) -> FittedView:
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
    mask = _MASK.read(described.get("mask"))  # files of earlier versions have none
    return FittedView(keypoints, camera_from_dict(described["camera"]), keypoints2d, mask=mask)


_MASK = optional(part_of(Mask))
BODY = optional(Part(lambda origin: origin.to_dict(), origin_from_dict))
PARAMETERS = optional(Part(_plain_parameters, _parameters))
VIEW = Part(_whole_view, _view)
