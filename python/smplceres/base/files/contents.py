"""The whole content of .pkl, .npz and PyTorch files: dicts and lists of arrays, numbers and text.

Pickles are read by `read_pickle`, which executes nothing; also joblib's, whose arrays follow the
objects that describe them, and PyTorch's archives, whose tensors are in files of their own.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .pickle_arrays import as_array
from .pickle_reader import Global, PickleFormatError, Record, read_pickle
from .reading import array_limit, load_bytes, parsing

# Results of other programs nest dicts of people, frames and parameters.
_MAX_NESTING = 12

_STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}

# The bytes of one of PyTorch's storages by its key.
_Storages = Callable[[str], bytes]


def load_contents(path: Path) -> object:
    """The content of a .pkl, .npz, .pt or .pth file.

    Arrays and tensors are NumPy arrays, an array of objects is a list or its only object, and keys
    are text. Other objects than arrays are None.

    Raises:
        OSError: the file cannot be read.
        ValueError: another file, one that is damaged, or too large.
    """
    data = load_bytes(path)
    limit = array_limit(len(data))
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return _plain(read_pickle(_unpacked(data, limit)))
    with parsing("an archive of arrays"), zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > limit:
            raise ValueError(f"expected at most {limit} bytes in all, got more")
        pickled = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        return _torch(archive, pickled[0]) if pickled else _npz(archive)


def _unpacked(data: bytes, limit: int) -> bytes:
    """A pickle that joblib may have compressed by zlib or gzip."""
    if data[:1] != b"\x78" and data[:2] != b"\x1f\x8b":
        return data
    try:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        unpacked = unpacker.decompress(data, limit)
    except zlib.error as error:
        raise ValueError(f"expected a pickle, got damaged compressed data ({error})") from error
    if not unpacker.eof:
        raise ValueError(f"expected whole data of at most {limit} bytes, got others")
    return unpacked


def _npz(archive: zipfile.ZipFile) -> dict[str, object]:
    members = [name for name in archive.namelist() if name.endswith(".npy")]
    if not members:
        raise ValueError("expected arrays or a file of PyTorch in the archive, got none")
    return {name.removesuffix(".npy"): _npy(name, archive.read(name)) for name in members}


def _npy(name: str, content: bytes) -> object:
    stream = io.BytesIO(content)
    try:
        version = npy.read_magic(stream)
        read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        shape, by_column, dtype = read_header[version](stream)
    except (ValueError, KeyError, SyntaxError) as error:
        raise ValueError(f"{name}: expected an array, got a damaged one ({error})") from error
    rest = content[stream.tell() :]
    if dtype.hasobject:
        return _plain(read_pickle(rest))
    if dtype.itemsize == 0 or len(rest) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name}: expected {shape} elements of {dtype}, got {len(rest)} bytes")
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if by_column else "C")


def _torch(archive: zipfile.ZipFile, pickled: str) -> object:
    folder = pickled.removesuffix("data.pkl")
    names = set(archive.namelist())

    def storage(key: str) -> bytes:
        name = f"{folder}data/{key}"
        if name not in names:
            raise PickleFormatError(f"expected the tensor data {name}, got none")
        return archive.read(name)

    return _plain(read_pickle(archive.read(pickled)), storage)


def _plain(value: object, storages: _Storages | None = None, nesting: int = 0) -> object:
    if nesting > _MAX_NESTING:
        raise PickleFormatError(f"expected at most {_MAX_NESTING} levels, got more")
    if isinstance(value, dict):
        return {_key(key): _plain(each, storages, nesting + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, storages, nesting + 1) for each in value]
    return _of_record(value, storages, nesting) if isinstance(value, Record) else value


def _of_record(record: Record, storages: _Storages | None, nesting: int) -> object:
    match record:
        case Record(kind="torch.tensor", arguments=(storage, offset, size, stride, *_)):
            return _tensor(_numbers_of(storage, storages), offset, size, stride)
        case Record(kind="torch.parameter", arguments=(tensor, *_)):
            return _plain(tensor, storages, nesting + 1)
        case Record(
            kind="numpy.ndarray", state=(int(), shape, Record(arguments=("O8", *_)), _, list(items))
        ):
            inner = [_plain(each, storages, nesting + 1) for each in items]
            return inner[0] if shape == () and len(inner) == 1 else inner
    try:
        return as_array(record)
    except PickleFormatError:
        return None


def _key(key: object) -> str:
    return str(as_array(key).item() if isinstance(key, Record) else key)


def _numbers_of(storage: object, storages: _Storages | None) -> NDArray[Any]:
    match storage:
        case Record(kind="persistent", arguments=("storage", Global(kind), str(key), *_)):
            code = _STORAGES.get(kind.removeprefix("torch."))
            if code is not None and storages is not None:
                content = storages(key)
                if len(content) % np.dtype(code).itemsize == 0:
                    return np.frombuffer(content, code)
    raise PickleFormatError("expected a tensor of plain numbers, got another")


def _tensor(numbers: NDArray[Any], offset: object, size: object, stride: object) -> NDArray[Any]:
    counts = [_counts(each) for each in ((offset,), size, stride)]
    (first,), shape, steps = counts
    if len(shape) != len(steps):
        raise PickleFormatError("expected a stride per size of a tensor, got others")
    if math.prod(shape) == 0:
        return np.zeros(shape, numbers.dtype)
    last = first + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    if last >= len(numbers) or math.prod(shape) > len(numbers):
        raise PickleFormatError(f"expected {shape} numbers of a tensor, got {len(numbers)}")
    strides = [numbers.itemsize * step for step in steps]
    return np.array(np.lib.stride_tricks.as_strided(numbers[first:], shape, strides))


def _counts(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple) or not all(type(v) is int and 0 <= v < 2**40 for v in values):
        raise PickleFormatError("expected sizes of a tensor, got others")
    return values
