"""Object stores: file systems without rename, and with writes that fail half-way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import smplceres as sc
from dataset_rows import bytes_of
from smplceres.dataset.parquet.store import Store

memory = pytest.importorskip("fsspec.implementations.memory", reason="fsspec is not installed")


class WithoutRename(memory.MemoryFileSystem):
    """A store in memory that cannot move files."""

    protocol = "without_rename"
    store: dict = {}  # noqa: RUF012  # one for all, as of a bucket
    pseudo_dirs = [""]  # noqa: RUF012

    def mv(self, *_, **__):
        raise NotImplementedError("a file is not renamed")

    mv_file = move = rename = mv


class FailingHalfWay(WithoutRename):
    """Every write of a Parquet file fails a number of times, and leaves half of it behind."""

    protocol = "failing"
    store: dict = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    attempts: dict = {}  # noqa: RUF012
    failures = 1

    def _open(self, path, mode="rb", **more):
        file = super()._open(path, mode, **more)
        if mode == "wb" and path.endswith(".parquet"):
            attempt = self.attempts[path] = self.attempts.get(path, 0) + 1
            if attempt <= self.failures:
                whole = file.write

                def write(data):
                    whole(bytes(data)[: len(data) // 2])
                    raise OSError("the connection was lost")

                file.write = write
        return file


class Silent(FailingHalfWay):
    """Loses half of a file and does not say so."""

    protocol = "silent"
    store: dict = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    attempts: dict = {}  # noqa: RUF012

    def _open(self, path, mode="rb", **more):
        file = super()._open(path, mode, **more)
        if getattr(file.write, "__name__", "") == "write" and "write" in vars(file):
            whole = type(file).write
            file.write = lambda data: whole(file, bytes(data)[: len(data) // 2])
        return file


class Refusing(WithoutRename):
    """Takes no files, or those that come before `refuses`."""

    protocol = "refusing"
    store: dict = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    refuses = False

    def _open(self, path, mode="rb", **more):
        if mode == "wb" and self.refuses:
            raise OSError("the store is read-only")
        return super()._open(path, mode, **more)


@pytest.fixture
def stored(source):
    """A function of a kind of store: one with the files of `source`, empty otherwise."""

    def make(kind):
        kind.store.clear()
        if hasattr(kind, "attempts"):
            kind.attempts.clear()
        filesystem = kind()
        for name, content in bytes_of(source).items():
            with memory.MemoryFileSystem._open(filesystem, f"/in/{name}", "wb") as file:
                file.write(content)
        return filesystem

    return make


def fit(filesystem, **options):
    with ThreadPoolExecutor(2) as executor:
        return sc.fit_dataset(
            *("/in", "/out"),
            filesystem=filesystem, executor=executor, rows_per_unit=4, **options,
        )  # fmt: skip


def content(filesystem) -> dict[str, bytes]:
    return {
        path.removeprefix("/out/"): file.getvalue()
        for path, file in filesystem.store.items()
        if path.startswith("/out/") and path.endswith(".parquet")
    }


def test_a_store_without_rename_has_the_same_bytes(stored, fitted) -> None:
    filesystem = stored(WithoutRename)
    assert fit(filesystem).resumed_units == 0
    assert content(filesystem) == bytes_of(fitted)
    assert fit(filesystem).resumed_units == 8
    assert sc.check_dataset("/in", "/out", filesystem=filesystem).ok


@pytest.mark.parametrize("kind", [FailingHalfWay, Silent])
def test_writes_that_fail_half_way_are_repeated(stored, fitted, kind, monkeypatch) -> None:
    filesystem = stored(kind)
    assert fit(filesystem).complete
    assert content(filesystem) == bytes_of(fitted)
    assert set(kind.attempts.values()) == {2}


def test_writes_that_keep_failing_are_reported_and_leave_nothing(
    stored, fitted, monkeypatch
) -> None:
    filesystem = stored(FailingHalfWay)
    monkeypatch.setattr(FailingHalfWay, "failures", 100)
    report = fit(filesystem)
    assert len(report.unfinished) == report.units == 8
    assert "the connection was lost" in report.unfinished[0].error
    assert content(filesystem) == {}
    monkeypatch.setattr(FailingHalfWay, "failures", 0)
    assert fit(filesystem).complete
    assert content(filesystem) == bytes_of(fitted)


def test_a_failed_second_write_leaves_the_whole_file_of_the_first(monkeypatch) -> None:
    """An engine may call a unit twice, and the second call fail after the first has answered."""
    Refusing.store.clear()
    store = Store("/out", Refusing())
    store.write("a.parquet", b"whole")
    monkeypatch.setattr(Refusing, "refuses", True)
    with pytest.raises(OSError, match="the store is read-only"):
        store.write("a.parquet", b"whole")
    assert store.read("a.parquet") == b"whole"


def test_half_a_file_under_its_name_is_redone(stored, fitted) -> None:
    """As a process that is killed leaves it, where a store shows what is not whole."""
    filesystem = stored(WithoutRename)
    fit(filesystem)
    path = "/out/a/00000-00000000.parquet"
    half = filesystem.store[path].getvalue()[:1000]
    with filesystem.open(path, "wb") as file:
        file.write(half)
    assert fit(filesystem).resumed_units == 7
    assert content(filesystem) == bytes_of(fitted)


def test_another_kind_of_file_system_is_refused(source) -> None:
    with pytest.raises(TypeError, match=r"filesystem: expected one of pyarrow.fs or fsspec, got"):
        sc.fit_dataset(source, "/out", filesystem=3)
