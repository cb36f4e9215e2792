"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# Ending of files that are being written; one that stays behind after a crash can be removed.
UNFINISHED = ".unfinished"


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to, in binary, that is at `path` once the block has ended without an error.

    It is written under another name in the same folder, brought to disk and renamed, and so is the
    folder's entry. On any error it is removed, and what was at `path` before is still there. A link
    is followed, and a device or a pipe is written to directly.

    Raises:
        OSError: the file cannot be written; names `path`.
    """
    with whole_file_name(path) as unfinished, unfinished.open("wb") as file:
        yield file


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Writes a file, text in UTF-8, by `whole_file`."""
    with whole_file(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextlib.contextmanager
def whole_file_name(path: str | os.PathLike[str]) -> Iterator[Path]:
    """As `whole_file`, for libraries that open files themselves: the name of an empty file."""
    path = Path(path)
    final = Path(os.path.realpath(path))
    if final.exists() and not final.is_file() and not final.is_dir():
        with _naming(path, final):
            yield final
        return
    unfinished = final.with_name(f".{secrets.token_hex(8)}{UNFINISHED}")
    with _naming(path, unfinished):
        if final.is_dir():
            raise IsADirectoryError(errno.EISDIR, "expected a file, got a folder", str(path))
        unfinished.open("xb").close()
        try:
            if final.exists():
                shutil.copymode(final, unfinished)
            yield unfinished
            with unfinished.open("rb+") as written:
                os.fsync(written.fileno())
            os.replace(unfinished, final)
            _sync_folder(final.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise


def _sync_folder(folder: Path) -> None:
    """Brings the names in a folder to disk, where the system can: a renamed file would otherwise be
    gone after a loss of power."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


@contextlib.contextmanager
def _naming(path: Path, unfinished: Path) -> Iterator[None]:
    """Errors of the system and of libraries that write, which name another file or none."""
    try:
        yield
    except OSError as error:
        if error.filename is not None and str(error.filename) != str(unfinished):
            raise
        reason = error.strerror or str(error)
        code = error.errno or errno.EIO
        raise OSError(code, f"path: expected a writable place ({reason})", str(path)) from error
