"""`smplceres info` and `demo`, and the help of all commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smplceres
from cli_runs import (
    ENDINGS,
    PICTURES,
    assert_one_line_error,
    smplceres_command,
    with_module_missing,
)
from smplceres import FitResult
from smplceres.body.model_files import write_body_model
from smplceres.synthetic import make_body_model_arrays


def test_info_describes_the_built_in_body(folder):
    run = smplceres_command("info", folder=folder)
    assert (run.returncode, run.stderr) == (0, "")
    model = smplceres.load_body_model()
    said = run.stdout
    for name, value in (
        ("vertices", model.num_vertices),
        ("faces", len(model.faces)),
        ("joints", 24),
        ("betas", model.num_betas),
        ("height", f"{np.ptp(model.v_template[:, 1]):.3f} m"),
    ):
        assert re.search(rf"^  {name} +{value}\b", said, re.M)
    for name in (*model.landmarks, *smplceres.FORMATS):
        assert name in said
    assert re.search(r"mediapipe33 +23 of 33", said)


def test_info_shows_the_joints_as_a_tree(folder):
    said = smplceres_command("info", folder=folder).stdout
    model = smplceres.load_body_model()
    row = {
        name: re.search(rf"^ +{j}( +){name}$", said, re.M)
        for j, name in enumerate(model.joint_names)
    }
    for child, parent in enumerate(model.parents):
        if parent >= 0:
            below, above = row[model.joint_names[child]], row[model.joint_names[parent]]
            assert len(below[1]) == len(above[1]) + 2
            assert below.start() > above.start()


def test_info_describes_a_file_that_knows_no_landmarks(folder):
    arrays = make_body_model_arrays(1)
    arrays.landmarks.clear()
    write_body_model(folder / "plain.npz", arrays)
    run = smplceres_command("info", "plain.npz", folder=folder)
    assert run.returncode == 0, run.stderr
    assert "none known" in run.stdout
    assert re.search(r"openpose_body25 +14 of 25", run.stdout)
    assert re.search(r"smpl24 +24 of 24", run.stdout)


def test_demo_fits_both_photographs_as_fit_would(folder):
    pytest.importorskip("skimage", reason="the demo extra is not installed")
    run = smplceres_command("demo", "--out", "out", folder=folder)
    assert (run.returncode, run.stderr) == (0, "")
    for name in ("cameraman", "astronaut"):
        command = f"smplceres fit out/{name}.json --image out/{name}.png --out out"
        assert f"$ {command}\n" in run.stdout
        packaged = files("smplceres") / "data" / "photos" / f"{name}_mediapipe.json"
        assert (folder / f"out/{name}.json").read_text() == packaged.read_text()
        for ending in (*ENDINGS, *PICTURES):
            assert (folder / f"out/{name}_person0{ending}").is_file()
    looked_at = run.stdout.split("Look at\n")[1].split()
    assert len(looked_at) == 4
    assert all(Image.open(folder / path).size == (512, 512) for path in looked_at)

    again = smplceres_command(*command.split()[1:-1], "again", folder=folder)
    assert again.returncode == 0, again.stderr
    first, second = (
        FitResult.load(folder / where / "astronaut_person0.npz") for where in ("out", "again")
    )
    assert (first.vertices == second.vertices).all()


@pytest.mark.parametrize("module", ["skimage", "PIL"])
def test_demo_without_its_extra_names_the_pip_command(folder, module):
    run = with_module_missing(module, "demo", "--out", "out", folder=folder)
    assert_one_line_error(run, "pip install 'smplceres[demo]'")


COMMANDS = ("fit", "sequence", "info", "demo", "completion")


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_teaches_and_succeeds(folder, command):
    run = smplceres_command(*command, "--help", folder=folder)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("usage: " + " ".join(("smplceres", *command)))
    if command == ("fit",):
        for name in smplceres.FORMATS:
            assert name in run.stdout
        assert "exit status" in run.stdout


def test_the_entry_point_is_installed(folder):
    script = Path(sys.executable).with_name("smplceres" + (".exe" if os.name == "nt" else ""))
    run = subprocess.run([script, "info"], capture_output=True, text=True, check=True)
    assert run.stdout == smplceres_command("info", folder=folder).stdout
