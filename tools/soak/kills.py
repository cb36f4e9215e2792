"""Kills long runs at random moments and starts them again, until they end: the same to the bit.

    python tools/soak/kills.py KILLS [--seed N]

The run is `fit_sequence(checkpoint=)` with its result saved. It is stopped by SIGKILL, every fourth
time by SIGTERM, after a random part of the time that a whole run takes, and started again until it
ends. After each kill no file under a final name is partial: every .npz can be read, every .json
parsed. Prints counts as JSON; the exit status is 1 if something is wrong.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import smplceres as sc

FRAMES = 40
_FIT = """
import sys
import numpy as np
import smplceres as sc
folder, out = sys.argv[1:]
rows = np.load(folder + "/rows.npy")
camera = sc.Camera(fx=500, fy=500, cx=320, cy=240, width=640, height=480)
clip = sc.fit_sequence(list(rows), camera, keypoint_format="openpose_body25", fps=30,
                       checkpoint=folder + "/steps", window=60, threads=1)
clip.save(out)
"""


def write_rows(path: Path) -> None:
    """(FRAMES, 25, 3) keypoints of a person who moves aside."""
    body = sc.load_body_model()(global_orient=(np.pi, 0, 0), transl=(0, 0, 4))
    names = sc.FORMATS["openpose_body25"].names
    rng = np.random.default_rng(0)
    at = rng.choice(len(body.vertices), len(names), replace=False)
    frames = []
    for frame in range(FRAMES):
        points = body.vertices[at] + [0.02 * frame, 0, 0]
        pixels = 500 * points[:, :2] / points[:, 2:] + [320, 240] + rng.normal(0, 1, (len(at), 2))
        frames.append(np.column_stack([pixels, np.ones(len(at))]))
    np.save(path, frames)


def partial_files(folder: Path) -> list[str]:
    """Files under their final names that cannot be read."""
    wrong = []
    for path in folder.rglob("*"):
        try:
            if path.suffix == ".npz":
                with np.load(path) as arrays:
                    _ = [arrays[name] for name in arrays]
            elif path.suffix == ".json":
                json.loads(path.read_text())
        except Exception as error:  # whatever is wrong with it is reported
            wrong.append(f"{path.name}: {error}")
    return wrong


def arrays_of(path: Path) -> dict[str, bytes]:
    with np.load(path) as arrays:
        return {name: arrays[name].tobytes() for name in arrays if name != "description"}


def soak(kills: int, seed: int) -> dict[str, int | list[str]]:
    rng = np.random.default_rng(seed)
    killed = finished = different = 0
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        write_rows(top / "rows.npy")
        begin = time.monotonic()
        expected = _finished(_start(top, top / "whole"), top / "whole")
        whole = time.monotonic() - begin
        while killed < kills:
            folder = top / str(finished)
            process = _start(top, folder)
            while not _ends_within(process, whole * rng.uniform(0.2, 1.2)):
                killed += 1
                process.send_signal(signal.SIGTERM if killed % 4 == 0 else signal.SIGKILL)
                process.wait()
                wrong += partial_files(folder)
                process = _start(top, folder)
            different += _finished(process, folder) != expected
            finished += 1
    return {"kills": killed, "finished": finished, "different": different, "partial": wrong}


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _start(top: Path, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    rows = folder / "rows.npy"
    if not rows.exists():
        rows.symlink_to(top / "rows.npy")
    return subprocess.Popen([sys.executable, "-c", _FIT, str(folder), str(folder / "clip.npz")])


def _finished(process: subprocess.Popen[bytes], folder: Path) -> dict[str, bytes]:
    if process.wait() != 0:
        raise RuntimeError(f"a run that was not killed ended with {process.returncode}")
    return arrays_of(folder / "clip.npz")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counts = soak(options.kills, options.seed)
    print(json.dumps(counts))
    return 1 if counts["different"] or counts["partial"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
