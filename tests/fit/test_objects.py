"""Results, stages, bodies and trackers: printed, copied, pickled, used by other processes."""

from __future__ import annotations

import copy
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person
from smplceres.base.files.package_data import DATA
from smplceres.body import load, measures
from smplceres.body.model_files import read_body_model, write_body_model

CAMERA = sc.Camera(fx=1000, fy=1000, cx=500, cy=500, width=1000, height=1000)


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.fixture(scope="module")
def result(model) -> sc.FitResult:
    person = standing_person(model, np.random.default_rng(3))
    return sc.fit(seen_by(CAMERA, model, person), CAMERA)


@pytest.fixture(scope="module")
def body_file(tmp_path_factory):
    """A user's body: the package's, with another name and shape, in a file."""
    path = tmp_path_factory.mktemp("bodies") / "mine.npz"
    write_body_model(path, read_body_model(DATA / "body_male.npz", num_betas=4))
    return path


def same_fit(first: sc.FitResult, second: sc.FitResult) -> None:
    for name, value in first.parameters.items():
        np.testing.assert_array_equal(value, second.parameters[name])


WAYS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_copied_result_is_measured_exported_and_has_its_covariance(way, result, tmp_path) -> None:
    again = WAYS[way](result)
    same_fit(again, result)
    assert again.own_model is result.own_model
    again.export(tmp_path / "body.glb")
    assert sc.measure(again)["height"] == sc.measure(result)["height"]
    np.testing.assert_array_equal(again.covariance().matrix, result.covariance().matrix)
    np.testing.assert_array_equal(again.joint_transforms, result.joint_transforms)


def test_a_result_of_a_users_body_finds_the_file(body_file, tmp_path) -> None:
    mine = sc.load_body_model(body_file, num_betas=3)
    person = standing_person(mine, np.random.default_rng(3))
    fitted = sc.fit(seen_by(CAMERA, mine, person), CAMERA, model=mine)
    fitted.save(tmp_path / "fit.npz")
    for again in (sc.FitResult.load(tmp_path / "fit.npz"), pickle.loads(pickle.dumps(fitted))):
        assert again.own_model is mine
        again.export(tmp_path / "body.bvh")
        np.testing.assert_array_equal(again.covariance().joints, fitted.covariance().joints)


def test_a_changed_or_missing_file_of_a_body_is_not_taken_for_it(body_file, tmp_path) -> None:
    path = tmp_path / "body.npz"
    path.write_bytes(body_file.read_bytes())
    mine = sc.load_body_model(path, num_betas=3)
    origin = mine.origin
    person = standing_person(mine, np.random.default_rng(3))
    fitted = sc.fit(seen_by(CAMERA, mine, person), CAMERA, model=mine)
    fitted.save(tmp_path / "fit.npz")
    del mine, fitted
    write_body_model(path, read_body_model(DATA / "body_female.npz", num_betas=4))
    load._FROM_FILES.clear()
    measures.rest_lengths.cache_clear()
    with pytest.raises(ValueError, match=r"expected .*body.npz as it was .* got another file"):
        origin.load()
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    assert loaded.own_model is None
    with pytest.raises(ValueError, match=r"model: expected the body of the fit.*body.npz, sha256"):
        loaded.export(tmp_path / "body.bvh")
    path.unlink()
    assert sc.FitResult.load(tmp_path / "fit.npz").own_model is None


def test_a_body_in_no_file_travels_with_its_arrays(result) -> None:
    arrays = read_body_model(DATA / "body_male.npz", num_betas=3)
    again = pickle.loads(pickle.dumps(sc.BodyModel(arrays)))
    np.testing.assert_array_equal(again.v_template, arrays.v_template)
    np.testing.assert_array_equal(again().vertices, sc.BodyModel(arrays)().vertices)


def test_the_packages_bodies_are_the_same_objects_after_pickling(model) -> None:
    male = sc.load_body_model(gender="male", num_betas=16)
    assert pickle.loads(pickle.dumps(male)) is male
    assert copy.deepcopy(model) is model


@pytest.mark.parametrize("way", WAYS)
def test_a_copied_stage_is_equal_and_its_own(way) -> None:
    stage = sc.default_stages()[-1]
    again = WAYS[way](stage)
    assert again == stage
    again.reprojection.weight += 1
    assert again != stage
    assert stage == sc.default_stages()[-1]


def test_a_stage_prints_what_differs_from_an_empty_one() -> None:
    stage = sc.Stage()
    assert repr(stage) == "Stage()"
    stage.name = "mine"
    stage.reprojection.weight = 2.0
    assert repr(stage) == "Stage(name='mine', reprojection=ReprojectionOptions(weight=2.0))"


