"""What all readers of files share: limits that hold before memory is allocated, and errors.

A parser gets its content inside `parsing`, and a reader runs inside `naming`: whatever damaged
content makes a library raise (RecursionError, KeyError, zlib.error, ...) becomes one ValueError
that names the file and what was expected in it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

# SMPL-X with 400 shape and expression columns is a file of 0.2 GB.
MAX_FILE_BYTES = 2 * 2**30
# Arrays of a file take up to this much, and more where the file is large itself: measured arrays
# are compressed to a fifth, and float16 widens to four times its size.
SMALL_ARRAYS_BYTES = 64 * 2**20
WIDENING = 16

# Beginning of a message, which may quote a damaged file at length.
_MAX_MESSAGE = 400


def array_limit(file_bytes: int) -> int:
    """Max bytes of all arrays of a file, as float64."""
    return SMALL_ARRAYS_BYTES + WIDENING * file_bytes


@contextlib.contextmanager
def naming(path: str | os.PathLike[str], kind: type[ValueError] = ValueError) -> Iterator[None]:
    """Errors in the content of a file, raised in the block, become one that names the file.

    Raises:
        OSError: the file cannot be read, as raised by the system, with its name.
        ImportError: a library is missing.
        ValueError: any other error; of the class `kind`.
    """
    try:
        yield
    except Exception as error:
        if of_system(error):
            raise
        said = _of_parser(error)
        if isinstance(error, kind) and str(path) in said:
            raise
        raise kind(said if str(path) in said else f"{path}: {said}") from error


@contextlib.contextmanager
def parsing(expected: str) -> Iterator[None]:
    """Errors of a parser, raised in the block, become a ValueError: expected `expected`.

    Of blocks within each other the inner one says what was expected.
    """
    try:
        yield
    except _ParsingError:
        raise
    except Exception as error:
        if of_system(error):
            raise
        said = f"expected {expected}, got a damaged one ({_of_parser(error)})"
        raise _ParsingError(said) from error


def of_system(error: Exception) -> bool:
    """Whether an error says nothing about the content of a file: it cannot be read, or a library is
    missing."""
    return isinstance(error, ImportError) or (
        isinstance(error, OSError) and error.filename is not None
    )


class _ParsingError(ValueError):
    """An error of `parsing`."""


def load_bytes(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """The content of a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: no file, such as a folder or a device, or a larger one.
    """
    checked_size(path, max_bytes)
    return path.read_bytes()


def load_text(path: Path, max_bytes: int = MAX_FILE_BYTES) -> str:
    """The text of a file in UTF-8, without a byte order mark; errors as of `load_bytes`."""
    content = load_bytes(path, max_bytes)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"expected text in UTF-8, got another ({error})") from error


def checked_size(path: Path, max_bytes: int = MAX_FILE_BYTES) -> int:
    """The bytes of a file; errors as of `load_bytes`."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        got = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or a pipe"
        raise ValueError(f"expected a file, got {got}")
    if status.st_size > max_bytes:
        raise ValueError(f"expected at most {max_bytes} bytes, got {status.st_size}")
    return status.st_size


def missing(what: str, path: str | os.PathLike[str]) -> FileNotFoundError:
    """The error for a file that is not there, with its name."""
    return FileNotFoundError(errno.ENOENT, f"{what} not found", str(path))


def one_line(error: BaseException) -> str:
    """The message of an error in one line."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    if isinstance(error, RecursionError):
        return "expected less deep nesting, got more than can be read"
    if isinstance(error, MemoryError):
        return "expected content that fits into memory, got more"
    return " ".join(str(error).split()) or type(error).__name__


def _of_parser(error: Exception) -> str:
    """The beginning of the message of a parser, after its class where that says more."""
    said = one_line(error)[:_MAX_MESSAGE]
    plain = isinstance(error, ValueError | OSError | RecursionError | MemoryError)
    return said if plain or said == type(error).__name__ else f"{type(error).__name__}: {said}"
