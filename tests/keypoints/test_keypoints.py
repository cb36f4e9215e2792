"""Keypoints: what the class takes and refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from keypoint_rows import assert_holds, rows_of
from smplceres.base.input_warnings import InputWarning
from smplceres.keypoints.formats import COCO17, LSP14
from smplceres.keypoints.keypoints import Keypoints


def test_keypoints_from_two_columns_have_confidence_one() -> None:
    person = Keypoints.from_array(rows_of(14)[:, :2])
    assert person.format is LSP14
    np.testing.assert_array_equal(person.confidence, np.ones(14))


def test_keypoints_from_three_columns_keep_confidences_above_one() -> None:
    rows = rows_of(25)
    rows[3, 2] = 1.4
    person = Keypoints.from_array(rows)
    assert_holds(person, rows, "openpose_body25")
    assert len(person) == 25


def test_a_missing_keypoint_is_stored_as_zero_whatever_came() -> None:
    rows = rows_of(14)
    rows[:3] = np.array([[np.nan, 5, 0], [np.inf, -np.inf, 0], [7, 8, 0]])
    person = Keypoints.from_array(rows)
    np.testing.assert_array_equal(person.xy[:3], np.zeros((3, 2)))
    np.testing.assert_array_equal(person.visible, [False] * 3 + [True] * 11)


def test_keypoints_copy_their_input_and_are_read_only() -> None:
    rows = rows_of(14)
    before = rows.copy()
    person = Keypoints.from_array(rows)
    rows[:] = -1
    np.testing.assert_array_equal(person.xy, before[:, :2])
    with pytest.raises(ValueError, match="read-only"):
        person.xy[0] = 0


def test_keypoints_can_be_replaced_in_part() -> None:
    person = Keypoints.from_array(rows_of(14), source="here")
    hidden = dataclasses.replace(person, confidence=np.zeros(14))
    assert hidden.source == "here"
    assert not hidden.visible.any()


def test_height_is_the_vertical_extent_of_the_keypoints_that_are_sure() -> None:
    rows = rows_of(14)
    rows[:, 1:] = np.stack([np.arange(14) * 10, np.ones(14)], axis=1)
    rows[12:, 2] = 0.5, 0.0
    assert Keypoints.from_array(rows).height_px == 110
    rows[1:, 2] *= 0.4
    assert Keypoints.from_array(rows).height_px == 120  # one is sure: all that are visible
    rows[:, 2] = 0
    assert Keypoints.from_array(rows).height_px == 0


@pytest.mark.parametrize(
    ("array", "format", "message"),
    [
        (np.ones((18, 3)), "body_25", r"keypoints: .*\[K, 3\] with K = 25 \(openpose_body25\).*18"),
        (np.ones((18, 2)), "coco", r"keypoints: .*\[K, 2\] with K = 17 \(coco17\), got \[18, 2\]"),
        (np.ones((17, 4)), "coco", r"keypoints: .*\[K, 3\] with K = 17 \(coco17\), got \[17, 4\]"),
        (np.ones(51), None, r"keypoints: expected \[K, 3\], got \[51\]"),
        (np.ones((2, 17, 3)), None, r"one person, \[K, 3\], got \[2, 17, 3\], several people"),
        (np.array([[4, 5, 0]] * 17), "coco", "integers that are all 0, as conversion of scores"),
        (np.ones((17, 3)), None, "17 keypoints fit coco17 or human36m17"),
        (np.ones((27, 3)), None, r"25 \(openpose_body25\), .*; got 27"),
        (np.ones((0, 3)), None, "got 0"),
        (np.ones((17, 3)), "halpe9", "format: expected one of openpose_body25.*got 'halpe9'"),
        ([[1, 2], [1]], None, "keypoints: expected rows of equal length"),
        ([["1", "2"]], None, "keypoints: expected real numbers, got dtype <U1"),
        (np.ones((17, 3), complex), "coco", "keypoints: expected real numbers, got dtype complex"),
        (np.ones((17, 3), bool), "coco", "keypoints: expected real numbers, got dtype bool"),
        (None, "coco", "keypoints: expected real numbers, got dtype object"),
    ],
)
def test_from_array_refuses(array: Any, format: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Keypoints.from_array(array, format)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1, np.inf, 0.8], r"xy: .*got \[1.0, inf\] for 'left_eye'"),
        ([1, 1, np.inf], "confidence: expected finite values >= 0, got inf for 'left_eye'"),
    ],
)
def test_keypoints_name_the_keypoint_that_is_wrong(row: list[float], message: str) -> None:
    rows = rows_of(17)
    rows[1] = row
    with pytest.raises(ValueError, match=message):
        Keypoints.from_array(rows, COCO17)


@pytest.mark.parametrize("row", [[np.nan, 1, 0.8], [1, 1, np.nan], [None, None, None]])
def test_a_keypoint_that_is_not_a_number_is_missing(row: list[Any]) -> None:
    rows: list[Any] = rows_of(17).tolist()
    rows[1] = row
    person = Keypoints.from_array(rows, COCO17)
    assert np.flatnonzero(~person.visible).tolist() == [1]


def test_masked_values_are_missing() -> None:
    rows = np.ma.masked_array(rows_of(17), mask=False)
    rows[4, 0] = np.ma.masked
    person = Keypoints.from_array(rows, COCO17)
    assert np.flatnonzero(~person.visible).tolist() == [4]


def test_a_negative_confidence_is_a_missing_keypoint_with_a_warning() -> None:
    rows = rows_of(17)
    rows[1, 2], rows[5, 2] = -0.1, -3
    with pytest.warns(InputWarning, match="here: 2 with a negative confidence are missing"):
        person = Keypoints.from_array(rows, COCO17, source="here")
    assert np.flatnonzero(~person.visible).tolist() == [1, 5]


def test_the_class_refuses_what_arrays_mark_as_missing() -> None:
    rows = rows_of(17)
    for row in ([np.nan, 1, 0.8], [1, 1, -0.1], [1, 1, np.nan]):
        rows[1] = row
        with pytest.raises(ValueError, match=r"expected finite .* for 'left_eye'"):
            Keypoints(rows[:, :2], rows[:, 2], COCO17)


def test_an_axis_of_one_person_is_left_out() -> None:
    rows = rows_of(18)
    assert_holds(Keypoints.from_array(rows[None]), rows, "openpose_coco18")


def test_keypoints_check_the_shape_of_both_arrays() -> None:
    with pytest.raises(ValueError, match=r"xy: expected \[K, 2\] with K = 17 .*got \[17, 3\]"):
        Keypoints(np.ones((17, 3)), np.ones(17), COCO17)
    with pytest.raises(ValueError, match=r"confidence: expected \[K\] with K = 17 .*got \[17, 1\]"):
        Keypoints(np.ones((17, 2)), np.ones((17, 1)), COCO17)


@pytest.mark.parametrize("size", [(640,), (640, 0), (640.5, 480), ("640", "480"), (640, -1), 640])
def test_keypoints_refuse_a_wrong_image_size(size: Any) -> None:
    with pytest.raises(ValueError, match=r"image_size: expected \(width, height\)"):
        Keypoints.from_array(rows_of(17), COCO17, image_size=size)
