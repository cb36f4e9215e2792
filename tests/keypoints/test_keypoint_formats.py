"""Keypoint formats: their tables, left and right, roles and stick figures."""

from __future__ import annotations

import numpy as np
import pytest

from smplceres.keypoint_formats import FORMATS, LOCATIONS, KeypointFormat
from smplceres.keypoints.formats import (
    COCO17,
    SMPL24,
    SMPL_JOINTS,
    Keypoint,
    KeypointRole,
    format_named,
    formats_with,
    recognise_format,
)

COUNTS = {
    "openpose_body25": 25,
    "openpose_body25b": 25,
    "openpose_coco18": 18,
    "hri18": 18,
    "coco17": 17,
    "mediapipe33": 33,
    "human36m17": 17,
    "lsp14": 14,
    "smpl24": 24,
    "halpe26": 26,
    "halpe136": 136,
    "coco_wholebody133": 133,
    "openpose_whole137": 137,
    "mediapipe_holistic143": 143,
}

# Index -> name of keypoints that tell the formats apart, from each one's own documentation.
LANDMARK_INDICES = {
    "openpose_body25": {
        1: "neck",
        4: "right_wrist",
        8: "mid_hip",
        16: "left_eye",
        24: "right_heel",
    },
    "openpose_body25b": {1: "left_eye", 11: "left_hip", 17: "upper_neck", 18: "head_top"},
    "openpose_coco18": {1: "neck", 8: "right_hip", 13: "left_ankle", 17: "left_ear"},
    "hri18": {13: "left_ankle", 14: "left_eye", 15: "right_eye", 16: "left_ear", 17: "right_ear"},
    "coco17": {1: "left_eye", 9: "left_wrist", 16: "right_ankle"},
    "mediapipe33": {2: "left_eye", 10: "mouth_right", 19: "left_index", 32: "right_foot_index"},
    "human36m17": {1: "right_hip", 8: "thorax", 11: "left_shoulder", 16: "right_wrist"},
    "lsp14": {0: "right_ankle", 5: "left_ankle", 9: "left_shoulder", 13: "head_top"},
    "smpl24": {0: "pelvis", 12: "neck", 15: "head", 23: "right_hand"},
    "halpe26": {6: "right_shoulder", 17: "head", 18: "neck", 19: "hip", 20: "left_big_toe"}
    | {22: "left_small_toe", 25: "right_heel"},
    "halpe136": {
        25: "right_heel",
        26: "right_jaw_0",
        94: "left_hand_root",
        135: "right_pinky_finger4",
    },
    "coco_wholebody133": {16: "right_ankle", 17: "left_big_toe", 19: "left_heel", 22: "right_heel"}
    | {23: "right_jaw_0", 31: "chin", 91: "left_hand_root", 112: "right_hand_root"},
    "openpose_whole137": {4: "right_wrist", 25: "left_hand_root", 28: "left_thumb3"}
    | {46: "right_hand_root", 67: "right_jaw_0", 75: "chin", 135: "right_pupil"},
    "mediapipe_holistic143": {15: "left_wrist", 33: "left_hand_root", 54: "right_hand_root"}
    | {75: "right_jaw_0", 83: "chin", 142: "right_lip_2"},
}

every_format = pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())


def exchange_sides(name: str) -> str:
    return name.replace("left", "?").replace("right", "left").replace("?", "right")


def bones_by_name(format: KeypointFormat) -> set[frozenset[str]]:
    return {frozenset((format.names[a], format.names[b])) for a, b in format.limbs}


def test_the_formats_are_the_documented_ones_with_their_counts() -> None:
    assert {name: known.num_keypoints for name, known in FORMATS.items()} == COUNTS


@every_format
def test_names_stand_where_the_format_documents_them(format: KeypointFormat) -> None:
    for index, name in LANDMARK_INDICES[format.name].items():
        assert format.names[index] == name
        assert format.index(name) == index


@every_format
def test_names_differ_and_locations_are_on_the_body(format: KeypointFormat) -> None:
    assert len(set(format.names)) == format.num_keypoints == len(format.keypoints)
    for keypoint in format.keypoints:
        assert set(keypoint.location) <= set(LOCATIONS)


@every_format
def test_each_location_belongs_to_one_keypoint(format: KeypointFormat) -> None:
    locations = [keypoint.location for keypoint in format.keypoints if keypoint.location]
    assert len(set(locations)) == len(locations)


