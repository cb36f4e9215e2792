"""benchmarks/run.py writes what it measured; page and README show the recorded run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import page

BENCHMARKS = Path(page.__file__).parent
ROOT = BENCHMARKS.parent


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """The output of a short run of one section."""
    out = tmp_path_factory.mktemp("run") / "figures.json"
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--quick", "--only", "fits"]
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def recorded() -> dict:
    """The run whose figures the documentation shows."""
    return json.loads((page.FOLDER / "figures.json").read_text(encoding="utf-8"))


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
    assert f"{page.number(cold['median'])} ms" in text  # in the table of requirements
    assert "benchmarks/fits.svg" in text and "benchmarks/forward.svg" not in text
    assert text.count("Not measured") == len(page.SECTIONS) - 1
    assert "Not measured" in page.readme_table(figures)


def test_the_page_of_figures_is_that_of_the_recorded_run(recorded) -> None:
    assert (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8") == page.page(recorded)


def test_the_table_of_the_readme_is_that_of_the_recorded_run(recorded) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert page.replace_marked(readme, page.readme_table(recorded)) == readme
    fits = recorded["smplify_x"]["fits"]
    assert f"{fits['default']['pa_mean_mm']:.0f} mm" in readme
    assert f"{fits['SMPLify-X']['failed']} of {fits['SMPLify-X']['ms']['count']}" in readme
