"""Output of commands: text for people, or one line of JSON per result for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..base.files.reading import one_line
from ..base.progress import ProgressBar
from ..fit.result import FitResult

# Exit statuses.
ALL_FITTED, SOME_NOT_FITTED, BAD_INPUT, NOBODY_FOUND, INTERRUPTED = 0, 1, 2, 3, 130

EXIT_STATUSES = """\
exit status:
  0    all people were fitted and all files written
  1    some were not (too few visible keypoints, one unreadable file of several, an overlay that
       could not be drawn), as reported
  2    wrong arguments, or no readable input; one line says which
  3    no person was found in any of the images and videos
  130  stopped by Ctrl-C; finished files are kept"""


class NobodyFoundError(ValueError):
    """An image or video without a person in it."""


class Output:
    """Output of one run of a command.

    Args:
        quiet: errors alone.
        as_json: results as JSON lines on standard output, and nothing else there.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        self._text, self._json = not (quiet or as_json), as_json
        self.bar = None if quiet else ProgressBar()
        self.failures = 0
        self.written: list[Path] = []

    @property
    def progress(self) -> Callable[[str, int, int], None]:
        """A function of the name of a step, the number of finished items and the total."""
        return self.bar or (lambda what, done, total: None)

    def say(self, text: str) -> None:
        """Prints text for a person."""
        if self._text:
            self._clear()
            print(text, flush=True)

    def result(self, record: dict[str, Any]) -> None:
        """Prints a result for a program."""
        if self._json:
            self._clear()
            print(json.dumps(record), flush=True)

    def failure(self, text: str, record: dict[str, Any] | None = None) -> None:
        """Reports a failure; the run continues."""
        self.failures += 1
        self._clear()
        if self._json and record is not None:
            self.result(record)
        else:
            print(text, file=sys.stdout if self._text else sys.stderr, flush=True)

    def attempt(self, what: Path, write: Callable[[Path], object]) -> bool:
        """Writes one file of several; reports an error, so that the others are written."""
        try:
            write(what)
        except (OSError, ValueError, ImportError) as error:
            self.failure(f"  could not write {what}: {one_line(error)}")
            return False
        self.written.append(what)
        return True

    def _clear(self) -> None:
        if self.bar is not None:
            self.bar.clear()


def result_record(result: FitResult) -> dict[str, Any]:
    """A fit for a line of JSON: all parameters, metres, radians and pixels, without the mesh."""
    known = result.to_dict()
    camera = None if result.camera is None else result.camera.to_dict()
    kept = ("global_orient", "body_pose", "betas", "transl", "joints", "reprojection_error_px")
    return {
        **{name: known[name] for name in kept},
        "camera": camera,
        "model": result.model_name,
        "converged": result.converged,
        "solve_time_ms": round(1e3 * result.solve_time, 3),
        "warnings": known["warnings"],
    }
