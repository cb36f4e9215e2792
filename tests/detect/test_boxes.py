"""Several people in an image: boxes of any detector, one person per crop."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from smplceres import FORMATS, Keypoints, cli
from smplceres.detect import Boxes, Detection, Detector, PeopleInBoxes, load_detector
from smplceres.detect.boxes import box_overlap, checked_boxes
from smplceres.detect.crops import cut_out, same_person, square_about, without_duplicates
from stand_in_detector import standing

BLANK = np.zeros((100, 200, 3), dtype=np.uint8)
RED, GREEN = (255, 0, 0), (0, 255, 0)
BOXES = np.array([[20.0, 20, 50, 80], [120, 30, 160, 90]])


def picture() -> np.ndarray:
    """A red and a green rectangle, each in its box."""
    drawn = BLANK.copy()
    drawn[20:80, 20:50], drawn[30:90, 120:160] = RED, GREEN
    return drawn


class SeesTheLargest(Detector):
    """One person per image: the corners and the middle of the colour with the most pixels."""

    name = "largest"

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, image):
        self.shapes.append(image.shape)
        masks = [(image == colour).all(axis=2) for colour in (RED, GREEN)]
        mask = max(masks, key=np.count_nonzero)
        if not mask.any():
            return []
        rows, columns = np.nonzero(mask)
        low, high = np.array([columns.min(), rows.min()]), np.array([columns.max(), rows.max()])
        xy = np.linspace(low, high, 17)
        person = Keypoints(xy, np.ones(17), FORMATS["coco17"], (image.shape[1], image.shape[0]))
        return [Detection(person)]


def test_each_box_gives_its_person_in_pixels_of_the_image() -> None:
    detector = SeesTheLargest()
    people = PeopleInBoxes(detector, lambda image: BOXES)(picture())
    assert [person.keypoints.xy[0].tolist() for person in people] == [[20, 20], [120, 30]]
    assert {person.keypoints.image_size for person in people} == {(200, 100)}
    assert all(height == width for height, width, _ in detector.shapes)


def test_a_person_is_found_beside_a_larger_one() -> None:
    """The square about the first box shows more green than red."""
    crowd = BLANK.copy()
    crowd[30:80, 90:100], crowd[0:100, 104:190] = RED, GREEN
    boxes = [[90, 30, 100, 80], [104, 0, 190, 100]]
    people = PeopleInBoxes(SeesTheLargest(), lambda image: boxes)(crowd)
    assert [person.keypoints.xy[0].tolist() for person in people] == [[90, 30], [104, 0]]


def test_two_boxes_of_one_person_give_one_person() -> None:
    boxes = np.vstack([BOXES, BOXES[:1] + 2])
    assert len(PeopleInBoxes(SeesTheLargest(), lambda image: boxes)(picture())) == 2


def test_a_box_without_a_person_is_kept_as_missed() -> None:
    detector = PeopleInBoxes(SeesTheLargest(), lambda image: [[60, 10, 90, 90], *BOXES])
    assert len(detector(picture())) == 2
    assert detector.missed.tolist() == [[60, 10, 90, 90]]


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[1, 2, 3]], r"boxes: expected \[N, 4\].* got \[1, 3\]"),
        ([[10, 10, 10, 20]], r"boxes: expected left < right .* of 200 x 100 .* got \[10"),
        ([[300, 10, 400, 20]], r"boxes: expected left < right"),
        ([[np.nan, 10, 40, 20]], "boxes: expected finite numbers"),
    ],
)
def test_wrong_boxes_are_refused(boxes, message) -> None:
    with pytest.raises(ValueError, match=message):
        checked_boxes(boxes, BLANK)


def test_boxes_are_cut_to_the_image_and_unsure_ones_left_out() -> None:
    given = [[-5, 10, 20, 400, 0.9], [1, 2, 3, 4, 0.1]]
    assert checked_boxes(given, BLANK).tolist() == [[0, 10, 20, 100]]
    assert checked_boxes([], BLANK).shape == (0, 4)


def test_a_square_beyond_the_image_is_black_there() -> None:
    square = square_about(np.array([-10.0, 40, 10, 60]), margin=2)
    assert square.tolist() == [-20, 30, 20, 70]
    part = cut_out(np.full_like(BLANK, 7), square)
    assert part.shape == (40, 40, 3) and part[:, :20].max() == 0 and part[:, 20:].min() == 7


def test_the_overlap_of_boxes() -> None:
    one, other = np.array([0.0, 0, 2, 2]), np.array([1.0, 0, 3, 2])
    assert box_overlap(one, other) == pytest.approx(1 / 3)
    assert box_overlap(one, other + 5) == 0


def test_people_beside_each_other_are_two_and_a_second_look_at_one_is_not() -> None:
    one, other = standing(), standing(0.8)
    moved = Keypoints(one.xy + 2, one.confidence, one.format, one.image_size)
    assert same_person(one, moved) and not same_person(one, other)
    kept = without_duplicates([Detection(one), Detection(other), Detection(moved)])
    assert [each.keypoints for each in kept] == [one, other]


# --- Where boxes come from ---


def test_boxes_of_a_file_are_those_of_the_image(tmp_path) -> None:
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps({"a.jpg": BOXES.tolist(), "b.jpg": []}))
    boxes = Boxes(path)
    assert np.array_equal(boxes.of("a.jpg")(BLANK), BOXES)
    assert len(boxes.of("b.jpg")(BLANK)) == 0
    with pytest.raises(ValueError, match=r"boxes of c\.jpg in .*boxes\.json, got a\.jpg, b\.jpg"):
        boxes.of("c.jpg")
    path.write_text(json.dumps(BOXES.tolist()))
    assert np.array_equal(Boxes(path).of("any.png")(BLANK), BOXES)


@pytest.mark.parametrize(
    "content", ["{", '{"a.jpg": [[1, 2]]}', '{"a.jpg": [["x", 1, 2, 3]]}', "3"]
)
def test_a_file_without_boxes_is_named(tmp_path, content) -> None:
    (tmp_path / "boxes.json").write_text(content)
    with pytest.raises(ValueError, match=r"boxes\.json"):
        Boxes(tmp_path / "boxes.json")


def test_boxes_of_a_python_function(monkeypatch) -> None:
    module = ModuleType("my_yolo")
    module.people, module.number = (lambda image: BOXES), 3
    monkeypatch.setitem(sys.modules, "my_yolo", module)
    assert Boxes("my_yolo:people").of("any.jpg")(BLANK) is BOXES
    with pytest.raises(ValueError, match="expected a function nobody in my_yolo"):
        Boxes("my_yolo:nobody")
    with pytest.raises(ValueError, match="expected a function, got my_yolo:number, a int"):
        Boxes("my_yolo:number")
    with pytest.raises(ValueError, match=r"expected a \.json of boxes, an \.onnx model"):
        Boxes("boxes.txt")
    with pytest.raises(FileNotFoundError, match=r"none at none\.json"):
        Boxes("none.json")


def test_the_command_takes_boxes_and_fits_everybody(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(picture()).save("photo.png")
    Path("boxes.json").write_text(json.dumps({"photo.png": [[60, 5, 90, 95], *BOXES.tolist()]}))
    monkeypatch.setattr(
        "smplceres.detect.DETECTORS", {"mediapipe": lambda model, mask, video: SeesTheLargest()}
    )
    cli.main(["fit", "photo.png", "--boxes", "boxes.json", "--no-report"])
    assert {path.name for path in Path("out").glob("*_person*.npz")} == {
        "photo_person0.npz",
        "photo_person1.npz",
    }
    assert "nobody whom largest finds in the box [60.0, 5.0, 90.0, 95.0]" in capsys.readouterr().out


def test_a_miss_says_what_would_find_more(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(BLANK).save("photo.png")
    monkeypatch.setattr(
        "smplceres.detect.DETECTORS", {"mediapipe": lambda model, mask, video: SeesTheLargest()}
    )
    assert cli.main(["fit", "photo.png"]) == cli.NOBODY_FOUND
    said = capsys.readouterr().err
    assert "--boxes of another detector, --detector rtmpose" in said and "--min-confidence" in said


def test_keypoints_below_the_limit_are_missing(monkeypatch) -> None:
    person = standing()
    confidence = np.where(np.arange(25) < 5, 0.3, person.confidence)
    unsure = Keypoints(person.xy, confidence, person.format, person.image_size)

    class Sees(Detector):
        name = "sees"

        def __call__(self, image):
            return [Detection(unsure)]

    monkeypatch.setattr(
        "smplceres.detect.DETECTORS", {"mediapipe": lambda model, mask, video: Sees()}
    )
    (found,) = load_detector()(BLANK)
    assert (found.keypoints.confidence[:5] == 0).all() and found.keypoints.visible.sum() >= 15
    (found,) = load_detector(min_confidence=0)(BLANK)
    assert (found.keypoints.confidence[:5] == 0.3).all()
    with pytest.raises(ValueError, match="min_confidence: expected 0 to 1, got 3"):
        load_detector(min_confidence=3)


# --- ONNX models: their outputs are constants, in the layouts of the exporters ---

IN_INPUT = np.array([[128.0, 224, 64, 192], [448, 272, 128, 192]])  # middle and size, 640 x 640


def onnx_file(path: Path, outputs: list[np.ndarray], inputs: tuple[str, ...] = ("images",)) -> Path:
    onnx = pytest.importorskip("onnx", reason="writes models for the test: pip install onnx")
    pytest.importorskip("onnxruntime", reason="reads them: pip install onnxruntime")
    helper, number = onnx.helper, onnx.TensorProto
    kinds = {"f": number.FLOAT, "i": number.INT64}
    nodes, described = [], []
    for k, output in enumerate(outputs):
        kind = kinds[output.dtype.kind]
        value = helper.make_tensor(f"value{k}", kind, output.shape, output.ravel().tolist())
        nodes.append(helper.make_node("Constant", [], [f"output{k}"], value=value))
        described.append(helper.make_tensor_value_info(f"output{k}", kind, output.shape))
    given = [helper.make_tensor_value_info(inputs[0], number.FLOAT, [1, 3, 640, 640])]
    given += [helper.make_tensor_value_info(each, number.INT64, [1, 2]) for each in inputs[1:]]
    graph = helper.make_graph(nodes, "model", given, described)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path


def layouts() -> dict[str, tuple[list[np.ndarray], tuple[str, ...], bool]]:
    """Outputs, inputs, and whether the image is stretched."""
    f4, i8 = np.float32, np.int64
    middle, size = IN_INPUT[:, :2], IN_INPUT[:, 2:]
    corners = np.hstack([middle - size / 2, middle + size / 2])
    v8 = np.zeros((1, 84, 8400), f4)
    v8[0, :4, :2], v8[0, 4, :2] = IN_INPUT.T, 0.9
    v8[0, :4, 2], v8[0, 4, 2] = IN_INPUT[0] + 2, 0.8  # a duplicate
    v8[0, :4, 3], v8[0, 5, 3] = [300, 300, 50, 50], 0.9  # a bicycle
    v5 = np.zeros((1, 25200, 85), f4)
    v5[0, :2, :4], v5[0, :2, 4:6] = IN_INPUT, 0.95
    v10 = np.zeros((1, 300, 6), f4)
    v10[0, :2, :4], v10[0, :2, 4] = corners, 0.9
    v10[0, 2] = [1, 1, 90, 90, 0.9, 2]  # a car
    detr = np.zeros((1, 300, 84), f4)
    detr[0, :2, :4], detr[0, :2, 4] = IN_INPUT / 640, 0.9
    of_image = corners * np.tile([200 / 640, 100 / 640], 2)
    labels, scores = np.zeros((1, 2), i8), np.full((1, 2), 0.9, f4)
    return {
        "yolov8": ([v8], ("images",), False),
        "yolov5": ([v5], ("images",), False),
        "yolov10": ([v10], ("images",), False),
        "rtdetr_ultralytics": ([detr], ("images",), True),
        "rtdetr": (
            [labels, of_image[None].astype(f4), scores],
            ("images", "orig_target_sizes"),
            True,
        ),
    }


@pytest.mark.parametrize("layout", list(layouts()))
def test_boxes_of_onnx_models_in_the_layouts_of_their_exporters(layout, tmp_path) -> None:
    outputs, inputs, stretched = layouts()[layout]
    boxes = Boxes(onnx_file(tmp_path / "model.onnx", outputs, inputs)).of("any.jpg")(BLANK)
    middle, size = IN_INPUT[:, :2], IN_INPUT[:, 2:]
    expected = np.hstack([middle - size / 2, middle + size / 2])
    scale = [200 / 640, 100 / 640] if stretched else [200 / 640, 200 / 640]
    expected = np.clip(expected * np.tile(scale, 2), 0, [200, 100, 200, 100])
    np.testing.assert_allclose(np.asarray(boxes)[:, :4], expected, atol=1e-3)
    assert (np.asarray(boxes)[:, 4] > 0.8).all()


def test_a_file_that_is_no_onnx_model_is_named(tmp_path) -> None:
    pytest.importorskip("onnxruntime", reason="reads models: pip install onnxruntime")
    (tmp_path / "noise.onnx").write_bytes(b"noise")
    with pytest.raises(ValueError, match=r"boxes: expected an ONNX model, got .*noise\.onnx"):
        Boxes(tmp_path / "noise.onnx")
    model = onnx_file(tmp_path / "two.onnx", [np.zeros((1, 2), np.float32)] * 2)
    with pytest.raises(ValueError, match=r"expected a YOLO or RT-DETR.* 2 outputs"):
        Boxes(model)


# --- MediaPipe on photographs that packages ship ---

needs_mediapipe = pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None, reason="the detect extra is not installed"
)


@pytest.mark.detect
@needs_mediapipe
@pytest.mark.parametrize(("name", "expected"), [("bus", 3), ("zidane", 2)])
def test_mediapipe_finds_several_people(name, expected) -> None:
    """Four people are in the first: of one only an arm."""
    package = importlib.util.find_spec("ultralytics")
    if package is None:
        pytest.skip("the photographs come with ultralytics: pip install --no-deps ultralytics")
    (folder,) = package.submodule_search_locations
    with Image.open(Path(folder) / "assets" / f"{name}.jpg") as picture_file:
        image = np.array(picture_file.convert("RGB"))
    with load_detector() as detector:
        people = detector(image)
    assert expected <= len(people) <= 4
    boxes = [person.keypoints for person in people]
    assert not any(same_person(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


WITHOUT_PEOPLE = (
    *("brick", "chelsea", "coffee", "coins", "grass"),
    *("gravel", "horse", "moon", "motorcycle_left", "rocket"),
)


@pytest.mark.detect
@needs_mediapipe
def test_mediapipe_finds_nobody_in_photographs_without_people() -> None:
    pytest.importorskip("skimage")
    with load_detector() as detector:
        for name in WITHOUT_PEOPLE:
            (path,) = (files("skimage") / "data").glob(f"{name}.*")
            with Image.open(str(path)) as image:
                assert detector(np.array(image.convert("RGB"))) == [], name
