"""`smplceres bag`: recordings in, recordings out, read back by two libraries."""

from __future__ import annotations

import re

import numpy as np
import pytest

import smplceres as sc
from smplceres.cli import BAD_INPUT, NOBODY_FOUND, main
from smplceres.detect import Detection
from smplceres.robotics import BodyStream
from smplceres.robotics.definitions import MESSAGES

pytest.importorskip("mcap_ros2", reason="needs mcap: pip install 'smplceres[robotics]'")
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from recordings import IMAGE, INFO, KEYPOINTS, write_bag
from test_messages import CAMERA, info_of, seen_at

from smplceres.robotics.annotations import ANNOTATIONS
from smplceres.robotics.bags import run_bag


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.fixture(scope="module")
def frames(model):
    return [seen_at(model, frame / 30) for frame in range(12)]


def read(path) -> list[tuple[str, str, bytes, object]]:
    """Topic, type, bytes, decoded message of all messages, by mcap."""
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        return [
            (channel.topic, schema.name, message.data, decoded)
            for schema, channel, message, decoded in reader.iter_decoded_messages()
        ]


def test_a_recording_of_json_keypoints(tmp_path, frames, model, capsys) -> None:
    """The messages are those of a `BodyStream`, which the node publishes."""
    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    write_bag(source, CAMERA, frames)
    command = ["bag", str(source), "--keypoints", KEYPOINTS, "--camera", INFO, "--out", str(out)]
    assert main(command) == 0
    assert "12 images, p1" in capsys.readouterr().out
    stream = BodyStream(model=model)
    stream.camera_info(info_of(CAMERA))
    expected = [(m.topic, m.type_name, m.cdr()) for seen in frames for m in stream.update(seen)]
    found = [each[:3] for each in read(out) if each[0] != INFO]
    assert found == expected
    infos = [each for each in read(out) if each[0] == INFO]
    assert len(infos) == 12 and infos[0][3].k[0] == CAMERA.fx


def test_rosbags_reads_what_is_written(tmp_path, frames) -> None:
    pytest.importorskip("rosbags", reason="needs rosbags")
    from rosbags.highlevel import AnyReader  # noqa: PLC0415
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore  # noqa: PLC0415

    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    write_bag(source, CAMERA, frames)
    main(["bag", str(source), "--keypoints", KEYPOINTS, "--camera", INFO, "--out", str(out)])
    store = get_typestore(Stores.ROS2_JAZZY)
    for name, text in MESSAGES.items():
        if name.startswith("hri_msgs"):
            store.register(get_types_from_msg(text, name))
    by_mcap = read(out)
    with AnyReader([out], default_typestore=store) as reader:
        found = [
            (
                connection.topic,
                connection.msgtype,
                bytes(data),
                reader.deserialize(data, connection.msgtype),
            )
            for connection, _, data in reader.messages()
        ]
    assert sorted(each[:3] for each in found) == sorted(each[:3] for each in by_mcap)
    [transforms, *_] = [each[3].transforms for each in found if each[0] == "/tf"]
    assert transforms[0].child_frame_id == "body_p1" and transforms[0].header.frame_id == "cam"
    kinds = {each[1] for each in found}
    assert kinds >= {
        *("sensor_msgs/msg/CameraInfo", "tf2_msgs/msg/TFMessage", "sensor_msgs/msg/JointState"),
        *("geometry_msgs/msg/PoseWithCovarianceStamped", "visualization_msgs/msg/MarkerArray"),
    }


def as_hri18(seen):
    """The same people by the joints that hri18 and smpl24 share."""
    hri, smpl = sc.FORMATS["hri18"], sc.FORMATS["smpl24"]
    people = []
    for person in seen.people:
        xy, confidence = np.zeros((18, 2)), np.zeros(18)
        for k, keypoint in enumerate(hri.keypoints):
            if keypoint.location == (keypoint.name,) and keypoint.name in smpl.names:
                xy[k] = person.xy[smpl.index(keypoint.name)]
                confidence[k] = 0.9
        people.append(sc.Keypoints(xy, confidence, hri, (1280, 720)))
    return seen._replace(people=people)


def test_a_recording_of_skeletons_of_two_people(tmp_path, model) -> None:
    places = ((-0.8, 0.1, 4.0), (0.8, 0.1, 4.5))
    frames = [as_hri18(seen_at(model, frame / 30, places)) for frame in range(5)]
    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    write_bag(source, CAMERA, frames, kind="skeleton")
    command = ["bag", str(source), "--keypoints", KEYPOINTS, "--camera", INFO, "--out", str(out)]
    assert main([*command, "--quiet", "--mesh-rate", "5"]) == 0
    lists = [list(each[3].ids) for each in read(out) if each[0] == "/humans/bodies/tracked"]
    assert lists == [["p1", "p2"]] * 5
    meshes = [each[3] for each in read(out) if each[0] == "/humans/bodies/mesh"]
    assert len(meshes) == 2 and len(meshes[0].points) == 3 * len(model.faces)


