"""The shipped pose prior, reading motions, and the tool that trains a prior on them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc
from smplceres.base.skeleton import SMPL_JOINTS, SMPLX_JOINTS
from smplceres.body.motion_files import read_motions, wrap_axis_angles

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "train_pose_prior.py"
SHIPPED = Path(sc.__file__).parent / "data" / "pose_prior.npz"
RANGES = sc.anatomical_prior(24)
NEVER_MEASURED = ("left_collar", "right_collar", "left_hand", "right_hand")

sys.path.insert(0, str(TOOL.parent))
import train_pose_prior as tool  # noqa: E402


@pytest.fixture(scope="module")
def shipped() -> sc.MixturePosePrior:
    return sc.load_pose_prior()


def mirror_image(poses: np.ndarray) -> np.ndarray:
    """Left and right exchanged, written out by names, apart from the tool's."""
    numbers = poses.reshape(-1, 23, 3).copy()
    image = np.empty_like(numbers)
    for joint, name in enumerate(SMPL_JOINTS[1:]):
        side = {"l": "right" + name[4:], "r": "left" + name[5:]}.get(name[0], name)
        other = side if name.startswith(("left_", "right_")) else name
        image[:, SMPL_JOINTS.index(other) - 1] = numbers[:, joint] * [1, -1, -1]
    return image.reshape(poses.shape)


def density(prior: sc.MixturePosePrior, poses: np.ndarray) -> np.ndarray:
    return tool.log_density(prior, poses, np.ones(69, dtype=bool))


# --- The shipped prior ---


def test_without_a_path_it_is_the_shipped_mixture_the_same_object_every_time(shipped) -> None:
    assert shipped is sc.load_pose_prior()
    assert shipped.means.shape == (8, 69)
    assert sc.load_body_model().default_prior is shipped
    np.testing.assert_allclose(shipped.weights.sum(), 1, atol=1e-6)


def test_its_file_is_small_and_carries_the_acknowledgement() -> None:
    assert SHIPPED.stat().st_size <= 500_000
    notice = SHIPPED.with_suffix(".NOTICE.txt").read_text()
    with np.load(SHIPPED) as arrays:
        assert str(arrays["acknowledgement"]) == notice.strip()
    assert "obtained from mocap.cs.cmu.edu" in notice
    assert "NSF EIA-0196217" in notice


def test_it_is_well_conditioned(shipped) -> None:
    """Within 1e4, so that a fit in double precision loses 4 of 16 digits to it at most."""
    assert max(np.linalg.cond(covar) for covar in shipped.covars) < 1e4
    for covar in shipped.covars:
        np.testing.assert_allclose(covar, covar.T, rtol=0, atol=0)


def test_a_pose_is_as_likely_as_its_mirror_image(shipped, rng) -> None:
    """Components are pairs of exact mirror images; what differs is the order of sums."""
    poses = rng.multivariate_normal(RANGES.mean, RANGES.covariance, 200)
    ours, theirs = density(shipped, poses), density(shipped, mirror_image(poses))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * np.abs(ours).max())
    assert np.abs(ours - density(shipped, -poses)).max() > 1  # other maps are none


def test_joints_that_no_clip_measured_have_their_anatomical_ranges(shipped) -> None:
    for name in NEVER_MEASURED:
        numbers = np.arange(3) + 3 * (SMPL_JOINTS.index(name) - 1)
        for mean, covar in zip(shipped.means, shipped.covars, strict=True):
            np.testing.assert_allclose(mean[numbers], RANGES.mean[numbers], atol=1e-6)
            widths = RANGES.covariance[np.ix_(numbers, numbers)]
            np.testing.assert_allclose(covar[np.ix_(numbers, numbers)], widths, atol=1e-6)
            assert np.count_nonzero(covar[numbers]) == 3


def test_no_number_is_held_still(shipped) -> None:
    """Toes and spine2 moved in few clips, knees about one axis alone: a floor is under all."""
    least = np.sqrt(shipped.covars[:, range(69), range(69)]).min(axis=0)
    widths = np.sqrt(np.diag(RANGES.covariance))
    assert (least >= 0.3 * widths).all()
    for name in ("left_foot", "right_foot", "spine2"):
        numbers = np.arange(3) + 3 * (SMPL_JOINTS.index(name) - 1)
        assert (least[numbers] > 0.5 * widths[numbers]).all()


