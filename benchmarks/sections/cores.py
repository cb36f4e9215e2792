"""The cores of a wheel beside each other, in processes of their own: benchmarks/cores.py."""

from __future__ import annotations

from collections import defaultdict

import cores
import smplceres as sc
from timing import summary

from .given import Given, LeftOutError


def measure(given: Given) -> dict[str, object]:
    archs = list(sc.build_info()["archs"])
    if len(archs) < 2:
        raise LeftOutError(f"needs an smplceres of two cores (`make wheel`), got {archs}")
    figures: dict[str, dict[str, list[float]]] = {arch: defaultdict(list) for arch in archs}
    for _ in range(given.count(3, 1)):
        for arch in archs:
            for name, value in cores.measure(arch, given.count(60, 2)).items():
                figures[arch][name].append(value)
    return {
        arch: {name: summary(values) for name, values in measured.items()}
        for arch, measured in figures.items()
    }
