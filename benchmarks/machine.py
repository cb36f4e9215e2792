"""What figures were measured on and with, without names of machines or people."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import smplceres as sc

# Instruction sets that decide how fast dense algebra is.
FLAGS = ("sse4_2", "avx", "avx2", "fma", "avx512f")
PACKAGES = ("numpy", "scipy", "torch", "smplx", "smplfitter", "numba")


def machine() -> dict[str, object]:
    return {
        "cpu": _cpuinfo("model name") or platform.processor() or platform.machine(),
        "flags": [flag for flag in FLAGS if flag in _cpuinfo("flags").split()],
        "cores": os.cpu_count(),
        "load_at_start": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") or "unknown",
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, object]:
    installed = {name: _version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "smplceres": sc.build_info(), **installed}


def _cpuinfo(key: str) -> str:
    for line in _read("/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
