"""Bodies on a robot: a recorded stream through `smplceres bag` and the ROS 2 node, time, angles.

python benchmarks/robotics.py ../shared/data [--angles 300] [--camera cam_01]

The keypoints of one camera of pose2sim, at 60 Hz, become a recording; `smplceres bag` and, where
.venv-ros is (tools/ros/setup_venv.sh), the node work on it. Checked: the messages of both are the
same bytes; frames of /tf are the joints of a `Tracker` of the same keypoints; ellipsoids have its
covariances. Measured: processor time of an update with all messages but the mesh; errors of limbs
by yourdfpy's forward kinematics of the URDF.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import yourdfpy
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from scipy.spatial.transform import Rotation

import smplceres as sc
from smplceres.cli import main as command_line
from smplceres.robotics import (
    BodyFrames,
    BodyStream,
    PeopleSeen,
    Stamp,
    joint_angles,
    json_of_people,
    urdf,
)
from smplceres.robotics.bags import write_recording
from smplceres.robotics.joint_angles import LIMBS
from smplceres.robotics.messages import SHARED_TOPICS, TRACKED
from smplceres.robotics.uncertainty import covariances_of_ellipsoids

ROOT = Path(__file__).parents[1]
ROS_PYTHON = ROOT / ".venv-ros" / "bin" / "python"
RATE = 60
INFO, KEYPOINTS = "/camera_info", "/keypoints"


def recorded(data: Path, name: str) -> tuple[sc.Camera, list[PeopleSeen]]:
    """The camera, at the origin, and the frames of pose2sim's walk."""
    folder = data / "pose2sim"
    camera = sc.read_cameras(folder / "S00_Calibration" / "Calib_qualisys.toml")[name]
    trial = folder / "S00_P00_SingleParticipant" / "S00_P00_T01_BalancingTrial"
    files = sorted((trial / "pose-associated" / f"{name.replace('_', '')}_json").glob("*.json"))
    frames = [
        PeopleSeen(
            Stamp.of_nanoseconds(10**9 * 1_700_000_000 + round(1e9 * number / RATE)),
            "camera_optical",
            sc.read_keypoints(file, "openpose_body25b")[:1],
        )
        for number, file in enumerate(files)
    ]
    return replace(camera, rotation=np.eye(3), translation=np.zeros(3)), frames


def messages_of(path: Path) -> dict[str, list[tuple[bytes, object]]]:
    """By topic, the bytes and the decoded messages."""
    found: dict[str, list[tuple[bytes, object]]] = {}
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        for _, channel, message, decoded in reader.iter_decoded_messages():
            found.setdefault(channel.topic, []).append((message.data, decoded))
    return found


def vector(message: object) -> list[float]:
    return [message.x, message.y, message.z]


def check_content(
    found: dict[str, list[tuple[bytes, object]]],
    camera: sc.Camera,
    frames: list[PeopleSeen],
    model: sc.BodyModel,
) -> None:
    """/tf and ellipsoids against a tracker of the same keypoints."""
    tracker = sc.Tracker(camera, model=model)
    places, covariances = [], []
    for seen, (_, sent), (_, markers) in zip(
        frames, found["/tf"], found["/humans/bodies/ellipsoids"], strict=True
    ):
        tracked = tracker.update(seen.people[0], seen.stamp.seconds)
        joints = [vector(each.transform.translation) for each in sent.transforms[1:]]
        places.append(np.abs(joints - tracked.fit.joints).max())
        _, jacobian = model.frame_jacobian(tracked.parameters)
        expected = jacobian @ tracked.covariance @ jacobian.transpose(0, 2, 1)
        turns = [[*vector(m.pose.orientation), m.pose.orientation.w] for m in markers.markers]
        diameters = np.array([vector(each.scale) for each in markers.markers])
        ours = covariances_of_ellipsoids(diameters, Rotation.from_quat(turns).as_matrix())
        covariances.append((np.abs(ours - expected).max(axis=(1, 2)) / np.trace(expected.T)).max())
    print(f"joints of /tf, largest difference from FitResult.joints: {1e3 * max(places):.1e} mm")
    print(f"covariances of ellipsoids, largest relative difference: {max(covariances):.1e}")


