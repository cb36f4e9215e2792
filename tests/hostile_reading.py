"""Reads files, each under a limit of memory, and writes what came of it as lines of JSON.

    python hostile_reading.py FOLDER < names

A line of input is the name of a reader and a path, separated by a space. A process of its own,
because a limit of memory holds for all of a process.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import smplceres as sc
from smplceres.body.motion_files import read_motions
from smplceres.cli.options import keypoint_format_of
from smplceres.cli.run_file import read_run
from smplceres.detect.video import read_detections
from smplceres.evidence.mask import Mask
from smplceres.fit.sequence.checkpoint import Checkpoint
from smplceres.media.images import read_image
from smplceres.media.video_files import read_video

MEMORY = 500 * 2**20  # bytes


def read_step(path: Path) -> None:
    """A step of a checkpoint, which is done again where it is damaged."""
    assert path.suffix.lower() == ".npz"
    steps = Checkpoint(path.parent / f"{path.stem}_checkpoint", lambda: ["of no test"])
    step = path.parent / f"{path.stem}_checkpoint" / "step.npz"
    step.write_bytes(path.read_bytes())
    assert steps.load("step") is None


def read_format(path: Path) -> Any:
    assert path.suffix.lower() == ".toml"
    return keypoint_format_of(argparse.Namespace(format=str(path)))


# Every public reader, by its name, and those of the command line. Each is fuzzed (tools/fuzz/).
PUBLIC = {
    name: getattr(sc, name)
    for name in sc.__all__
    if name.startswith(("read_", "load_")) and callable(getattr(sc, name))
}
READERS: dict[str, Callable[[Path], Any]] = {
    **{name.partition("_")[2]: reader for name, reader in PUBLIC.items()},
    "mask": Mask.read,
    "image": read_image,
    "motions": read_motions,
    "video": read_video,
    "detections": read_detections,
    "run": read_run,
    "format": read_format,
    "step": read_step,
}


def tried(reader: str, path: Path) -> dict[str, Any]:
    """What came of reading a file: its errors, the outermost first, seconds of CPU, and `odd`, a
    number in what was read that is NaN or infinite where none may be."""
    begin = time.process_time()
    errors: list[BaseException] = []
    odd = None
    try:
        odd = not_finite(READERS[reader](path))
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None:
            errors.append(cause)
            cause = cause.__cause__ or cause.__context__
    return {
        "path": str(path),
        "seconds": time.process_time() - begin,
        "errors": [[type(each).__name__, str(each)[:500]] for each in errors],
        "odd": odd,
        "clear": not errors or isinstance(errors[0], ValueError | OSError),
    }


def not_finite(value: Any, name: str = "", nesting: int = 0) -> str | None:
    """The name of an attribute of a value whose numbers are not all finite; None: all are.

    A keypoint without confidence has no place, and a pixel of a depth image may not be measured.
    """
    if isinstance(value, float):
        return None if math.isfinite(value) else name
    if isinstance(value, np.ndarray):
        finite = value.dtype.kind not in "fc" or bool(np.isfinite(value).all())
        return None if finite or nesting == 0 else name
    if nesting > 6:
        return None
    if isinstance(value, sc.Keypoints | sc.Keypoints3D):
        seen = value.confidence > 0
        places = (each for each in vars(value).values() if isinstance(each, np.ndarray))
        return (
            None if all(np.isfinite(each[seen]).all() for each in places) else type(value).__name__
        )
    if isinstance(value, list | tuple):
        parts = [(name, each) for each in value[:1000]]
    elif isinstance(value, dict):
        parts = [(str(key), each) for key, each in value.items()]
    elif type(value).__module__.startswith("smplceres."):
        parts = list(getattr(value, "__dict__", {}).items())
    else:
        return None
    return next(
        (odd for key, each in parts if (odd := not_finite(each, key, nesting + 1)) is not None),
        None,
    )


def limit_memory() -> None:
    """To that of the process so far and MEMORY more."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sc.load_body_model()
    limit_memory()
    for line in sys.stdin:
        name, _, path = line.rstrip("\n").partition(" ")
        print(json.dumps(tried(name, Path(path))), flush=True)
