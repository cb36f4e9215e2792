"""Reading HDF5."""

from __future__ import annotations

import contextlib
import importlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .reading import array_limit, checked_size, parsing


class Hdf5Group:
    """A group of an HDF5 file: its members, and the attributes of its own or of a member.

    Members are those stored in the file itself: links to other files are refused, and so are
    datasets whose content is in other files.
    """

    def __init__(self, group: Any, h5py: Any, what: str, limit: int, taken: dict[str, int]) -> None:
        self._group, self._h5py, self._what = group, h5py, what
        self._limit, self._taken = limit, taken

    def names(self) -> list[str]:
        """Of the members."""
        with parsing(self._what):
            return [str(name) for name in self._group]

    def groups(self) -> Iterator[Hdf5Group]:
        """The members that are groups."""
        for name in self.names():
            member = self._member(name)
            if isinstance(member, self._h5py.Group):
                yield Hdf5Group(member, self._h5py, self._what, self._limit, self._taken)

    def array(self, name: str) -> NDArray[Any]:
        """The content of a dataset; ValueError: no such dataset, or too large a one."""
        dataset = self._member(name)
        if not isinstance(dataset, self._h5py.Dataset):
            raise ValueError(f"{name}: expected a dataset, got another object")
        with parsing(self._what):
            elsewhere = dataset.is_virtual or bool(dataset.external)
            shape, dtype = dataset.shape or (), dataset.dtype
        if elsewhere:
            raise ValueError(f"{name}: expected data in the file, got a reference to another")
        # Text of variable length takes an object for each element.
        self._take(dataset.name, math.prod(shape) * max(8, dtype.itemsize, 64 * dtype.hasobject))
        with parsing(self._what):
            return np.asarray(dataset[()])

    def attribute(self, name: str, member: str | None = None) -> Any:
        """An attribute of the group or of a member; ValueError: none, or too large a one."""
        owner = self._group if member is None else self._member(member)
        with parsing(f"{self._what} with an attribute {name}"):
            place = owner.attrs.get_id(name)
            size = math.prod(place.shape) * max(8, place.dtype.itemsize)
        self._take(f"{owner.name}@{name}", size)
        with parsing(f"{self._what} with an attribute {name}"):
            return owner.attrs[name]

    def _member(self, name: str) -> Any:
        with parsing(f"{self._what} with {name}"):
            if isinstance(self._group.get(name, getlink=True), self._h5py.ExternalLink):
                raise ValueError("a link to another file")
            return self._group[name]

    def _take(self, name: str, num_bytes: int) -> None:
        self._taken[name] = num_bytes
        if sum(self._taken.values()) > self._limit:
            raise ValueError(f"{name}: expected at most {self._limit} bytes in all, got more")


@contextlib.contextmanager
def open_hdf5(path: Path, what: str = "HDF5") -> Iterator[Hdf5Group]:
    """The top group of a file; `reading.array_limit` limits all that is read.

    Args:
        path: the file.
        what: it is, for messages.

    Raises:
        ImportError: h5py is missing.
        OSError: the file cannot be read.
        ValueError: not HDF5.
    """
    try:
        h5py: Any = importlib.import_module("h5py")
    except ImportError as error:
        raise ImportError(
            "DeepLabCut's .h5 files need h5py: pip install 'smplceres[deeplabcut]'"
        ) from error
    limit = array_limit(checked_size(path))
    with contextlib.ExitStack() as opened:
        with parsing(what):
            file = opened.enter_context(h5py.File(path, "r"))
        yield Hdf5Group(file, h5py, what, limit, {})