def test_bodies_of_other_joints_get_the_prior_of_the_joints_they_share(shipped) -> None:
    extended = shipped.for_joints(55)
    assert extended.means.shape == (8, 162)
    np.testing.assert_array_equal(extended.covars[:, :63, :63], shipped.covars[:, :63, :63])
    arrays = sc.synthetic.make_body_model_arrays(0)
    others = tuple(f"joint_{i}" for i in range(24))
    unnamed = sc.BodyModel(replace(arrays, joint_names=others))
    assert isinstance(unnamed.default_prior, sc.GaussianPosePrior)


def test_recorded_poses_are_likelier_than_by_hand_set_ranges(shipped, data_folder) -> None:
    clips = read_motions(data_folder / "mocap" / "val.npz")
    ours, hand_set = (tool.mean_log_likelihood(prior, clips) for prior in (shipped, RANGES))
    assert ours > hand_set + 10


# --- Reading motions ---


def random_motion(rng: np.random.Generator, frames: int, joints: int = 24) -> np.ndarray:
    """(F, J, 3) a smooth swing of all joints but the last two."""
    phase = np.linspace(0, 8 * np.pi, frames)[:, None, None]
    poses = rng.normal(0, 0.5, (1, joints, 3)) * np.sin(phase + rng.uniform(0, 6, (1, joints, 3)))
    poses[:, 22:] = 0
    return poses


