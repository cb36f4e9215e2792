"""Recorded detections, each frame on its own: none fails, and nearly all are met closely."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smplceres import Camera, FitResult, Keypoints, fit, read_cameras, read_keypoints

# Of common sizes, sorted by area, in both orientations.
COMMON_SIZES = ((640, 480), (1280, 720), (1920, 1080), (3840, 2160))


def people(folder: Path, keypoint_format: str) -> list[Keypoints]:
    """The first person of each file of a folder, in the order of the files."""
    files = sorted(folder.glob("*.json"))
    return [read_keypoints(file, format=keypoint_format)[0] for file in files]


def guessed_size(frames: list[Keypoints]) -> tuple[int, int]:
    """(width, height) that a video without a size may have had: the smallest common one that holds
    all its keypoints, upright where they spread higher than wide."""
    seen = np.concatenate([frame.xy[frame.visible] for frame in frames])
    extent, spread = seen.max(axis=0), np.ptp(seen, axis=0)
    for long, short in COMMON_SIZES:
        size = (short, long) if spread[1] > spread[0] else (long, short)
        if (extent < size).all():
            return size
    raise AssertionError(f"no common size holds {extent}")


def check_frames(name: str, frames: list[Keypoints], camera: Camera) -> None:
    """The bar: on 95 % of the frames the median error of keypoints of confidence over 0.5 is at
    most 2 % of the person's height."""
    results = [fit(frame, camera) for frame in frames]
    errors = np.array([result.reprojection_error(0.5) for result in results])
    relative = errors / [frame.height_px for frame in frames]
    met = np.mean(relative <= 0.02)
    times = 1e3 * np.array([result.solve_time for result in results])
    print(
        f"\n{name}: {len(frames)} frames, {camera.width} x {camera.height} px; median error"
        f" {np.median(errors):.1f} px, {np.median(relative):.2%} of the height (95 %:"
        f" {np.percentile(relative, 95):.2%}, worst {relative.max():.2%} at frame"
        f" {relative.argmax()}); {met:.1%} of frames within 2 %; converged"
        f" {np.mean([result.converged for result in results]):.1%}; {np.median(times):.1f} ms"
    )
    for result in results:
        assert_holds(result)
    assert met >= 0.95


def assert_holds(result: FitResult) -> None:
    """Finite, before the camera, and of a person's size."""
    for values in (result.joints, result.keypoints2d, list(result.energies.values())):
        assert np.isfinite(values).all()
    assert result.camera.to_camera(result.joints)[:, 2].min() > 0.3
    assert 1.2 < np.ptp(result.vertices, axis=0).max() < 2.6


@pytest.mark.parametrize("clip", ["clip_a", "clip_b"])
def test_every_frame_of_a_video_of_unknown_camera_is_fitted(clip, data_folder) -> None:
    frames = people(data_folder / "openpose_video" / clip, "openpose_body25")
    check_frames(clip, frames, Camera.guess(*guessed_size(frames)))


def test_every_frame_of_a_calibrated_camera_is_fitted(data_folder) -> None:
    session = data_folder / "pose2sim"
    trial = session / "S00_P00_SingleParticipant" / "S00_P00_T01_BalancingTrial"
    camera = read_cameras(session / "S00_Calibration" / "Calib_qualisys.toml")["cam_01"]
    frames = people(trial / "pose-associated" / "cam01_json", "openpose_body25b")
    check_frames("pose2sim, camera 1", frames, camera)
