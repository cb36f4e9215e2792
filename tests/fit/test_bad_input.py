"""Bad input, through the public functions: one clear error that names the argument or file, what
was expected and what came."""

from __future__ import annotations

import math
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc
from checks import random_arrays

CAMERA = sc.Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720)
READERS = {
    "keypoints": (sc.read_keypoints, ".npz"),
    "body model": (sc.load_body_model, ".npz"),
    "pose prior": (sc.load_pose_prior, ".npz"),
    "result": (sc.FitResult.load, ".npz"),
}


def some_keypoints(rng: np.random.Generator) -> np.ndarray:
    """(25, 3) places within the picture, all seen."""
    return np.column_stack([rng.uniform([400, 100], [800, 600], (25, 2)), np.ones(25)])


def good_file(reader: str, folder: Path, rng: np.random.Generator) -> Path:
    path = folder / f"good{READERS[reader][1]}"
    if reader == "keypoints":
        sc.write_keypoints(path, [sc.Keypoints.from_array(some_keypoints(rng))])
    elif reader == "body model":
        arrays = random_arrays(rng)
        np.savez(path, **{name: value for name, value in vars(arrays).items() if is_array(value)})
    elif reader == "pose prior":
        np.savez(path, weights=np.ones(1), means=np.zeros((1, 69)), covars=np.eye(69)[None])
    else:
        sc.fit(some_keypoints(rng), CAMERA, max_time=1e-9).save(path)
    READERS[reader][0](path)  # it is good indeed
    return path


def is_array(value: object) -> bool:
    return isinstance(value, np.ndarray)


@pytest.mark.parametrize("reader", READERS)
def test_a_missing_file_is_file_not_found_with_its_path(reader, tmp_path) -> None:
    read, ending = READERS[reader]
    path = tmp_path / f"missing{ending}"
    with pytest.raises(FileNotFoundError, match=f"missing{ending}"):
        read(path)


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_file_is_an_error_with_its_path(reader, tmp_path) -> None:
    read, ending = READERS[reader]
    path = tmp_path / f"empty{ending}"
    path.touch()
    with pytest.raises(ValueError, match=f"empty{ending}"):
        read(path)


@pytest.mark.parametrize("reader", READERS)
def test_a_truncated_npz_is_an_error_with_its_path_wherever_it_ends(reader, tmp_path, rng) -> None:
    whole = good_file(reader, tmp_path, rng).read_bytes()
    path = tmp_path / "truncated.npz"
    for length in np.linspace(1, len(whole) - 1, 40).astype(int):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"truncated\.npz"):
            READERS[reader][0](path)


@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_npz_is_read_or_an_error_with_its_path(reader, tmp_path, rng) -> None:
    """A byte changed anywhere: what zip files, zlib and NumPy raise does not come through."""
    whole = good_file(reader, tmp_path, rng).read_bytes()
    path = tmp_path / "damaged.npz"
    for place in rng.integers(len(whole), size=200):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            READERS[reader][0](path)
        except ValueError as error:
            assert "damaged.npz" in str(error)


