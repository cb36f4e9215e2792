"""Files that the arguments of a command name."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..base.numbered_names import by_number


def found_inputs(given: Sequence[str], kinds: Sequence[Iterable[str]]) -> list[Path]:
    """The files of arguments: paths, folders, and patterns such as *.jpg.

    A folder stands for its files of the first kind (set of endings) that it contains, in the order
    of the numbers in their names.

    Raises:
        ValueError: a folder or a pattern without files.
    """
    paths: list[Path] = []
    for each in given:
        path = Path(each)
        if path.is_dir():
            paths += _files_of(path, kinds)
        elif glob.has_magic(each) and not path.exists():
            matching = sorted((Path(match) for match in glob.glob(each)), key=_by_number)
            if not matching:
                raise ValueError(f"INPUT: expected files that match {each}, found none")
            paths += matching
        else:
            paths.append(path)
    return paths


def _files_of(folder: Path, kinds: Sequence[Iterable[str]]) -> list[Path]:
    for endings in kinds:
        files = [path for path in folder.iterdir() if path.suffix.lower() in set(endings)]
        if files:
            return sorted(files, key=_by_number)
    raise ValueError(f"INPUT: expected images, videos or keypoint files in {folder}, found none")


def _by_number(path: Path) -> list[tuple[int, str]]:
    return by_number(path.stem)
