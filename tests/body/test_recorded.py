"""Bodies in results of other programs: every layout is the same person again."""

from __future__ import annotations

import gzip
import pickle
from collections import OrderedDict, defaultdict

import numpy as np
import pytest

import smplceres as sc
from smplceres import ModelFileError, Motion, load_body_model, read_bodies
from smplceres.base.rotations import rotation_matrix
from smplceres.body.motion_files import read_amass, read_motions

F = 3
CASES = "cases"


@pytest.fixture
def person(rng):
    """Poses (F, 24, 3) with hands at rest, betas (10,), transl (F, 3)."""
    poses = rng.normal(0, 0.4, (F, 24, 3))
    poses[:, 22:] = 0
    return poses, rng.normal(0, 1, 10), rng.normal([0, 0, 4], 1, (F, 3))


def pickled(path, content, protocol=4):
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


def flat(poses):
    return poses.reshape(len(poses), -1).astype(np.float32)


def wham(person):
    poses, betas, transl = person
    one = {"pose": flat(poses), "trans": transl, "betas": np.tile(betas, (F, 1))}
    one |= {"pose_world": flat(poses) * 0.5, "trans_world": transl * 2}
    people = defaultdict(dict)
    people[np.int64(4)] = one | {"frame_ids": np.arange(5, 5 + F), "verts": None}
    return people


def phalp(person):
    poses, betas, transl = person
    return {
        f"outputs/{f:06}.jpg": {
            "time": f,
            "tid": [7],
            "smpl": [
                {
                    "global_orient": rotation_matrix(poses[f, :1]).astype(np.float32),
                    "body_pose": rotation_matrix(poses[f, 1:]).astype(np.float32),
                    "betas": betas,
                }
            ],
            "camera": [transl[f]],
        }
        for f in range(F)
    }


def aist(person):
    poses, _, transl = person
    scaling = np.array([93.0])
    return {"smpl_poses": flat(poses), "smpl_scaling": scaling, "smpl_trans": transl * 93.0}


def smplify_x(person):
    poses, betas, transl = person
    return {
        "camera_rotation": np.eye(3)[None],
        "camera_translation": transl[:1],
        "betas": betas[None],
        "global_orient": poses[:1, 0],
        "body_pose": poses[:1, 1:22].reshape(1, 63),
        "expression": np.zeros((1, 10)),
    }


def plain(person):
    poses, betas, transl = person
    return {
        "global_orient": poses[:, 0],
        "body_pose": poses[:, 1:].reshape(F, 69),
        "betas": betas[None],
        "transl": transl,
    }


def assert_same(body, person, frames=F, betas=True):
    poses, shape, transl = person
    np.testing.assert_allclose(
        rotation_matrix(body.poses), rotation_matrix(poses[:frames]), atol=1e-6
    )
    np.testing.assert_allclose(body.transl, transl[:frames], atol=1e-6)
    if betas:
        np.testing.assert_allclose(body.betas, shape, atol=1e-6)


