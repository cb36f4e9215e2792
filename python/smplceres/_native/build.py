"""Which core runs here, and what it was made of."""

from __future__ import annotations

from importlib.metadata import version

from . import _core
from .choice import core_files


def build_info() -> dict[str, str | bool | list[str]]:
    """What runs here, for reports of errors and of times.

    Returns:
        version: of smplceres.
        arch: "v3" (AVX2 and FMA) or "baseline", the core that was loaded: the best that this
            processor runs, or what SMPLCERES_ARCH in the environment said at import.
        archs: the cores that were built.
        ceres, eigen, compiler: versions.
        ceres_from: "system", or "source" where it was built for the core alone.
        suitesparse: whether that Ceres links SuiteSparse, which is in part GPL.
        simd: the instruction sets that Eigen uses.
    """
    return {"version": version("smplceres"), "archs": list(core_files()), **_core.build()}
