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
    command = [sys.executable, "-m", "smplceres_ros.node", "--ros-args"]
    for name, value in scenario["parameters"].items():
        command += ["-p", f"{name}:={value}"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(node, lambda: all(each.get_subscription_count() for each in publishers.values()))
        for step in scenario["steps"]:
            for topic, fields in step["messages"]:
                message = message_class(scenario["inputs"][topic])()
                publishers[topic].publish(filled(message, fields))
            until = time.time() + step["wait"]
            while time.time() < until:
                rclpy.spin_once(node, timeout_sec=0.005)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            _, log = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            _, log = process.communicate()
        if sys.exc_info()[0] is not None:
            print(log, file=sys.stderr)
    return {"received": received, "log": log, "status": process.returncode}


def wait_for(node: Node, condition, seconds: float = 60.0) -> None:
    begin = time.time()
    while not condition():
        if time.time() - begin > seconds:
            raise SystemExit("the node did not start")
        rclpy.spin_once(node, timeout_sec=0.05)
    time.sleep(0.5)  # its publishers are found as well


if __name__ == "__main__":
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    rclpy.init()
    result = run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
    rclpy.shutdown()
