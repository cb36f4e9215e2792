"""Arrays of .npz and .npy files; nothing in them is executed."""

from __future__ import annotations

import contextlib
import io
import math
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .pickle_arrays import as_array
from .pickle_reader import read_pickle
from .reading import array_limit, checked_size, parsing

# Longer ones describe records of many fields, which no file of ours holds.
_MAX_HEADER_BYTES = 2**12

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

Array = NDArray[Any]

# An array of a file by its key; None where the file has no such key.
Lookup = Callable[[str], "NDArray[Any] | None"]


class Npz(NamedTuple):
    """The keys of an .npz, and a function that reads an array by its key."""

    keys: tuple[str, ...]
    lookup: Lookup


@contextlib.contextmanager
def open_npz(path: Path, *, objects: bool = False) -> Iterator[Npz]:
    """The arrays of an .npz, read on access.

    Args:
        path: the file.
        objects: arrays in pickled objects are read, by `read_pickle`; otherwise refused.

    Raises:
        OSError: the file cannot be read.
        ValueError: not an archive, or an array that is damaged or too large; `reading.array_limit`
            limits all arrays that are read.
    """
    limit = array_limit(checked_size(path))
    with contextlib.ExitStack() as opened:
        with parsing("a .npz archive"):
            archive = opened.enter_context(zipfile.ZipFile(path))
        members = {
            member.filename.removesuffix(".npy"): member
            for member in archive.infolist()
            if member.filename.endswith(".npy")
        }
        taken: dict[str, int] = {}

        def lookup(key: str) -> Array | None:
            if key not in members:
                return None
            with naming_key(key):
                return _read_member(archive, members[key], limit, taken, objects)

        yield Npz(tuple(members), lookup)


def load_npz(path: Path) -> dict[str, Array]:
    """All arrays of an .npz by their keys; errors as of `open_npz`."""
    with open_npz(path) as archive:
        arrays = {key: archive.lookup(key) for key in archive.keys}
    return {key: array for key, array in arrays.items() if array is not None}


def load_npy(path: Path) -> Array:
    """The array of an .npy; errors as of `open_npz`."""
    size = checked_size(path)
    with path.open("rb") as stream:
        shape, fortran_order, dtype = _header(stream)
        if dtype.hasobject:
            raise ValueError(f"expected an array of numbers, got {dtype}")
        _check_content(shape, dtype, size - stream.tell())
        content = stream.read()
    return _array(content, shape, fortran_order, dtype)


def _read_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    limit: int,
    taken: dict[str, int],
    objects: bool,
) -> Array:
    if member.compress_type not in _METHODS:
        raise ValueError(f"expected stored or deflated data, got method {member.compress_type}")
    if member.file_size > limit:
        raise ValueError(f"expected at most {limit} bytes, got {member.file_size}")
    with parsing("an array"):
        stream = archive.open(member)
    with stream:
        shape, fortran_order, dtype = _header(stream)
        rest = member.file_size - stream.tell()
        if not dtype.hasobject:
            _check_content(shape, dtype, rest)
        elif not objects:
            raise ValueError("expected numbers or text, got objects (as with allow_pickle=False)")
        # Numbers become float64.
        widened = 8 * math.prod(shape) if dtype.kind in "biuf" else 0
        check_total(taken, member.filename, max(rest, widened), limit)
        # A size is passed: without one, all that the compressed data stand for is unpacked.
        with parsing("an array"):
            content = stream.read(rest)
            whole = not stream.read(1)  # the end, where the checksum is verified
    if len(content) != rest or not whole:
        raise ValueError(f"expected {rest} bytes, got another number")
    if not dtype.hasobject:
        return _array(content, shape, fortran_order, dtype)
    array = as_array(read_pickle(content))
    check_total(taken, member.filename, array.nbytes, limit)
    return array


def check_total(taken: dict[str, int], key: str, num_bytes: int, limit: int) -> None:
    """Enters the bytes of an array by its key; ValueError where all take more than the limit."""
    taken[key] = num_bytes
    if sum(taken.values()) > limit:
        raise ValueError(f"expected at most {limit} bytes of arrays in the file, got more")


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and dtype; the stream is at the content afterwards."""
    with parsing("an array as NumPy writes it (.npy)"):
        version = npy.read_magic(stream)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"expected .npy version 1.0 or 2.0, got {version}")
    with parsing("an array as NumPy writes it (.npy)"):
        shape, fortran_order, dtype = readers[version](stream, max_header_size=_MAX_HEADER_BYTES)
    if len(shape) > 32 or not all(0 <= size < 2**48 for size in shape):
        raise ValueError(f"expected sizes of an array, got {str(shape)[:80]}")
    return shape, fortran_order, dtype


def _check_content(shape: tuple[int, ...], dtype: np.dtype[Any], num_bytes: int) -> None:
    if dtype.itemsize == 0 or math.prod(shape) * dtype.itemsize != num_bytes:
        raise ValueError(f"expected {shape} elements of {dtype}, got {num_bytes} bytes for them")


def _array(
    content: bytes, shape: tuple[int, ...], fortran_order: bool, dtype: np.dtype[Any]
) -> Array:
    with parsing("an array"):
        array = np.frombuffer(content, dtype, math.prod(shape))
        if dtype.kind == "U" and (array.view(dtype.byteorder + "u4") > sys.maxunicode).any():
            raise ValueError("numbers that are no characters")
        return array.reshape(shape, order="F" if fortran_order else "C")


@contextlib.contextmanager
def naming_key(key: str) -> Iterator[None]:
    """Prefixes errors with the key of an array."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def write_member(archive: zipfile.ZipFile, name: str, array: Array) -> None:
    """Compressed if that halves the size; other members are read faster uncompressed."""
    stream = io.BytesIO()
    npy.write_array(stream, array, allow_pickle=False)
    content = stream.getvalue()
    deflates = 2 * len(zlib.compress(content, 1)) < len(content)
    member = zipfile.ZipInfo(
        name + ".npy"
    )  # without a timestamp: the same arrays give the same bytes
    archive.writestr(member, content, zipfile.ZIP_DEFLATED if deflates else zipfile.ZIP_STORED)
