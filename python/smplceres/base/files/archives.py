"""Arrays of .npz and .pkl files by their keys, without executing anything that a file holds."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .npz_files import Lookup, check_total, naming_key, open_npz
from .pickle_arrays import as_array
from .pickle_reader import read_pickle
from .reading import array_limit, load_bytes, missing, naming

Floats = NDArray[np.float64]


class ModelFileError(ValueError):
    """A body-model file that cannot be read; names the file, the array and what was expected."""


@contextlib.contextmanager
def open_arrays(path: str | os.PathLike[str]) -> Iterator[Lookup]:
    """The arrays of a .npz or .pkl by their keys, read on access; nothing in the file is executed.

    Yields:
        a function from a key to its array, or None where the file has no such key.

    Raises:
        FileNotFoundError: no such file.
        OSError: the file cannot be read.
        ModelFileError: another file, or the block raises an error on its arrays.
    """
    path = Path(path)
    if not path.exists():
        raise missing("file", path)
    with naming(path, ModelFileError):
        opener = _OPENERS.get(path.suffix.lower())
        if opener is None or not path.is_file():
            got = "a file of another kind" if path.is_file() else "a folder"
            raise ValueError(f"expected a file ending in {' or '.join(_OPENERS)}, got {got}")
        with opener(path) as lookup:
            yield lookup


def _first(lookup: Lookup, keys: Collection[str]) -> NDArray[Any]:
    for key in keys:
        array = lookup(key)
        if array is not None:
            return array
    raise ValueError(f"{' or '.join(keys)}: expected in the file, got a file without")


def floats_of(lookup: Lookup, *keys: str) -> Floats:
    array = _first(lookup, keys)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{keys[0]}: expected numbers, got {array.dtype}")
    return np.ascontiguousarray(array, np.float64)


def integers_of(lookup: Lookup, *keys: str) -> NDArray[np.int64]:
    array = _first(lookup, keys)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{keys[0]}: expected integers, got {array.dtype}")
    return array.astype(np.int64)


def texts_of(lookup: Lookup, key: str) -> tuple[str, ...] | None:
    array = lookup(key)
    if array is None:
        return None
    if array.dtype.kind not in "SU" or array.ndim > 1:
        raise ValueError(f"{key}: expected text, got {array.dtype} {array.shape}")
    # Decoded here: for invalid code points NumPy raises errors other than ValueError.
    codec = "utf-32-le" if array.dtype.kind == "U" else "utf-8"
    raw, size = array.astype(array.dtype.newbyteorder("<")).tobytes(), array.dtype.itemsize
    return tuple(
        raw[start : start + size].decode(codec).rstrip("\0") for start in range(0, len(raw), size)
    )


@contextlib.contextmanager
def _open_pickle(path: Path) -> Iterator[Lookup]:
    data = load_bytes(path)
    limit = array_limit(len(data))
    content = read_pickle(data)
    if not isinstance(content, dict):
        raise ValueError(f"expected a dict of arrays, got a {type(content).__name__}")
    taken: dict[str, int] = {}

    def lookup(key: str) -> NDArray[Any] | None:
        if key not in content:
            return None
        with naming_key(key):
            array = as_array(content[key])
            check_total(taken, key, max(array.nbytes, 8 * array.size), limit)
        return array

    yield lookup


@contextlib.contextmanager
def _open_npz(path: Path) -> Iterator[Lookup]:
    with open_npz(path, objects=True) as archive:
        yield archive.lookup


_OPENERS = {".npz": _open_npz, ".pkl": _open_pickle}
