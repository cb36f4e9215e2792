"""Fixtures of this folder, whose tests need pyarrow."""

from __future__ import annotations

import pytest

pytest.importorskip("pyarrow", reason="data sets need pyarrow: pip install 'smplceres[dataset]'")

import smplceres as sc
from dataset_rows import people, write_rows


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """A folder with two files of 20 and 5 people, in row groups of 7."""
    folder = tmp_path_factory.mktemp("in")
    rows = people(25)
    write_rows(folder / "a.parquet", rows[:20])
    write_rows(folder / "more" / "b.parquet", rows[20:], first_id=100)
    return folder


@pytest.fixture(scope="session")
def fitted(source, tmp_path_factory):
    """The output of an undisturbed run on `source`."""
    out = tmp_path_factory.mktemp("fitted") / "out"
    report = sc.fit_dataset(source, out, rows_per_unit=4, workers=1)
    assert report.complete
    return out
