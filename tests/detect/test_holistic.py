"""MediaPipe Holistic: body, hands and face as one array of keypoints (`make detect`), and its
arrangement, which is checked without it.
"""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

from smplceres.detect import load_detector
from smplceres.detect.face68 import MEDIAPIPE_OF_FACE68
from smplceres.detect.holistic import FORMAT, holistic_rows
from smplceres.keypoints.formats import FORMATS

NUM_BODY, NUM_HAND, NUM_FACE, NUM_MESH = 33, 21, 68, 478
LEFT, RIGHT, FACE = slice(33, 54), slice(54, 75), slice(75, 143)
WIDTH, HEIGHT = 640, 480

needs_mediapipe = pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None, reason="the detect extra is not installed"
)
needs_format = pytest.mark.skipif(FORMAT not in FORMATS, reason=f"the format {FORMAT} is not there")


def landmarks(xy: np.ndarray, visibility: float = 0.5) -> SimpleNamespace:
    return SimpleNamespace(
        landmark=[SimpleNamespace(x=x, y=y, visibility=visibility) for x, y in xy]
    )


def found(rng, **parts) -> SimpleNamespace:
    body = landmarks(rng.uniform(0, 1, (NUM_BODY, 2)))
    nothing = {"left_hand_landmarks": None, "right_hand_landmarks": None, "face_landmarks": None}
    return SimpleNamespace(pose_landmarks=body, **{**nothing, **parts})


def test_a_body_alone_has_no_confident_hand_or_face(rng) -> None:
    rows = holistic_rows(found(rng), WIDTH, HEIGHT)
    assert rows.shape == (NUM_BODY + 2 * NUM_HAND + NUM_FACE, 3)
    assert (rows[:NUM_BODY, 2] == 0.5).all()
    assert (rows[NUM_BODY:] == 0).all()


def test_parts_come_in_their_order_in_pixels_with_centres_at_integers(rng) -> None:
    hands = rng.uniform(0, 1, (2, NUM_HAND, 2))
    face = rng.uniform(0, 1, (NUM_MESH, 2))
    rows = holistic_rows(
        found(
            rng,
            left_hand_landmarks=landmarks(hands[0]),
            right_hand_landmarks=landmarks(hands[1]),
            face_landmarks=landmarks(face),
        ),
        WIDTH,
        HEIGHT,
    )
    size = np.array([WIDTH, HEIGHT])
    np.testing.assert_allclose(rows[LEFT, :2], hands[0] * size - 0.5)
    np.testing.assert_allclose(rows[RIGHT, :2], hands[1] * size - 0.5)
    np.testing.assert_allclose(rows[FACE, :2], face[list(MEDIAPIPE_OF_FACE68)] * size - 0.5)
    assert (rows[NUM_BODY:, 2] == 1).all()


def test_a_face_without_irises_and_points_outside_of_the_image(rng) -> None:
    face = rng.uniform(0, 1, (468, 2))
    hand = rng.uniform(0, 1, (NUM_HAND, 2))
    hand[8] = (1.2, 0.5)
    rows = holistic_rows(
        found(rng, face_landmarks=landmarks(face), left_hand_landmarks=landmarks(hand)),
        WIDTH,
        HEIGHT,
    )
    assert (rows[FACE, 2] == 1).all()
    assert rows[LEFT, 2].tolist() == [float(point != 8) for point in range(NUM_HAND)]


def test_the_face_has_68_different_points() -> None:
    assert len(set(MEDIAPIPE_OF_FACE68)) == NUM_FACE
    assert max(MEDIAPIPE_OF_FACE68) < 468


@pytest.mark.detect
@needs_mediapipe
@needs_format
def test_holistic_finds_the_face_and_hands_of_a_photograph() -> None:
    picture = pytest.importorskip("skimage.data").astronaut()
    with load_detector("holistic") as detector:
        (person,) = detector(picture)
        assert detector(np.full((240, 320, 3), 90, np.uint8)) == []
    keypoints = person.keypoints
    assert (keypoints.format.name, keypoints.image_size) == (FORMAT, (512, 512))
    face = keypoints.xy[FACE]
    assert (keypoints.confidence[FACE] == 1).all()
    # The face of the photograph is 60 to 120 px wide, eyes above the mouth; her right is left.
    width = face[16, 0] - face[0, 0]
    assert 50 < width < 130
    assert face[36:48, 1].max() < face[48:, 1].min()
    assert np.linalg.norm(face[30] - keypoints.xy[0]) < 0.2 * width  # the nose of the body's 33
