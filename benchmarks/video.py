"""Recorded video: how well calibrated views agree, one view alone, and how clips of any length go.

    python benchmarks/video.py --data FOLDER [--parts views,clips,scale,solvers] [--out FILE]

FOLDER has pose2sim/ (four calibrated cameras, BODY_25B, and points triangulated from the same
detections: a check, no truth) and openpose_video/ (two clips of BODY_25, camera unknown).

- views: the balancing trial from four views, distance of fitted keypoints from the triangulated;
  each camera alone, Procrustes-aligned joint distance from the result of all four.
- clips: both clips as sequences and frame by frame, the unknown focal length kept at the guess or
  free in both: 95th percentile of joint acceleration, median
  reprojection error of keypoints of confidence above 0.5.
- scale: time a frame and peak memory of the four views' keypoints of camera 1, played to and fro,
  at 200, 2,000 and 10,000 frames, each in a process of its own; one thread against two.
- solvers: time of one Levenberg-Marquardt iteration over F frames with shared betas and an unknown
  focal length, by linear solver, frames independent or with motion between them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import smplceres as sc
from cases.errors import procrustes_aligned
from sequence import acceleration
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View
from smplceres.fit.presets import sequence_stages

Floats = NDArray[np.float64]
TRIAL = "pose2sim/S00_P00_SingleParticipant/S00_P00_T01_BalancingTrial"
CALIBRATION = "pose2sim/S00_Calibration/Calib_qualisys.toml"
FPS = 60.0  # of the trial
CLIP_FPS = 30.0  # of the clips, which do not say

# The .trc's names of BODY_25B's keypoints; its Neck and Head have other places in other versions.
MARKERS = {
    f"{side[0]}{part}": f"{side.lower()}_{name}"
    for side in ("Right", "Left")
    for part, name in (
        ("Hip", "hip"),
        ("Knee", "knee"),
        ("Ankle", "ankle"),
        ("BigToe", "big_toe"),
        ("SmallToe", "small_toe"),
        ("Heel", "heel"),
        ("Shoulder", "shoulder"),
        ("Elbow", "elbow"),
        ("Wrist", "wrist"),
    )
} | {"Nose": "nose"}


def trial_files(data: Path) -> dict[str, list[Path]]:
    """Of each camera, the files of its frames."""
    return {
        f"cam_{number:02d}": sorted(
            (data / TRIAL / "pose-associated" / f"cam{number:02d}_json").glob("*.json")
        )
        for number in (1, 2, 3, 4)
    }


def trial_keypoints(data: Path) -> dict[str, list[sc.Keypoints | None]]:
    return {
        name: [next(iter(sc.read_keypoints(file, "openpose_body25b")), None) for file in files]
        for name, files in trial_files(data).items()
    }


def triangulated(data: Path) -> tuple[list[str], Floats]:
    """Names of keypoints, and (F, M, 3) metres in the world of the calibration."""
    (path,) = (data / TRIAL / "pose-3d").glob("*_0-100.trc")
    lines = path.read_text().splitlines()
    names = [name for name in lines[3].split("\t")[2:] if name]
    rows = np.array([[float(x or "nan") for x in line.split("\t")] for line in lines[5:] if line])
    points = rows[:, 2 : 2 + 3 * len(names)].reshape(len(rows), -1, 3)[..., [2, 0, 1]]
    chosen = [number for number, name in enumerate(names) if name in MARKERS]
    return [MARKERS[names[number]] for number in chosen], points[:, chosen]


def fitted_points(result: sc.SequenceResult, model: sc.BodyModel, names: list[str]) -> Floats:
    """(F, M, 3) metres, where the body has these keypoints of BODY_25B."""
    points, point_of, _ = model.keypoint_points(sc.FORMATS["openpose_body25b"])
    order = [point_of[sc.FORMATS["openpose_body25b"].names.index(name)] for name in names]
    return np.array([points.evaluate(model._core, **frame.parameters)[order] for frame in result])


def views_part(data: Path, model: sc.BodyModel) -> dict[str, Any]:
    cameras, seen = sc.read_cameras(data / CALIBRATION), trial_keypoints(data)
    begin = time.perf_counter()
    together = sc.fit_sequence(seen, cameras, fps=FPS, model=model)
    seconds = time.perf_counter() - begin
    names, points = triangulated(data)
    apart = 1e3 * np.linalg.norm(fitted_points(together, model, names) - points, axis=-1)
    figures: dict[str, Any] = {
        "frames": len(together),
        "four_views_median_mm": float(np.nanmedian(apart)),
        "four_views_p95_mm": float(np.nanpercentile(apart, 95)),
        "four_views_s": seconds,
    }
    print(
        f"four views: {figures['four_views_median_mm']:.1f} mm from the triangulated points "
        f"(median; 95 %: {figures['four_views_p95_mm']:.1f}), "
        f"{len(together)} frames, {seconds:.1f} s"
    )
    print("one view, Procrustes-aligned joints from those of four views, mm:")
    for name, frames in seen.items():
        alone = sc.fit_sequence(frames, cameras[name], fps=FPS, model=model)
        each = np.array(
            [procrustes_aligned(*pair) for pair in zip(alone.joints, together.joints, strict=True)]
        )
        figures[name] = {"median_mm": float(np.median(each)), "p95_mm": _p95(each)}
        print(f"  {name}  median {np.median(each):.1f}, 95 %: {_p95(each):.1f}", flush=True)
    return figures


def _p95(values: Floats) -> float:
    return float(np.percentile(values, 95))


def guessed_camera(frames: Sequence[sc.Keypoints]) -> sc.Camera:
    """Of the smallest common size of picture that holds all keypoints."""
    extent = np.concatenate([frame.xy[frame.visible] for frame in frames]).max(axis=0)
    upright = extent[1] > extent[0]
    for long, short in ((640, 480), (1280, 720), (1920, 1080), (3840, 2160)):
        size = (short, long) if upright else (long, short)
        if (extent < size).all():
            return sc.Camera.guess(*size)
    raise ValueError(f"no common size of picture holds {extent}")


def clips_part(data: Path, model: sc.BodyModel) -> dict[str, Any]:
    figures = {}
    for clip in ("clip_a", "clip_b"):
        files = sorted((data / "openpose_video" / clip).glob("*.json"))
        frames = [next(iter(sc.read_keypoints(file, "openpose_body25")), None) for file in files]
        camera = guessed_camera([frame for frame in frames if frame is not None])
        for free in (False, True):
            figures[f"{clip}, focal length {'free' if free else 'guessed'}"] = clip_figures(
                f"{clip}, {len(frames)} frames, focal length {'free' if free else 'guessed'}",
                frames,
                camera,
                free,
                model,
            )
    return figures


def clip_figures(
    title: str,
    frames: Sequence[sc.Keypoints | None],
    camera: sc.Camera,
    free: bool,
    model: sc.BodyModel,
) -> dict[str, Any]:
    """Frame by frame and together, the focal length kept at the guess or found by both."""
    found = [sc.fit(k, camera, model=model, estimate_focal=free) for k in frames if k is not None]
    result = sc.fit_sequence(list(frames), camera, fps=CLIP_FPS, model=model, estimate_focal=free)
    rows = {
        "frames alone": (
            acceleration(np.array([fit.joints for fit in found]), CLIP_FPS),
            _reprojection(found),
        ),
        "together": (acceleration(result.joints, CLIP_FPS), _reprojection(list(result))),
    }
    print(f"{title:44s}acceleration p95, m/s2   reprojection, px")
    for name, (change, error) in rows.items():
        print(f"  {name:42s}{change:22.1f}{error:19.2f}")
    (before, error_before), (after, error_after) = rows.values()
    print(f"  {'ratio':42s}{after / before:22.2f}{error_after / error_before:19.2f}", flush=True)
    return {
        name: {"acceleration_p95": change, "reprojection_px": error}
        for name, (change, error) in rows.items()
    }


def _reprojection(fits: Sequence[sc.FitResult]) -> float:
    """Median, pixels, over all frames."""
    residuals = np.concatenate(
        [fit.views[0].residuals[fit.views[0].keypoints.confidence > 0.5] for fit in fits]
    )
    return float(np.nanmedian(residuals))


# --- Scale ---


def to_and_fro(frames: Sequence[Any], count: int) -> list[Any]:
    """A clip of any length that nowhere jumps."""
    turn = [*frames, *frames[-2:0:-1]]
    return [turn[number % len(turn)] for number in range(count)]


def run_scale(data: Path, frames: int, threads: int) -> None:
    """One clip in this process; JSON of its figures on standard output."""
    model, camera = sc.load_body_model(), sc.read_cameras(data / CALIBRATION)["cam_01"]
    clip = to_and_fro(trial_keypoints(data)["cam_01"], frames)
    before = _peak_mb()
    begin, cpu = time.perf_counter(), time.process_time()
    result = sc.fit_sequence(clip, camera, fps=FPS, model=model, threads=threads)
    figures = {
        "frames": frames,
        "threads": threads,
        "ms_a_frame": 1e3 * (time.perf_counter() - begin) / frames,
        "cpu_ms_a_frame": 1e3 * (time.process_time() - cpu) / frames,
        "before_mb": before,
        "peak_mb": _peak_mb(),
        "joints": result.joints[:: max(frames // 100, 1)].tolist(),
    }
    print(json.dumps(figures))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def scale_part(data: Path, counts: Sequence[int]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    print("    frames  threads  ms a frame  of CPU  peak MB")
    for frames, threads in [(counts[0], 2), *((count, 1) for count in counts)]:
        run = [sys.executable, __file__, "--data", str(data), "--scale-run", str(frames)]
        output = subprocess.run(
            [*run, str(threads)], check=True, capture_output=True, text=True
        ).stdout
        rows.append(json.loads(output))
        row = rows[-1]
        print(
            f"{frames:10d}{threads:9d}{row['ms_a_frame']:12.2f}{row['cpu_ms_a_frame']:8.2f}"
            f"{row['peak_mb']:9.0f}",
            flush=True,
        )
    two, one = (np.array(row.pop("joints")) for row in rows[:2])
    for row in rows[2:]:
        row.pop("joints")
    apart = float(np.abs(one - two).max())
    print(f"  one thread and two: joints apart by {apart:.1e} m at most")
    rows[0]["from_one_thread_m"] = apart
    return rows


# --- Linear solvers ---

SOLVERS = (
    "auto",
    "DENSE_SCHUR",
    "SPARSE_SCHUR",
    "ITERATIVE_SCHUR",
    "SPARSE_NORMAL_CHOLESKY",
    "DENSE_NORMAL_CHOLESKY",
)
# Not tried: dense equations of more frames, a Jacobian of 1.5 GB of 100 and 150 GB of 1,000; and
# Schur's of frames with motion between them, of which half is left to be solved.
MOST_DENSE, MOST_CHAINED = 10, 10


def solvers_part(data: Path, counts: Sequence[int], model: sc.BodyModel) -> list[dict[str, Any]]:
    camera = sc.read_cameras(data / CALIBRATION)["cam_01"]
    seen = [frame for frame in trial_keypoints(data)["cam_01"] if frame is not None]
    first = sc.fit(seen[0], camera, model=model)
    rows = []
    print("ms of CPU an iteration; -: not tried, takes minutes or more memory than there is")
    print(" " * 15 + "".join(f"{name:>24s}" for name in SOLVERS))
    for frames in counts:
        clip = to_and_fro(seen, frames)
        for smooth in (False, True):
            line = f"{frames:6d} {'smooth' if smooth else 'alone':8s}"
            for solver in SOLVERS:
                dense = solver == "DENSE_NORMAL_CHOLESKY" or (smooth and "SCHUR" in solver)
                if dense and frames > (MOST_CHAINED if smooth else MOST_DENSE):
                    line += f"{'-':>24s}"
                    continue
                name, each = _iteration(clip, camera, first, smooth, solver, model)
                rows.append(
                    {"frames": frames, "smooth": smooth, "solver": solver, "used": name, "ms": each}
                )
                line += f"{each:24.2f}" if solver != "auto" else f"{each:9.2f} {_short(name):>14s}"
            print(line, flush=True)
    return rows


def _short(name: str) -> str:
    return name.lower().replace("normal_", "").replace("_", " ")


def _iteration(
    clip: Sequence[sc.Keypoints],
    camera: sc.Camera,
    first: sc.FitResult,
    smooth: bool,
    solver: str,
    model: sc.BodyModel,
) -> tuple[str, float]:
    """The linear solver used, and milliseconds of CPU of an iteration on one thread."""
    stage = sequence_stages()[-1]
    if not smooth:
        stage.acceleration.weight = stage.rotation_walk.weight = 0.0
    stage.solver.linear_solver = solver
    stage.solver.max_iterations = 6
    stage.solver.function_tolerance = 1e-12
    stage.solver.num_threads = 1
    start = _core.Variables(model._core, **first.parameters, log_zoom=[0.0])
    prior, limits = model.default_prior, model.default_joint_limits
    scenes = [
        make_scene((View(seen, camera),), model, prior, limits, estimate_focal=True)
        for seen in clip
    ]
    begin = time.process_time()
    solved = _core.fit_sequence(
        scenes,
        (np.arange(len(clip)) / FPS).tolist(),
        [stage],
        [start] * len(clip),
        held=0,
        shared=True,
        max_time=float("inf"),
    )
    seconds = time.process_time() - begin
    summary = solved.stages[0].summary
    return summary.linear_solver, 1e3 * seconds / max(summary.num_iterations, 1)


PARTS = ("views", "clips", "scale", "solvers")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with pose2sim/ and openpose_video/")
    add("--parts", default=",".join(PARTS), help="which, with commas (default: all)")
    add("--frames", default="200,2000,10000", help="of the scale part")
    add("--solver-frames", default="10,100,1000", help="of the solvers part")
    add("--scale-run", nargs=2, type=int, help=argparse.SUPPRESS)
    add("--out", help="also write the figures here, JSON")
    return parser.parse_args(arguments)


def main() -> None:
    arguments = parse()
    if arguments.scale_run:
        run_scale(arguments.data, *arguments.scale_run)
        return
    chosen = arguments.parts.split(",")
    if not set(chosen) <= set(PARTS):
        sys.exit(f"video: --parts: expected some of {', '.join(PARTS)}, got {arguments.parts}")
    model = sc.load_body_model()
    counts = [int(count) for count in arguments.frames.split(",")]
    solver_counts = [int(count) for count in arguments.solver_frames.split(",")]
    parts = {
        "views": lambda: views_part(arguments.data, model),
        "clips": lambda: clips_part(arguments.data, model),
        "scale": lambda: scale_part(arguments.data, counts),
        "solvers": lambda: solvers_part(arguments.data, solver_counts, model),
    }
    figures = {name: parts[name]() for name in chosen}
    if arguments.out:
        Path(arguments.out).write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
