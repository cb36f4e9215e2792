"""One run of a command, from its arguments to the exit status."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..base.files.reading import one_line
from ..base.input_warnings import InputWarning
from .options import Parser
from .output import (
    BAD_INPUT,
    INTERRUPTED,
    NOBODY_FOUND,
    SOME_NOT_FITTED,
    NobodyFoundError,
)
from .run_file import with_run_file

# Shows where an error came from.
_TRACEBACK = "SMPLCERES_TRACEBACK"


@contextmanager
def _input_warnings_printed() -> Iterator[None]:
    """Prints each warning about an input in one line."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Any, category: Any, *where: Any, **more: Any) -> None:
            if issubclass(category, InputWarning):
                print(f"smplceres: warning: {message}", file=sys.stderr, flush=True)
            else:
                others(message, category, *where, **more)

        warnings.showwarning = show
        warnings.simplefilter("always", InputWarning)
        yield


def run_command(parser: Parser, given: Sequence[str]) -> int:
    """Parses arguments, those of a run file included, and runs the command that they name.

    Errors of input are printed in one line; the exit status is that of `smplceres.cli.main`.
    """
    try:
        options = parser.parse_args(with_run_file(parser, given))
        with _input_warnings_printed():
            status: int = options.run(options)
        if sys.stdout is not None:  # closed by the shell
            sys.stdout.flush()
    except NobodyFoundError as error:
        status = _failed(NOBODY_FOUND, one_line(error))
    except BrokenPipeError:  # the reader of standard output has ended, as head does
        status = SOME_NOT_FITTED
    except KeyboardInterrupt:
        status = _failed(INTERRUPTED, "interrupted")
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        status = _failed(BAD_INPUT, f"error: {_described(error)}")
    _drop_unwritable_output()
    return status


def _described(error: Exception) -> str:
    if isinstance(error, ValueError | TypeError | OSError | ImportError | MemoryError):
        return one_line(error)
    return f"{type(error).__name__}: {one_line(error)} ({_TRACEBACK}=1 shows where)"


def _failed(status: int, said: str) -> int:
    print(f"smplceres: {said}", file=sys.stderr)
    return status


def _drop_unwritable_output() -> None:
    """Discards buffered output that cannot be written: Python flushes standard output at exit, and
    would report an error of its own."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
