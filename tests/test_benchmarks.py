"""benchmarks/run.py: one command that writes what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import page

BENCHMARKS = Path(page.__file__).parent


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """What a short run of one section wrote."""
    out = tmp_path_factory.mktemp("run") / "figures.json"
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--quick", "--only", "fits"]
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    return out


def test_a_run_writes_raw_results_with_machine_and_versions(run) -> None:
    figures = json.loads(run.read_text())
    assert {"cpu", "flags", "cores", "governor"} <= set(figures["machine"])
    assert {"python", "smplceres", "numpy"} <= set(figures["versions"])
    cold = figures["fits"]["default"]["call_ms"]["1"]
    assert cold["count"] == len(cold["samples"])
    assert min(cold["samples"]) <= cold["median"] <= cold["p95"]
    assert list(run.parent.iterdir()) == [run]  # nothing is left beside it


def test_the_page_has_what_was_measured_and_says_what_was_not(run) -> None:
    figures = json.loads(run.read_text())
    cold = figures["fits"]["default"]["call_ms"]["1"]
    text = page.page(figures)
    assert f"{page.number(cold['median'])} ms" in text  # in the table of bars
    assert "benchmarks/fits.svg" in text and "benchmarks/forward.svg" not in text
    assert text.count("Not measured") == len(page.SECTIONS) - 1
    assert "one start" in page.readme_table(figures)


def test_the_readme_has_the_marks_between_which_its_table_goes() -> None:
    readme = (BENCHMARKS.parent / "README.md").read_text()
    assert "new table" in page.replace_marked(readme, "new table")