@pytest.mark.parametrize(
    ("layout", "coordinates"),
    [(wham, "opencv"), (phalp, "opencv"), (plain, None)],
    ids=lambda each: getattr(each, "__name__", ""),
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_pickles_of_programs(tmp_path, person, layout, coordinates, protocol) -> None:
    (body,) = read_bodies(pickled(tmp_path / "a.pkl", layout(person), protocol))
    assert_same(body, person)
    assert body.coordinates == coordinates and len(body) == F


def test_people_and_frames_have_the_numbers_of_the_file(tmp_path, person) -> None:
    (body,) = read_bodies(pickled(tmp_path / "a.pkl", wham(person)))
    assert body.name == "4" and body.frames.tolist() == [5, 6, 7]
    (body,) = read_bodies(pickled(tmp_path / "b.pkl", phalp(person)))
    assert body.name == "7" and body.frames.tolist() == [0, 1, 2]


def test_the_world_of_wham_on_request(tmp_path, person) -> None:
    (body,) = read_bodies(pickled(tmp_path / "a.pkl", wham(person)), world=True)
    np.testing.assert_allclose(body.poses[:, 1], person[0][:, 1] / 2, atol=1e-6)
    np.testing.assert_allclose(body.transl, 2 * person[2], atol=1e-6)


def test_aist_is_scaled_to_the_body(tmp_path, person) -> None:
    (body,) = read_bodies(pickled(tmp_path / "a.pkl", aist(person)))
    assert_same(body, person, betas=False)
    assert body.fps == 60 and body.coordinates == "y-up"


def test_smplify_x_has_21_joints_of_one_frame(tmp_path, person) -> None:
    (body,) = read_bodies(pickled(tmp_path / "a.pkl", smplify_x(person), 2))
    assert_same(body, person, 1)


def test_romp_has_people_side_by_side(tmp_path, person) -> None:
    poses, betas, transl = person
    results = {
        "smpl_thetas": flat(poses),
        "smpl_betas": np.tile(betas, (F, 1)),
        "cam_trans": transl,
    }
    np.savez(tmp_path / "a.npz", results=results)
    bodies = read_bodies(tmp_path / "a.npz")
    assert [len(body) for body in bodies] == [1] * F
    np.testing.assert_allclose(bodies[2].transl[0], transl[2])


def test_joblib_and_its_compression(tmp_path, person) -> None:
    joblib = pytest.importorskip("joblib")
    for compress in (0, 3, ("gzip", 3)):
        joblib.dump(wham(person), tmp_path / "a.pkl", compress=compress)
        assert_same(read_bodies(tmp_path / "a.pkl")[0], person)


def test_gvhmr_in_pytorchs_archive(tmp_path, person) -> None:
    torch = pytest.importorskip("torch")
    poses, betas, transl = person
    incam = {
        "global_orient": torch.tensor(poses[:, 0]).float(),
        "body_pose": torch.tensor(flat(poses[:, 1:22])).T.contiguous().T,  # with strides
        "betas": torch.tensor(np.tile(betas, (F, 1))),
        "transl": torch.tensor(transl)[None][0],
    }
    content = OrderedDict(smpl_params_incam=incam, smpl_params_global=incam, K_fullimg=None)
    torch.save(content, tmp_path / "hmr4d_results.pt")
    (body,) = read_bodies(tmp_path / "hmr4d_results.pt")
    assert_same(body, person)
    assert body.coordinates == "opencv"
    assert read_bodies(tmp_path / "hmr4d_results.pt", world=True)[0].coordinates == "y-up"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"a": 1}, "expected poses of 4D-Humans"),
        ([1, 2], "got list"),
        ({"body_pose": np.zeros((1, 32)), "global_orient": np.zeros((1, 3))}, "VPoser"),
        ({"body_pose": np.zeros((1, 63))}, "global_orient: expected beside body_pose"),
        ({"poses": np.full((2, 72), np.nan)}, "poses: expected finite"),
        ({"poses": np.zeros((2, 69))}, "poses: expected the root beside 23 joints"),
        ({"poses": np.zeros((2, 30))}, "at least 22 joints, got 10"),
        ({"poses": np.zeros((2, 72)), "trans": np.zeros((3, 3))}, r"trans: expected \(2, 3\)"),
        ({"results": 3}, "results: expected ROMP's"),
    ],
)
def test_another_content_is_refused_by_name(tmp_path, content, said) -> None:
    with pytest.raises(ModelFileError, match=rf"a\.pkl: .*{said}"):
        read_bodies(pickled(tmp_path / "a.pkl", content))


class Evil:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_nothing_in_a_file_is_run(tmp_path, capsys, pack) -> None:
    (tmp_path / "a.pkl").write_bytes(pack(pickle.dumps({"pose": Evil()})))
    with pytest.raises(ModelFileError, match=r"builtins\.print"):
        read_bodies(tmp_path / "a.pkl")
    assert capsys.readouterr().out == ""


def test_a_body_starts_a_fit_and_is_exported(tmp_path, person) -> None:
    model = load_body_model()
    poses, _, transl = person
    content = plain((poses * 0.2 + np.eye(24, 3) * [np.pi, 0, 0], np.zeros(10), transl))
    (body,) = read_bodies(pickled(tmp_path / "a.pkl", content))
    start = body.initial(1, model)
    camera = sc.Camera.guess(1280, 720)
    pixels = camera.project(model.joints(**start))
    result = sc.fit(pixels, camera, keypoint_format="smpl24", initial=start, model=model)
    assert result.reprojection_error() < 3
    motion = body.motion(model, fps=25)
    assert motion.fps == pytest.approx(25) and len(motion) == F
    with pytest.raises(ValueError, match="fps: expected frames per second"):
        body.motion(model)


# --- AMASS ---


def amass_layouts(person):
    poses, betas, transl = person
    rest = {"trans": transl, "betas": betas}
    rate = {"mocap_framerate": 30.0}
    return {
        "24x3": {"poses": poses, **rate, **rest},
        "66": {"poses": poses[:, :22].reshape(F, 66), **rate, **rest},
        "72": {"poses": poses.reshape(F, 72), "fps": 30, **rest},
        "165": {"poses": np.pad(poses.reshape(F, 72)[:, :66], ((0, 0), (0, 99))), **rate, **rest},
        "parts": {
            "root_orient": poses[:, 0],
            "pose_body": poses[:, 1:22].reshape(F, 63),
            "mocap_frame_rate": np.array(30.0),
            **rest,
        },
    }


@pytest.mark.parametrize("name", ["24x3", "66", "72", "165", "parts"])
def test_amass_variants_are_one_motion(tmp_path, person, name) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, **amass_layouts(person)[name])
    recording = read_amass(path)
    assert recording.fps == 30 and recording.poses.shape[1] in (24, 55)
    np.testing.assert_allclose(recording.poses[:, :22], person[0][:, :22])
    (clip,) = read_motions(path)
    assert clip.poses.shape == (F, 24, 3)
    (body,) = read_bodies(path)
    assert body.fps == 30 and body.coordinates == "z-up"
    np.testing.assert_allclose(body.poses[:, :22], person[0][:, :22])
    assert len(Motion.read(path, load_body_model())) == F


def test_the_case_of_24_joints_is_read(request) -> None:
    path = request.path.parents[1] / CASES / "amass_24x3.npz"
    assert read_amass(path).poses.shape == (5, 24, 3)
    assert read_bodies(path)[0].fps == 30
