"""A run: units go to an engine, come back finished, and are tried again where they did not."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol, TypeVar

from ..base.files.reading import one_line
from .engines.engine import Engine, Future
from .report import UnfinishedUnit

# Deaths of a process after which a unit is fitted in pieces, each in a process of its own, and
# after which it is given up: then it is not its rows that end processes.
DEATHS_UNTIL_APART = 2
MAX_DEATHS = 10
# Attempts of a unit whose files cannot be read or written.
MAX_ATTEMPTS = 3
# Seconds between looks at the number of workers, and at Ctrl-C.
_PATIENCE = 0.5


class NamedUnit(Protocol):
    """A unit, for this module."""

    @property
    def name(self) -> str: ...


AnyUnit = TypeVar("AnyUnit", bound=NamedUnit)
Counts = dict[str, int]


@dataclass
class _Attempt:
    """A unit and what became of it so far."""

    unit: Any
    deaths: int = 0
    failures: int = 0


@dataclass
class Stop:
    """Whether no further units shall start.

    Attributes:
        requests: signals that came; the second one ends the run at once.
    """

    requests: int = 0


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """A request to stop at Ctrl-C and SIGTERM, in the main thread; in others these do as ever."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def request(number: int, frame: FrameType | None) -> None:
        stop.requests += 1
        if stop.requests > 1:
            raise KeyboardInterrupt

    before = {name: signal.signal(name, request) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


class Run:
    """Units on an engine.

    Args:
        engine: executes them.
        whole: function(shared, unit) that fits a unit and writes its file.
        apart: the same for a unit that ends its process.
        shared: their first argument.
        done: called with each finished unit and its counts.
    """

    def __init__(
        self,
        engine: Engine,
        whole: Callable[..., Counts],
        apart: Callable[..., Counts],
        shared: bytes,
        done: Callable[[Any, Counts], None],
    ) -> None:
        self._engine, self._whole, self._apart, self._done = engine, whole, apart, done
        self._shared = engine.share(shared)
        self._answers: queue.SimpleQueue[tuple[_Attempt, Future]] = queue.SimpleQueue()
        self._again: deque[_Attempt] = deque()
        self._running = 0
        self._error: BaseException | None = None
        self._unfinished: list[UnfinishedUnit] = []

    def execute(self, units: Sequence[AnyUnit], stop: Stop) -> tuple[UnfinishedUnit, ...]:
        """Executes units, in their order as far as several can be, until all are done or `stop`.

        Returns:
            units that could not be finished.

        Raises:
            Exception: an error that is not of one unit; after the running ones.
        """
        waiting = iter(units)
        room, looked = self._room(), time.monotonic()
        while True:
            if time.monotonic() - looked > _PATIENCE:
                room, looked = self._room(), time.monotonic()
            while self._running < room and not stop.requests and self._error is None:
                attempt = self._next(waiting)
                if attempt is None:
                    break
                self._start(attempt)
            if not self._running:
                break
            with suppress(queue.Empty):
                self._finish(*self._answers.get(timeout=_PATIENCE))
        if self._error is not None:
            raise self._error
        return tuple(self._unfinished)

    def _room(self) -> int:
        return self._engine.slots + self._engine.waiting

    def _next(self, waiting: Iterator[AnyUnit]) -> _Attempt | None:
        if self._again:
            return self._again.popleft()
        unit = next(waiting, None)
        return None if unit is None else _Attempt(unit)

    def _start(self, attempt: _Attempt) -> None:
        function = self._apart if attempt.deaths >= DEATHS_UNTIL_APART else self._whole
        future = self._engine.submit(function, self._shared, attempt.unit)
        self._running += 1
        future.add_done_callback(lambda ended: self._answers.put((attempt, ended)))

    def _finish(self, attempt: _Attempt, future: Future) -> None:
        self._running -= 1
        try:
            counts = future.result()
        except Exception as error:
            self._failed(attempt, error)
        else:
            self._done(attempt.unit, counts)

    def _failed(self, attempt: _Attempt, error: Exception) -> None:
        deaths = self._engine.deaths(error)
        attempt.deaths += deaths
        attempt.failures += not deaths
        of_files = isinstance(error, OSError)
        if deaths or of_files:
            if attempt.deaths < MAX_DEATHS and attempt.failures < MAX_ATTEMPTS:
                self._again.append(attempt)
            else:
                self._unfinished.append(UnfinishedUnit(attempt.unit.name, one_line(error)))
        elif self._error is None:
            self._error = error
