"""`smplceres demo`: the people of two photographs."""

from __future__ import annotations

import argparse
import importlib
import shlex
from pathlib import Path

from ...base.files.package_data import DATA
from ...base.files.writing import whole_file, write_whole
from ..options import Commands
from ..run import run_command


def add_command(commands: Commands) -> None:
    parser = commands.add_parser(
        "demo",
        help="fit the people of two photographs",
        description="Fits the people of two photographs that come with scikit-image, from\n"
        "keypoints that come with smplceres. Needs: pip install 'smplceres[demo]'",
    )
    parser.set_defaults(run=_run)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("out"), help="(default: %(default)s)"
    )


def _run(options: argparse.Namespace) -> int:
    try:
        photographs = importlib.import_module("skimage.data")
        overlay = importlib.import_module("smplceres.look.overlay")
    except ImportError as error:
        raise ImportError(
            "the demo needs scikit-image and Pillow: pip install 'smplceres[demo]'"
        ) from error
    options.out.mkdir(parents=True, exist_ok=True)
    landmarks = DATA / "photos"

    statuses, pictures = [], []
    for name, photograph in (("cameraman", "camera"), ("astronaut", "astronaut")):
        keypoints, image = (options.out / f"{name}{ending}" for ending in (".json", ".png"))
        write_whole(keypoints, (landmarks / f"{name}_mediapipe.json").read_bytes())
        with whole_file(image) as file:
            overlay.Image.fromarray(getattr(photographs, photograph)()).save(file, "PNG")
        arguments = ["fit", str(keypoints), "--image", str(image), "--out", str(options.out)]
        print("$ smplceres " + shlex.join(arguments))
        statuses.append(run_command(options.main_parser, arguments))
        print()
        pictures += [f"{name}_person0_{kind}.png" for kind in ("overlay", "side")]
    print("Look at")
    for picture in pictures:
        print(f"  {options.out / picture}")
    return max(statuses)
