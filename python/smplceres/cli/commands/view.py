"""`smplceres view`: a saved result in a web page."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import webbrowser
from pathlib import Path

from ...body.load import load_body_model
from ...fit.load_result import load_result
from ...fit.result import FitResult
from ..options import Commands, add_result_options

_HELP = """\
Serves a page with a saved result in it, until Ctrl-C: the body in 3D and its camera, sliders for
shape and pose, the stages of the optimisation to step through, a timeline of a sequence, and
the uncertainty of joints. Opens it in the browser if there is a screen, and prints its address.
Needs: pip install 'smplceres[view]'"""

_EPILOG = """\
examples:
  smplceres view out/frame_person0.npz --image frame.jpg
  smplceres view out/clip.npz --video clip.mp4
  smplceres view out/clip.npz --no-open --port 8090   (remotely: ssh -L 8090:localhost:8090)"""


def add_command(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "view", help="look at a result in the browser", description=_HELP, epilog=_EPILOG
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("result", metavar="RESULT", type=Path, help=".npz of smplceres fit or sequence")
    add_result_options(parser)
    add("--port", metavar="N", type=int, default=8080, help="(default: %(default)s); 0: any free")
    add("--host", metavar="ADDRESS", default="127.0.0.1", help="to serve at (default: %(default)s)")
    add("--no-open", action="store_true", help="only print the address")


def _run(options: argparse.Namespace) -> int:
    from ...look.viewer import Viewer  # noqa: PLC0415  # needs viser

    model = load_body_model(options.model)
    result = load_result(options.result, model)
    if options.image is not None and not isinstance(result, FitResult):
        raise ValueError("--image: expected a fit, got a sequence; its video goes with --video")
    if options.video is not None and isinstance(result, FitResult):
        raise ValueError("--video: expected a sequence, got a fit; its image goes with --image")
    with Viewer(
        result,
        model=model,
        image=options.image,
        video=options.video,
        host=options.host,
        port=options.port,
    ) as viewer:
        print(f"{options.result}: look at {viewer.address} (Ctrl-C ends it)", flush=True)
        if not options.no_open and has_screen():
            threading.Thread(target=webbrowser.open, args=(viewer.address,), daemon=True).start()
        try:
            viewer.wait()
        except KeyboardInterrupt:
            print()
    return 0


def has_screen() -> bool:
    """Whether a browser can open a window; in a terminal a text browser may start instead."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
