"""The columns of an input, and the values of a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...cameras.camera import Camera
from ...keypoints.formats import KeypointFormat
from ...keypoints.keypoints import Keypoints, rows_with_missing
from .arrow import pa

Floats = NDArray[np.float64]

# What a column is, by the name that it has unless `columns` says another.
KEYPOINTS = "keypoints"
_CAMERA = ("fx", "fy", "cx", "cy", "width", "height", "distortion", "rotation", "translation")
_FURTHER = ("row_id", "keypoint_format", "image", *_CAMERA)
COLUMNS = (KEYPOINTS, *_FURTHER)


class Row(NamedTuple):
    """A person of an input: keypoints and the camera that sees them."""

    keypoints: Keypoints
    camera: Camera | None


@dataclass(frozen=True)
class InputColumns:
    """Where the values of a row are.

    Args:
        names: column of a file by what it is, of `COLUMNS`; what is not in a file is absent.
        keep: further columns for the output.
    """

    names: Mapping[str, str]
    keep: tuple[str, ...]

    @classmethod
    def of(cls, columns: Mapping[str, str] | None, keep: Sequence[str]) -> InputColumns:
        """From the arguments of `fit_dataset`; ValueError for an unknown key."""
        unknown = sorted(set(columns or {}) - set(COLUMNS))
        if unknown:
            raise ValueError(
                f"columns: expected some of {', '.join(COLUMNS)}, got {', '.join(unknown)}"
            )
        if isinstance(keep, str):
            raise ValueError(f"keep: expected a list of columns, got {keep!r}")
        return cls(dict(columns or {}), tuple(keep))

    def column(self, what: str) -> str:
        """The name of a column."""
        return self.names.get(what, what)

    def of_file(self, schema: Any) -> list[str]:
        """The columns of a file that are read.

        Raises:
            ValueError: no keypoints, a column that was named and is absent, one of the wrong type.
        """
        present = set(schema.names)
        for what in (KEYPOINTS, *self.names):
            if self.column(what) not in present:
                got = ", ".join(schema.names)
                raise ValueError(f"{what}: expected a column {self.column(what)!r}, got {got}")
        for name in self.keep:
            if name not in present:
                raise ValueError(f"keep: expected a column {name!r}, got {', '.join(schema.names)}")
        used = [self.column(what) for what in COLUMNS if self.column(what) in present]
        _check_types(schema, {what: self.column(what) for what in COLUMNS}, present)
        return list(dict.fromkeys((*used, *self.keep)))

    def has(self, schema: Any, what: str) -> bool:
        return self.column(what) in schema.names

    def row_id_type(self, schema: Any) -> Any:
        """Of the output: int64 as numbers, otherwise string."""
        if not self.has(schema, "row_id"):
            return pa.string()
        given = schema.field(self.column("row_id")).type
        return pa.int64() if pa.types.is_integer(given) else pa.string()

    def check_camera(self, schema: Any, camera: Camera | None) -> None:
        """ValueError if a file has too little for a camera of its rows."""
        sized = self.has(schema, "width") and self.has(schema, "height")
        if camera is None and not sized:
            what = "fx" if self.has(schema, "fx") else "fx, or a camera"
            raise ValueError(f"width, height: expected columns with the image's size beside {what}")

    def rows(
        self, batch: Any, keypoint_format: KeypointFormat | None, camera: Camera | None
    ) -> Iterator[Row | Exception]:
        """The rows of a record batch, in their order; an error for one that cannot be used."""
        keypoints = _lists(batch.column(self.column(KEYPOINTS)))
        cameras = _Cameras(camera)
        others = {
            what: batch.column(self.column(what)).to_pylist()
            for what in ("keypoint_format", *_CAMERA)
            if self.column(what) in batch.schema.names
        }
        for number, numbers in enumerate(keypoints):
            values = {
                what: column[number]
                for what, column in others.items()
                if column[number] is not None
            }
            try:
                yield _row(numbers, values, keypoint_format, cameras)
            except (ValueError, TypeError) as error:
                yield error


def _check_types(schema: Any, columns: Mapping[str, str], present: set[str]) -> None:
    expected = {
        KEYPOINTS: (_is_list, "a list of numbers, or of lists"),
        "row_id": (lambda t: pa.types.is_integer(t) or _is_text(t), "integers or text"),
        **dict.fromkeys(("keypoint_format", "image"), (_is_text, "text")),
        **dict.fromkeys(("fx", "fy", "cx", "cy", "width", "height"), (_is_number, "numbers")),
        **dict.fromkeys(("distortion", "rotation", "translation"), (_is_list, "a list of numbers")),
    }
    for what, (holds, said) in expected.items():
        if columns[what] in present:
            given = schema.field(columns[what]).type
            if not holds(given):
                raise ValueError(f"{what}: expected {said} in {columns[what]!r}, got {given}")


def _is_number(given: Any) -> bool:
    return bool(pa.types.is_integer(given) or pa.types.is_floating(given))


def _is_text(given: Any) -> bool:
    if pa.types.is_dictionary(given):
        return _is_text(given.value_type)
    return bool(pa.types.is_string(given) or pa.types.is_large_string(given))


def _is_list(given: Any) -> bool:
    return bool(
        pa.types.is_list(given)
        or pa.types.is_large_list(given)
        or pa.types.is_fixed_size_list(given)
    )


def _lists(column: Any) -> Iterator[Any]:
    """The numbers of each row, flat or in lists of lists; None for null."""
    if pa.types.is_fixed_size_list(column.type) and not _is_list(column.type.value_type):
        size = column.type.list_size
        flat = column.values.slice(column.offset * size, len(column) * size)
        table = flat.cast(pa.float64()).to_numpy(zero_copy_only=False).reshape(len(column), size)
        valid = column.is_valid().to_numpy(zero_copy_only=False)
        return (row if there else None for row, there in zip(table, valid, strict=True))
    return (value.as_py() for value in column)


def _row(
    numbers: Any,
    values: Mapping[str, Any],
    chosen: KeypointFormat | None,
    cameras: _Cameras,
) -> Row:
    if numbers is None:
        raise ValueError("keypoints: expected numbers, got null")
    size = (values["width"], values["height"]) if {"width", "height"} <= values.keys() else None
    rows = _rows_of(np.array(numbers, dtype=np.float64))
    if rows.shape[1] == 3 and (rows[:, 2] < 0).any():
        # As `Keypoints.from_array` does, without a warning for each of a million rows.
        rows, _ = rows_with_missing(rows)
    keypoints = Keypoints.from_array(rows, values.get("keypoint_format", chosen), _sides(size))
    return Row(keypoints, cameras.of_row(values, size))


def _rows_of(array: Floats) -> Floats:
    """[K, 3] or [K, 2] of a row's numbers."""
    if array.ndim == 1 and len(array) and len(array) % 3 == 0:
        return array.reshape(-1, 3)
    if array.ndim == 2 and array.shape[1] in (2, 3):
        return array
    raise ValueError(f"keypoints: expected 3K numbers or [K, 3], got {list(array.shape)}")


