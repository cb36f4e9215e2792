"""The one adapter between a run and what executes its units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class WorkerDiedError(RuntimeError):
    """The process that executed a task ended before the task did."""


class Future(Protocol):
    """A running task; those of concurrent.futures, Dask and Ray have these methods."""

    def result(self) -> Any: ...
    def add_done_callback(self, call: Callable[[Any], Any], /) -> Any: ...


class Engine(Protocol):
    """Executes calls of importable functions in other processes or machines, each at least once."""

    @property
    def slots(self) -> int:
        """The number of tasks that run at once, now: clusters grow and shrink."""
        ...

    @property
    def waiting(self) -> int:
        """The number of further tasks that should wait in the engine, to keep all slots busy."""
        ...

    def share(self, value: bytes) -> object:
        """A handle for a value that all tasks get as their first argument."""
        ...

    def submit(self, function: Callable[..., Any], shared: object, *args: Any) -> Future:
        """Starts function(value, *args) with the value of a handle of `share`."""
        ...

    def deaths(self, error: BaseException) -> int:
        """How many processes died while a task ran, if that is what an error says; otherwise 0."""
        ...

    def close(self, now: bool = False) -> None:
        """Releases what the engine made itself, after the running tasks or `now`."""
        ...
