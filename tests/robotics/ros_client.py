"""Runs under ROS 2, apart from the tests: starts the node, plays frames to it, keeps what it sends.

python ros_client.py SCENARIO.json RECEIVED.json
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import rclpy
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

DEPTH = 1000


def message_class(type_name: str):
    package, _, name = type_name.split("/")
    return getattr(importlib.import_module(f"{package}.msg"), name)


def filled(message, fields: dict):
    """A message with its fields set from dictionaries."""
    for name, value in fields.items():
        old = getattr(message, name)
        if isinstance(value, dict):
            filled(old, value)
        elif name == "skeleton":
            for point, each in zip(old, value, strict=True):
                filled(point, each)
        else:
            setattr(message, name, value)
    return message


def run(scenario: dict) -> dict:
    node = Node("test_client")
    received: list[tuple[str, str, float]] = []
    for topic, type_name, latched in scenario["outputs"]:
        qos = QoSProfile(depth=DEPTH)
        if latched:
            qos = QoSProfile(depth=DEPTH, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        node.create_subscription(
            message_class(type_name),
            topic,
            lambda data, topic=topic: received.append((topic, bytes(data).hex(), time.time())),
            qos,
            raw=True,
        )
    publishers = {
        topic: node.create_publisher(message_class(type_name), topic, DEPTH)
        for topic, type_name in scenario["inputs"].items()
    }
    running = RunningNode(scenario["parameters"])
    try:
        wait_for(node, lambda: all(each.get_subscription_count() for each in publishers.values()))
        time.sleep(0.5)  # its publishers are found as well
        for step in scenario["steps"]:
            play(node, step, scenario["inputs"], publishers, running, received)
    finally:
        status, log = running.stopped()
        if sys.exc_info()[0] is not None:
            print(log, file=sys.stderr)
    return {"received": received, "log": log, "status": status}


class RunningNode:
    """The node, and what it says."""

    def __init__(self, parameters: dict) -> None:
        command = [sys.executable, "-m", "smplceres_ros.node", "--ros-args"]
        for name, value in parameters.items():
            command += ["-p", f"{name}:={value}"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._lines.extend, args=[self._process.stderr])
        self._reader.start()

    @property
    def log(self) -> str:
        return "".join(self._lines)

    def stopped(self) -> tuple[int, str]:
        """The status at its end and all that it said."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reader.join()
        return self._process.wait(), self.log


def play(
    node: Node, step: dict, kinds: dict, publishers: dict, running: RunningNode, received: list
) -> None:
    """Publishes the messages of a step; waits until the line `says` is in the log, or a message has
    come on the topic `answer`, and then for `wait` seconds.

    Subscriptions of the quality of sensor data may miss a message. So it is sent again each second.
    """
    seen = len(received)

    def is_done() -> bool:
        answered = "answer" not in step or step["answer"] in [each[0] for each in received[seen:]]
        return answered and step.get("says", "") in running.log

    for _ in range(30):
        for topic, fields in step["messages"]:
            publishers[topic].publish(filled(message_class(kinds[topic])(), fields))
        spin(node, 1.0, is_done)
        if is_done():
            break
    spin(node, step.get("wait", 0.0), lambda: False)


def spin(node: Node, seconds: float, is_done) -> None:
    until = time.time() + seconds
    while time.time() < until and not is_done():
        rclpy.spin_once(node, timeout_sec=0.005)


def wait_for(node: Node, condition, seconds: float = 60.0) -> None:
    begin = time.time()
    while not condition():
        if time.time() - begin > seconds:
            raise SystemExit("the node did not start")
        rclpy.spin_once(node, timeout_sec=0.05)


if __name__ == "__main__":
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    rclpy.init()
    result = run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
    rclpy.shutdown()
