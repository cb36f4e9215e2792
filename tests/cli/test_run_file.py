"""Run files: every run writes one, and made again from it the result is the same."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smplceres import FitResult, SequenceResult, cli, write_keypoints
from stand_in_detector import SIZE, stand_in, standing


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_keypoints("person.npz", [standing()])
    return tmp_path


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


def parameters(path):
    result = FitResult.load(path)
    return [result.global_orient, result.body_pose, result.betas, result.transl, result.vertices]


def assert_same(path, other):
    for one, two in zip(parameters(path), parameters(other), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_run_made_again_is_the_same_bit_for_bit() -> None:
    given = ("--focal", 310.5, "--preset", "smplify", "--starts", 2, "--distortion", "-1e-3", 2e-6)
    assert run("fit", "person.npz", *given, "--image-size", *SIZE) == cli.ALL_FITTED
    again = ("fit", "--config", "out/person_run.toml", "--out", "again")
    assert run(*again) == cli.ALL_FITTED
    assert_same("out/person_person0.npz", "again/person_person0.npz")
    camera = FitResult.load("again/person_person0.npz").camera
    assert camera.fx == 310.5 and camera.distortion.tolist() == [-1e-3, 2e-6]
    first, second = (Path(f"{name}/person_run.toml").read_text() for name in ("out", "again"))
    assert first == second


def test_a_run_on_a_picture_is_made_again(monkeypatch) -> None:
    Image.new("RGB", SIZE).save("a.png")
    stand_in(monkeypatch, [[standing()], [standing()]])
    assert run("fit", "a.png", "--export", "none") == cli.ALL_FITTED
    assert run("--config", "out/a_run.toml", "--out", "again") == cli.ALL_FITTED
    assert_same("out/a_person0.npz", "again/a_person0.npz")


def test_a_sequence_made_again_is_the_same_bit_for_bit() -> None:
    Path("clip").mkdir()
    for frame in range(6):
        write_keypoints(f"clip/{frame}.npz", [standing(0.01 * frame)])
    assert run("sequence", "clip", "--fps", 25, "--export", "none") == cli.ALL_FITTED
    again = ("sequence", "--config", "out/clip_run.toml", "--out", "again")
    assert run(*again) == cli.ALL_FITTED
    first, second = (SequenceResult.load(f"{name}/clip.npz") for name in ("out", "again"))
    for name in ("global_orient", "body_pose", "betas", "transl", "times"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_paths_are_relative_to_the_file_wherever_it_is_read_from(folder, monkeypatch) -> None:
    assert run("fit", "person.npz", "--out", "deep/down") == cli.ALL_FITTED
    assert str(folder) not in Path("deep/down/person_run.toml").read_text()
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    os.remove("../deep/down/person_person0.npz")
    assert run("fit", "--config", "../deep/down/person_run.toml") == cli.ALL_FITTED
    assert Path("../deep/down/person_person0.npz").is_file()


def test_options_come_before_those_of_the_file_and_so_do_those_they_exclude() -> None:
    Path("run.toml").write_text(
        'inputs = ["person.npz"]\nfocal = 300\nquiet = true\ndistortion = [0.1]\nexport = "none"\n'
    )
    camera = ("--camera", 400, 400, 120, 90)
    assert run("fit", "--config", "run.toml", *camera) == cli.ALL_FITTED
    found = FitResult.load("out/person_person0.npz").camera
    assert (found.fx, found.distortion.tolist()) == (400, [0.1])
    write_keypoints("other.npz", [standing()])
    assert run("fit", "other.npz", "--config=run.toml", "--no-quiet") == cli.ALL_FITTED
    assert FitResult.load("out/other_person0.npz").camera.fx == 300


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("focall = 300", "run.toml: unknown key 'focall'; the nearest is 'focal'"),
        ("Detector_Model = 'x'", "the nearest is 'detector-model'"),
        ("focal = true", "run.toml: focal: expected a value, got true"),
        ("focal = [300]", "run.toml: focal: expected one value, got [300]"),
        ("focal = 'long'", "--focal"),
        ("camera = [1, 2]", "--camera"),
        ("camera = 300", "run.toml: camera: expected a list, got 300"),
        ("weak-perspective = 1", "run.toml: weak-perspective: expected true or false, got 1"),
        ("image_size = [{a = 1}, 2]", "expected text or numbers"),
        ("command = 'sequence'", "run.toml: command: expected 'fit', got 'sequence'"),
        ("focal = ", "run.toml: expected TOML, got"),
    ],
)
def test_what_is_wrong_with_a_run_file_is_named(capsys, text, said) -> None:
    Path("run.toml").write_text(f'inputs = ["person.npz"]\n{text}\n')
    try:
        status = run("fit", "--config", "run.toml")
    except SystemExit as end:
        status = end.code
    assert status == cli.BAD_INPUT
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_an_option_with_two_names_has_both_in_a_file(capsys) -> None:
    Path("run.toml").write_text('inputs = ["person.npz"]\ncalibration = "none.toml"\n')
    assert run("fit", "--config", "run.toml") == cli.BAD_INPUT
    error = capsys.readouterr().err
    assert "none.toml" in error and "unknown key" not in error


def test_a_run_file_that_is_not_there_or_names_no_command_is_named(capsys) -> None:
    assert run("fit", "--config", "none.toml") == cli.BAD_INPUT
    assert "--config: expected a file, found none at none.toml" in capsys.readouterr().err
    Path("run.toml").write_text('inputs = ["person.npz"]\n')
    assert run("--config", "run.toml") == cli.BAD_INPUT
    assert 'run.toml: expected command = "fit"' in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_of_a_shell_has_commands_and_options(capsys, shell) -> None:
    pytest.importorskip("shtab", reason="the completion extra is not installed")
    assert run("completion", shell) == cli.ALL_FITTED
    script = capsys.readouterr().out
    for word in ("fit", "sequence", "estimate-focal", "weak-perspective"):
        assert word in script


def test_completion_without_its_extra_names_the_pip_command(capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run("completion", "bash") == cli.BAD_INPUT
    assert "pip install 'smplceres[completion]'" in capsys.readouterr().err