def updates(tracker, model, begin: int, count: int):
    rng = np.random.default_rng(5)
    person = standing_person(model, rng)
    for frame in range(begin, begin + count):
        moved = {**person, "transl": person["transl"] + [0.01 * frame, 0, 0]}
        tracked = tracker.update(seen_by(CAMERA, model, moved), frame / 30)
    return tracked


@pytest.mark.parametrize("way", WAYS)
def test_a_copied_tracker_follows_the_same_person(way, model) -> None:
    tracker = sc.Tracker(CAMERA, model=model, stage=sc.tracker_stage())
    updates(tracker, model, 0, 10)
    again = WAYS[way](tracker)
    first, second = updates(tracker, model, 10, 2), updates(again, model, 10, 2)
    assert second.status == "tracked"
    np.testing.assert_allclose(second.joints, first.joints, atol=1e-12)
    people = pickle.loads(pickle.dumps(sc.PeopleTracker(CAMERA, keypoint_format="coco17")))
    assert people.update([], 0.0) == {}


def test_a_tracked_person_is_pickled(model) -> None:
    tracked = updates(sc.Tracker(CAMERA, model=model), model, 0, 3)
    std = tracked.joint_std
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(tracked)).joint_std, std)


@pytest.mark.parametrize(
    "make",
    [
        sc.load_pose_prior,
        sc.load_lifter,
        lambda: sc.smpl_joint_limits(24),
        lambda: sc.anatomical_prior(24),
        lambda: CAMERA,
        lambda: sc.FORMATS["coco17"],
        sc.Person,
        sc.Ground,
    ],
)
def test_what_a_fit_is_given_is_pickled_after_use(make, result) -> None:
    value = make()
    _ = getattr(value, "core", None)
    again = pickle.loads(pickle.dumps(value))
    assert type(again) is type(value)


def fitted_elsewhere(keypoints, model) -> sc.FitResult:
    return sc.fit(keypoints, CAMERA, model=model)


@pytest.mark.skipif(sys.platform == "win32", reason="processes start slowly there")
def test_a_pool_of_processes_fits_and_returns_results(model, result, body_file) -> None:
    mine = sc.load_body_model(body_file, num_betas=3)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(fitted_elsewhere, result.keypoints, body) for body in (model, mine)]
        own, of_user = (job.result() for job in jobs)
    same_fit(own, result)
    assert own.own_model is model
    assert of_user.own_model is mine


def test_a_sequence_is_pickled_and_finds_its_body(body_file, tmp_path) -> None:
    mine = sc.load_body_model(body_file, num_betas=3)
    person = standing_person(mine, np.random.default_rng(4))
    seen = [seen_by(CAMERA, mine, person)] * 4
    sequence = sc.fit_sequence(seen, CAMERA, fps=30, model=mine)
    again = pickle.loads(pickle.dumps(sequence))
    np.testing.assert_array_equal(again[1].covariance().joints, sequence[1].covariance().joints)
    sequence.save(tmp_path / "clip.npz")
    assert sc.SequenceResult.load(tmp_path / "clip.npz").own_model is mine
    assert len(repr(sequence).splitlines()) == 4


def test_a_result_prints_its_format_error_place_and_height(result) -> None:
    lines = repr(result).splitlines()
    assert 3 <= len(lines) <= 5
    assert "openpose_body25 in 1 image, converged" in lines[0]
    assert f"{result.reprojection_error():.1f} px" in lines[1]
    assert f"{result.joints[0, 2]:.2f}" in lines[2]
    assert f"{sc.measure(result)['height']:.2f} m" in lines[3]
    assert len(repr(result.covariance())) < 300


def test_a_notebook_shows_a_result_with_two_pictures(result) -> None:
    pytest.importorskip("PIL")
    page = result._repr_html_()
    assert page is not None
    assert page.count("data:image/jpeg;base64,") == 2
    assert "FitResult: smplceres_neutral" in page


@pytest.mark.parametrize(
    "make",
    [
        sc.load_pose_prior,
        sc.load_lifter,
        lambda: CAMERA,
        lambda: sc.WeakPerspectiveCamera.guess(640, 480),
        lambda: sc.Keypoints.from_array(np.ones((17, 3)), "coco17"),
        lambda: sc.Tracker(CAMERA),
        lambda: sc.default_stages()[0].solver,
        sc.load_body_model,
    ],
)
def test_everything_prints_in_a_line(make) -> None:
    text = repr(make())
    assert "\n" not in text
    assert len(text) < 200
