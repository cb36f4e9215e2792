"""Detectors: MediaPipe on photographs (`make detect`), and what is checked without it."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from smplceres import FitResult, cli
from smplceres.detect import DETECTORS, load_detector

HAS_MEDIAPIPE = importlib.util.find_spec("mediapipe") is not None
needs_mediapipe = pytest.mark.skipif(not HAS_MEDIAPIPE, reason="the detect extra is not installed")
# Landmarks that came with the photographs are those of another model of MediaPipe.
OTHER_MODEL_PX = 15


def photograph(name: str) -> np.ndarray:
    data = pytest.importorskip("skimage.data")
    picture = getattr(data, name)()
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)


def packaged(name: str) -> np.ndarray:
    text = (files("smplceres") / "data" / "photos" / f"{name}_mediapipe.json").read_text()
    return np.array(json.loads(text)["keypoints"])


# --- MediaPipe ---


@pytest.mark.detect
@needs_mediapipe
@pytest.mark.parametrize(("picture", "name"), [("astronaut", "astronaut"), ("camera", "cameraman")])
def test_mediapipe_finds_the_person_of_a_photograph(picture, name) -> None:
    with load_detector() as detector:
        (person,) = detector(photograph(picture))
    keypoints, expected = person.keypoints, packaged(name)
    assert (keypoints.format.name, keypoints.image_size) == ("mediapipe33", (512, 512))
    assert person.mask is None
    sure = (keypoints.confidence > 0.9) & (expected[:, 2] > 0.9)
    assert sure.sum() > 10
    away = np.linalg.norm(keypoints.xy - expected[:, :2], axis=1)[sure]
    assert np.median(away) < OTHER_MODEL_PX


@pytest.mark.detect
@needs_mediapipe
def test_mediapipe_finds_the_same_each_time_and_nobody_in_nothing() -> None:
    picture = photograph("astronaut")
    with load_detector() as detector:
        first, again = (detector(picture)[0].keypoints for _ in range(2))
        assert detector(np.full((64, 80, 3), 128, dtype=np.uint8)) == []
    np.testing.assert_array_equal(first.xy, again.xy)


@pytest.mark.detect
@needs_mediapipe
def test_the_mask_has_the_face_in_it_and_the_corner_not() -> None:
    with load_detector(mask=True) as detector:
        (person,) = detector(photograph("astronaut"))
    assert person.mask is not None and person.mask.pixels.shape == (512, 512)
    x, y = np.round(person.keypoints.xy[0]).astype(int)
    assert person.mask.pixels[y, x] and not person.mask.pixels[5, 5]
    assert 0.2 < person.mask.pixels.mean() < 0.6


@pytest.mark.detect
@needs_mediapipe
def test_a_video_follows_one_person_from_frame_to_frame() -> None:
    picture = photograph("astronaut")
    with load_detector(video=True) as detector:
        for _ in range(3):
            (person,) = detector(picture)
    assert np.linalg.norm(person.keypoints.xy[0] - packaged("astronaut")[0, :2]) < OTHER_MODEL_PX


@pytest.mark.detect
@needs_mediapipe
@pytest.mark.parametrize("video", [False, True])
def test_a_pose_landmarkers_file_finds_the_same_person(tmp_path, video) -> None:
    """Made of the models in the wheel, with the metadata that the Tasks API asks for."""
    model = tmp_path / "pose_landmarker.task"
    write_task(model)
    picture = photograph("astronaut")
    with load_detector(model=model, mask=True, video=video) as detector:
        detector(picture)
        (person,) = detector(picture)
    with load_detector() as detector:
        (other,) = detector(picture)
    sure = other.keypoints.confidence > 0.9
    away = np.linalg.norm(person.keypoints.xy - other.keypoints.xy, axis=1)
    assert np.median(away[sure]) < 5
    assert person.mask is not None


@pytest.mark.detect
@needs_mediapipe
def test_a_file_that_is_no_model_is_named(tmp_path) -> None:
    (tmp_path / "noise.task").write_bytes(b"noise")
    with pytest.raises(ValueError, match=r"detector model: expected a pose .* got .*noise\.task"):
        load_detector(model=tmp_path / "noise.task")
    with pytest.raises(FileNotFoundError, match=r"detector model: .* none at .*none\.task"):
        load_detector(model=tmp_path / "none.task")


@pytest.mark.detect
@needs_mediapipe
def test_the_command_fits_the_photographs_and_does_it_again_bit_for_bit(
    tmp_path, monkeypatch, capfd
) -> None:
    """Nothing is on standard error: MediaPipe starts without a word."""
    monkeypatch.chdir(tmp_path)
    for name in ("camera", "astronaut"):
        Image.fromarray(photograph(name)).save(f"{name}.png")
    assert cli.main(["fit", "camera.png", "astronaut.png"]) == cli.ALL_FITTED
    for name in ("camera", "astronaut"):
        again = ["--config", f"out/{name}_run.toml", "--out", "again"]
        assert cli.main(again) == cli.ALL_FITTED
        one, other = (FitResult.load(f"{out}/{name}_person0.npz") for out in ("out", "again"))
        np.testing.assert_array_equal(one.vertices, other.vertices)
        assert one.reprojection_error() < 0.02 * one.views[0].keypoints.height_px
        assert 500 < one.camera.fx < 1200
    assert capfd.readouterr().err == ""


def write_task(path: Path) -> None:
    writers = importlib.import_module("mediapipe.tasks.python.metadata.metadata_writers")
    writer = importlib.import_module(f"{writers.__name__}.metadata_writer").MetadataWriter
    modules = Path(importlib.import_module("mediapipe").__file__).parent / "modules"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as bundle:
        for name, source, mean, std in (
            ("pose_detector.tflite", "pose_detection/pose_detection.tflite", 127.5, 127.5),
            ("pose_landmarks_detector.tflite", "pose_landmark/pose_landmark_full.tflite", 0, 255),
        ):
            with_metadata = writer.create(bytearray((modules / source).read_bytes()))
            with_metadata.add_image_input([mean], [std])
            bundle.writestr(name, bytes(with_metadata.populate()[0]))


# --- Without any ---


def test_a_missing_mediapipe_is_an_error_that_names_the_pip_command(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(ImportError, match=r"pip install 'smplceres\[detect\]'"):
        load_detector()


def test_a_mediapipe_without_models_says_which_one_has_them(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", ModuleType("mediapipe"))
    with pytest.raises(ImportError, match=r"mediapipe<=0\.10\.21.*--detector-model"):
        load_detector()


def test_an_unknown_detector_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"expected one of mediapipe, holistic, rtmpose, got 'hrnet'"
    ):
        load_detector("hrnet")
    assert list(DETECTORS) == ["mediapipe", "holistic", "rtmpose"]


# --- RTMPose, whose models are not at hand: its library is stood in for ---


class Tool:
    """A model of rtmlib, which remembers what it was made and called with."""

    def __init__(self, path, model_input_size, backend, device) -> None:
        print(f"load {path}")  # as rtmlib does
        self.path, self.model_input_size = path, model_input_size
        assert (backend, device) == ("onnxruntime", "cpu")


class PeopleAt(Tool):
    boxes = np.array([[10.0, 20, 60, 90], [70, 20, 99, 90]])

    def __call__(self, image):
        assert image[0, 0].tolist() == [3, 2, 1]  # blue first
        return self.boxes


class KeypointsIn(Tool):
    def __call__(self, image, bboxes):
        corners = np.array([box[:2] for box in bboxes])
        places = corners[:, None] + np.arange(26)[None, :, None]
        return places, np.tile(np.linspace(-0.1, 1, 26), (len(bboxes), 1))


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder with the names of rtmlib's model files, and a stand-in for the library."""
    for name in (
        "yolox_tiny_8xb8-300e_humanart-6f3252f9.onnx",
        "rtmpose-m_simcc-body7_pt-body7-halpe26_700e-384x288-e48f03d0_20230504.onnx",
    ):
        (tmp_path / name).touch()
    rtmlib = ModuleType("rtmlib")
    rtmlib.YOLOX, rtmlib.RTMPose = PeopleAt, KeypointsIn
    monkeypatch.setitem(sys.modules, "rtmlib", rtmlib)
    return tmp_path


