"""Messages whose numbers alone change: their bytes are made once, and numbers are put into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cdr import serialize
from .skeleton2d import Stamp

# The fields of a message from those of its header and rows of numbers.
FieldsOf = Callable[[Mapping[str, Any], list[list[float]]], Mapping[str, Any]]


def header_of(stamp: Stamp, frame_id: str) -> dict[str, Any]:
    """The fields of a std_msgs/Header."""
    return {"stamp": {"sec": stamp.sec, "nanosec": stamp.nanosec}, "frame_id": frame_id}


class Layout:
    """The places of the numbers in the bytes of a message of a person, or of several.

    They do not depend on the numbers. So two messages, all of whose numbers consist of bytes 1 and
    of bytes 2, differ at these places and nowhere else.

    Args:
        type_name: as of `serialize`.
        frame_id: of all headers in it.
        fields: makes the message. Its rows are in the order of the message, each after a header.
        shape: (N, k), k numbers in each of N rows.
        number: the type of the numbers, float64 or float32.
    """

    def __init__(
        self,
        type_name: str,
        frame_id: str,
        fields: FieldsOf,
        shape: tuple[int, int],
        number: str = "<f8",
    ) -> None:
        self._frame_id, self._fields = frame_id, fields
        self._rows = np.zeros(
            shape[0], [("sec", "<i4"), ("nanosec", "<u4"), ("numbers", number, shape[1:])]
        )
        one, two = (self._of_bytes(type_name, byte) for byte in (1, 2))
        self._bytes, self._places = one, np.flatnonzero(one != two)
        if len(self._places) != self._rows.nbytes:
            raise ValueError(
                f"fields: expected a message of {self._rows.nbytes} bytes of numbers, "
                f"got {len(self._places)}"
            )

    def _of_bytes(self, type_name: str, byte: int) -> NDArray[np.uint8]:
        rows = np.full(self._rows.nbytes, byte, np.uint8).view(self._rows.dtype)
        stamp = Stamp(int(rows["sec"][0]), int(rows["nanosec"][0]))
        data = serialize(type_name, self.fields(stamp, rows["numbers"]))
        return np.frombuffer(data, np.uint8)

    def fields(self, stamp: Stamp, numbers: ArrayLike) -> Mapping[str, Any]:
        """The message as fields of `serialize`."""
        return self._fields(header_of(stamp, self._frame_id), np.asarray(numbers).tolist())

    def cdr(self, stamp: Stamp, numbers: ArrayLike) -> bytes:
        """The bytes of the message: those of `serialize(type_name, fields(stamp, numbers))`."""
        rows, data = self._rows.copy(), self._bytes.copy()
        rows["sec"], rows["nanosec"], rows["numbers"] = stamp.sec, stamp.nanosec, numbers
        data[self._places] = rows.view(np.uint8)
        return data.tobytes()


class Filled(NamedTuple):
    """A layout with a stamp and numbers (N, k)."""

    layout: Layout
    stamp: Stamp
    numbers: NDArray[np.float64]

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.layout.fields(self.stamp, self.numbers)

    def cdr(self) -> bytes:
        return self.layout.cdr(self.stamp, self.numbers)
