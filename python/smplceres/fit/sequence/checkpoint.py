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

Arrays = dict[str, NDArray[Any]]

_RUN = "run.json"


class Checkpoint:
    """A folder of finished steps, each an .npz of arrays that is complete or missing.

    Without a folder every step is computed and nothing is stored.

    Args:
        folder: created if needed; None: nothing is stored.
        inputs: all inputs of the steps. A folder of other inputs is refused.

    Raises:
        ValueError: a folder with the steps of other inputs, or with other files.
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
        run = {"inputs": digest(inputs())}
        path = self._folder / _RUN
        if path.exists():
            if json.loads(path.read_text()) != run:
                raise ValueError(
                    "checkpoint: expected a run of the same keypoints, cameras and settings, got "
                    f"another in {self._folder}; use an empty folder or remove it"
                )
        elif any(self._folder.iterdir()):
            raise ValueError(f"checkpoint: expected an empty folder, got other files in {folder}")
        else:
            path.write_text(json.dumps(run))

    def load(self, name: str) -> Arrays | None:
        """The arrays of a finished step; None: it is not on disk."""
        path = self._path(name)
        if path is None or not path.exists():
            return None
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive}

    def save(self, name: str, arrays: Arrays) -> None:
        """Writes the arrays of a step."""
        path = self._path(name)
        if path is None:
            return
        # Renamed when complete: a file that was not finished is computed again.
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # its stub mixes up the arguments
        os.replace(unfinished, path)

    def _path(self, name: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{name}.npz"


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
