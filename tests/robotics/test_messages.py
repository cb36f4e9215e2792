"""Messages of a tracked person: their content, and their bytes against rosbags'."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import smplceres as sc
from smplceres.robotics import BodyStream, Message, PeopleSeen, Stamp
from smplceres.robotics.cdr import serialize
from smplceres.robotics.definitions import MESSAGES, with_dependencies
from smplceres.robotics.layouts import Filled, Layout
from smplceres.robotics.uncertainty import UNKNOWN_VARIANCE, covariances_of_ellipsoids

CAMERA = sc.Camera(fx=900, fy=910, cx=631, cy=355, width=1280, height=720)
SMPL24 = sc.FORMATS["smpl24"]


def info_of(camera: sc.Camera, **changed) -> SimpleNamespace:
    """A CameraInfo of a camera, with some fields changed."""
    k = [camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1]
    fields = {
        "header": SimpleNamespace(frame_id="camera_optical"),
        **{"width": camera.width, "height": camera.height, "distortion_model": "plumb_bob"},
        **{"d": [0.0] * 5, "k": k, "r": np.eye(3).ravel().tolist()},
        **{"p": [*k[:3], 0, *k[3:6], 0, *k[6:], 0], "binning_x": 0, "binning_y": 0},
        "roi": SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0, do_rectify=False),
    }
    return SimpleNamespace(**(fields | changed))


def seen_at(model: sc.BodyModel, time: float, places=((0.0, 0.1, 4.0),)) -> PeopleSeen:
    """Keypoints of people who move to the right, at a time in seconds."""
    rng = np.random.default_rng(round(1000 * time))
    people = []
    for place in places:
        pose = np.zeros((23, 3))
        pose[15], pose[16] = [0, 0, -1.0], [0, 0, 1.0]
        pose[17, 1] = -0.6 - 0.2 * np.sin(time)
        joints = model.joints(
            global_orient=[np.pi, 0.1, 0],
            body_pose=pose,
            transl=[place[0] + 0.2 * time, *place[1:]],
        )
        xy = CAMERA.project(joints) + rng.normal(0, 1.0, (24, 2))
        people.append(sc.Keypoints(xy, np.full(24, 0.9), SMPL24, (1280, 720)))
    return PeopleSeen(
        Stamp.of_nanoseconds(10**9 * 1_700_000_000 + round(1e9 * time)), "cam", people
    )


def by_topic(messages: list[Message]) -> dict[str, Message]:
    assert len({each.topic for each in messages}) == len(messages)
    return {each.topic: each for each in messages}


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.fixture(scope="module")
def stream_and_last(model):
    """A stream after 20 images, the messages of the last, and what a tracker of the same says."""
    stream = BodyStream(model=model, mesh_rate=5)
    stream.camera_info(info_of(CAMERA))
    tracker = sc.Tracker(CAMERA, model=model)
    every = []
    for frame in range(20):
        seen = seen_at(model, frame / 30)
        every.append(stream.update(seen))
        tracked = tracker.update(seen.people[0], seen.stamp.seconds)
    return every, tracked


def test_transforms_are_the_joints_of_the_fit(stream_and_last, model) -> None:
    every, tracked = stream_and_last
    transforms = by_topic(every[-1])["/tf"].fields["transforms"]
    assert [each["child_frame_id"] for each in transforms] == [
        "body_p1", *(f"{name}_p1" for name in model.joint_names)
    ]  # fmt: skip
    places = np.array([list(each["transform"]["translation"].values()) for each in transforms])
    assert np.abs(places[1:] - tracked.fit.joints).max() < 1e-12
    assert np.allclose(places[0], (tracked.joints[1] + tracked.joints[2]) / 2)
    assert {each["header"]["frame_id"] for each in transforms} == {"cam"}
    # REP-103 for someone upright who faces a level camera: x towards it, z up (-y of the image).
    turn = Rotation.from_quat(list(transforms[0]["transform"]["rotation"].values())).as_matrix()
    assert turn[:, 0] @ [0, 0, -1] > 0.9
    assert turn[:, 2] @ [0, -1, 0] > 0.9
    assert np.allclose(np.cross(turn[:, 0], turn[:, 1]), turn[:, 2])


def test_the_ellipsoid_of_a_joint_has_the_covariance_of_the_tracker(stream_and_last, model) -> None:
    every, tracked = stream_and_last
    markers = by_topic(every[-1])["/humans/bodies/ellipsoids"].fields["markers"]
    assert len(markers) == model.num_joints
    _, jacobian = model.frame_jacobian(tracked.parameters)
    expected = jacobian @ tracked.covariance @ jacobian.transpose(0, 2, 1)
    diameters = np.array([list(each["scale"].values()) for each in markers])
    turns = [list(each["pose"]["orientation"].values()) for each in markers]
    found = covariances_of_ellipsoids(diameters, Rotation.from_quat(turns).as_matrix())
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_the_pose_has_its_covariance_at_the_hips(stream_and_last, model) -> None:
    """By the adjoint, against numerical derivatives of the middle of the hips."""
    every, tracked = stream_and_last
    pose = by_topic(every[-1])["/humans/bodies/p1/pose"].fields["pose"]
    covariance = np.array(pose["covariance"]).reshape(6, 6)
    assert np.all(np.linalg.eigvalsh(covariance) > 0)
    slices = {name: slice(at, at + size) for name, at, size in model.layout.slices}
    turn, move = slices["global_orient"], slices["transl"]
    hips = lambda joints: (joints[1] + joints[2]) / 2  # noqa: E731
    jacobian = np.zeros((6, len(tracked.covariance)))
    jacobian[:3, move], jacobian[3:, turn] = np.eye(3), np.eye(3)
    r = hips(tracked.joints) - tracked.joints[0]
    jacobian[:3, turn] = np.array([np.cross(e, r) for e in np.eye(3)]).T
    step = 1e-6
    for beta in range(model.num_betas):
        moved = []
        for sign in (1, -1):
            parameters = dict(tracked.parameters)
            parameters["betas"] = tracked.betas + sign * step * np.eye(model.num_betas)[beta]
            moved.append(hips(model.joints(**parameters)))
        jacobian[:3, model.layout.size + beta] = (moved[0] - moved[1]) / (2 * step)
    expected = jacobian @ tracked.covariance @ jacobian.T
    assert np.allclose(covariance, expected, rtol=1e-6, atol=1e-12)


def test_the_twist_is_the_motion_of_the_hips(stream_and_last) -> None:
    every, _ = stream_and_last
    twist = by_topic(every[-1])["/humans/bodies/p1/twist"].fields["twist"]
    linear = np.array(list(twist["twist"]["linear"].values()))
    # Depth is what one image leaves open: the tracker still moves the person there.
    assert np.abs(linear - [0.2, 0, 0])[:2].max() < 0.12
    covariance = np.reshape(twist["covariance"], (6, 6))
    assert np.all(np.linalg.eigvalsh(covariance) > 0)
    error = linear - [0.2, 0, 0]
    assert error @ np.linalg.solve(covariance[:3, :3], error) < 11.3  # 99 % of chi-square, 3


def test_the_twist_has_the_covariance_of_velocities(stream_and_last, model) -> None:
    """That of `Tracked.velocity_covariance`, with the origin moved to the hips."""
    every, tracked = stream_and_last
    twist = by_topic(every[-1])["/humans/bodies/p1/twist"].fields["twist"]
    _, jacobian = model.frame_jacobian(tracked.parameters)
    moving = np.zeros((6, len(tracked.velocity)))
    moving[:3] = (jacobian[1] + jacobian[2])[:, : len(tracked.velocity)] / 2
    [(begin, size)] = [
        (at, size) for name, at, size in model.layout.slices if name == "global_orient"
    ]
    moving[3:, begin : begin + size] = np.eye(3)
    expected = moving @ tracked.velocity_covariance @ moving.T
    assert np.allclose(np.reshape(twist["covariance"], (6, 6)), expected, rtol=1e-9, atol=1e-15)
    sent = [*twist["twist"]["linear"].values(), *twist["twist"]["angular"].values()]
    assert np.allclose(sent, moving @ tracked.velocity, atol=1e-12)


def test_the_first_frame_has_an_unknown_twist(stream_and_last) -> None:
    """Messages have no infinity."""
    every, _ = stream_and_last
    covariance = by_topic(every[0])["/humans/bodies/p1/twist"].fields["twist"]["covariance"]
    assert np.array_equal(np.reshape(covariance, (6, 6)), UNKNOWN_VARIANCE * np.eye(6))


def test_skeleton_and_region_are_within_the_image(stream_and_last) -> None:
    every, tracked = stream_and_last
    last = by_topic(every[-1])
    points = last["/humans/bodies/p1/skeleton2d"].fields["skeleton"]
    assert len(points) == 18
    elbow = tracked.joints[18]  # left
    x, y = CAMERA.project(elbow[None])[0]
    assert np.isclose(points[6]["x"], (x + 0.5) / 1280) and np.isclose(
        points[6]["y"], (y + 0.5) / 720
    )
    assert points[6]["c"] == 0.9
    region = last["/humans/bodies/p1/roi"].fields
    assert 0 <= region["xmin"] < points[6]["x"] < region["xmax"] <= 1
    assert 0 <= region["ymin"] < points[6]["y"] < region["ymax"] <= 1


def test_meshes_come_at_their_rate_and_urdf_once(stream_and_last) -> None:
    every, _ = stream_and_last
    meshes = [sum(each.topic == "/humans/bodies/mesh" for each in sent) for sent in every]
    assert sum(meshes) == 4  # 20 images at 30 Hz, 5 a second
    first = by_topic(every[0])["/humans/bodies/p1/urdf"]
    assert first.latched and first.fields["data"].startswith("<?xml")


@pytest.fixture(scope="module")
def typestore():
    pytest.importorskip("rosbags", reason="needs rosbags: pip install 'smplceres[robotics]'")
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore  # noqa: PLC0415

    store = get_typestore(Stores.ROS2_HUMBLE)
    for name, text in MESSAGES.items():
        if name.startswith("hri_msgs"):
            store.register(get_types_from_msg(text, name))
    return store


def test_bytes_are_those_of_rosbags(stream_and_last, typestore) -> None:
    """Its reader decodes each message, and its writer encodes what was read to the same bytes."""
    every, _ = stream_and_last
    kinds = set()
    for message in every[0]:
        data = message.cdr()
        again = typestore.serialize_cdr(
            typestore.deserialize_cdr(data, message.type_name), message.type_name
        )
        assert bytes(again) == data, message.topic
        kinds.add(message.type_name)
    assert len(kinds) == 10
    mesh = next(each for each in every[0] if each.topic.endswith("/mesh"))
    decoded = typestore.deserialize_cdr(mesh.cdr(), mesh.type_name)
    corner = decoded.points[7]
    assert [corner.x, corner.y, corner.z] == mesh.fields["points"][7].tolist()


def test_numbers_put_into_a_layout_are_those_of_the_fields(model) -> None:
    """Of each message, also where somebody left and where there are two people."""
    stream = BodyStream(model=model, mesh_rate=5)
    stream.camera_info(info_of(CAMERA))
    two = ((-0.8, 0.1, 4.0), (0.8, 0.1, 4.5))
    filled = set()
    for time, places in ((0.0, two), (0.1, two), (0.7, two[:1]), (1.2, two[:1]), (1.3, ())):
        for message in stream.update(seen_at(model, time, places)):
            assert message.cdr() == serialize(message.type_name, message.fields), message.topic
            if isinstance(message.content, Filled):
                filled.add(message.topic.rpartition("/")[2])
    assert filled == {
        *("tf", "ellipsoids", "roi", "skeleton2d", "joint_states", "pose", "twist")
    }  # fmt: skip


def test_a_layout_needs_all_numbers_in_the_message() -> None:
    kind = "geometry_msgs/msg/PoseWithCovarianceStamped"
    with pytest.raises(ValueError, match="expected a message of 16 bytes of numbers, got 8"):
        Layout(kind, "cam", lambda header, rows: {"header": header}, (1, 1))


def test_definitions_are_those_of_ros(typestore) -> None:
    from rosbags.typesys import Stores, get_typestore  # noqa: PLC0415

    for release in (Stores.ROS2_HUMBLE, Stores.ROS2_JAZZY, Stores.LATEST):
        store = get_typestore(release)
        for name in MESSAGES:
            if name in store.fielddefs:
                text, _ = store.generate_msgdef(name, ros_version=2)
                ours = [line for line in with_dependencies(name).splitlines() if "=" not in line]
                theirs = [
                    line
                    for line in text.splitlines()
                    if line and "=" not in line and not line.startswith("#")
                ]
                assert sorted(map(_normal, ours)) == sorted(map(_normal, theirs)), (release, name)


def _normal(line: str) -> str:
    """Without packages, which definitions may leave out."""
    return line.rpartition("/")[2].strip() if not line.startswith("MSG") else line


def test_unknown_fields_and_wrong_counts_are_errors() -> None:
    with pytest.raises(ValueError, match=r"Header: expected fields among .*, got \['seq'\]"):
        serialize("std_msgs/msg/Header", {"seq": 1})
    with pytest.raises(ValueError, match="expected 36 values of float64, got 3"):
        serialize("geometry_msgs/msg/PoseWithCovariance", {"covariance": [1, 2, 3]})
    with pytest.raises(ValueError, match="type_name: expected one of"):
        serialize("std_msgs/msg/Nothing", {})