class RunsCode:
    """Unpickled by `pickle`, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("reader", [sc.load_body_model, sc.load_pose_prior])
def test_a_pickle_that_runs_code_is_refused_by_name_and_does_not(reader, tmp_path) -> None:
    path, made = tmp_path / "evil.pkl", tmp_path / "made"
    arrays = dict.fromkeys(("v_template", "means", "weights"), RunsCode(made))
    path.write_bytes(pickle.dumps(arrays, protocol=2))
    with pytest.raises(ValueError, match=r"evil\.pkl.*posix\.mkdir|evil\.pkl.*nt\.mkdir"):
        reader(path)
    assert not made.exists()
    pickle.loads(path.read_bytes())  # it does where it may
    assert made.exists()


def test_keypoints_of_a_wrong_shape_are_an_error(rng) -> None:
    rows = some_keypoints(rng)
    message = r"keypoints: expected \[K, 3\] with K = 25 \(openpose_body25\), got \[18, 3\]"
    with pytest.raises(ValueError, match=message):
        sc.fit(rows[:18], CAMERA, keypoint_format="openpose_body25")
    with pytest.raises(ValueError, match=r"keypoints: expected \[K, 3\], got \[25, 4\]"):
        sc.fit(np.column_stack([rows, rows[:, 0]]), CAMERA)
    with pytest.raises(ValueError, match=r"keypoints: expected \[K, 3\], got \[25\]"):
        sc.fit(rows[:, 0], CAMERA)


def test_parameters_of_a_wrong_shape_are_an_error(rng) -> None:
    with pytest.raises(ValueError, match=r"body_pose: expected .*23, 3\), got \(21, 3\)"):
        sc.load_body_model()(body_pose=np.zeros((21, 3)))
    with pytest.raises(ValueError, match=r"body_pose: expected shape \(23, 3\), got \(21, 3\)"):
        sc.fit(some_keypoints(rng), CAMERA, initial={"body_pose": np.zeros((21, 3))})


def test_a_prior_of_a_wrong_shape_is_an_error(rng) -> None:
    prior = sc.GaussianPosePrior(np.zeros(69), np.eye(66))
    with pytest.raises(ValueError, match="covariance: expected 69 x 69, got 66 x 66"):
        sc.fit(some_keypoints(rng), CAMERA, pose_prior=prior)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_keypoints_that_are_no_number_are_an_error(value, rng) -> None:
    rows = some_keypoints(rng)
    rows[4, 1] = value
    with pytest.raises(
        ValueError, match=rf"expected finite pixels, got \[.*{value}\] for 'right_wr"
    ):
        sc.fit(rows, CAMERA)
    rows[4, 2] = 0  # not seen: its place does not matter
    assert np.isfinite(sc.fit(rows, CAMERA).joints).all()


@pytest.mark.parametrize("value", [math.inf])
def test_confidences_that_are_none_are_an_error(value, rng) -> None:
    rows = some_keypoints(rng)
    rows[4, 2] = value
    with pytest.raises(ValueError, match=f"confidence: expected finite values >= 0, got {value}"):
        sc.fit(rows, CAMERA)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("name", ["fx", "fy", "cx", "cy"])
def test_a_camera_that_is_no_number_is_an_error(name, value) -> None:
    numbers = {"fx": 1500.0, "fy": 1500.0, "cx": 640.0, "cy": 360.0} | {name: value}
    with pytest.raises(ValueError, match=f"{name}: expected a finite number.*, got .*"):
        sc.Camera(**numbers, width=1280, height=720)


def test_keypoints_of_which_none_is_seen_are_an_error(rng) -> None:
    rows = some_keypoints(rng) * [1, 1, 0]
    with pytest.raises(ValueError, match=r"keypoints: expected at least 3 visible.*got 0"):
        sc.fit(rows, CAMERA)


@pytest.mark.parametrize("seen", [1, 2])
def test_fewer_keypoints_than_fix_a_place_are_an_error(seen, rng) -> None:
    rows = some_keypoints(rng)
    rows[seen:, 2] = 0
    with pytest.raises(ValueError, match=rf"keypoints: expected at least 3 visible.*got {seen}"):
        sc.fit(rows, CAMERA)


def test_keypoints_all_at_one_place_are_an_error() -> None:
    rows = np.tile([640.0, 360.0, 1.0], (25, 1))
    with pytest.raises(ValueError, match=r"keypoints: expected .*spread.*got all 25 at one place"):
        sc.fit(rows, CAMERA)


def test_an_unknown_format_is_an_error_that_lists_the_known(rng) -> None:
    known = ", ".join(sc.FORMATS)
    with pytest.raises(ValueError, match=f"format: expected one of {known}.*got 'body_27'"):
        sc.fit(some_keypoints(rng), CAMERA, keypoint_format="body_27")
    with pytest.raises(ValueError, match=r"keypoints: expected the number of a known.*; got 27"):
        sc.fit(np.ones((27, 3)), CAMERA)


@pytest.mark.parametrize("value", [0.0, -1500.0])
def test_a_focal_length_that_is_not_positive_is_an_error(value) -> None:
    with pytest.raises(ValueError, match=f"fx: expected a finite number > 0, got {value}"):
        sc.Camera(fx=value, fy=1500, cx=640, cy=360, width=1280, height=720)


def test_an_image_size_that_is_missing_is_an_error(rng) -> None:
    with pytest.raises(ValueError, match="width: expected the image's size in pixels, got none"):
        sc.Camera(fx=1500, fy=1500, cx=640, cy=360)
    with pytest.raises(ValueError, match="camera: expected a Camera, or keypoints with an image"):
        sc.fit(some_keypoints(rng))


@pytest.mark.parametrize("ending", [".npz", ".pkl"])
def test_a_model_whose_joint_tree_has_a_cycle_is_an_error(ending, tmp_path, rng) -> None:
    arrays = {name: value for name, value in vars(random_arrays(rng)).items() if is_array(value)}
    arrays["parents"] = np.array(arrays["parents"])
    arrays["parents"][4] = 7  # the left knee hangs on the ankle, which hangs on the knee
    path = tmp_path / f"cyclic{ending}"
    if ending == ".npz":
        np.savez(path, **arrays)
    else:
        path.write_bytes(pickle.dumps(arrays, protocol=2))
    with pytest.raises(ValueError, match=rf"cyclic{ending}: parents: expected a tree, got a cycle"):
        sc.load_body_model(path)


def test_a_fit_that_does_not_converge_gives_its_best_state_and_says_so(rng) -> None:
    stages = sc.default_stages()
    for stage in stages:
        stage.solver.max_iterations = 1
    result = sc.fit(some_keypoints(rng), CAMERA, preset=stages)
    assert not result.converged
    assert "Maximum number of iterations reached" in result.message
    assert np.isfinite(result.joints).all()
    assert np.isfinite(result.keypoints2d).all()
    assert np.isfinite(list(result.energies.values())).all()
    for stage in result.stages:
        assert stage.final_cost <= stage.initial_cost


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_an_empty_or_truncated_depth_image_is_an_error_with_its_path(part, tmp_path) -> None:
    path = tmp_path / "depth.npy"
    np.save(path, np.ones((40, 30)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(ValueError, match=r"depth\.npy: .*expected"):
        sc.read_depth(path)


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_an_empty_or_truncated_sequence_is_an_error_with_its_path(part, tmp_path) -> None:
    path = tmp_path / "clip.npz"
    np.savez(path, poses=np.ones((40, 30)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(
        ValueError, match=r"path: expected a saved sequence \(\.npz\), got .*clip\.npz"
    ):
        sc.SequenceResult.load(path)
