"""Version, instruction set and libraries of the core that is loaded."""

from __future__ import annotations

from importlib.metadata import version

from . import _core
from .choice import core_files


def build_info() -> dict[str, str | bool | list[str]]:
    """Version, instruction set and libraries of the loaded core, for bug reports and timings.

    Returns:
        version: of smplceres.
        arch: "v3" (AVX2 and FMA) or "baseline", the core that was loaded: the fastest that this
            processor runs, or the one that the environment variable SMPLCERES_ARCH named at import.
        archs: the cores that were built.
        ceres, eigen, compiler: versions.
        ceres_from: "system", or "source" if Ceres was built for this core.
        suitesparse: whether that Ceres links SuiteSparse, which is in part GPL.
        simd: instruction sets that Eigen uses.
    """
    return {"version": version("smplceres"), "archs": list(core_files()), **_core.build()}
