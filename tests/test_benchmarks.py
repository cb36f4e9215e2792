"""benchmarks/run.py: one command that writes what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).resolve().parents[1] / "benchmarks" / "run.py"


def test_a_run_writes_raw_results_with_machine_and_versions(tmp_path) -> None:
    out = tmp_path / "figures.json"
    command = [sys.executable, str(RUN), "--quick", "--only", "fits", "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    figures = json.loads(out.read_text())
    assert {"cpu", "flags", "cores", "governor"} <= set(figures["machine"])
    assert {"python", "smplceres", "numpy"} <= set(figures["versions"])
    cold = figures["fits"]["default"]["call_ms"]["1"]
    assert cold["count"] == len(cold["samples"])
    assert min(cold["samples"]) <= cold["median"] <= cold["p95"]
    assert list(tmp_path.iterdir()) == [out]
