"""Cores that affinity and control groups allow."""

from __future__ import annotations

import os

import pytest

from smplceres.base.cores import available_cores


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A function of files of control groups and of the process's own group: the cores of 16."""

    def cores(files: dict[str, str], own: str) -> int:
        for name, text in files.items():
            path = tmp_path / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / "own").write_text(own)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(16), raising=False)
        return available_cores(tmp_path / "cgroup", tmp_path / "own")

    return cores


@pytest.mark.parametrize(
    ("files", "own", "expected"),
    [
        ({}, "", 16),
        ({"cpu.max": "max 100000"}, "0::/", 16),
        ({"cpu.max": "400000 100000"}, "0::/", 4),
        ({"cpu.max": "20000 100000"}, "0::/", 1),
        ({"cpu.max": "max 100000", "a/cpu.max": "300000 100000"}, "0::/a/b", 3),
        ({"cpu/job/cpu.cfs_quota_us": "250000", "cpu/job/cpu.cfs_period_us": "100000"},
         "4:cpu,cpuacct:/job", 3),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, "4:cpu:/", 16),
        ({"memory/cpu.max": "100000 100000"}, "4:memory:/", 16),
        ({"cpu.max": "damaged"}, "0::/", 16),
    ],
)  # fmt: skip
def test_quotas_limit_the_cores(groups, files, own, expected) -> None:
    assert groups(files, own) == expected


def test_this_process_has_a_core() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)
