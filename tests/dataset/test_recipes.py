"""The recipes of the guide run: scripts of SLURM and Kubernetes by hand, Ray Data and Daft."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import smplceres as sc
from dataset_rows import PATIENT, people, write_rows

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "images_and_videos" / "data_sets.md"


def blocks(language: str) -> list[str]:
    """The blocks of the guide in a language."""
    text = GUIDE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


@pytest.fixture
def folder(tmp_path):
    """A folder with `in`, two units."""
    write_rows(tmp_path / "in" / "a.parquet", people(4), group=2)
    return tmp_path


def run(arguments, folder, **environment) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=os.environ | PATIENT | environment | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_script_of_slurm_fits_its_part(folder) -> None:
    (script,) = blocks("sh")
    (folder / "job.sh").write_text(script)
    for part in ("0", "1"):
        run(["bash", "job.sh"], folder, SLURM_ARRAY_TASK_ID=part)
    assert sc.check_dataset(folder / "in", folder / "out").ok


def test_the_command_of_kubernetes_fits_its_part(folder) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    (job,) = blocks("yaml")
    spec = yaml.safe_load(job)["spec"]
    assert spec["completionMode"] == "Indexed"
    (container,) = spec["template"]["spec"]["containers"]
    for part in ("0", "1"):
        run(container["command"], folder, IN="in", OUT="out", JOB_COMPLETION_INDEX=part)
    assert sc.check_dataset(folder / "in", folder / "out").ok


@pytest.mark.parametrize("package", ["ray.data", "daft"])
def test_the_recipe_of_an_engine_fits_all(folder, package) -> None:
    pytest.importorskip(package, reason=f"{package} is not installed")
    (script,) = [block for block in blocks("py") if f"import {package}" in block]
    (folder / "recipe.py").write_text(script)
    run([sys.executable, "recipe.py"], folder)
    assert sc.check_dataset(folder / "in", folder / "out").ok
