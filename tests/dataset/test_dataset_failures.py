"""What is killed, damaged or not fittable: nothing lost, nothing twice, and a row fails alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import smplceres as sc
from dataset_rows import (
    FATAL_X,
    bytes_of,
    fixed,
    people,
    run,
    start,
    table_of,
    with_camera,
    write_rows,
)

RESULTS = (
    *("global_orient", "body_pose", "betas", "transl", "joints", "sigma_px"),
    *("median_residual_px", "cost", "fx", "fy", "cx", "cy", "alternatives"),
)


def fit(source: Path, out: Path, **options) -> sc.DatasetReport:
    """In a thread, without the start of a process."""
    with ThreadPoolExecutor(1) as executor:
        return sc.fit_dataset(source, out, executor=executor, **options)


def wait_for_files(folder: Path, count: int, process: subprocess.Popen) -> None:
    """Until a running program has written some files."""
    while len(bytes_of(folder)) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def children_of(pid: int) -> list[int]:
    return [
        int(child)
        for path in Path(f"/proc/{pid}/task").glob("*/children")
        for child in path.read_text().split()
    ]


def same_rows(table: pa.Table, other: pa.Table, but: int) -> None:
    """All rows are equal but one; the one is failed and holds nulls."""
    for number, (row, expected) in enumerate(
        zip(table.to_pylist(), other.to_pylist(), strict=True)
    ):
        if number != but:
            assert row == expected
        else:
            assert row["status"] == "failed"
            assert row["row_id"] == expected["row_id"]
            assert all(row[name] is None for name in RESULTS)


@pytest.mark.parametrize(
    ("keypoints", "name", "said"),
    [
        ([np.nan] * 75, "openpose_body25", "keypoints: expected at least 3"),
        ([1.0, 2.0, 0.9] * 2, "openpose_body25", "keypoints: expected [K, 3] with K = 25"),
        ([1.0] * 75, "body26", "body26"),
        ([1.0] * 74, "openpose_body25", "keypoints: expected 3K numbers or [K, 3], got [74]"),
        (None, "openpose_body25", "keypoints: expected numbers, got null"),
        ([], "openpose_body25", "keypoints: expected 3K numbers or [K, 3], got [0]"),
    ],
)
def test_a_bad_row_fails_alone(tmp_path, keypoints, name, said) -> None:
    rows = [row.ravel().tolist() for row in people(5)]
    formats = ["openpose_body25"] * 5
    for folder, bad, chosen in (("good", rows[2], formats[2]), ("bad", keypoints, name)):
        columns = {"keypoints": [*rows[:2], bad, *rows[3:]]}
        columns["keypoint_format"] = [*formats[:2], chosen, *formats[3:]]
        (tmp_path / folder).mkdir()
        pq.write_table(with_camera(columns), tmp_path / folder / "in.parquet")
        report = fit(tmp_path / folder / "in.parquet", tmp_path / folder / "out")
        assert (report.failed, report.rows) == (int(folder == "bad"), 5)
    table = table_of(tmp_path / "bad" / "out")
    same_rows(table, table_of(tmp_path / "good" / "out"), but=2)
    assert said in table["error"][2].as_py()


def test_lists_that_arrow_cannot_read_are_one_error(tmp_path) -> None:
    """Of fixed size, with nulls."""
    rows = people(2)
    mask = pa.array([False, True])
    keypoints = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 75, mask=mask)
    pq.write_table(with_camera({"keypoints": keypoints}), tmp_path / "in.parquet")
    try:
        pq.read_table(tmp_path / "in.parquet")
    except pa.ArrowInvalid:
        with pytest.raises(ValueError, match=r"in.parquet: expected columns that pyarrow can read"):
            fit(tmp_path / "in.parquet", tmp_path / "out")
    else:  # a pyarrow without this fault
        assert fit(tmp_path / "in.parquet", tmp_path / "out").failed == 1


def test_two_visible_keypoints_and_a_bad_camera_fail(tmp_path) -> None:
    rows = people(3)
    rows[0, 2:, 2] = 0
    table = with_camera({"keypoints": fixed(rows)})
    table = table.set_column(1, "fx", pa.array([900.0, -1.0, 900.0]))
    pq.write_table(table, tmp_path / "in.parquet")
    report = fit(tmp_path / "in.parquet", tmp_path / "out")
    assert (report.ok, report.failed) == (1, 2)
    errors = table_of(tmp_path / "out")["error"].to_pylist()
    assert "at least 3" in errors[0] and "fx" in errors[1] and errors[2] is None


def test_a_bad_row_ends_the_run_if_it_shall(tmp_path) -> None:
    rows = people(9)
    rows[4] = np.nan
    write_rows(tmp_path / "in.parquet", rows)
    with pytest.raises(ValueError, match=r"in.parquet: row 4: keypoints: expected at least 3"):
        fit(tmp_path / "in.parquet", tmp_path / "out", on_error="raise", rows_per_unit=2)
    written = set(bytes_of(tmp_path / "out"))
    assert {"in/00000-00000000.parquet", "in/00000-00000002.parquet"} <= written
    assert "in/00000-00000004.parquet" not in written


def test_a_row_that_kills_its_process_fails_alone(tmp_path) -> None:
    rows = people(9)
    write_rows(tmp_path / "good" / "in.parquet", rows)
    rows[3, 0, 0] = FATAL_X
    write_rows(tmp_path / "bad" / "in.parquet", rows)
    for folder in ("good", "bad"):
        done = run(tmp_path / folder, tmp_path / folder / "out", "--workers", 2, patched=True)
        assert done.returncode == 0, done.stderr
    table = table_of(tmp_path / "bad" / "out")
    same_rows(table, table_of(tmp_path / "good" / "out"), but=3)
    assert table["error"][3].as_py() == "process died"


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("files", [1, 3, 6])
def test_a_killed_driver_loses_nothing(source, fitted, tmp_path, files) -> None:
    out = tmp_path / "out"
    arguments = (source, out, "--rows-per-unit", 4, "--workers", 2)
    process = start(*arguments)
    wait_for_files(out, files, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert run(*arguments).returncode == 0
    assert bytes_of(out) == bytes_of(fitted)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds workers in /proc")
def test_killed_workers_lose_nothing(source, fitted, tmp_path) -> None:
    out = tmp_path / "out"
    process = start(source, out, "--rows-per-unit", 4, "--workers", 2)
    for files in (0, 2, 5):
        wait_for_files(out, files, process)
        for child in children_of(process.pid)[:1]:
            os.kill(child, signal.SIGKILL)
    said, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    assert said.startswith("25 rows: 25 ok")
    assert bytes_of(out) == bytes_of(fitted)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_finishes_the_units_at_hand(source, fitted, tmp_path, number) -> None:
    out = tmp_path / "out"
    process = start(source, out, "--rows-per-unit", 4, "--workers", 1)
    wait_for_files(out, 1, process)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (130, "smplceres: interrupted\n")
    whole, part = bytes_of(fitted), bytes_of(out)
    assert part.items() <= whole.items() and len(part) < len(whole)
    assert not list(out.rglob("*.unfinished"))


def test_what_is_damaged_is_redone_and_the_check_says_what(source, fitted, tmp_path) -> None:
    rows, out = tmp_path / "in", tmp_path / "out"
    write_rows(rows / "a.parquet", people(10))
    write_rows(rows / "b.parquet", people(5, seed=1))

    def fit_rows():
        return fit(rows, out, rows_per_unit=4)

    fit_rows()
    whole = bytes_of(out)
    check = sc.check_dataset(rows, out)
    assert check.ok and (check.rows, check.rows_found) == (15, 15)

    (out / "a" / "00000-00000000.parquet").unlink()
    half = out / "a" / "00000-00000004.parquet"
    half.write_bytes(half.read_bytes()[:-100])
    other = out / "b" / "00000-00000000.parquet"
    other.write_bytes((out / "a" / "00001-00000000.parquet").read_bytes())
    (out / "c.parquet").write_bytes(other.read_bytes())
    check = sc.check_dataset(rows, out)
    assert not check.ok
    assert check.missing == ("a/00000-00000000.parquet",)
    assert check.wrong == ("a/00000-00000004.parquet", "b/00000-00000000.parquet")
    assert check.foreign == ("c.parquet",)
    done = run(rows, out, "--check")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [
        "missing\ta/00000-00000000.parquet",
        "wrong\ta/00000-00000004.parquet",
    ]

    (out / "c.parquet").unlink()
    assert fit_rows().resumed_units == 2
    assert bytes_of(out) == whole
    assert run(rows, out, "--check").returncode == 0

    write_rows(rows / "b.parquet", people(5, seed=2))  # the input changes
    assert sc.check_dataset(rows, out).wrong == (
        "b/00000-00000000.parquet",
        "b/00000-00000004.parquet",
    )
    assert fit_rows().resumed_units == 3
    assert sc.check_dataset(rows, out).ok


def test_what_a_killed_process_left_is_removed_after_a_day(source, fitted) -> None:
    old, new = (fitted / "a" / f".{name}.unfinished" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"PAR1")
    os.utime(old, (0, 0))
    sc.fit_dataset(source, fitted, rows_per_unit=4)
    assert not old.exists() and new.exists()
    new.unlink()


def test_the_check_needs_a_configuration(source, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"out: expected a folder of fit_dataset, found no"):
        sc.check_dataset(source, tmp_path)
    (tmp_path / "_smplceres.json").write_text("{")
    with pytest.raises(ValueError, match=r"expected a configuration, got a damaged file"):
        sc.check_dataset(source, tmp_path)
    (tmp_path / "_smplceres.json").write_text(json.dumps({"rows_per_unit": 0}))
    with pytest.raises(ValueError, match=r"expected rows_per_unit in the configuration"):
        sc.check_dataset(source, tmp_path)


def test_files_that_cannot_be_written_are_reported(source, tmp_path, monkeypatch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "more").write_text("in the way of a folder")
    done = run(source, out, "--workers", 1)
    assert done.returncode == 1
    assert "24 ok" not in done.stdout and "1 unfinished" in done.stdout
    assert "smplceres: unfinished: more/b/00000-00000000.parquet: " in done.stderr
