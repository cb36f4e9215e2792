"""tools/record_results.py: which differences between two recordings it reports."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import record_results
from recording import archive, contents
from smplceres import Stage

BEFORE = {
    "fit/betas": np.array([0.25, -1.5, np.nan]),
    "fit/termination": np.array("CONVERGENCE"),
    "body/joints": np.zeros((2, 3)),
}


def compared(tmp_path, after, *options: str) -> int:
    paths = [tmp_path / "before.npz", tmp_path / "after.npz"]
    for path, arrays in zip(paths, (BEFORE, after), strict=True):
        archive.write(path, arrays)
    return record_results.main(["compare", *map(str, paths), *options])


def test_equal_recordings_agree(tmp_path, capsys) -> None:
    assert compared(tmp_path, {name: array.copy() for name, array in BEFORE.items()}) == 0
    assert capsys.readouterr().out == "0 of 3 arrays differ\n"


def test_a_changed_bit_is_reported_with_its_size(tmp_path, capsys) -> None:
    betas = BEFORE["fit/betas"].copy()
    betas[1] = np.nextafter(betas[1], 0)
    assert compared(tmp_path, BEFORE | {"fit/betas": betas}) == 1
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("fit/betas: 1 of 3 numbers differ by up to 2.22e-16")
    assert others == ["1 of 3 arrays differ"]


@pytest.mark.parametrize(
    ("name", "array", "reported"),
    [
        ("fit/termination", np.array("NO_CONVERGENCE"), "'CONVERGENCE' became 'NO_CONVERGENCE'"),
        ("body/joints", -np.zeros((2, 3)), "signs of zeros"),
        ("body/joints", np.zeros((2, 3), np.float32), "became float32 (2, 3)"),
        ("body/joints", np.zeros((3, 2)), "became float64 (3, 2)"),
        ("fit/betas", np.array([0.25, -1.5, 0.0]), "by NaN or infinity"),
    ],
)
def test_other_contents_are_reported(tmp_path, capsys, name, array, reported) -> None:
    assert compared(tmp_path, BEFORE | {name: array}) == 1
    assert reported in capsys.readouterr().out.splitlines()[0]


def test_a_name_that_one_recording_lacks_is_reported(tmp_path, capsys) -> None:
    after = {name: array for name, array in BEFORE.items() if name != "body/joints"}
    assert compared(tmp_path, after | {"fit/transl": np.zeros(3)}) == 1
    assert capsys.readouterr().out.splitlines() == [
        "body/joints: only in the first",
        "fit/transl: only in the second",
        "2 of 4 arrays differ",
    ]


def test_a_pattern_leaves_other_names_out(tmp_path) -> None:
    after = BEFORE | {"body/joints": np.ones((2, 3))}
    assert compared(tmp_path, after, "--only", "fit") == 0
    assert compared(tmp_path, after, "--only", "body/*") == 1


def test_a_changed_weight_of_a_stage_is_in_its_arrays() -> None:
    stage, changed = Stage(), Stage()
    changed.shape_prior.weight += 1
    before, after = (contents.arrays_of("stage", each) for each in (stage, changed))
    assert list(archive.differences(before, after)) == ["stage/shape_prior/weight"]


def test_cases_are_recorded_by_name(tmp_path) -> None:
    path = tmp_path / "recorded.npz"
    assert record_results.main(["record", str(path), "--only", "coordinates"]) == 0
    names = archive.read(path).keys()
    assert {name.split("/")[0] for name in names} == {"coordinates"}
    assert "coordinates/z-up/points" in names


def test_a_case_that_fails_is_named_and_the_others_recorded(tmp_path, monkeypatch, capsys) -> None:
    def failing() -> dict[str, object]:
        raise ValueError("betas: expected 10, got 3")

    cases = {"bad": failing, "good": lambda: {"answer": 42}}
    monkeypatch.setattr(record_results, "CASES", cases)
    path = tmp_path / "recorded.npz"
    assert record_results.main(["record", str(path)]) == 1
    assert "1 cases failed: bad" in capsys.readouterr().out
    assert list(archive.read(path)) == ["good/answer"]