def _sides(size: tuple[float, float] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    if not all(float(side).is_integer() for side in size):
        raise ValueError(f"width, height: expected whole numbers of pixels, got {list(size)}")
    return int(size[0]), int(size[1])


class _Cameras:
    """The cameras of rows: of their own columns, or that of all rows; None: by the image's size.

    Rows in turn often have the same one, which is then the same object.
    """

    def __init__(self, of_all: Camera | None) -> None:
        self._of_all = of_all
        self._known: tuple[dict[str, Any], Camera] | None = None

    def of_row(self, values: Mapping[str, Any], size: tuple[float, float] | None) -> Camera | None:
        if "fx" not in values:
            return self._of_all
        own = {name: values[name] for name in _CAMERA if name in values}
        if self._known is None or self._known[0] != own:
            self._known = own, self._make(own, size)
        return self._known[1]

    def _make(self, values: Mapping[str, Any], size: tuple[float, float] | None) -> Camera:
        if size is None:
            if self._of_all is None:
                raise ValueError("width, height: expected the image's size beside fx, got null")
            size = self._of_all.width, self._of_all.height
        more: dict[str, Any] = {
            name: np.array(values[name], dtype=np.float64)
            for name in ("distortion", "rotation", "translation")
            if name in values
        }
        if "rotation" in more:
            more["rotation"] = more["rotation"].reshape(3, 3)
        width, height = size
        return Camera(
            fx=values["fx"],
            fy=values.get("fy", values["fx"]),
            cx=values.get("cx", (width - 1) / 2),
            cy=values.get("cy", (height - 1) / 2),
            width=int(width),
            height=int(height),
            **more,
        )
