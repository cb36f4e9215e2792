"""Arrays of .npz and .pkl files by their keys, without executing anything that a file holds."""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .pickle_arrays import as_array
from .pickle_reader import read_pickle

# SMPL-X with 400 shape and expression columns is a file of 0.2 GB, its largest member 0.1 GB.
MAX_FILE_BYTES = 2 * 2**30
MAX_MEMBER_BYTES = 2**30
MAX_ARRAY_SIZE = 2**27

# Errors that parsers raise on damaged archives.
_DAMAGE = (
    ValueError,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

Floats = NDArray[np.float64]

# An array of a file by its key; None where the file has no such key.
Lookup = Callable[[str], "NDArray[Any] | None"]


class ModelFileError(ValueError):
    """A body-model file that cannot be read; names the file, the array and what was expected."""


@contextlib.contextmanager
def open_arrays(path: str | os.PathLike[str]) -> Iterator[Lookup]:
    """The arrays of a .npz or .pkl by their keys, read on access; nothing in the file is executed.

    Yields:
        a function from a key to its array, or None where the file has no such key.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: the file cannot be read, or the block raises an error on its arrays.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "file not found", str(path))
    try:
        opener = _OPENERS.get(path.suffix.lower())
        if opener is None or not path.is_file():
            got = "a file of another kind" if path.is_file() else "a folder"
            raise ValueError(f"expected a file ending in {' or '.join(_OPENERS)}, got {got}")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"expected at most {MAX_FILE_BYTES} bytes, got more")
        with opener(path) as lookup:
            yield lookup
    except PermissionError:
        raise
    except _DAMAGE as error:
        raise ModelFileError(f"{path}: {_one_line(error)}") from error


def _first(lookup: Lookup, keys: Collection[str]) -> NDArray[Any]:
    for key in keys:
        array = lookup(key)
        if array is not None:
            if array.size > MAX_ARRAY_SIZE:
                raise ValueError(
                    f"{key}: expected at most {MAX_ARRAY_SIZE} elements, got {array.size}"
                )
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
    content = read_pickle(path.read_bytes())
    if not isinstance(content, dict):
        raise ValueError(f"expected a dict of arrays, got a {type(content).__name__}")

    def lookup(key: str) -> NDArray[Any] | None:
        with _naming(key):
            return as_array(content[key]) if key in content else None

    yield lookup


@contextlib.contextmanager
def _open_npz(path: Path) -> Iterator[Lookup]:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member for member in archive.infolist()}

        def lookup(key: str) -> NDArray[Any] | None:
            member = members.get(key + ".npy")
            with _naming(key):
                return None if member is None else _read_member(archive, member)

        yield lookup


_OPENERS = {".npz": _open_npz, ".pkl": _open_pickle}


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """An array of an .npz; objects that NumPy would unpickle are read by `read_pickle`."""
    if member.file_size > MAX_MEMBER_BYTES:
        raise ValueError(f"expected at most {MAX_MEMBER_BYTES} bytes, got {member.file_size}")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"expected stored or deflated data, got method {member.compress_type}")
    content = archive.read(member)
    stream = io.BytesIO(content)
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"expected .npy version 1.0 or 2.0, got {version}")
    read_header = npy.read_array_header_1_0 if version[0] == 1 else npy.read_array_header_2_0
    shape, fortran_order, dtype = read_header(stream)
    start = stream.tell()
    if dtype.hasobject:
        return as_array(read_pickle(content[start:]))
    count = math.prod(shape)
    if dtype.itemsize == 0 or count < 0 or len(content) - start != count * dtype.itemsize:
        raise ValueError(
            f"expected {shape} elements of {dtype}, got {len(content) - start} bytes for them"
        )
    array = np.frombuffer(content, dtype, count, start)
    return array.reshape(shape, order="F" if fortran_order else "C")


def write_member(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    """Compressed if that halves the size; other members are read faster uncompressed."""
    stream = io.BytesIO()
    npy.write_array(stream, array, allow_pickle=False)
    content = stream.getvalue()
    deflates = 2 * len(zlib.compress(content, 1)) < len(content)
    member = zipfile.ZipInfo(
        name + ".npy"
    )  # without a timestamp: the same arrays give the same bytes
    archive.writestr(member, content, zipfile.ZIP_DEFLATED if deflates else zipfile.ZIP_STORED)


@contextlib.contextmanager
def _naming(key: str) -> Iterator[None]:
    """Prefixes errors with the key of the array."""
    try:
        yield
    except _DAMAGE as error:
        raise ValueError(f"{key}: {_one_line(error)}") from error


def _one_line(error: BaseException) -> str:
    """The beginning of an error message, which may quote a damaged archive at length."""
    return " ".join(str(error).split())[:400] or type(error).__name__
