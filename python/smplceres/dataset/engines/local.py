"""Processes on this machine; one that dies is replaced, and only its own task knows."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .engine import Future, WorkerDiedError
from .worker import WorkerProcess


class LocalEngine:
    """A thread for each worker process, which waits for its answers."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="smplceres-worker")
        self._idle: queue.SimpleQueue[WorkerProcess] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._busy: set[WorkerProcess] = set()

    @property
    def slots(self) -> int:
        return self._workers

    @property
    def waiting(self) -> int:
        return 0

    def share(self, value: bytes) -> object:
        return value

    def submit(self, function: Callable[..., Any], shared: object, *args: Any) -> Future:
        return self._threads.submit(self._call, function, shared, args)

    def deaths(self, error: BaseException) -> int:
        return int(isinstance(error, WorkerDiedError))

    def close(self, now: bool = False) -> None:
        if now:
            with self._lock:
                for process in self._busy:
                    process.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().end()

    def _call(self, function: Callable[..., Any], shared: Any, args: tuple[Any, ...]) -> Any:
        try:
            process = self._idle.get_nowait()
        except queue.Empty:
            process = WorkerProcess()
        with self._lock:
            self._busy.add(process)
        try:
            value = process.call(function, shared, args)
        except WorkerDiedError:
            raise
        except BaseException:
            self._idle.put(process)
            raise
        else:
            self._idle.put(process)
        finally:
            with self._lock:
                self._busy.discard(process)
        return value
