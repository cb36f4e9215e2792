"""Engines: a worker that dies tells its own task, Dask and Ray write the same bytes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

import smplceres as sc
from dataset_rows import FATAL_X, bytes_of, people, run, table_of, write_rows
from smplceres.dataset.engines.clusters import DaskEngine
from smplceres.dataset.engines.engine import WorkerDiedError
from smplceres.dataset.engines.local import LocalEngine
from smplceres.dataset.scheduling import MAX_ATTEMPTS, MAX_DEATHS, Run, Stop


class Named(NamedTuple):
    name: str


# --- Processes of this machine ---


def answer(shared: bytes, what: str) -> object:
    """A task; workers import this module by its name."""
    print("what a library prints is no answer")
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "raise":
        raise ValueError("an error of the task")
    if what == "raise oddly":

        class OddError(Exception):
            pass

        raise OddError("of no module")
    return shared, os.getpid(), os.environ["OMP_NUM_THREADS"]


def test_workers_answer_raise_die_and_are_replaced() -> None:
    engine = LocalEngine(1)
    shared = engine.share(b"shared")
    value, pid, threads = engine.submit(answer, shared, "").result()
    assert (value, threads) == (b"shared", "1") and pid != os.getpid()
    assert engine.submit(answer, shared, "").result()[1] == pid
    with pytest.raises(ValueError, match="an error of the task"):
        engine.submit(answer, shared, "raise").result()
    with pytest.raises(RuntimeError, match="OddError: of no module"):
        engine.submit(answer, shared, "raise oddly").result()
    assert engine.submit(answer, shared, "").result()[1] == pid
    with pytest.raises(WorkerDiedError, match=r"process died \(SIGKILL\)") as died:
        engine.submit(answer, shared, "die").result()
    assert engine.deaths(died.value) == 1 and engine.deaths(ValueError()) == 0
    assert engine.submit(answer, shared, "").result()[1] != pid
    engine.close()


def meet(shared: bytes, unit: Named) -> str:
    """Ends when as many tasks run at once as there are workers."""
    folder = Path(shared.decode())
    (folder / unit.name).touch()
    end = time.monotonic() + 120
    while len(list(folder.iterdir())) < WORKERS and time.monotonic() < end:
        time.sleep(0.01)
    return "met" if time.monotonic() < end else "alone"


WORKERS = 8


def test_all_workers_are_busy(tmp_path) -> None:
    engine, met = LocalEngine(WORKERS), []
    run_of_units = Run(
        engine, meet, meet, str(tmp_path).encode(), lambda unit, said: met.append(said)
    )
    units = [Named(str(number)) for number in range(2 * WORKERS)]
    assert run_of_units.execute(units, Stop()) == ()
    engine.close()
    assert met == ["met"] * 2 * WORKERS


# --- What is tried again ---


class Scripted:
    """An engine whose answers are written down: by unit, a list of values and errors."""

    slots, waiting = 2, 0

    def __init__(self, answers):
        self.answers, self.calls = {name: list(each) for name, each in answers.items()}, []
        self._pool = ThreadPoolExecutor(1)

    def share(self, value):
        return value

    def submit(self, function, shared, unit):
        self.calls.append((unit.name, function))
        value = self.answers[unit.name].pop(0)

        def task():
            if isinstance(value, Exception):
                raise value
            return value

        return self._pool.submit(task)

    def deaths(self, error):
        return int(isinstance(error, WorkerDiedError))


def execute(answers):
    engine, done = Scripted(answers), {}
    run_of_units = Run(
        engine, "whole", "apart", b"", lambda unit, counts: done.update({unit: counts})
    )
    unfinished = run_of_units.execute([Named(name) for name in answers], Stop())
    return engine, {unit.name: counts for unit, counts in done.items()}, unfinished


def test_a_unit_whose_process_died_twice_is_fitted_apart() -> None:
    died = WorkerDiedError("process died")
    engine, done, unfinished = execute({"a": [died, died, {"ok": 1}], "b": [{"ok": 2}]})
    assert [function for name, function in engine.calls if name == "a"] == ["whole"] * 2 + ["apart"]
    assert done == {"a": {"ok": 1}, "b": {"ok": 2}} and unfinished == ()


def test_a_unit_is_given_up_after_its_attempts() -> None:
    died, lost = WorkerDiedError("process died"), OSError("lost")
    engine, done, unfinished = execute({"a": [died] * 20, "b": [lost] * 20, "c": [lost, {"ok": 1}]})
    assert Counter(name for name, _ in engine.calls) == {"a": MAX_DEATHS, "b": MAX_ATTEMPTS, "c": 2}
    assert done == {"c": {"ok": 1}}
    assert sorted(unfinished) == [("a", "process died"), ("b", "lost")]


def test_an_error_of_no_unit_ends_the_run() -> None:
    with pytest.raises(RuntimeError, match="of the program"):
        execute({"a": [RuntimeError("of the program")], "b": [{"ok": 1}]})


# --- Clusters ---


@pytest.fixture(scope="module")
def dask_client():
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    with distributed.Client(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as client:
        yield client


def test_dask_writes_the_same_bytes(source, fitted, tmp_path, dask_client) -> None:
    report = sc.fit_dataset(source, tmp_path / "out", executor=dask_client, rows_per_unit=4)
    assert report.ok == 25
    assert bytes_of(tmp_path / "out") == bytes_of(fitted)


def test_dask_by_address(source, fitted, tmp_path, dask_client) -> None:
    done = run(
        *(source, tmp_path / "out", "--engine", "dask", "--rows-per-unit", 4),
        *("--address", dask_client.scheduler.address),
    )
    assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "out") == bytes_of(fitted)


def test_dask_replaces_a_worker_that_restarts_slowly() -> None:
    """Dask gives it up, and tasks would wait for ever where it was the only one."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    dask = pytest.importorskip("dask")
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "300ms"}):
        engine = DaskEngine(workers=1)
        shared = engine.share(b"shared")
        os.kill(engine.submit(answer, shared, "").result()[1], signal.SIGKILL)
        future, end = engine.submit(answer, shared, ""), time.monotonic() + 300
        while not future.done() and time.monotonic() < end:
            assert engine.slots == 1
            time.sleep(0.5)
        assert future.done() and future.result()[0] == b"shared"
        engine.close()


@pytest.mark.parametrize(("engine", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_clusters_survive_a_row_that_kills_its_process(tmp_path, engine, package) -> None:
    pytest.importorskip(package, reason=f"{engine} is not installed")
    rows = people(6)
    rows[3, 0, 0] = FATAL_X
    write_rows(tmp_path / "in.parquet", rows, group=3)
    done = run(
        *(tmp_path / "in.parquet", tmp_path / "out", "--engine", engine, "--workers", 2),
        patched=True,
    )
    assert done.returncode == 0, done.stderr
    table = table_of(tmp_path / "out")
    assert table["status"].to_pylist() == ["ok"] * 3 + ["failed"] + ["ok"] * 2
    assert table["error"][3].as_py() == "process died"


def test_ray_writes_the_same_bytes(source, fitted, tmp_path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    done = run(source, tmp_path / "out", "--engine", "ray", "--workers", 2, "--rows-per-unit", 4)
    assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "out") == bytes_of(fitted)


@pytest.mark.parametrize(("engine", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_without_its_package_an_engine_says_what_to_install(
    source, tmp_path, monkeypatch, engine, package
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"pip install 'smplceres\[{engine}\]'"):
        sc.fit_dataset(source, tmp_path / "out", executor=engine)
