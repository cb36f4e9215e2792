"""Progress of a long command."""

from __future__ import annotations

import sys
import time


class ProgressBar:
    """The current step and its remaining time, on standard error.

    Prints nothing if standard error is not a terminal, or for steps of less than two seconds.

    Args:
        unit: of the items, for their number a second; None: it is not shown.
    """

    _WIDTH = 30
    _LEAST = 2.0  # seconds

    def __init__(self, unit: str | None = None) -> None:
        self._unit = unit
        self._on_terminal = sys.stderr.isatty()
        self._what, self._begin, self._first = "", 0.0, 0
        self._shown = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Reports that `done` of `total` items of a step are done; a total of 0 is unknown."""
        if not self._on_terminal:
            return
        now = time.perf_counter()
        if what != self._what:
            self._what, self._begin, self._first = what, now, done
        passed, since = now - self._begin, done - self._first
        expected = passed * (total - self._first) / since if since > 0 else passed
        if done >= total > 0:
            self.clear()
        elif self._shown or max(passed, expected) > self._LEAST:
            sys.stderr.write(f"\r\033[K{self.line(done, total, passed)}")
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        """Removes the bar, so that a line can be printed."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
            self._shown = False

    def line(self, done: int, total: int, seconds: float) -> str:
        """The text of the bar; a step begins at its first report, which its rate excludes."""
        if total <= 0:
            return f"{self._what:28s} {done}"
        full = int(self._WIDTH * min(done / total, 1))
        bar = "#" * full + "." * (self._WIDTH - full)
        since = done - self._first
        left = f", {_time((total - done) * seconds / since)} left" if since > 0 else ""
        rate = f", {since / seconds:.0f} {self._unit}/s" if self._unit and seconds > 0 else ""
        return f"{self._what:28s} [{bar}] {done}/{total}{rate}{left}"


def _time(seconds: float) -> str:
    minutes, hours = seconds / 60, seconds / 3600
    if minutes < 10:
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if hours < 10 else f"{hours:.0f} h"
