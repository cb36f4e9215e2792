"""Finished steps of a long fit, on disk: a stopped run continues from there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.files.json_files import load_json
from ...base.files.npz_files import load_npz
from ...base.files.reading import parsing
from ...base.files.writing import UNFINISHED, whole_file, write_whole

Arrays = dict[str, NDArray[Any]]

_RUN = "run.json"
_DIGEST = "digest"


class Checkpoint:
    """A folder of finished steps, each an .npz of arrays with their digest.

    A step that is damaged counts as missing and is computed again. Without a folder every step is
    computed and nothing is stored.

    Args:
        folder: created if needed; None: nothing is stored.
        inputs: all inputs of the steps. A folder of other inputs is refused.

    Raises:
        ValueError: a folder with the steps of other inputs, with a damaged run.json, or with other
            files.
        OSError: the folder cannot be read or written.
    """

    def __init__(
        self, folder: str | os.PathLike[str] | None, inputs: Callable[[], Iterable[Any]]
    ) -> None:
        self._folder = None if folder is None else Path(folder)
        if self._folder is None:
            return
        if self._folder.exists() and not self._folder.is_dir():
            raise ValueError(f"checkpoint: expected a folder, got the file {self._folder}")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._run = {"inputs": digest(inputs())}
        path = self._folder / _RUN
        if path.exists():
            if _content_of(path) != self._run:
                raise ValueError(
                    "checkpoint: expected a run of the same keypoints, cameras and settings, got "
                    f"another or a damaged {path}; use an empty folder or remove it"
                )
        elif any(each.suffix != UNFINISHED for each in self._folder.iterdir()):
            raise ValueError(f"checkpoint: expected an empty folder, got other files in {folder}")
        else:
            write_whole(path, json.dumps(self._run))

    def load(self, name: str) -> Arrays | None:
        """The arrays of a finished step; None: it is not on disk, or damaged."""
        path = self._path(name)
        if path is None or not path.exists():
            return None
        try:
            with parsing("a finished step"):
                arrays = load_npz(path)
                known = str(arrays.pop(_DIGEST))
        except ValueError:
            return None
        return arrays if known == self._digest(name, arrays) else None

    def save(self, name: str, arrays: Arrays) -> None:
        """Writes the arrays of a step."""
        path = self._path(name)
        if path is None:
            return
        whole: dict[str, Any] = arrays | {_DIGEST: np.array(self._digest(name, arrays))}
        with whole_file(path) as file:
            np.savez(file, **whole)

    def _digest(self, name: str, arrays: Arrays) -> str:
        parts = [part for key in sorted(arrays) for part in (key, arrays[key])]
        return digest([self._run, name, *parts])

    def _path(self, name: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{name}.npz"


def _content_of(path: Path) -> object:
    """None: damaged."""
    try:
        return load_json(path)
    except ValueError:
        return None


def digest(values: Iterable[Any]) -> str:
    """A hash of arrays and of JSON values."""
    total = hashlib.sha256()
    for value in values:
        if isinstance(value, np.ndarray):
            total.update(str((value.shape, value.dtype.str)).encode())
            total.update(np.ascontiguousarray(value).tobytes())
        else:
            total.update(json.dumps(value, sort_keys=True).encode())
    return total.hexdigest()
