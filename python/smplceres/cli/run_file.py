"""Run files: the options of a whole run as TOML, written beside results, and read by --config.

command = "fit"
inputs = ["../photo.jpg"]
focal = 1450.0

Keys are the options of the command line without their dashes, and `inputs`. Relative paths are
relative to the file's folder.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..base.files.reading import naming
from ..base.files.toml_files import load_toml
from ..base.files.writing import write_whole
from .options import DETECTED_MASK, Parser

# Keys of every run file that are not options.
_COMMAND, _VERSION = "command", "smplceres"
# Options that run files leave out.
_NOT_OF_A_RUN = ("config", "help", "quiet", "json")
# Arguments without dashes, and options of type text that name a file.
_PATHS = ("inputs", "mask", "format")


def with_run_file(parser: Parser, arguments: Sequence[str]) -> list[str]:
    """The arguments, completed by those of the file that `--config` names.

    Raises:
        ValueError: not a run file, one of another command, or an unknown key.
        FileNotFoundError: no such file.
    """
    arguments = list(arguments)
    path = _config_of(arguments)
    if path is None:
        return arguments
    values = read_run(path)
    command = values.pop(_COMMAND, None)
    values.pop(_VERSION, None)
    if arguments[0].startswith("-"):  # the file names the command
        if not isinstance(command, str):
            raise ValueError(f'{path}: expected command = "fit" or another command, got none')
        arguments.insert(0, command)
    elif command is not None and command != arguments[0]:
        raise ValueError(f"{path}: command: expected {arguments[0]!r}, got {command!r}")
    chosen = _commands(parser).get(arguments[0])
    if chosen is None:
        return arguments  # the parser reports the unknown command
    first, last = _tokens(chosen, values, path, _given(chosen, arguments[1:]))
    return [arguments[0], *first, *arguments[1:], *last]


def read_run(path: Path) -> dict[str, Any]:
    """The keys and values of a run file; errors as of `with_run_file`."""
    if not path.exists():
        raise FileNotFoundError(f"--config: expected a file, found none at {path}")
    with naming(path):
        values = load_toml(path)
    return {
        key if key == _VERSION else key.replace("_", "-"): value for key, value in values.items()
    }


def write_run(path: Path, options: argparse.Namespace, inputs: Sequence[Path]) -> None:
    """Writes the options of a run on some of its inputs, defaults included."""
    folder = path.resolve().parent
    lines = [
        f"# This run again: smplceres {options.command} --config {path.name}",
        f"{_COMMAND} = {_toml(options.command)}",
        f"{_VERSION} = {_toml(version('smplceres'))}",
        f"inputs = {_toml([_relative(each, folder) for each in inputs])}",
    ]
    for action in options.parser._actions:
        value = getattr(options, action.dest, None)
        if not action.option_strings or action.dest in _NOT_OF_A_RUN or value is None:
            continue
        if not isinstance(value, list) and _is_path(action, value):
            value = _relative(Path(value), folder)
        elif action.dest == "export":
            value = ",".join(value) or "none"
        elif isinstance(value, list) and any(isinstance(each, Path) for each in value):
            value = [_relative(Path(each), folder) for each in value]
        lines.append(f"{_key(action)} = {_toml(value)}")
    write_whole(path, "\n".join(lines) + "\n")


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder)).as_posix()
    except ValueError:  # on another drive
        return str(path.resolve())


def _toml(value: bool | int | float | str | list[Any]) -> str:
    """TOML equals JSON for these types, except for numbers that are not finite."""
    return json.dumps(value, ensure_ascii=False)


# --- Arguments ---


def _config_of(arguments: Sequence[str]) -> Path | None:
    for number, argument in enumerate(arguments):
        if argument == "--config" and number + 1 < len(arguments):
            return Path(arguments[number + 1])
        if argument.startswith("--config="):
            return Path(argument.partition("=")[2])
    return None


def _commands(parser: Parser) -> dict[str, Parser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _key(action: argparse.Action) -> str:
    return action.option_strings[0].removeprefix("--") if action.option_strings else action.dest


def _names(action: argparse.Action) -> list[str]:
    """All keys of an option, such as --cameras and --calibration."""
    words = [word.removeprefix("--") for word in action.option_strings if word[:2] == "--"]
    return [word for word in words if not word.startswith("no-")] or [action.dest]


def _given(parser: Parser, arguments: Sequence[str]) -> set[str]:
    """Names of options that the arguments set, and of those that they exclude."""
    changed = [
        (action, action.default, action.required, action.nargs) for action in parser._actions
    ]
    try:
        for action in parser._actions:
            action.default, action.required = argparse.SUPPRESS, False
            if not action.option_strings:
                action.nargs = "*"
        given = set(vars(parser.parse_known_args(list(arguments))[0]))
    finally:
        for action, default, required, nargs in changed:
            action.default, action.required, action.nargs = default, required, nargs
    for group in parser._mutually_exclusive_groups:
        names = {action.dest for action in group._group_actions}
        given |= names if names & given else set()
    return given


def _tokens(
    parser: Parser, values: dict[str, Any], path: Path, given: set[str]
) -> tuple[list[str], list[str]]:
    """Positional arguments and options from the file that are not given."""
    actions = {
        name: action
        for action in parser._actions
        if action.dest not in ("config", "help")
        for name in _names(action)
    }
    inputs: list[str] = []
    options: list[str] = []
    for key, value in values.items():
        action = actions.get(key)
        if action is None:
            near = difflib.get_close_matches(key, actions, n=1, cutoff=0.0)
            raise ValueError(f"{path}: unknown key {key!r}; the nearest is {near[0]!r}")
        if action.dest in given:
            continue
        if isinstance(value, bool):
            if not isinstance(action, argparse.BooleanOptionalAction | argparse._StoreTrueAction):
                raise ValueError(f"{path}: {key}: expected a value, got {_toml(value)}")
            if value or isinstance(action, argparse.BooleanOptionalAction):
                options.append(f"--{key}" if value else f"--no-{key}")
            continue
        if action.nargs == 0:
            raise ValueError(f"{path}: {key}: expected true or false, got {value!r}")
        words = list(_words(action, value, path.resolve().parent, path))
        if action.option_strings:
            options += [f"--{key}", *words]
        else:
            inputs += words
    return inputs, options


def _words(action: argparse.Action, value: Any, folder: Path, path: Path) -> Iterator[str]:
    several = action.nargs is not None
    if several != isinstance(value, list):
        expected = "a list" if several else "one value"
        raise ValueError(f"{path}: {_key(action)}: expected {expected}, got {value!r}")
    for each in value if several else [value]:
        if not isinstance(each, str | int | float):
            raise ValueError(f"{path}: {_key(action)}: expected text or numbers, got {each!r}")
        yield os.path.relpath(folder / str(each)) if _is_path(action, each) else str(each)


def _is_path(action: argparse.Action, value: object) -> bool:
    if action.dest == "format":  # a name, or a file
        return str(value).endswith(".toml")
    return action.type is Path or (action.dest in _PATHS and value != DETECTED_MASK)
