"""What a fit gives back, and its way through files."""

from __future__ import annotations

import json

import numpy as np
import pytest

import reference
from checks import seen_by, standing_person
from smplceres import (
    Camera,
    FitResult,
    FittedView,
    KeypointFormat,
    Keypoints,
    WeakPerspectiveCamera,
    fit,
    load_body_model,
)
from smplceres.keypoint_formats import FORMATS

CAMERAS = {
    "pinhole": Camera(
        fx=1500,
        fy=1490,
        cx=640,
        cy=360,
        width=1280,
        height=720,
        distortion=[-0.1, 0.02],
        rotation=reference.rodrigues([0.1, 0.2, -0.1]),
        translation=[0.1, 0.2, 0.3],
    ),
    "weak perspective": WeakPerspectiveCamera.guess(1280, 720),
}
OWN_FORMAT = KeypointFormat.from_mapping(
    "my detector",
    {
        "r_hip": "right_hip",
        "l_hip": "left_hip",
        "throat": "neck",
        "between_the_eyes": ("left_eye", "right_eye"),
        "r_knee": "right_knee",
        "hand_bag": None,
    },
)
FORMATS_TO_SAVE = {"openpose_body25": FORMATS["openpose_body25"], "own": OWN_FORMAT}


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def fitted(model, rng, camera="pinhole", keypoint_format=OWN_FORMAT) -> FitResult:
    """Of a person of whom the first keypoint is not seen."""
    person = standing_person(model, rng)
    camera = CAMERAS[camera]
    exact = seen_by(camera, model, person, keypoint_format, zoom=210.0)
    if isinstance(camera, Camera):
        exact = seen_by(camera, model, person, keypoint_format)
    confidence = exact.confidence * rng.uniform(0.5, 1, len(exact))
    confidence[0] = 0
    keypoints = Keypoints(exact.xy, confidence, keypoint_format, (1280, 720), "camera 1, frame 7")
    return fit(keypoints, camera, model=model)


def assert_equal_views(a: FittedView, b: FittedView) -> None:
    np.testing.assert_array_equal(a.keypoints.xy, b.keypoints.xy)
    np.testing.assert_array_equal(a.keypoints.confidence, b.keypoints.confidence)
    assert a.keypoints.format == b.keypoints.format
    assert (a.keypoints.image_size, a.keypoints.source) == (
        *(b.keypoints.image_size, b.keypoints.source),
    )
    assert type(a.camera) is type(b.camera)
    assert a.camera.to_dict() == b.camera.to_dict()
    np.testing.assert_array_equal(a.keypoints2d, b.keypoints2d)


