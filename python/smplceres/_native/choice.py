"""The choice among the cores of a wheel: one for each instruction set.

A wheel holds `_core_baseline` and, on x86-64, `_core_v3` (AVX2, FMA). One of them is loaded, under
the name `_core`.
"""

from __future__ import annotations

import os
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType

from ._cpu import has_v3

ARCHS = ("v3", "baseline")  # the fastest first


def load_core(name: str) -> ModuleType:
    """Loads the fastest core that was built and runs on this machine, as the module `name`.

    Raises:
        ImportError: no core was built that runs here, or SMPLCERES_ARCH names another.
    """
    files = core_files()
    spec = spec_from_file_location(name, files[_chosen(list(files))])
    assert spec is not None and spec.loader is not None
    core = module_from_spec(spec)
    spec.loader.exec_module(core)
    return core


def core_files() -> dict[str, str]:
    """Paths of the cores that were built, by arch, the fastest first."""
    specs = {arch: find_spec(f"{__package__}._core_{arch}") for arch in ARCHS}
    return {arch: spec.origin for arch, spec in specs.items() if spec and spec.origin}


def _chosen(built: list[str]) -> str:
    runs = [arch for arch in built if arch != "v3" or has_v3()]
    asked = os.environ.get("SMPLCERES_ARCH", "")
    if asked in runs or (runs and not asked):
        return asked or runs[0]
    expected = " or ".join(runs) or "a core, of which none was built"
    raise ImportError(f"SMPLCERES_ARCH: expected {expected} on this machine, got {asked!r}")
