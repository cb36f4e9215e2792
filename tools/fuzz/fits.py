"""Solves random fits over the options of `smplceres.fit` in this process, until it is ended.

Each fit ends with finite numbers or with an error about its input. Limits of memory and of CPU, and
the report on a fit that ends the process, are those of `files.py`. `random_fit` makes a fit again
from its numbers.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools" / "fuzz")]

from files import Now  # noqa: E402

import hostile_reading  # noqa: E402
import smplceres as sc  # noqa: E402

FITS = 20_000  # of one life of the process
# And their numbers of keypoints.
_FORMATS = {"openpose_body25": 25, "coco17": 17, "halpe26": 26, "smpl24": 24}
_ODD = (0.0, -1.0, 1e-300, 1e300, np.nan, np.inf, 1e9)

Make = Callable[[np.random.Generator, sc.Camera], Any]


def _or_odd(rng: np.random.Generator, *usual: float) -> float:
    return float(rng.choice(_ODD if rng.integers(8) == 0 else usual))


def _depth(rng: np.random.Generator, camera: sc.Camera) -> Any:
    image = np.full((camera.height, camera.width), 4.0)
    image[:: int(rng.integers(1, 5))] = _or_odd(rng, 3.0, 5.0)
    return image


def _points(rng: np.random.Generator, camera: sc.Camera) -> Any:
    points = rng.normal([0, 0, 4], 0.3, (int(rng.integers(1, 300)), 3))
    points[0] = _or_odd(rng, 4.0)
    return points


def _mask(rng: np.random.Generator, camera: sc.Camera) -> Any:
    mask = np.zeros((camera.height, camera.width), bool)
    top, left = (int(rng.integers(size)) for size in mask.shape)
    mask[top : top + camera.height // 2, left : left + camera.width // 3] = True
    return mask ^ (rng.uniform(size=mask.shape) < rng.choice([0, 0, 0.1, 0.5]))


# Makers of optional arguments; `test_fuzz_fits.py` holds that none is missing.
OPTIONS: dict[str, Make] = {
    "model": lambda rng, camera: None,
    "mask": _mask,
    "keypoints3d": lambda rng, camera: rng.normal([0, 0, 4], 1, (24, 3)),
    "points": _points,
    "depth": _depth,
    "person": lambda rng, camera: sc.Person(height=_or_odd(rng, 1.5, 1.7, 1.9)),
    "ground": lambda rng, camera: sc.Ground((0, -1, 0), -1.5, sigma=_or_odd(rng, 0.02, 0.1)),
    "pose_prior": lambda rng, camera: sc.anatomical_prior(24),
    "joint_limits": lambda rng, camera: sc.smpl_joint_limits(),
    "lifter": lambda rng, camera: sc.load_lifter(),
    "initial": lambda rng, camera: {
        "betas": np.full(10, _or_odd(rng, 0.5, 1.0)),
        "transl": (0, 0, _or_odd(rng, 3, 5)),
    },
    "preset": lambda rng, camera: str(
        rng.choice(["default", "smplify", "whole-body", "smplify-x"])
    ),
    "starts": lambda rng, camera: rng.choice([1, 2, 4, "auto"]),
    "threads": lambda rng, camera: int(rng.choice([1, 2, 0, -1], p=[0.5, 0.4, 0.05, 0.05])),
    "estimate_focal": lambda rng, camera: bool(rng.integers(2)),
    "refine_cameras": lambda rng, camera: bool(rng.integers(4) == 0),
    "sigma_px": lambda rng, camera: _or_odd(rng, 1.0, 5.0),
    "jacobian": lambda rng, camera: "fast",
    "linear_solver": lambda rng, camera: str(
        rng.choice(["auto", "DENSE_QR", "x"], p=[0.5, 0.4, 0.1])
    ),
    "minimizer": lambda rng, camera: str(rng.choice(["lm", "dogleg", "lbfgs"])),
    "check": lambda rng, camera: bool(rng.integers(2)),
}


def random_fit(rng: np.random.Generator) -> dict[str, Any]:
    """Arguments of `fit`: of a person in front of one or two cameras, some of them disturbed."""
    width, height = (int(10 ** rng.uniform(1.5, 3)) for _ in range(2))
    focal = float(10 ** rng.uniform(2, 3.5))
    camera = sc.Camera(fx=focal, fy=focal, cx=width / 2, cy=height / 2, width=width, height=height)
    name = str(rng.choice(list(_FORMATS)))
    arguments: dict[str, Any] = {
        "keypoints": _rows(rng, camera, _FORMATS[name]),
        "camera": camera,
        "keypoint_format": name,
        "starts": 1,
        "max_time": float(rng.choice([0.02, 0.2])),
    }
    for key, make in OPTIONS.items():
        if rng.integers(7) == 0:
            arguments[key] = make(rng, camera)
    if rng.integers(8) == 0:
        arguments["keypoints"] = [arguments["keypoints"]] * 2
        arguments["camera"] = [camera] * 2
        for key in ("mask", "depth"):
            if key in arguments:
                arguments[key] = [arguments[key], None]
    return arguments


def _rows(rng: np.random.Generator, camera: sc.Camera, count: int) -> Any:
    size = (camera.width, camera.height)
    rows = np.column_stack([rng.uniform((0, 0), size, (count, 2)), rng.uniform(0, 1, count)])
    if rng.integers(2):
        rows[rng.integers(count, size=int(rng.integers(1, count))), 2] = 0
    if rng.integers(8) == 0:
        rows[int(rng.integers(count)), int(rng.integers(3))] = rng.choice(_ODD)
    if rng.integers(20) == 0:
        rows[:, :2] = rows[0, :2]
    return rows


def tried(rng: np.random.Generator) -> tuple[str, str]:
    """The outcome, `solved`, `clear` or what is wrong, and the error."""
    try:
        result = sc.fit(**random_fit(rng))
    except (ValueError, TypeError) as error:
        return ("clear" if str(error) else "nothing said"), str(error)
    except Exception as error:
        return type(error).__name__, str(error)
    odd = hostile_reading.not_finite(result, "result") or hostile_reading.not_finite(
        [result.vertices, result.joints, *result.energies.values()], "numbers"
    )
    return ("solved", "") if odd is None else ("not finite", odd)


def fuzz(out: Path, folder: Path, seed: list[int], fits: int) -> None:
    """Writes a line of counts every second or so to standard output."""
    folder.mkdir(parents=True, exist_ok=True)
    now = Now(folder / "now")
    sc.load_body_model()
    hostile_reading.limit_memory()
    counts: Counter[str] = Counter()
    said = time.monotonic()
    for number in range(fits):
        now.set(" ".join(map(str, [*seed, number])))
        kind, message = tried(np.random.default_rng([*seed, number]))
        counts[f"{kind} fit"] += 1
        if kind not in ("solved", "clear"):
            with (out / "fits.jsonl").open("a") as file:
                file.write(json.dumps({"seed": [*seed, number], kind: message}) + "\n")
        if time.monotonic() - said > 1:
            print(json.dumps(counts), flush=True)
            counts, said = Counter(), time.monotonic()
    print(json.dumps(counts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folder", type=Path, help="for the number of the fit that is tried")
    parser.add_argument("seed", type=int, nargs="+")
    parser.add_argument("--fits", type=int, default=FITS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    fuzz(options.out, options.folder, options.seed, options.fits)


if __name__ == "__main__":
    main()
