"""`smplceres completion`: completion of commands and options in a shell."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Any

from ..options import Commands, Parser
from ..output import ALL_FITTED

_HELP = """\
Prints the completion of commands, options and file names for a shell. Once:

  bash  smplceres completion bash > ~/.local/share/bash-completion/completions/smplceres
  zsh   smplceres completion zsh > ~/.zfunc/_smplceres     (a folder of $fpath)
  tcsh  smplceres completion tcsh > ~/.smplceres.tcsh      (and source it in ~/.tcshrc)

Needs: pip install 'smplceres[completion]'"""


def add_command(commands: Commands) -> None:
    parser = commands.add_parser(
        "completion", help="print the completion of a shell", description=_HELP
    )
    parser.set_defaults(run=_run)
    parser.add_argument("shell", choices=["bash", "zsh", "tcsh"])


def _run(options: argparse.Namespace) -> int:
    try:
        shtab: Any = importlib.import_module("shtab")
    except ImportError as error:
        raise ImportError("completion needs shtab: pip install 'smplceres[completion]'") from error

    parser = options.main_parser
    _complete_files(parser, shtab.FILE)
    print(shtab.complete(parser, shell=options.shell))
    return ALL_FITTED


def _complete_files(parser: Parser, files: Any) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_files(command, files)
        elif action.type is Path or action.dest == "inputs":
            action.complete = files  # type: ignore[attr-defined]  # shtab's own
