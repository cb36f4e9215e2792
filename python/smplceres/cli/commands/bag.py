"""`smplceres bag`: from a recording of ROS 2 to one of bodies."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from ...detect import load_detector
from ..options import Commands, add_detector_options
from ..output import ALL_FITTED, NOBODY_FOUND

_HELP = """\
Follows the people of a ROS 2 recording (MCAP) and writes another: the CameraInfo, /tf with the
frames body_<id> and those of all joints, and on /humans/bodies joint states (REP-155), poses and
velocities with covariances, 2D skeletons, URDF, and ellipsoids of the joints. The same messages as
the node smplceres_ros. Needs no ROS: pip install 'smplceres[robotics]'."""

_EPILOG = """\
examples:
  smplceres bag in.mcap --keypoints /skeleton2d --camera /camera/camera_info --out out.mcap
  smplceres bag in.mcap --image /camera/image_raw --camera /camera/camera_info --out out.mcap"""


def add_command(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "bag", help="bodies of a ROS 2 recording", description=_HELP, epilog=_EPILOG
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("bag", metavar="BAG", type=Path, help=".mcap file, or a folder with one")
    add("--camera", metavar="TOPIC", required=True, help="of sensor_msgs/CameraInfo")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--keypoints", metavar="TOPIC", help="of hri_msgs/Skeleton2D, or JSON in std_msgs/String"
    )
    source.add_argument("--image", metavar="TOPIC", help="of images, for the detector")
    add("--out", metavar="FILE", type=Path, required=True, help="of the recording, .mcap")
    add("--rectified", action="store_true", help="the images are rectified: use P, no distortion")
    add("--format", metavar="F", help="keypoint format of JSON that does not state it")
    add("--mesh-rate", metavar="HZ", type=float, default=0.0, help="meshes per second (none)")
    add(
        "--foxglove", action="store_true", help="also what Foxglove draws over images: foxglove-sdk"
    )
    add("--model", metavar="PATH", type=Path, help="SMPL file, .pkl or .npz (default: built in)")
    add("--quiet", action="store_true", help="errors alone")
    add_detector_options(parser)


def _run(options: argparse.Namespace) -> int:
    from ...robotics.bags import run_bag  # noqa: PLC0415  # with the messages of robots
    from ...robotics.stream import BodyStream  # noqa: PLC0415

    def say(line: str) -> None:
        if not options.quiet:
            print(line, flush=True)

    stream = BodyStream(
        say,
        model=options.model,
        rectified=options.rectified,
        mesh_rate=options.mesh_rate,
    )
    with ExitStack() as opened:
        detector = None
        if options.image is not None:
            name, model = options.detector, options.detector_model
            detector = opened.enter_context(load_detector(name, model=model, video=True))
        report = run_bag(
            options.bag,
            options.out,
            camera=options.camera,
            keypoints=options.keypoints,
            image=options.image,
            detector=detector,
            keypoint_format=options.format,
            stream=stream,
            foxglove=options.foxglove,
        )
    people = ", ".join(report.people) or "nobody"
    say(f"wrote {options.out}: {report.images} images, {people}")
    for topic, count in sorted(report.messages.items()):
        say(f"  {count:6} {topic}")
    return ALL_FITTED if report.people else NOBODY_FOUND