@every_format
def test_left_right_swap_is_an_involution_that_mirrors_names_and_locations(
    format: KeypointFormat,
) -> None:
    swap = format.left_right_swap
    np.testing.assert_array_equal(swap[swap], np.arange(format.num_keypoints))
    for k, keypoint in enumerate(format.keypoints):
        other = format.keypoints[swap[k]]
        assert other.name == exchange_sides(keypoint.name)
        assert {exchange_sides(part) for part in keypoint.location} == set(other.location)
        assert (swap[k] == k) == (exchange_sides(keypoint.name) == keypoint.name)


@every_format
def test_limbs_connect_every_keypoint_on_the_body_and_mirror_onto_themselves(
    format: KeypointFormat,
) -> None:
    located = {k for k, keypoint in enumerate(format.keypoints) if keypoint.location}
    reached = {min(located)}
    for _ in format.limbs:
        reached |= {k for pair in format.limbs if reached & set(pair) for k in pair}
    assert reached == located
    swap = format.left_right_swap
    assert {frozenset(pair) for pair in format.limbs} == {
        frozenset((swap[a], swap[b])) for a, b in format.limbs
    }
    assert len(set(format.limbs)) == len(format.limbs)
    assert all(a < b for a, b in format.limbs)


@pytest.mark.parametrize(("name", "first"), [("halpe136", 26), ("coco_wholebody133", 23)])
def test_points_of_the_face_mirror_as_300_w_numbers_them(name: str, first: int) -> None:
    mirrored = {0: 16, 7: 9, 8: 8, 17: 26, 21: 22, 30: 30, 31: 35, 33: 33, 36: 45, 37: 44, 39: 42}
    mirrored |= {40: 47, 41: 46, 48: 54, 50: 52, 51: 51, 55: 59, 56: 58, 60: 64, 61: 63, 65: 67}
    swap = FORMATS[name].left_right_swap
    for one, other in mirrored.items():
        assert swap[first + one] == first + other


def test_limbs_of_smpl_are_its_kinematic_tree() -> None:
    parents = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21]
    assert set(SMPL24.limbs) == {(parent, j) for j, parent in enumerate(parents) if j}


def test_limbs_of_coco_close_the_torso() -> None:
    torso = [
        ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_hip"),
        ("right_shoulder", "right_hip"),
        ("left_hip", "right_hip"),
    ]
    assert {frozenset(bone) for bone in torso} <= bones_by_name(COCO17)


@every_format
def test_roles_follow_the_location(format: KeypointFormat) -> None:
    for keypoint, role in zip(format.keypoints, format.roles, strict=True):
        assert role is keypoint.role
        if not keypoint.location:
            assert role is KeypointRole.LIMB


@pytest.mark.parametrize(
    ("location", "role"),
    [
        *[((part,), KeypointRole.SHOULDER) for part in ("left_shoulder", "right_shoulder")],
        (("neck",), KeypointRole.NECK),
        *[((part,), KeypointRole.HIP) for part in ("pelvis", "left_hip", "right_hip")],
        *[((part,), KeypointRole.HEAD) for part in ("nose", "left_eye", "right_eye", "left_ear")],
        *[((part,), KeypointRole.HEAD) for part in ("right_ear", "head", "head_top")],
        *[((part,), KeypointRole.LIMB) for part in ("left_knee", "right_heel", "spine2")],
        (("left_hip", "right_hip"), KeypointRole.HIP),
        (("left_index2",), KeypointRole.HAND),
        (("right_pinky_tip",), KeypointRole.HAND),
        (("right_jaw_3",), KeypointRole.CONTOUR),
        (("mouth_top",), KeypointRole.FACE),
        ((), KeypointRole.LIMB),
    ],
)
def test_role_of_a_location(location: tuple[str, ...], role: KeypointRole) -> None:
    assert Keypoint("any", location).role is role


def test_roles_are_the_numbers_other_code_relies_on() -> None:
    assert [role.value for role in KeypointRole] == list(range(8))
    assert [role.name for role in KeypointRole] == [
        *("SHOULDER", "HIP", "HEAD", "LIMB", "NECK"),
        *("HAND", "FACE", "CONTOUR"),
    ]