def test_a_recording_of_images(tmp_path, frames, model) -> None:
    picture = np.zeros((720, 1280, 3), dtype=np.uint8)
    picture[..., 2] = 200
    seen = []

    def detector(image):
        assert np.array_equal(image, picture)
        seen.append(image)
        return [Detection(frames[len(seen) - 1].people[0])]

    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    write_bag(source, CAMERA, frames[:3], kind="image", image=picture)
    report = run_bag(
        source, out, camera=INFO, image=IMAGE, detector=detector, stream=BodyStream(model=model)
    )
    assert report.images == 3 and report.people == ["p1"] and len(seen) == 3


def test_annotations_of_foxglove(tmp_path, frames, model) -> None:
    """Their origin is the corner of the image: half a pixel from that of keypoints. ROS' messages
    stay what they are without them."""
    pytest.importorskip("foxglove", reason="needs foxglove-sdk")
    decoder = pytest.importorskip("mcap_protobuf.decoder", reason="needs mcap-protobuf-support")
    source, out, plain = (tmp_path / f"{name}.mcap" for name in ("in", "out", "plain"))
    write_bag(source, CAMERA, frames)
    command = ["bag", str(source), "--keypoints", KEYPOINTS, "--camera", INFO, "--quiet", "--out"]
    assert main([*command, str(plain)]) == 0 and main([*command, str(out), "--foxglove"]) == 0
    found, ros = [], []
    factories = [decoder.DecoderFactory(), DecoderFactory()]
    with out.open("rb") as file:
        reader = make_reader(file, decoder_factories=factories)
        for schema, channel, message, decoded in reader.iter_decoded_messages():
            if channel.topic == ANNOTATIONS:
                assert schema.name == "foxglove.ImageAnnotations"
                found.append(decoded)
            else:
                ros.append((channel.topic, schema.name, message.data))
    assert ros == [each[:3] for each in read(plain)]
    assert len(found) == len(frames)
    skeletons = [each[3] for each in read(plain) if each[0].endswith("/skeleton2d")]
    for drawing, seen, skeleton in zip(found, frames, skeletons, strict=True):
        dots, limbs = drawing.points
        assert (dots.timestamp.seconds, dots.timestamp.nanos) == seen.stamp
        drawn = np.array([(point.x, point.y) for point in dots.points])
        assert np.array_equal(drawn, seen.people[0].xy + 0.5)
        fitted = {(p.x * CAMERA.width, p.y * CAMERA.height) for p in skeleton.skeleton}
        ends = np.array([(point.x, point.y) for point in limbs.points])
        assert len(ends) == 2 * len(sc.FORMATS["hri18"].limbs)
        distances = np.linalg.norm(ends[:, None] - np.array([*fitted]), axis=2).min(axis=1)
        assert distances.max() < 1e-3  # fractions are float32
        assert [text.text for text in drawing.texts] == ["p1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--keypoints", "/none"], r"expected hri_msgs/msg/Skeleton2D or .* on /none, got none; "
         r"of that type are /skeleton"),
        (["--keypoints", INFO], "got sensor_msgs/msg/CameraInfo there"),
    ],
)  # fmt: skip
def test_wrong_topics_are_named(tmp_path, frames, capsys, options, message) -> None:
    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    write_bag(source, CAMERA, frames[:1])
    assert main(["bag", str(source), *options, "--camera", INFO, "--out", str(out)]) == BAD_INPUT
    error = capsys.readouterr().err
    assert re.search(message, error) and error.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize("content", [b"", b"no bag", b"\x89MCAP0\r\n" + b"\x00" * 40])
def test_a_file_that_is_no_bag_is_one_line(tmp_path, capsys, content) -> None:
    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    source.write_bytes(content)
    command = ["bag", str(source), "--keypoints", "/k", "--camera", "/c", "--out", str(out)]
    assert main(command) == BAD_INPUT
    error = capsys.readouterr().err
    assert "in.mcap" in error and error.count("\n") == 1 and not out.exists()


def test_a_cut_or_damaged_bag_is_one_line(tmp_path, frames, capsys) -> None:
    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    write_bag(source, CAMERA, frames)
    whole = source.read_bytes()
    rng = np.random.default_rng(4)
    for trial in range(40):
        content = bytearray(whole)
        if trial % 2:
            del content[int(rng.integers(1, len(whole))) :]
        else:
            for at in rng.integers(0, len(whole), 5):
                content[at] = int(rng.integers(256))
        source.write_bytes(content)
        command = ["bag", str(source), "--keypoints", KEYPOINTS, "--camera", INFO]
        status = main([*command, "--out", str(out), "--quiet"])
        error = capsys.readouterr().err
        assert status in (0, BAD_INPUT, NOBODY_FOUND), error
        if status == BAD_INPUT:
            assert "in.mcap" in error and error.count("\n") == 1, error


def test_a_recording_of_nobody(tmp_path, frames) -> None:
    source, out = tmp_path / "in.mcap", tmp_path / "out.mcap"
    write_bag(source, CAMERA, [seen._replace(people=[]) for seen in frames])
    command = ["bag", str(source), "--keypoints", KEYPOINTS, "--camera", INFO, "--out", str(out)]
    assert main([*command, "--quiet"]) == NOBODY_FOUND