def many_clips(path: Path, rng: np.random.Generator, **changes) -> Path:
    arrays = {
        "poses": random_motion(rng, 300).astype(np.float32),
        "lengths": np.array([200, 0, 100]),
        "names": np.array(["a/walk", "a/empty", "b/run"]),
        "suspect": np.arange(300) == 7,
    } | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def amass(path: Path, rng: np.random.Generator, width: int, **changes) -> Path:
    poses = random_motion(rng, 300, width // 3).reshape(300, -1)
    arrays = {"poses": poses, "mocap_framerate": 120.0} | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def test_many_clips_are_read_without_suspect_frames_and_empty_clips(tmp_path, rng) -> None:
    walk, run = read_motions(many_clips(tmp_path / "m.npz", rng))
    assert (walk.name, run.name) == ("a/walk", "b/run")
    assert (walk.poses.shape, run.poses.shape) == ((199, 24, 3), (100, 24, 3))
    assert walk.measured[:22].all()
    assert not walk.measured[22:].any()


@pytest.mark.parametrize("width", [72, 156, 165])
def test_amass_files_are_one_clip_of_the_joints_that_all_share(width, tmp_path, rng) -> None:
    path = amass(tmp_path / "clip.npz", rng, width)
    (clip,) = read_motions(path)
    assert clip.name == "clip"
    assert clip.poses.shape == (300, 24, 3)
    expected = np.load(path)["poses"][:, :66].reshape(300, 22, 3)
    np.testing.assert_allclose(clip.poses[:, :22], expected)
    assert not clip.measured[22:].any()


def test_axis_angles_are_wrapped_to_the_same_rotation(rng) -> None:
    axis = rng.normal(size=(50, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    angle = rng.uniform(0, 12, (50, 1))
    wrapped = wrap_axis_angles(axis * angle)
    assert np.linalg.norm(wrapped, axis=1).max() <= np.pi + 1e-12
    turns = (angle[:, 0] - (wrapped * axis).sum(axis=1)) / (2 * np.pi)
    np.testing.assert_allclose(turns, turns.round(), atol=1e-12)
    np.testing.assert_array_equal(wrap_axis_angles(np.zeros(3)), 0)


BAD_MOTIONS = {
    "other joints": ({"poses": np.zeros((300, 25, 3))}, r"poses: expected \(N, 24, 3\)"),
    "no poses": ({"poses": None}, "poses: expected in the file"),
    "NaN": ({"poses": np.full((300, 24, 3), np.nan)}, "poses: expected finite numbers, got NaN"),
    "text": ({"poses": np.full((300, 24, 3), "x")}, "poses: expected numbers"),
    "other lengths": ({"lengths": np.array([200, 0, 99])}, "lengths: .* 300 in all, got 299"),
    "no lengths": ({"lengths": None}, "or frame_rate, or the lengths of clips: expected"),
    "fewer names": ({"names": np.array(["a"])}, "names: expected 3, one a clip, got 1"),
    "fewer suspect": ({"suspect": np.zeros(3, bool)}, r"suspect: expected \(300,\), got \(3,\)"),
    "all suspect": ({"suspect": np.ones(300, bool)}, "expected frames that are not suspect"),
}


@pytest.mark.parametrize("kind", BAD_MOTIONS)
def test_a_file_of_no_motions_is_an_error_with_its_path(kind, tmp_path, rng) -> None:
    changes, message = BAD_MOTIONS[kind]
    path = many_clips(tmp_path / "bad.npz", rng, **changes)
    with pytest.raises(sc.ModelFileError, match=rf"bad\.npz: .*{message}"):
        read_motions(path)


def test_amass_files_of_another_width_or_without_a_rate_are_errors(tmp_path, rng) -> None:
    with pytest.raises(sc.ModelFileError, match=r"J of 22, 24, 52, 55, got \(300, 63\)"):
        read_motions(amass(tmp_path / "bad.npz", rng, 63))
    with pytest.raises(sc.ModelFileError, match="mocap_framerate or mocap_frame_rate"):
        read_motions(amass(tmp_path / "bad.npz", rng, 72, mocap_framerate=None))


# --- Training ---


def run_tool(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_prior_is_trained_on_both_layouts_and_says_how_likely_others_are(tmp_path, rng) -> None:
    motions = many_clips(tmp_path / "m.npz", rng), amass(tmp_path / "a.npz", rng, 156)
    out = tmp_path / "prior.npz"
    wanted = ("--components", 2, "--acknowledgement", "Thanks.", "--evaluate", motions[0])
    run = run_tool(*motions, "--out", out, *wanted)
    assert run.returncode == 0, run.stderr
    assert "hand-set Gaussian" in run.stdout
    assert (tmp_path / "prior.NOTICE.txt").read_text() == "Thanks.\n"
    prior = sc.load_pose_prior(out)
    assert prior.means.shape == (2, 69)
    np.testing.assert_allclose(prior.means[0], mirror_image(prior.means[1]), atol=1e-6)
    again = tmp_path / "again.npz"
    assert run_tool(*motions, "--out", again, *wanted).returncode == 0
    assert out.read_bytes() == again.read_bytes()


def test_bad_files_and_options_are_one_clear_line(tmp_path, rng) -> None:
    bad = many_clips(tmp_path / "bad.npz", rng, lengths=np.array([1, 2, 3]))
    good = many_clips(tmp_path / "good.npz", rng)
    out = tmp_path / "prior.npz"
    cases = {
        "bad.npz: lengths: expected": (bad, "--out", out),
        "missing.npz": (tmp_path / "missing.npz", "--out", out),
        "motions: expected at least 900 poses": (good, "--out", out, "--components", 90),
        "motions: expected clips": (good, "--out", out, "--leave-out", "*"),
    }
    for message, arguments in cases.items():
        run = run_tool(*arguments)
        assert run.returncode == 1
        assert message in run.stderr
        assert len(run.stderr.splitlines()) == 1
        assert not out.exists()
    run = run_tool(good, "--out", out, "--floor", 0)
    assert run.returncode == 2
    assert "--floor: expected 0.01 to 1, got 0.0" in run.stderr


def test_one_long_walk_does_not_rule(tmp_path, rng) -> None:
    lengths = np.array([2900, 100])
    path = many_clips(
        tmp_path / "m.npz",
        rng,
        poses=random_motion(rng, 3000) + rng.normal(0, 0.2, (3000, 24, 3)),
        lengths=lengths,
        names=None,
        suspect=None,
    )
    rows = tool.training_rows(read_motions(path), tool.Options(components=1, per_clip=100))
    assert len(rows) == 200


def test_frames_that_repeat_are_thinned(tmp_path, rng) -> None:
    still = np.repeat(random_motion(rng, 20), 30, axis=0)
    path = many_clips(tmp_path / "m.npz", rng, poses=still, lengths=[600], names=None, suspect=None)
    (clip,) = read_motions(path)
    assert len(tool.thinned(clip, 8.0)) <= 20


def test_the_mirror_image_is_that_of_the_joints(rng) -> None:
    body = sc.load_body_model()
    pose = rng.normal(0, 0.3, 69)
    there = body.joints(body_pose=pose)
    image = body.joints(body_pose=tool.mirrored(pose))
    sides = [0, *(1 + joint for joint in tool.OTHER_SIDE)]
    np.testing.assert_allclose(image, there[sides] * [-1, 1, 1], atol=2e-3)
    np.testing.assert_array_equal(tool.mirrored(pose), mirror_image(pose))


def test_joint_names_of_smplx_begin_with_those_of_smpl() -> None:
    """What for_joints and read_motions rest on."""
    assert SMPLX_JOINTS[:22] == SMPL_JOINTS[:22]
