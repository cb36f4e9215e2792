"""Arrays from the records of `read_pickle`: NumPy arrays, SciPy sparse matrices, chumpy objects."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pickle_reader import PickleFormatError, Record

# A regressor of 134 joints for a hundred thousand vertices; 128 MiB as float64.
_MAX_DENSE_ELEMENTS = 2**24

# chumpy wraps in two or three layers: Select(Ch(array)).
_MAX_NESTING = 8


def as_array(value: object, nesting: int = 0) -> NDArray[Any]:
    """The array that a value of `read_pickle` represents; sparse matrices become dense.

    Raises:
        PickleFormatError: the value is not an array, or has an unsupported type or size.
    """
    if nesting > _MAX_NESTING:
        raise PickleFormatError(f"expected arrays nested at most {_MAX_NESTING} deep, got deeper")
    if isinstance(value, (str, int, float)):
        return np.array(value)
    if not isinstance(value, Record):
        raise PickleFormatError(f"expected an array, got a {type(value).__name__}")
    if value.kind in ("numpy.ndarray", "numpy.frombuffer", "numpy.scalar"):
        return _numpy_array(value, nesting)
    if value.kind.startswith("scipy.sparse."):
        return _dense(value, nesting)
    if value.kind.startswith("chumpy."):
        return _unwrapped(value, nesting)
    raise PickleFormatError(f"expected an array, got {value.kind}")


def _numpy_array(record: Record, nesting: int) -> NDArray[Any]:
    match record:
        case Record(kind="numpy.ndarray", state=(int(), shape, dtype, order, content)):
            pass
        case Record(kind="numpy.frombuffer", arguments=(content, dtype, shape, order)):
            order = order == "F"
        case Record(kind="numpy.scalar", arguments=(dtype, content)):
            shape, order = (), False
        case _:
            raise PickleFormatError(f"expected the parts of a {record.kind}, got others")
    shape = _shape(shape)
    element = _dtype(dtype)
    if element.hasobject:
        # np.savez stores anything else as an array of one object.
        if not isinstance(content, list) or len(content) != 1 or math.prod(shape) != 1:
            raise PickleFormatError("expected an array of numbers, got an array of objects")
        return as_array(content[0], nesting + 1)
    raw = _bytes(content)
    if element.itemsize == 0 or len(raw) != math.prod(shape) * element.itemsize:
        raise PickleFormatError(
            f"expected {shape} elements of {element}, got {len(raw)} bytes for them"
        )
    return np.frombuffer(raw, element).reshape(shape, order="F" if order else "C")


def _shape(value: object) -> tuple[int, ...]:
    if (
        not isinstance(value, tuple)
        or len(value) > 32
        or not all(type(size) is int and 0 <= size < 2**48 for size in value)
    ):
        raise PickleFormatError("expected a shape, a tuple of sizes, got something else")
    return value


def _dtype(value: object) -> np.dtype[Any]:
    """A plain number, text or object dtype: code such as f8, and the byte order in its state."""
    match value:
        case Record(kind="numpy.dtype", arguments=(str(code), *_), state=state):
            order = state[1] if isinstance(state, tuple) and len(state) > 1 else "="
            if order in ("<", ">", "|", "=") and re.fullmatch(r"[biufSUO]\d{1,6}", code):
                try:
                    return np.dtype("O" if code[0] == "O" else order + code)
                except TypeError:
                    pass
    raise PickleFormatError("expected a dtype of plain numbers or text, got another")


def _bytes(value: object) -> bytes:
    match value:
        case bytes():
            return value
        case str(text) | Record(kind="codecs.encode", arguments=(str(text), "latin1" | "latin-1")):
            try:
                return text.encode("latin-1")
            except UnicodeEncodeError as error:
                raise PickleFormatError("expected bytes, got text beyond latin-1") from error
        case Record(kind="builtins.bytes", arguments=()):
            return b""
    raise PickleFormatError(f"expected bytes, got a {type(value).__name__}")


def _part(record: Record, name: str) -> object:
    state = record.state
    if not isinstance(state, dict) or name not in state:
        raise PickleFormatError(f"expected {record.kind} with {name}, got it without")
    return state[name]


def _integers(record: Record, name: str, nesting: int) -> NDArray[np.int64]:
    return _as_integers(record, name, _part(record, name), nesting)


def _as_integers(record: Record, name: str, value: object, nesting: int) -> NDArray[np.int64]:
    values = as_array(value, nesting + 1)
    if values.dtype.kind not in "iu":
        raise PickleFormatError(f"expected integers as {name} of {record.kind}, got {values.dtype}")
    return values.ravel().astype(np.int64)


def _dense(record: Record, nesting: int) -> NDArray[Any]:
    """A sparse matrix from its state: (row, col) of each entry, or one of them compressed."""
    shape = _shape(_part(record, "_shape"))
    if len(shape) != 2 or math.prod(shape) > _MAX_DENSE_ELEMENTS:
        raise PickleFormatError(f"expected a sparse matrix of a regressor's size, got {shape}")
    data = as_array(_part(record, "data"), nesting + 1)
    if record.kind == "scipy.sparse.coo":
        rows, cols = _coordinates(record, nesting)
    else:
        indices, indptr = (_integers(record, name, nesting) for name in ("indices", "indptr"))
        by_column = record.kind == "scipy.sparse.csc"
        major = shape[1] if by_column else shape[0]
        counts = np.diff(indptr, prepend=0, append=len(indices))
        within = (indptr >= 0).all() and (indptr <= len(indices)).all()
        if len(indptr) != major + 1 or not within or (counts < 0).any() or counts[[0, -1]].any():
            raise PickleFormatError(f"expected indptr of {record.kind} to span indices")
        compressed = np.repeat(np.arange(major), counts[1:-1])
        rows, cols = (indices, compressed) if by_column else (compressed, indices)
    return _scattered(shape, rows, cols, data)


def _coordinates(record: Record, nesting: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    match record.state:
        case {"coords": (rows, cols)} | {"row": rows, "col": cols}:  # since SciPy 1.13, and earlier
            return (
                _as_integers(record, "row", rows, nesting),
                _as_integers(record, "col", cols, nesting),
            )
    raise PickleFormatError(f"expected {record.kind} with row and col, got it without")


def _scattered(
    shape: tuple[int, ...], rows: NDArray[np.int64], cols: NDArray[np.int64], data: NDArray[Any]
) -> NDArray[np.float64]:
    inside = (rows >= 0).all() and (cols >= 0).all()
    inside = inside and (rows < shape[0]).all() and (cols < shape[1]).all()
    if data.dtype.kind not in "fiu" or not inside or not len(rows) == len(cols) == data.size:
        raise PickleFormatError(f"expected entries of a sparse matrix within {shape}")
    dense = np.zeros(shape)
    np.add.at(dense, (rows, cols), data.ravel())
    return dense


def _unwrapped(record: Record, nesting: int) -> NDArray[Any]:
    """The value of a chumpy object that holds an array or selects or reshapes another's."""
    if record.kind == "chumpy.Ch":
        return as_array(_part(record, "x"), nesting + 1)
    if record.kind == "chumpy.Select":
        array = as_array(_part(record, "a"), nesting + 1).ravel()
        indices = _integers(record, "idxs", nesting)
        if ((indices < -array.size) | (indices >= array.size)).any():
            raise PickleFormatError(f"expected idxs of chumpy.Select within {array.size} elements")
        array = array[indices]
        wanted = record.state.get("preferred_shape") if isinstance(record.state, dict) else None
        shape = array.shape if wanted is None else _shape(wanted)
    elif record.kind == "chumpy.Reshape":
        array = as_array(_part(record, "a"), nesting + 1)
        shape = _shape(_part(record, "newshape"))
    else:
        raise PickleFormatError(f"expected an array, got {record.kind}, which computes one")
    if math.prod(shape) != array.size:
        raise PickleFormatError(f"expected {shape} elements in {record.kind}, got {array.size}")
    return array.reshape(shape)
