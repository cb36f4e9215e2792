"""The command line, `smplceres`: a module for each command."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from .options import Parser
from .output import (
    ALL_FITTED,
    BAD_INPUT,
    INTERRUPTED,
    NOBODY_FOUND,
    SOME_NOT_FITTED,
)
from .run import run_command

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
    "fit",
    "sequence",
    "dataset",
    "report",
    "view",
    "rerun",
    "bag",
    "info",
    "demo",
    "completion",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: without the program's name; None: those of the process.

    Returns:
        the exit status: 0 all fitted, 1 some not, 2 wrong arguments or files, 3 no person found,
        130 stopped by Ctrl-C.
    """
    return run_command(make_parser(), sys.argv[1:] if arguments is None else list(arguments))


def make_parser() -> Parser:
    """The parser of all commands; `run` of the parsed options is the command."""
    parser = Parser(
        prog="smplceres",
        description="Fits SMPL bodies to 2D keypoints, on a CPU, in milliseconds.",
        epilog="Each command has its own help: smplceres fit --help",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, dest="command")
    for name in _COMMANDS:
        importlib.import_module(f".commands.{name}", __package__).add_command(commands)
    for command in commands.choices.values():
        command.set_defaults(parser=command, main_parser=parser)
    return parser
