"""The number of cores that this process may use."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def available_cores(cgroups: Path = _CGROUPS, own: Path = _OWN) -> int:
    """Cores that the affinity of the process and the quotas of its control groups allow, >= 1.

    Args:
        cgroups: where control groups are mounted, version 2 or 1.
        own: the file that names the group of the process.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    quotas = [quota for folder in _groups(cgroups, own) if (quota := _quota(folder)) is not None]
    # Half a core more is worth a worker.
    return max(1, min([cores, *(int(quota + 0.5) for quota in quotas)]))


def _groups(cgroups: Path, own: Path) -> list[Path]:
    """The folders of the group of the process and of all that contain it."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    folders = []
    for line in lines:
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = cgroups / controllers if controllers else cgroups
        if controllers and not root.is_dir():
            root = cgroups / "cpu"
        inner = Path(path.lstrip("/"))
        folders += [root / inner, *(root / each for each in inner.parents)]
    return folders


def _quota(folder: Path) -> float | None:
    """Cores that a group may use; None: no limit."""
    try:
        if (folder / "cpu.max").is_file():
            quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text(encoding="utf-8").strip()
            period = (folder / "cpu.cfs_period_us").read_text(encoding="utf-8").strip()
        return None if quota == "max" or int(quota) <= 0 else int(quota) / int(period)
    except (OSError, ValueError):
        return None
