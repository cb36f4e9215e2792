"""The engine that the arguments of a run name."""

from __future__ import annotations

from typing import Any

from ...base.checked_numbers import count_of
from ...base.cores import available_cores
from .clusters import DaskEngine, ExecutorEngine, RayEngine
from .engine import Engine
from .local import LocalEngine

ENGINES = ("local", "dask", "ray")


def engine_of(executor: Any, workers: int | None, address: str | None = None) -> Engine:
    """The engine for an executor.

    Args:
        executor: None or "local", "dask", "ray", a `distributed.Client`, or an object with
            `submit(function, *args)` whose futures have `result` and `add_done_callback`.
        workers: of engines on this machine, >= 1; None: the cores that this process may use.
        address: of a Dask scheduler or a Ray cluster.

    Raises:
        ValueError: an unknown name; workers < 1, or with an engine that has its own; an address
            without a cluster.
        TypeError: an object without submit.
        ImportError: Dask or Ray is missing.
    """
    if workers is not None and count_of(workers) is None:
        raise ValueError(f"workers: expected a whole number >= 1 or None, got {workers!r}")
    if address is not None and executor not in ("dask", "ray"):
        raise ValueError("address: expected engine dask or ray with it, got another")
    if workers is not None and (address is not None or not isinstance(executor, str | None)):
        raise ValueError("workers: expected None with workers that run already, got a number")
    if executor is None or executor == "local":
        return LocalEngine(workers or available_cores())
    if executor == "dask":
        return DaskEngine(address=address, workers=workers or available_cores())
    if executor == "ray":
        return RayEngine(address=address, workers=workers or available_cores())
    if isinstance(executor, str):
        raise ValueError(f"executor: expected one of {', '.join(ENGINES)}, got {executor!r}")
    if not callable(getattr(executor, "submit", None)):
        raise TypeError(
            f"executor: expected {', '.join(ENGINES)}, or an object with submit(function, *args), "
            f"got {type(executor).__name__}"
        )
    if type(executor).__module__.partition(".")[0] == "distributed":
        return DaskEngine(executor)
    return ExecutorEngine(executor)
