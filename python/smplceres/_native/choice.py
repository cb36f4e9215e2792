"""The choice among the cores of a wheel: one for each instruction set.

They are `_core_baseline` and, on x86-64, `_core_v3` (AVX2, FMA). Each is the module `_core`, of
which one is loaded.
"""

from __future__ import annotations

import os
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType

from ._cpu import has_v3

ARCHS = ("v3", "baseline")  # the best first


def load_core(name: str) -> ModuleType:
    """The best core that was built and runs here, as the module `name`.

    Raises:
        ImportError: SMPLCERES_ARCH names none that does.
    """
    files = core_files()
    spec = spec_from_file_location(name, files[_chosen(list(files))])
    assert spec is not None and spec.loader is not None
    core = module_from_spec(spec)
    spec.loader.exec_module(core)
    return core


def core_files() -> dict[str, str]:
    """Where the cores are that were built, by arch, the best first."""
    specs = {arch: find_spec(f"{__package__}._core_{arch}") for arch in ARCHS}
    return {arch: spec.origin for arch, spec in specs.items() if spec and spec.origin}


def _chosen(built: list[str]) -> str:
    runs = [arch for arch in built if arch != "v3" or has_v3()]
    asked = os.environ.get("SMPLCERES_ARCH", "")
    if asked in runs or (runs and not asked):
        return asked or runs[0]
    expected = " or ".join(runs) or "a core, of which none was built"
    raise ImportError(f"SMPLCERES_ARCH: expected {expected} on this machine, got {asked!r}")
