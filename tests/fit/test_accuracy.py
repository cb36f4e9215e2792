"""benchmarks/accuracy.py: its cases are what it says, and its errors are those of the field."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import smplceres as sc
from smplceres.body.motion_files import read_motions

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import accuracy
from cases import errors, pictures


@pytest.fixture
def poses(tmp_path, rng) -> Path:
    path = tmp_path / "poses.npz"
    turned = rng.normal(0, 0.2, (20, 24, 3))
    np.savez(path, poses=turned.astype(np.float32), lengths=[20])
    return path


def test_errors_do_not_see_what_their_alignment_takes_away(rng) -> None:
    truth = rng.normal(0, 0.4, (24, 3))
    turn = Rotation.random(random_state=0).as_matrix()
    assert errors.root_aligned(truth + np.ones(3), truth) < 1e-9
    assert errors.procrustes_aligned(1.3 * truth @ turn.T + np.ones(3), truth) < 1e-9
    image = truth * [-1, 1, 1]  # no rotation makes one of the other
    assert errors.procrustes_aligned(image, truth) > 50
    off = truth.copy()
    off[5, 0] += 0.24
    np.testing.assert_allclose(errors.root_aligned(off, truth), 10)


def test_keypoints_are_those_of_the_true_joints(poses) -> None:
    """SMPL's own joints as keypoints, without noise: the projected truth, in the picture."""
    arguments = accuracy.parse([str(poses), "--noise", "0", "--format", "smpl24", "--fits", "10"])
    model = sc.load_body_model()
    camera = pictures.camera_of(arguments)
    for case in pictures.make_cases(model, read_motions(poses), arguments):
        pixels = camera.project(case.joints)
        np.testing.assert_allclose(case.keypoints[:, :2], pixels, atol=1e-6)
        assert (case.keypoints[:, 2] == 1).all()
        assert ((pixels > 0) & (pixels < 1000)).all()
        assert np.ptp(pixels[:, 1]) > 200


def test_the_recorded_root_is_turned_about_the_vertical_and_pitched(poses) -> None:
    arguments = accuracy.parse([str(poses), "--noise", "0", "--format", "smpl24", "--fits", "20"])
    model = sc.load_body_model()
    cases = pictures.make_cases(model, read_motions(poses), arguments)
    head_up = [case.joints[0, 1] - case.joints[15, 1] for case in cases]  # y is down
    across = np.array([case.joints[1] - case.joints[2] for case in cases])
    facing = np.degrees(np.arctan2(across[:, 2], across[:, 0]))
    assert min(head_up) > 0.3
    assert np.ptp(facing) > 180


def test_the_same_arguments_give_the_same_figures(poses, tmp_path, monkeypatch, capsys) -> None:
    outs = [tmp_path / "a.json", tmp_path / "b.json"]
    for out in outs:
        wanted = ["--fits", "4", "--missing", "0.3", "--out", str(out)]
        monkeypatch.setattr(sys, "argv", ["accuracy.py", str(poses), *wanted])
        accuracy.main()
    assert "root-aligned" in capsys.readouterr().out
    first, second = (json.loads(out.read_text())["rows"] for out in outs)
    assert first == second
    assert {row["prior"] for row in first} >= {"none", "gaussian", "mixture"}
    assert {row["starts"] for row in first} == {1, 2}


def test_bad_files_and_options_are_one_clear_line(poses, monkeypatch, capsys) -> None:
    def refused(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["accuracy.py", *arguments])
        with pytest.raises(SystemExit) as raised:
            accuracy.main()
        return str(raised.value.code) + capsys.readouterr().err

    assert "--fits: expected at most 20" in refused(str(poses), "--fits", "21")
    assert "missing.npz" in refused("missing.npz")
    assert "--missing: expected 0 to 0.8, got 0.9" in refused(str(poses), "--missing", "0.9")
    assert "--preset: invalid choice" in refused(str(poses), "--preset", "fast")
