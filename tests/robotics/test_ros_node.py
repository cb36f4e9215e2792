"""The node under a real ROS 2: what it publishes is what `BodyStream` makes, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import groupby
from pathlib import Path

import pytest
from recordings import as_json, camera_info, skeleton
from test_bags import as_hri18
from test_messages import CAMERA, info_of, seen_at

import smplceres as sc
from smplceres.robotics import BodyStream, people_of_json
from smplceres.robotics.definitions import MESSAGES

ROOT = Path(__file__).parents[2]
OWN = ROOT / ".venv-ros"
PYTHON = Path(os.environ.get("SMPLCERES_ROS_PYTHON", OWN / "bin" / "python"))
pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(
        "SMPLCERES_ROS_PYTHON" not in os.environ and not (OWN / "ready").exists(),
        reason="needs ROS 2: tools/ros/setup_venv.sh, or SMPLCERES_ROS_PYTHON",
    ),
]

INFO, KEYPOINTS = "/camera_info", "/keypoints"
BODIES = "/humans/bodies"
OUTPUTS = [
    ("/tf", "tf2_msgs/msg/TFMessage", False),
    (f"{BODIES}/tracked", "hri_msgs/msg/IdsList", False),
    (f"{BODIES}/ellipsoids", "visualization_msgs/msg/MarkerArray", False),
    (f"{BODIES}/mesh", "visualization_msgs/msg/Marker", False),
    (f"{BODIES}/p1/roi", "hri_msgs/msg/NormalizedRegionOfInterest2D", False),
    (f"{BODIES}/p1/skeleton2d", "hri_msgs/msg/Skeleton2D", False),
    (f"{BODIES}/p1/joint_states", "sensor_msgs/msg/JointState", False),
    (f"{BODIES}/p1/pose", "geometry_msgs/msg/PoseWithCovarianceStamped", False),
    (f"{BODIES}/p1/twist", "geometry_msgs/msg/TwistWithCovarianceStamped", False),
    (f"{BODIES}/p1/urdf", "std_msgs/msg/String", True),
]
FIXED = [topic for topic, *_ in OUTPUTS if "/p1/" not in topic]


def play(tmp_path, kind: str, steps: list, **parameters) -> dict:
    scenario = {
        "inputs": {INFO: "sensor_msgs/msg/CameraInfo", KEYPOINTS: kind},
        **{"outputs": OUTPUTS, "steps": steps, "parameters": parameters},
    }
    given, result = tmp_path / "scenario.json", tmp_path / "received.json"
    given.write_text(json.dumps(scenario), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        **{"ROS_DOMAIN_ID": str(os.getpid() % 100), "RMW_IMPLEMENTATION": "rmw_fastrtps_cpp"},
        **{"ROS_LOG_DIR": str(tmp_path), "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"},
    }
    client = Path(__file__).with_name("ros_client.py")
    command = [str(PYTHON), str(client), str(given), str(result)]
    subprocess.run(command, check=True, env=environment, timeout=240)
    return json.loads(result.read_text(encoding="utf-8"))


def payload(data: bytes) -> bytes:
    """Without the header, whose last byte counts padding, and the padding: DDS fills up to four."""
    return data[4:].rstrip(b"\0")


def test_messages_are_those_of_the_stream(tmp_path) -> None:
    """JSON in; all topics out, of a person who is seen in 30 images."""
    model = sc.load_body_model()
    frames = [seen_at(model, frame / 30) for frame in range(30)]
    steps = [
        {"messages": [(INFO, camera_info(CAMERA, seen)), (KEYPOINTS, {"data": as_json(seen)})],
         "answer": f"{BODIES}/tracked", "wait": 0.1}
        for seen in frames
    ]  # fmt: skip
    steps[-1]["wait"] = 2.0
    result = play(tmp_path, "std_msgs/msg/String", steps, input="json", mesh_rate=5.0)
    assert result["status"] == 0, result["log"]
    stream = BodyStream(model=model, mesh_rate=5.0)
    stream.camera_info(info_of(CAMERA))
    expected: dict[str, list[bytes]] = {}
    for seen in frames:
        for message in stream.update(people_of_json(as_json(seen))):
            expected.setdefault(message.topic, []).append(payload(message.cdr()))
    received: dict[str, list[bytes]] = {}
    for topic, data, _ in result["received"]:
        received.setdefault(topic, []).append(payload(bytes.fromhex(data)))
    for topic, messages in expected.items():
        found = [data for data in received.get(topic, []) if data in set(messages)]
        assert found == messages[len(messages) - len(found) :], topic
        # Topics of a person are found by subscribers a moment after their first message.
        # They get the last URDF, which is latched.
        few = 1 if topic.endswith("urdf") else len(messages) // 2
        enough = len(messages) if topic in FIXED else few
        assert len(found) >= enough, (topic, len(found), len(messages))


def test_what_disturbs_the_node_is_one_line(tmp_path) -> None:
    """Keypoints before the CameraInfo, a broken CameraInfo, another one, a detector that is killed
    and comes back, a recording that begins again."""
    model = sc.load_body_model()

    def step(time: float, *, info: dict | None = None, with_info=True, **until) -> dict:
        seen = as_hri18(seen_at(model, time))
        camera = camera_info(CAMERA, seen) | (info or {})
        messages = [(INFO, camera)] if with_info else []
        return {"messages": [*messages, (KEYPOINTS, skeleton(seen.people[0], seen))], **until}

    def walk(begin: float, **changed) -> list[dict]:
        frames = [begin + frame / 30 for frame in range(6)]
        return [step(time, answer=f"{BODIES}/tracked", **changed) for time in frames]

    lines = (
        *("waiting for a CameraInfo", "expected K of a calibrated camera", "camera: 1280 x 720"),
        *("the camera changed: 1280 x 720, fx 950", ": p2 lost", "time jumped back by"),
    )
    changed = {"k": [950.0, 0.0, 631.0, 0.0, 910.0, 355.0, 0.0, 0.0, 1.0]}
    steps = [
        *[step(0.1 * frame, with_info=False, says=lines[0]) for frame in range(3)],
        step(0.3, info={"k": [0.0] * 9}, says=lines[1]),
        *walk(0.4),
        *walk(0.7, info=changed),
        {"messages": [], "says": lines[4]},  # killed
        *walk(5, info=changed),
        *walk(0.1, info=changed),  # begins again
    ]
    result = play(tmp_path, "hri_msgs/msg/Skeleton2D", steps)
    assert result["status"] == 0, result["log"]
    log = result["log"]
    for line in lines:
        assert log.count(line) == 1, log
    assert "Traceback" not in log
    assert people_in(result) == [["p1"], ["p2"], [], ["p3"], ["p4"]]


def test_two_people_who_cross_keep_their_ids(tmp_path) -> None:
    """A restarted detector sends them in the other order."""
    model = sc.load_body_model()
    steps = []
    for frame in range(30):
        x = -1.2 + 2.4 * frame / 29
        time = frame / 15
        places = ((x - 0.2 * time, 0.1, 4.0), (-x - 0.2 * time, 0.1, 5.0))
        seen = seen_at(model, time, places)
        if frame >= 12:
            seen.people.reverse()
        messages = [(INFO, camera_info(CAMERA, seen)), (KEYPOINTS, {"data": as_json(seen)})]
        steps.append({"messages": messages, "answer": f"{BODIES}/tracked"})
    steps[-1]["wait"] = 0.5
    result = play(tmp_path, "std_msgs/msg/String", steps, input="json")
    assert result["status"] == 0, result["log"]
    assert people_in(result) == [["p1", "p2"]]
    frames = [bytes.fromhex(data) for topic, data, _ in result["received"] if topic == "/tf"]
    for place, data in ((-1.2, frames[0]), (1.2, frames[-1])):
        message = decoded(data, "tf2_msgs/msg/TFMessage")
        at = {each.child_frame_id: each.transform.translation.x for each in message.transforms}
        assert abs(at["body_p1"] - place) < 0.3 and abs(at["body_p2"] + place) < 0.3


def decoded(data: bytes, type_name: str):
    """By rosbags."""
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore  # noqa: PLC0415

    store = get_typestore(Stores.ROS2_HUMBLE)
    for name, text in MESSAGES.items():
        if name.startswith("hri_msgs"):
            store.register(get_types_from_msg(text, name))
    return store.deserialize_cdr(data, type_name)


def people_in(result: dict) -> list[list[str]]:
    """The lists of ids that were published; equal ones in a row once."""
    lists = [
        list(decoded(bytes.fromhex(data), "hri_msgs/msg/IdsList").ids)
        for topic, data, _ in result["received"]
        if topic == f"{BODIES}/tracked"
    ]
    return [ids for ids, _ in groupby(lists)]


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        (
            {"input": "video"},
            "input: expected skeleton2d or json or image or compressed, got 'video'",
        ),
        ({"mesh_rate": 20.0}, "mesh_rate: expected 0 to 5 per second, got 20.0"),
        ({"model": "/nowhere.npz"}, "/nowhere.npz"),
    ],
)
def test_wrong_parameters_end_the_node_with_one_line(tmp_path, parameters, line) -> None:
    command = [str(PYTHON), "-m", "smplceres_ros.node", "--ros-args"]
    for name, value in parameters.items():
        command += ["-p", f"{name}:={value}"]
    environment = {name: each for name, each in os.environ.items() if name != "PYTHONPATH"}
    environment["ROS_LOG_DIR"] = str(tmp_path)
    ended = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1 and line in ended.stderr
