"""Folders of files, on this machine or in an object store: each file is there whole or not."""

from __future__ import annotations

import contextlib
import os
import time
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ...base.files.writing import UNFINISHED, write_whole
from .arrow import fs

# Kinds of pyarrow file systems whose writers would leave the beginning of a file under its name,
# but which can rename.
_RENAMING = ("hdfs",)
# Seconds.
_ABANDONED_AFTER = 24 * 3600


class Store:
    """A folder.

    Args:
        root: a path, or a URI of `pyarrow.fs` (s3, gs, hdfs, file); in `filesystem`, if one is
            given.
        filesystem: a `pyarrow.fs.FileSystem`, or one of fsspec.

    Raises:
        ValueError: a URI that pyarrow does not know.
        TypeError: another kind of file system.
    """

    def __init__(self, root: str | PathLike[str], filesystem: Any = None) -> None:
        text = fspath(root)
        if filesystem is not None:
            self.fs, self.root = _checked(filesystem), text.rstrip("/")
        elif "://" in text:
            try:
                self.fs, self.root = fs.FileSystem.from_uri(text)
            except Exception as error:  # pyarrow has several
                raise ValueError(
                    f"{text}: expected a path or a URI, got another ({error})"
                ) from None
        else:
            self.fs, self.root = fs.LocalFileSystem(), os.path.abspath(text)
        self.is_local = self.fs.type_name == "local"

    def __str__(self) -> str:
        return str(self.root)

    def path(self, name: str) -> str:
        """In the file system, of a file in the folder; '' is the folder itself."""
        return f"{self.root}/{name}" if name else self.root

    def is_file(self, name: str = "") -> bool:
        """Whether a file of this name is there."""
        return bool(self.fs.get_file_info(self.path(name)).is_file)

    def files(self, suffix: str) -> dict[str, int]:
        """The files in the folder and in its folders, by name, with their sizes in bytes.

        Hidden ones, whose name or folder begins with a dot or an underscore, are left out.
        """
        selector = fs.FileSelector(self.root, allow_not_found=True, recursive=True)
        sizes = {}
        for info in self.fs.get_file_info(selector):
            name = info.path[len(self.root) :].lstrip("/")
            hidden = any(part[0] in "._" for part in name.split("/"))
            if info.is_file and name.endswith(suffix) and not hidden:
                sizes[name] = int(info.size)
        return dict(sorted(sizes.items()))

    def remove_abandoned(self) -> None:
        """Removes what processes that were killed left of files, on a disk, after a day: others may
        be writing now."""
        if not self.is_local:
            return
        for path in Path(self.root).rglob(f".*{UNFINISHED}"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                    path.unlink()

    def open(self, name: str) -> Any:
        """A file for reading at any place."""
        return self.fs.open_input_file(self.path(name))

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            OSError: it cannot be read.
        """
        with self.open(name) as file:
            content: bytes = file.read()
        return content

    def write(self, name: str, content: bytes) -> None:
        """Writes a file: whole, or with an OSError.

        On a disk it is written under another name, brought to disk and renamed, on HDFS written
        under another name and moved; to other stores it is put at once.
        """
        path = self.path(name)
        if self.is_local:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
            return
        self.fs.create_dir(path.rpartition("/")[0], recursive=True)
        renames = self.fs.type_name in _RENAMING
        folder, _, last = path.rpartition("/")
        written = f"{folder}/.{last}{UNFINISHED}" if renames else path
        try:
            with self.fs.open_output_stream(written) as stream:
                stream.write(content)
            size = self.fs.get_file_info(written).size
            if size != len(content):
                raise OSError(f"{path}: expected {len(content)} bytes written, found {size}")
            if renames:
                self.fs.move(written, path)
        except BaseException:
            with contextlib.suppress(Exception):
                # An engine that calls a unit twice may have written the same file whole meanwhile.
                if self.fs.get_file_info(written).size != len(content):
                    self.fs.delete_file(written)
            raise


def _checked(filesystem: Any) -> Any:
    if isinstance(filesystem, fs.FileSystem):
        return filesystem
    if not hasattr(filesystem, "protocol"):  # of fsspec
        raise TypeError(
            f"filesystem: expected one of pyarrow.fs or fsspec, got {type(filesystem).__name__}"
        )
    return fs.PyFileSystem(fs.FSSpecHandler(filesystem))