def assert_equal(a: FitResult, b: FitResult) -> None:
    """Every public field, and what follows from them."""
    for name in vars(a):
        if name.startswith("_"):
            continue
        one, other = getattr(a, name), getattr(b, name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
        elif name == "views":
            for view, other_view in zip(one, other, strict=True):
                assert_equal_views(view, other_view)
        elif name == "start":
            for key, value in one.items():
                np.testing.assert_array_equal(value, other[key])
        elif name == "hypotheses":
            assert [each.to_dict() for each in one] == [each.to_dict() for each in other]
        else:
            assert one == other, name
    for name in ("vertices", "faces", "residuals"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("keypoint_format", FORMATS_TO_SAVE)
@pytest.mark.parametrize("camera", CAMERAS)
def test_a_saved_fit_is_loaded_with_every_field(
    camera, keypoint_format, tmp_path, model, rng
) -> None:
    result = fitted(model, rng, camera, FORMATS_TO_SAVE[keypoint_format])
    result.save(tmp_path / "person.npz")
    loaded = FitResult.load(tmp_path / "person.npz")
    assert_equal(loaded, result)
    loaded.save(tmp_path / "again.npz")  # without a model, by the mesh that it carries
    assert_equal(FitResult.load(tmp_path / "again.npz"), result)


def test_a_loaded_fit_is_a_start(tmp_path, model, rng) -> None:
    result = fitted(model, rng)
    result.save(tmp_path / "person.npz")
    loaded = FitResult.load(tmp_path / "person.npz")
    again, expected = (
        fit(result.keypoints, result.camera, model=model, initial=start)
        for start in (loaded, result)
    )
    np.testing.assert_array_equal(again.joints, expected.joints)


def test_vertices_and_joints_are_those_of_the_model(model, rng) -> None:
    result = fitted(model, rng)
    body = model(**result.parameters)
    np.testing.assert_array_equal(result.vertices, body.vertices)
    np.testing.assert_allclose(result.joints, body.joints, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(result.faces, model.faces)


def test_residuals_are_distances_of_what_was_seen(model, rng) -> None:
    result = fitted(model, rng)
    seen = result.keypoints.visible & [bool(k.location) for k in OWN_FORMAT.keypoints]
    np.testing.assert_array_equal(np.isfinite(result.residuals), seen)
    distances = [
        np.hypot(*(fitted_to - observed))
        for fitted_to, observed in zip(
            result.keypoints2d[seen], result.keypoints.xy[seen], strict=True
        )
    ]
    np.testing.assert_allclose(result.residuals[seen], distances)
    np.testing.assert_allclose(result.reprojection_error(0.0), np.median(distances))
    assert np.isnan(result.reprojection_error(min_confidence=1.0))


@pytest.mark.parametrize("camera", CAMERAS)
def test_json_holds_the_same_numbers_and_no_nan(camera, tmp_path, model, rng) -> None:
    """NaN is no JSON, though Python writes and reads it; here the hand bag has no place."""
    result = fitted(model, rng, camera)
    assert np.isnan(result.keypoints2d).any()
    result.save(tmp_path / "person.json")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    values = json.loads((tmp_path / "person.json").read_text(), parse_constant=refuse)
    for name in ("global_orient", "body_pose", "betas", "transl", "joints"):
        numbers = np.array(values[name], dtype=float)  # None becomes NaN
        np.testing.assert_array_equal(numbers, getattr(result, name))
    (view,) = values["views"]
    assert view["camera"] == result.camera.to_dict()
    assert view["names"] == list(OWN_FORMAT.names)
    np.testing.assert_array_equal(np.array(view["keypoints2d"], dtype=float), result.keypoints2d)
    assert values["converged"] == result.converged
    assert [stage["name"] for stage in values["stages"]] == [s.name for s in result.stages]


def test_json_of_a_fit_that_had_no_time_holds_no_nan(tmp_path, model, rng) -> None:
    keypoints = seen_by(CAMERAS["pinhole"], model, standing_person(model, rng))
    result = fit(keypoints, CAMERAS["pinhole"], model=model, max_time=1e-9)
    result.save(tmp_path / "person.json")
    assert "NaN" not in (tmp_path / "person.json").read_text()


def test_an_exported_mesh_is_read_back_to_a_micrometre(tmp_path, model, rng) -> None:
    result = fitted(model, rng)
    result.export(tmp_path / "person.obj")
    lines = [line.split() for line in (tmp_path / "person.obj").read_text().splitlines()]
    vertices = np.array([line[1:] for line in lines if line[0] == "v"], dtype=float)
    faces = np.array([line[1:] for line in lines if line[0] == "f"], dtype=int)
    np.testing.assert_allclose(vertices, result.vertices, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(faces - 1, result.faces)
    assert {line[0] for line in lines} == {"#", "v", "f"}


def test_another_ending_is_an_error_and_writes_nothing(tmp_path, model, rng) -> None:
    result = fitted(model, rng)
    with pytest.raises(ValueError, match=r"path: expected a name ending in \.npz or \.json"):
        result.save(tmp_path / "person.pkl")
    with pytest.raises(
        ValueError, match=r"path: expected a name ending in \.glb, .*\.ply; got 'pers"
    ):
        result.export(tmp_path / "person.fbx")
    assert not list(tmp_path.iterdir())


def test_a_truncated_file_is_an_error(tmp_path, model, rng) -> None:
    path = tmp_path / "person.npz"
    fitted(model, rng).save(path)
    whole = path.read_bytes()
    for length in np.linspace(1, len(whole) - 1, 30).astype(int):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"path: expected a saved fit \(\.npz\), got .*person"):
            FitResult.load(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("betas"),
        lambda arrays: arrays.pop("description"),
        lambda arrays: arrays.update(description=np.array("[1, 2]")),
        lambda arrays: arrays.update(description=np.array("{}")),
        lambda arrays: arrays.update(description=np.array("not JSON")),
    ],
    ids=["no betas", "no description", "a list", "an empty object", "no JSON"],
)
def test_an_archive_that_is_no_saved_fit_is_an_error(change, tmp_path, model, rng) -> None:
    path = tmp_path / "person.npz"
    fitted(model, rng).save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=r"path: expected a saved fit \(\.npz\), got .*person"):
        FitResult.load(path)