def test_rtmpose_finds_everybody_in_the_format_of_its_model(models, capsys) -> None:
    picture = np.full((100, 120, 3), [1, 2, 3], dtype=np.uint8)
    detector = load_detector("rtmpose", model=models)
    assert detector._people.model_input_size == (416, 416)
    assert detector._pose.model_input_size == (288, 384)
    people = [found.keypoints for found in detector(picture)]
    assert [person.format.name for person in people] == ["halpe26", "halpe26"]
    assert people[0].image_size == (120, 100)
    assert people[1].xy[20].tolist() == [90, 40]
    assert people[0].confidence[0] == 0
    assert capsys.readouterr().out == ""


def test_rtmpose_finds_nobody_where_no_box_is(models, monkeypatch) -> None:
    monkeypatch.setattr(PeopleAt, "boxes", np.zeros((0, 4)))
    picture = np.full((100, 120, 3), [1, 2, 3], dtype=np.uint8)
    assert load_detector("rtmpose", model=models)(picture) == []


def test_models_are_looked_for_in_the_cache_of_rtmlib(models, monkeypatch) -> None:
    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(models / "cache"))
    with pytest.raises(FileNotFoundError, match=r"detector model: .*yolox.*none at .*hub"):
        load_detector("rtmpose")
    cache = models / "cache" / "rtmlib" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=r"expected a file yolox\*\.onnx in"):
        load_detector("rtmpose")
    for file in models.glob("*.onnx"):
        file.rename(cache / file.name)
    assert load_detector("rtmpose").name == "rtmpose"


def test_rtmpose_gives_no_masks_and_says_so(models) -> None:
    with pytest.raises(ValueError, match="mask: expected another detector"):
        load_detector("rtmpose", model=models, mask=True)


def test_a_missing_rtmlib_is_an_error_that_names_the_pip_command(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmlib", None)
    with pytest.raises(ImportError, match=r"pip install 'smplceres\[rtmpose\]'"):
        load_detector("rtmpose")


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4)),
        np.zeros((4, 4, 3)),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=["grey", "float", "alpha", "empty"],
)
def test_pictures_of_another_kind_are_refused(models, picture) -> None:
    with pytest.raises(ValueError, match=r"image: expected \[H, W, 3\] uint8, got"):
        load_detector("rtmpose", model=models)(picture)
