"""Messages as bytes: the CDR encoding of ROS 2, from dictionaries of fields.

A message is a dictionary {field: value}; fields that are left out are 0, empty or False. The bytes
are those of a serialised ROS message, which rclpy publishes and bags hold as they are: message
objects would cost ten times as much. Where numbers alone change, `Layout` puts them into the bytes
of one message.

Source: OMG, DDS-XTypes 1.3, section 7.4.1 (plain CDR, little-endian): each number is aligned to its
size, counted from the end of the header of four bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .definitions import fields_of, full_name

HEADER = b"\x00\x01\x00\x00"

# struct's letter and the size of each primitive type.
_NUMBERS = {
    **{"bool": ("?", 1), "uint8": ("B", 1), "int32": ("i", 4), "uint32": ("I", 4)},
    **{"float32": ("f", 4), "float64": ("d", 8)},
}
_DTYPES = {"uint8": "u1", "int32": "<i4", "uint32": "<u4", "float32": "<f4", "float64": "<f8"}
_EMPTY: Mapping[str, Any] = {}

_Write = Callable[[bytearray, Any], None]


def serialize(type_name: str, message: Mapping[str, Any]) -> bytes:
    """The bytes of a message.

    Args:
        type_name: of `definitions.MESSAGES`, such as "sensor_msgs/msg/JointState".
        message: values by field: numbers, strings, sequences, arrays, dictionaries. An array
            (N, 3) may stand for N points.

    Raises:
        ValueError: an unknown type, a field that it does not have, a wrong number of values.
    """
    buffer = bytearray()
    _writer(type_name)(buffer, message)
    return HEADER + bytes(buffer)


@cache
def _writer(type_name: str) -> _Write:
    """A function that appends a message of this type."""
    steps = {name: _field(kind, type_name) for kind, name in fields_of(type_name)}

    def write(buffer: bytearray, message: Mapping[str, Any] | None) -> None:
        message = message or _EMPTY
        if not message.keys() <= steps.keys():
            unknown = sorted(message.keys() - steps.keys())
            raise ValueError(f"{type_name}: expected fields among {[*steps]}, got {unknown}")
        for name, step in steps.items():
            step(buffer, message.get(name))

    return write


def _field(kind: str, inside: str) -> _Write:
    base, bracket, count = kind.partition("[")
    if bracket:
        return _array(base, inside, count.rstrip("]"))
    return _one(base, inside)


def _one(kind: str, inside: str) -> _Write:
    if kind == "string":
        return write_string
    if kind in _NUMBERS:
        letter, size = _NUMBERS[kind]
        pack = struct.Struct("<" + letter).pack

        def write(buffer: bytearray, value: Any) -> None:
            buffer += b"\0" * (-len(buffer) % size)
            buffer += pack(value or 0)

        return write
    return _writer(full_name(kind, inside))


def write_string(buffer: bytearray, value: str | None) -> None:
    """Appends a string: its length with the final 0, then UTF-8."""
    content = (value or "").encode() + b"\0"
    write_count(buffer, len(content))
    buffer += content


def write_count(buffer: bytearray, count: int) -> None:
    """Appends a length as an aligned uint32."""
    buffer += b"\0" * (-len(buffer) % 4)
    buffer += struct.pack("<I", count)


def write_numbers(buffer: bytearray, values: NDArray[Any], size: int) -> None:
    """Appends the bytes of an array, aligned to `size`; nothing if it is empty."""
    if values.size:
        buffer += b"\0" * (-len(buffer) % size)
        buffer += values.tobytes()


def _row_dtype(type_name: str) -> np.dtype[Any] | None:
    """The type of the numbers of a message that has nothing else, all of one type: many such
    messages are the bytes of an array (N, fields), as a mesh needs it."""
    kinds = {kind for kind, _ in fields_of(type_name)}
    kind = kinds.pop()
    return np.dtype(_DTYPES[kind]) if not kinds and kind in _DTYPES else None


def _array(kind: str, inside: str, count: str) -> _Write:
    """A sequence of a fixed number of elements, or of any number."""
    fixed = int(count) if count else None
    dtype, size = _DTYPES.get(kind), _NUMBERS.get(kind, ("", 1))[1]
    write_one = None if dtype else _one(kind, inside)
    row = None if dtype or kind == "string" else _row_dtype(full_name(kind, inside))

    def write(buffer: bytearray, values: Any) -> None:
        if values is None:
            values = [0 if dtype else None] * (fixed or 0)
        if fixed is None:
            write_count(buffer, len(values))
        elif len(values) != fixed:
            raise ValueError(f"{inside}: expected {fixed} values of {kind}, got {len(values)}")
        if dtype is not None:
            write_numbers(buffer, np.asarray(values, dtype=dtype), size)
        elif row is not None and isinstance(values, np.ndarray):
            write_numbers(buffer, values.astype(row, copy=False), row.itemsize)
        else:
            assert write_one is not None
            for value in values:
                write_one(buffer, value)

    return write