def run_node(camera: sc.Camera, frames: list[PeopleSeen], folder: Path) -> dict[str, list[bytes]]:
    """Messages of the node under ROS 2, by topic; each frame is sent when the last is answered."""
    from smplceres.robotics.camera_info import info_of_camera  # noqa: PLC0415  # robotics is an extra

    fields = {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in info_of_camera(camera).items()
    }
    header = {"frame_id": "camera_optical"}
    steps = [
        {
            "messages": [
                (INFO, {"header": header, **fields}),
                (KEYPOINTS, {"data": json_of_people(seen)}),
            ],
            "answer": TRACKED,
        }
        for seen in frames
    ]
    steps[-1]["wait"] = 2.0
    scenario = {
        "inputs": {INFO: "sensor_msgs/msg/CameraInfo", KEYPOINTS: "std_msgs/msg/String"},
        "outputs": [(topic, kind, False) for topic, kind in SHARED_TOPICS.items()],
        "parameters": {"input": "json"},
        "steps": steps,
    }
    (folder / "scenario.json").write_text(json.dumps(scenario), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"ROS_DOMAIN_ID": "77", "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    client = ROOT / "tests" / "robotics" / "ros_client.py"
    command = [str(ROS_PYTHON), str(client), "scenario.json", "received.json"]
    subprocess.run(command, check=True, cwd=folder, env=environment)
    received: dict[str, list[bytes]] = {}
    for topic, data, _ in json.loads((folder / "received.json").read_text())["received"]:
        received.setdefault(topic, []).append(bytes.fromhex(data))
    return received


def compare_with_node(
    found: dict[str, list[tuple[bytes, object]]], received: dict[str, list[bytes]]
) -> None:
    for topic in ("/tf", "/humans/bodies/ellipsoids", "/humans/bodies/tracked"):
        # Without the header, whose last byte counts the padding of DDS, and the padding.
        ours = [data[4:].rstrip(b"\0") for data, _ in found[topic]]
        theirs = {data[4:].rstrip(b"\0") for data in received.get(topic, [])}
        same = sum(data in theirs for data in ours)
        print(f"node: {same} of {len(ours)} messages of {topic} are the bytes of the bag")


def time_updates(camera: sc.Camera, frames: list[PeopleSeen], model: sc.BodyModel) -> None:
    """Processor time of an update, alone and with all messages but the mesh."""
    from smplceres.robotics.camera_info import info_of_camera  # noqa: PLC0415  # robotics is an extra

    info = SimpleNamespace(
        **info_of_camera(camera),
        **{"binning_x": 0, "binning_y": 0, "header": SimpleNamespace(frame_id="camera_optical")},
        roi=SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0),
    )
    plain, full = [], []
    for _ in range(3):
        stream = BodyStream(model=model)
        stream.camera_info(info)
        tracker = sc.Tracker(camera, model=model)
        for seen in frames:
            begin = time.process_time()
            tracker.update(seen.people[0], seen.stamp.seconds)
            middle = time.process_time()
            for message in stream.update(seen):
                message.cdr()
            plain.append(middle - begin)
            full.append(time.process_time() - middle)
    for name, times in (("tracker alone", plain), ("with all messages but the mesh", full)):
        low, median, high = (1e3 * np.percentile(times, share) for share in (10, 50, 90))
        print(f"update, {name}: {low:.2f} / {median:.2f} / {high:.2f} ms CPU (10, 50, 90 %)")


def limb_errors(model: sc.BodyModel, every: np.ndarray) -> tuple[float, float]:
    """The largest error of a limb, degrees, and of a shoulder's place, metres, by yourdfpy."""
    betas = np.zeros(model.num_betas)
    robot = yourdfpy.URDF.load(io.StringIO(urdf(model, betas, "p")), load_meshes=False)
    worst, off = 0.0, []
    for poses in every:
        body = SimpleNamespace(
            **{"global_orient": poses[0], "body_pose": poses[1:], "betas": betas},
            joints=model.joints(global_orient=poses[0], body_pose=poses[1:]),
        )
        frames = BodyFrames.of(body, model)
        robot.update_cfg({f"{k}_p": v for k, v in joint_angles(body, model).items()})
        for limb in LIMBS:
            names = ("shoulder", "elbow", "wrist") if limb.is_arm else ("hip", "knee", "ankle")
            links = [
                robot.get_transform(f"{limb.prefix}_{name}_p", "body_p")[:3, 3] for name in names
            ]
            true = [
                frames.rotations[0].T @ (frames.at(name) - frames.mid_hips)
                for name in (limb.root, limb.hinge, limb.end)
            ]
            for ours, theirs in zip(np.diff(links, axis=0), np.diff(true, axis=0), strict=True):
                sine = np.linalg.norm(np.cross(ours, theirs))
                worst = max(worst, float(np.degrees(np.arctan2(sine, ours @ theirs))))
            if limb.is_arm:
                off.append(float(np.linalg.norm(links[0] - true[0])))
    return worst, float(np.mean(off))


def check_angles(model: sc.BodyModel, data: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    prior = sc.load_pose_prior().for_joints(model.num_joints)
    sampled = np.zeros((count, model.num_joints, 3))
    for row in sampled:
        component = rng.choice(len(prior.weights), p=prior.weights / prior.weights.sum())
        sample = rng.multivariate_normal(prior.means[component], prior.covars[component])
        row[0], row[1:] = rng.normal(size=3), sample.reshape(-1, 3)
    poses = np.load(data / "mocap" / "val.npz")["poses"].astype(np.float64)
    chosen = poses[rng.choice(len(poses), count, replace=False)]
    for name, every in (("the prior", sampled), ("val.npz", chosen)):
        worst, off = limb_errors(model, every)
        print(
            f"{count} poses of {name}: limbs within {worst:.1e} degrees, "
            f"shoulders {1e3 * off:.0f} mm away (mean)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with pose2sim/ and mocap/")
    parser.add_argument("--camera", default="cam_01")
    parser.add_argument("--angles", type=int, default=300)
    options = parser.parse_args()
    model = sc.load_body_model()
    camera, frames = recorded(options.data, options.camera)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source, out = folder / "in.mcap", folder / "out.mcap"
        write_recording(source, camera, frames, keypoints=KEYPOINTS, camera_info=INFO)
        command = ["bag", str(source), "--keypoints", KEYPOINTS, "--camera", INFO]
        command_line([*command, "--out", str(out)])
        found = messages_of(out)
        check_content(found, camera, frames, model)
        if (ROOT / ".venv-ros" / "ready").exists():
            compare_with_node(found, run_node(camera, frames, folder))
        else:
            print("node: not run, as there is no .venv-ros")
    time_updates(camera, frames, model)
    check_angles(model, options.data, options.angles)


if __name__ == "__main__":
    main()
