"""Streams a person to a humanoid that listens to SONIC's wire, by ZMQ.

    python examples/sonic_publisher.py --keypoints FOLDER --fps 60 --format openpose_body25b \\
        [--size 1088 1920] [--focal PX] [--bind tcp://*:5556] [--loop]

Needs pyzmq. The files of the folder, one a frame, are played at their rate; index and pose rise by
one a frame. The camera is taken to be level: give `world_from_camera` to `sonic_message` otherwise.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import zmq

import smplceres as sc


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--keypoints", metavar="FOLDER", type=Path, required=True)
    add("--fps", type=float, default=30.0)
    add("--format", metavar="F", help="keypoint format, where files do not state it")
    add("--size", nargs=2, type=int, default=(1920, 1080), metavar=("W", "H"))
    add("--focal", type=float, help="pixels; left out: the diagonal of the image")
    add("--bind", default="tcp://*:5556")
    add("--loop", action="store_true", help="begin again at the end")
    options = parser.parse_args()
    camera = sc.Camera.guess(*options.size)
    if options.focal is not None:
        camera = camera.zoomed(options.focal / camera.fx)
    tracker = sc.Tracker(camera, keypoint_format=options.format, rate=options.fps)
    files = sorted(options.keypoints.iterdir())
    socket = zmq.Context().socket(zmq.PUB)
    socket.bind(options.bind)
    time.sleep(0.5)  # subscribers connect
    begin, sent = time.monotonic(), 0
    frames = itertools.cycle(files) if options.loop else files
    for index, file in enumerate(frames):
        people = sc.read_keypoints(file, options.format)
        tracked = tracker.update(people[0] if people else None, index / options.fps)
        if tracked.status in ("tracked", "predicted"):
            socket.send(sc.robotics.sonic_message(tracked, index))
            sent += 1
        time.sleep(max(0.0, begin + (index + 1) / options.fps - time.monotonic()))
    print(f"sent {sent} messages of {len(files)} frames")


if __name__ == "__main__":
    main()
