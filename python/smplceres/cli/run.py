"""One run of a command, from its arguments to the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .options import Parser
from .output import (
    BAD_INPUT,
    INTERRUPTED,
    NOBODY_FOUND,
    SOME_NOT_FITTED,
    NobodyFoundError,
    one_line,
)
from .run_file import with_run_file


def run_command(parser: Parser, given: Sequence[str]) -> int:
    """Parses arguments, those of a run file included, and runs the command that they name.

    Errors of input are printed in one line; the exit status is that of `smplceres.cli.main`.
    """
    try:
        options = parser.parse_args(with_run_file(parser, given))
        status: int = options.run(options)
        sys.stdout.flush()
    except NobodyFoundError as error:
        print(f"smplceres: {one_line(error)}", file=sys.stderr)
        return NOBODY_FOUND
    except BrokenPipeError:  # the reader of standard output has ended, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        return SOME_NOT_FITTED
    except (ValueError, TypeError, OSError, ImportError) as error:
        print(f"smplceres: error: {one_line(error)}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("smplceres: interrupted", file=sys.stderr)
        return INTERRUPTED
    return status
