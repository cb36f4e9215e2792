"""`smplceres info`: the content of a body-model file."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ...body.load import load_body_model
from ...body.model import BodyModel
from ...keypoints.formats import FORMATS
from ..options import Commands
from ..output import ALL_FITTED


def add_command(commands: Commands) -> None:
    parser = commands.add_parser(
        "info",
        help="describe a body model",
        description="Shows the content of a body-model file: sizes, joints, landmarks, and the\n"
        "keypoint formats it can be fitted with. Nothing in the file is executed.",
    )
    parser.set_defaults(run=_run)
    parser.add_argument(
        "model",
        metavar="MODEL",
        type=Path,
        nargs="?",
        help=".pkl or .npz (default: the built-in body)",
    )


def _run(options: argparse.Namespace) -> int:
    model = load_body_model(options.model)
    height = float(np.ptp(model.v_template[:, 1]))
    print(f"{model.name}" + (" (the built-in body)" if options.model is None else ""))
    print(f"  vertices  {model.num_vertices}")
    print(f"  faces     {len(model.faces)}")
    print(f"  joints    {model.num_joints}")
    print(f"  betas     {model.num_betas}")
    print(f"  height    {height:.3f} m, of the mean body")
    print("joints")
    print("\n".join(_joint_tree(model)))
    print("landmarks")
    print("\n".join(_landmark_lines(model)))
    print("keypoint formats")
    print("\n".join(_format_lines(model)))
    return ALL_FITTED


def _joint_tree(model: BodyModel) -> list[str]:
    """A line per joint with its number, indented below its parent."""
    parents = model.parents.tolist()

    def lines(joint: int, depth: int) -> list[str]:
        own = [f"  {joint:3d}  {'  ' * depth}{model.joint_names[joint]}"]
        children = (child for child, parent in enumerate(parents) if parent == joint)
        return own + [line for child in children for line in lines(child, depth + 1)]

    return lines(parents.index(-1), 0)


def _landmark_lines(model: BodyModel) -> list[str]:
    if not model.landmarks:
        return ["  none known for this mesh: keypoints of the face and the feet are not fitted"]
    return [
        f"  {name:16s} "
        + (f"vertex {vertices[0]}" if len(vertices) == 1 else f"mean of {len(vertices)} vertices")
        for name, (vertices, _) in model.landmarks.items()
    ]


def _format_lines(model: BodyModel) -> list[str]:
    lines = []
    for name, keypoint_format in FORMATS.items():
        try:
            points = model.keypoint_points(keypoint_format).point_of_keypoint
        except ValueError:
            points = []
        on_body = sum(point >= 0 for point in points)
        lines.append(f"  {name:16s} {on_body} of {keypoint_format.num_keypoints} keypoints")
    return lines