def test_smpl_joints_are_named_in_the_order_of_the_tree() -> None:
    assert len(SMPL_JOINTS) == 24
    assert SMPL24.names == SMPL_JOINTS


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("openpose_body25", "openpose_body25"),
        ("BODY_25", "openpose_body25"),
        ("body25", "openpose_body25"),
        ("BODY_25B", "openpose_body25b"),
        ("coco", "coco17"),
        ("COCO-17", "coco17"),
        ("coco18", "openpose_coco18"),
        ("mediapipe_pose33", "mediapipe33"),
        ("h36m", "human36m17"),
        ("lsp", "lsp14"),
        ("SMPL", "smpl24"),
    ],
)
def test_format_named_knows_names_and_aliases(alias: str, name: str) -> None:
    assert format_named(alias) is FORMATS[name]


@pytest.mark.parametrize("name", ["halpe27", "", "body_27"])
def test_format_named_lists_the_known_formats_for_an_unknown_name(name: str) -> None:
    with pytest.raises(ValueError, match=r"openpose_body25, .*, smpl24") as caught:
        format_named(name)
    assert repr(name) in str(caught.value)


def test_format_named_returns_a_format_of_ones_own() -> None:
    own = KeypointFormat.from_mapping("own", {"a": "neck"})
    assert format_named(own) is own


def test_from_mapping_takes_mappings_and_pairs_and_every_kind_of_location() -> None:
    mapping = {"RHip": "right_hip", "MHip": ("left_hip", "right_hip"), "bag": None, "hat": ()}
    own = KeypointFormat.from_mapping("own", mapping)
    assert own == KeypointFormat.from_mapping("own", list(mapping.items()))
    assert own.names == ("RHip", "MHip", "bag", "hat")
    assert [keypoint.location for keypoint in own.keypoints] == [
        ("right_hip",),
        ("left_hip", "right_hip"),
        (),
        (),
    ]


def test_from_mapping_rejects_an_unknown_location() -> None:
    with pytest.raises(
        ValueError, match=r"location of 'knee': expected names among pelvis.*'knee'"
    ):
        KeypointFormat.from_mapping("own", {"knee": "knee"})


def test_a_format_rejects_a_name_given_twice_and_no_keypoints() -> None:
    with pytest.raises(ValueError, match=r"different names in 'own', got \['a'\]"):
        KeypointFormat.from_mapping("own", [("a", "neck"), ("a", "nose")])
    with pytest.raises(ValueError, match="at least one in 'own', got none"):
        KeypointFormat.from_mapping("own", {})


def test_index_names_the_format_for_an_unknown_keypoint() -> None:
    with pytest.raises(ValueError, match=r"expected one of nose.*\(coco17\), got 'neck'"):
        COCO17.index("neck")


@pytest.mark.parametrize(
    "mapping",
    [
        {"left_knee": "left_knee"},
        {"LKnee": "left_knee", "RKnee": "right_knee"},
        {"left_knee": "left_knee", "right_knee": "right_hip"},
    ],
    ids=["no_counterpart", "sides_not_in_words", "counterpart_elsewhere"],
)
def test_left_right_swap_refuses_a_side_without_a_counterpart(mapping: dict[str, str]) -> None:
    own = KeypointFormat.from_mapping("own", mapping)
    with pytest.raises(ValueError, match="left_right_swap: expected"):
        _ = own.left_right_swap


def test_limbs_of_a_format_of_ones_own_follow_locations_and_not_names() -> None:
    own = KeypointFormat.from_mapping(
        "own",
        {
            "MHip": ("left_hip", "right_hip"),
            "LHip": "left_hip",
            "RHip": "right_hip",
            "LKnee": "left_knee",
            "bag": None,
        },
    )
    assert own.limbs == ((1, 2), (1, 3))


def test_formats_with_finds_all_of_one_count() -> None:
    assert [known.name for known in formats_with(25)] == ["openpose_body25", "openpose_body25b"]
    assert [known.name for known in formats_with(17)] == ["coco17", "human36m17"]
    assert formats_with(27) == ()


@pytest.mark.parametrize("name", ["openpose_body25", "openpose_coco18", "mediapipe33", "lsp14"])
def test_recognise_format_by_count(name: str) -> None:
    assert recognise_format(COUNTS[name]).name == name


def test_recognise_format_lists_the_candidates() -> None:
    with pytest.raises(ValueError, match="17 keypoints fit coco17 or human36m17"):
        recognise_format(17)
    with pytest.raises(ValueError, match=r"25 \(openpose_body25\).*24 \(smpl24\).*; got 27"):
        recognise_format(27)
