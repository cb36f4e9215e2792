"""The command line, `smplceres`: a module for each command."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from .cli_options import Parser
from .cli_output import (
    ALL_FITTED,
    BAD_INPUT,
    INTERRUPTED,
    NOBODY_FOUND,
    SOME_NOT_FITTED,
    NobodyFoundError,
    one_line,
)
from .run_file import with_run_file

__all__ = [
    "ALL_FITTED",
    "BAD_INPUT",
    "INTERRUPTED",
    "NOBODY_FOUND",
    "SOME_NOT_FITTED",
    "main",
    "make_parser",
]

# Modules with a function add_command(commands), in the order of --help.
_COMMANDS = (
    "cli_fit",
    "cli_sequence",
    "cli_report",
    "cli_view",
    "cli_rerun",
    "cli_info",
    "cli_demo",
    "cli_completion",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: without the program's name; None: those of the process.

    Returns:
        the exit status: 0 all fitted, 1 something was not, 2 wrong arguments or files, 3 nobody
        found, 130 stopped by Ctrl-C.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = make_parser()
    try:
        options = parser.parse_args(with_run_file(parser, given))
        status: int = options.run(options)
        sys.stdout.flush()
    except NobodyFoundError as error:
        print(f"smplceres: {one_line(error)}", file=sys.stderr)
        return NOBODY_FOUND
    except BrokenPipeError:  # who read what is printed has gone, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's own flush
        return SOME_NOT_FITTED
    except (ValueError, TypeError, OSError, ImportError) as error:
        print(f"smplceres: error: {one_line(error)}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("smplceres: interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


def make_parser() -> Parser:
    """The parser of all commands; `run` of what it parses is the command."""
    parser = Parser(
        prog="smplceres",
        description="Fits SMPL bodies to 2D keypoints, on a CPU, in milliseconds.",
        epilog="Each command has its own help: smplceres fit --help",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, dest="command")
    for name in _COMMANDS:
        importlib.import_module(f".{name}", __package__).add_command(commands)
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    return parser
