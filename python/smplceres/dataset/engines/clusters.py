"""Dask, Ray and other executors behind the adapter; each needs its own package."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

from .engine import Future

# Attempts of its own after which Dask gives a task up (its setting `allowed-failures` is more):
# they count as the two after which a unit is fitted in pieces.
_KILLED_WORKER = 2


class DaskEngine:
    """A `distributed.Client`.

    Args:
        client: a client, or None for a new one.
        address: of a scheduler, for a new client; None: a cluster on this machine.
        workers: number of workers on this machine, without an address.
    """

    def __init__(
        self, client: Any = None, *, address: str | None = None, workers: int | None = None
    ) -> None:
        try:
            self._dask: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise ImportError(
                "engine dask needs distributed: pip install 'smplceres[dask]'"
            ) from error
        self._own = client is None
        # The number of workers at which a cluster on this machine is kept.
        self._workers = workers if client is None and address is None else None
        if client is None and address is not None:
            client = self._dask.Client(address)
        elif client is None:
            client = self._dask.Client(
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0"
            )
        self._client = client

    @property
    def slots(self) -> int:
        cores = int(sum(self._client.ncores().values()))
        if self._workers is not None and cores < self._workers:
            # Dask gives a worker up that dies while it starts, or that starts too slowly: without
            # any, tasks would wait for ever.
            self._client.cluster.scale(self._workers)
        return max(1, cores)

    @property
    def waiting(self) -> int:
        return self.slots

    def share(self, value: bytes) -> object:
        # The result of a task is made again where the workers that have it die; what is scattered
        # would be lost.
        return self._client.submit(_itself, value)

    def submit(self, function: Callable[..., Any], shared: object, *args: Any) -> Future:
        future: Future = self._client.submit(function, shared, *args, pure=False)
        return future

    def deaths(self, error: BaseException) -> int:
        return _KILLED_WORKER if isinstance(error, self._dask.scheduler.KilledWorker) else 0

    def close(self, now: bool = False) -> None:
        if self._own:
            self._client.close()


def _itself(value: bytes) -> bytes:
    return value


class RayEngine:
    """Ray's tasks, one core each.

    Args:
        address: of a cluster, "auto" for that of this machine; None: the one that is connected, or
            a new one on this machine.
        workers: number of cores of a new one.
    """

    def __init__(self, *, address: str | None = None, workers: int | None = None) -> None:
        try:
            self._ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise ImportError("engine ray needs ray: pip install 'smplceres[ray]'") from error
        self._own = not self._ray.is_initialized()
        if self._own:
            more: dict[str, Any] = {}
            if address is None and not os.environ.get("RAY_ADDRESS"):
                address, more = "local", {"num_cpus": workers, "include_dashboard": False}
            self._ray.init(address=address, log_to_driver=True, **more)
        self._remote: dict[Callable[..., Any], Any] = {}

    @property
    def slots(self) -> int:
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    @property
    def waiting(self) -> int:
        return self.slots

    def share(self, value: bytes) -> object:
        reference: object = self._ray.put(value)
        return reference

    def submit(self, function: Callable[..., Any], shared: object, *args: Any) -> Future:
        if function not in self._remote:
            self._remote[function] = self._ray.remote(num_cpus=1, max_retries=0)(function)
        future: Future = self._remote[function].remote(shared, *args).future()
        return future

    def deaths(self, error: BaseException) -> int:
        names = ("WorkerCrashedError", "NodeDiedError", "OutOfMemoryError", "LocalRayletDiedError")
        kinds = tuple(getattr(self._ray.exceptions, name) for name in names)
        return int(isinstance(error, kinds))

    def close(self, now: bool = False) -> None:
        if self._own:
            self._ray.shutdown()


class ExecutorEngine:
    """An executor of concurrent.futures, or one like it."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    @property
    def slots(self) -> int:
        return int(getattr(self._executor, "_max_workers", 1))

    @property
    def waiting(self) -> int:
        return self.slots

    def share(self, value: bytes) -> object:
        return value

    def submit(self, function: Callable[..., Any], shared: object, *args: Any) -> Future:
        future: Future = self._executor.submit(function, shared, *args)
        return future

    def deaths(self, error: BaseException) -> int:
        return 0

    def close(self, now: bool = False) -> None:
        pass
