"""Fits and sequences for the Rerun viewer: camera, image, keypoints, mesh, joints on a timeline.

Needs the optional rerun-sdk: `pip install 'smplceres[rerun]'`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.files.writing import whole_file
from ..body.model import BodyModel
from ..body.parameters import Parameters
from ..cameras.camera import AnyCamera, Camera
from ..evidence.views import FittedView
from ..fit.inputs import checked_model
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult

try:
    rerun: Any = importlib.import_module("rerun")
except ImportError as error:
    raise ImportError(
        f"logging to Rerun needs rerun-sdk: pip install 'smplceres[rerun]' ({error})"
    ) from error

Floats = NDArray[np.float64]

_BODY, _OBSERVED, _FITTED, _UNSURE = (130, 175, 230), (255, 225, 0), (230, 30, 60), (150, 40, 200)
# The 90 % quantile of chi-square with 3 degrees of freedom.
_CHI_SQUARE_90 = 6.251


def log_rerun(
    results: FitResult | SequenceResult | Mapping[str, FitResult | SequenceResult],
    to: str | PathLike[str] | Any,
    *,
    model: BodyModel | str | PathLike[str] | None = None,
    image: NDArray[np.uint8] | str | PathLike[str] | None = None,
    video: str | PathLike[str] | None = None,
) -> None:
    """Logs results to a recording of Rerun, or to a new one in a file.

    Entities, in the frame of the results (metres):

    - `world/camera_0`, ...: pose and pinhole of each view; below it `image` with the image,
      `NAME/observed` and `NAME/fitted` keypoints (pixels; the observed with their confidences as
      radii) and `NAME/residuals`, lines between them;
    - `world/NAME`: the mesh; `joints`, named, and `bones`; 90 % confidence `ellipsoids`
      of joints (for a sequence, of each frame alone), for results with a covariance;
    - `NAME/residual`: the median of each frame, pixels; `NAME/cost`: of each iteration of a fit.

    Timelines: `time` (seconds) and `frame` of a sequence, `stage` of a fit (0 for the initial
    estimate, then the end of each stage, last the result) and `iteration` of its costs.

    Args:
        results: one (NAME is person), or several by name.
        to: the path of a new .rrd file, or a `rerun.RecordingStream` to log to.
        model: the body of loaded fits, which do not have it; None: the default.
        image: of the first view of fits: an array (H, W, 3) or a path.
        video: of the first view of sequences, a path; Rerun plays H.264, H.265 and AV1.

    Raises:
        ValueError: another ending, another body than that of a fit.
        OSError: the file cannot be written, an image or video does not exist.
    """
    named = dict(results) if isinstance(results, Mapping) else {"person": results}
    if not isinstance(to, str | PathLike):
        _Log(to, checked_model(model)).all(named, image, video)
        return
    path = Path(to)
    if path.suffix != ".rrd":
        raise ValueError(f"to: expected a name ending in .rrd, got {path.name!r}")
    recording = rerun.RecordingStream("smplceres")
    recording.set_log_time_enabled(False)  # without the time of logging
    # In memory: on a full disk Rerun names no reason, keeps the file open and may wait for ever.
    stream = recording.binary_stream()
    _Log(recording, checked_model(model)).all(named, image, video)
    with whole_file(path) as file:
        file.write(stream.read(flush=True) or b"")
    recording.disconnect()


class _Log:
    """Logs to a recording."""

    def __init__(self, recording: Any, model: BodyModel) -> None:
        self._to, self._model = recording, model

    def all(self, named: Mapping[str, FitResult | SequenceResult], image: Any, video: Any) -> None:
        for number, (name, result) in enumerate(named.items()):
            first = result[0] if isinstance(result, SequenceResult) else result
            model = result.own_model or self._model
            if len(first.vertices) != model.num_vertices:
                raise ValueError(
                    f"model: expected the body that was fitted, {result.model_name}, "
                    f"got {model.name}"
                )
            if number == 0:
                self._world(first, model)
                for each, view in enumerate(first.views):
                    self._camera(each, view.camera)
            self._static(f"world/{name}", rerun.Mesh3D.from_fields(
                triangle_indices=model.faces, albedo_factor=_BODY
            ))  # fmt: skip
            if isinstance(result, SequenceResult):
                self._sequence(name, result, model)
            else:
                self._fit(name, result, model)
        if image is not None:
            self._image(image)
        if video is not None:
            self._video(Path(video), [r for r in named.values() if isinstance(r, SequenceResult)])

    # --- Static entities ---

    def _static(self, entity: str, *what: Any) -> None:
        self._to.log(entity, *what, static=True)

    def _world(self, first: FitResult, model: BodyModel) -> None:
        axes = {
            "y-up": rerun.ViewCoordinates.RIGHT_HAND_Y_UP,
            "z-up": rerun.ViewCoordinates.RIGHT_HAND_Z_UP,
        }
        name = first.motion(model=model).coordinates or "opencv"
        self._static("world", axes.get(name, rerun.ViewCoordinates.RDF))

    def _camera(self, number: int, camera: AnyCamera) -> None:
        entity = f"world/camera_{number}"
        place = -camera.rotation.T @ camera.translation
        self._static(entity, rerun.Transform3D(translation=place, mat3x3=camera.rotation.T))
        if isinstance(camera, Camera):  # Rerun has no weak perspective
            pinhole = rerun.Pinhole(
                focal_length=[camera.fx, camera.fy],
                principal_point=[camera.cx + 0.5, camera.cy + 0.5],  # centres of pixels at halves
                resolution=[camera.width, camera.height],
                camera_xyz=rerun.ViewCoordinates.RDF,
                image_plane_distance=1.0,
            )
            self._static(entity, pinhole)

    def _image(self, image: Any) -> None:
        if isinstance(image, str | PathLike):
            Path(image).open("rb").close()  # errors name the file
            self._static("world/camera_0/image", rerun.EncodedImage(path=image))
        else:
            self._static("world/camera_0/image", rerun.Image(np.asarray(image)).compress())

    def _video(self, path: Path, results: Sequence[SequenceResult]) -> None:
        path.open("rb").close()
        asset = rerun.AssetVideo(path=path)
        self._static("world/camera_0/image", asset)
        stamps = asset.read_frame_timestamps_nanos()
        frames: dict[int, float] = {}
        for result in results:
            frames.update(zip(result.frame_numbers.tolist(), result.times.tolist(), strict=True))
        for frame, seconds in sorted(frames.items()):
            if frame < len(stamps):
                self._at(frame, seconds)
                shown = rerun.VideoFrameReference(nanoseconds=int(stamps[frame]))
                self._to.log("world/camera_0/image", shown)
        self._to.reset_time()

    # --- Entities over time ---

    def _at(self, frame: int, seconds: float) -> None:
        self._to.reset_time()
        self._to.set_time("frame", sequence=frame)
        self._to.set_time("time", duration=seconds)

    def _sequence(self, name: str, result: SequenceResult, model: BodyModel) -> None:
        numbers = result.frame_numbers.tolist()
        for frame, seconds, fit in zip(numbers, result.times.tolist(), result, strict=True):
            self._at(frame, seconds)
            self._body(name, fit.parameters, model)
            self._keypoints(name, fit.views)
            self._covariance(name, fit, model)
            error = fit.reprojection_error()
            if np.isfinite(error):
                self._to.log(f"{name}/residual", rerun.Scalars(error))
        self._to.reset_time()

    def _fit(self, name: str, result: FitResult, model: BodyModel) -> None:
        steps: list[tuple[str, Parameters]] = []
        if result.start is not None:
            steps.append(("the start", result.start))
        steps += [(s.name, s.parameters) for s in result.stages if s.parameters is not None]
        for number, (stage, parameters) in enumerate(steps or [("", result.parameters)]):
            self._to.reset_time()
            self._to.set_time("stage", sequence=number)
            self._body(name, parameters, model)
            self._to.log(f"{name}/stage", rerun.TextLog(stage))
        self._keypoints(name, result.views)
        self._covariance(name, result, model)
        self._to.reset_time()
        iteration = 0
        for stage_report in result.stages:
            for costs in stage_report.costs:
                for cost in costs:
                    self._to.set_time("iteration", sequence=iteration)
                    self._to.log(f"{name}/cost", rerun.Scalars(cost))
                    iteration += 1
        self._to.reset_time()

    def _body(self, name: str, parameters: Parameters, model: BodyModel) -> None:
        body = model(**parameters)
        entity = f"world/{name}"
        self._to.log(
            entity,
            rerun.Mesh3D.from_fields(
                vertex_positions=np.asarray(body.vertices, dtype=np.float32),
                vertex_normals=vertex_normals(body.vertices, model.faces),
            ),
        )
        joints = np.asarray(body.joints, dtype=np.float32)
        self._to.log(
            f"{entity}/joints",
            rerun.Points3D(
                joints, radii=0.012, colors=_FITTED, labels=model.joint_names, show_labels=False
            ),
        )
        bones = [
            joints[[parent, joint]]
            for joint, parent in enumerate(model.parents.tolist())
            if parent >= 0
        ]
        self._to.log(f"{entity}/bones", rerun.LineStrips3D(bones, radii=0.004, colors=_FITTED))

    def _keypoints(self, name: str, views: Sequence[FittedView]) -> None:
        for number, view in enumerate(views):
            entity = f"world/camera_{number}/{name}"
            seen = view.keypoints.visible
            drawn = seen & np.isfinite(view.keypoints2d).all(axis=1)
            names = np.array(view.keypoints.format.names)
            half = 0.5  # Rerun has the centre of the first pixel there
            observed, fitted = view.keypoints.xy + half, view.keypoints2d + half
            confidence = np.minimum(view.keypoints.confidence, 1.0)
            self._to.log(
                f"{entity}/observed",
                rerun.Points2D(
                    observed[seen],
                    radii=1 + 3 * confidence[seen],
                    colors=_OBSERVED,
                    labels=names[seen].tolist(),
                    show_labels=False,
                ),
            )
            self._to.log(f"{entity}/fitted", rerun.Points2D(fitted[drawn], radii=3, colors=_FITTED))
            lines = np.stack([observed[drawn], fitted[drawn]], axis=1)
            self._to.log(f"{entity}/residuals", rerun.LineStrips2D(lines, colors=_FITTED))

    def _covariance(self, name: str, result: FitResult, model: BodyModel) -> None:
        if not result.has_covariance:
            return
        try:
            covariance = result.covariance(model=model)
        except ValueError:  # a prior that is not saved
            return
        known = np.flatnonzero(np.isfinite(covariance.joints).all(axis=(1, 2)))
        variances, axes = np.linalg.eigh(covariance.joints[known])
        axes[np.linalg.det(axes) < 0, :, 0] *= -1  # rotations
        self._to.log(
            f"world/{name}/ellipsoids",
            rerun.Ellipsoids3D(
                centers=result.joints[known],
                half_sizes=np.sqrt(_CHI_SQUARE_90 * np.maximum(variances, 0.0)),
                quaternions=_quaternions(axes),
                colors=_UNSURE,
                labels=np.array(model.joint_names)[known].tolist(),
                show_labels=False,
            ),
        )


def vertex_normals(vertices: NDArray[Any], faces: NDArray[np.int32]) -> NDArray[np.float32]:
    """(V, 3) unit normals, means of the adjacent faces, weighted by area."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    of_faces = np.cross(b - a, c - a)
    normals = np.stack(
        [
            np.bincount(faces.ravel(), np.repeat(of_faces[:, axis], 3), len(vertices))
            for axis in range(3)
        ],
        axis=1,
    )
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.where(length > 0, length, 1.0), dtype=np.float32)


def _quaternions(rotations: Floats) -> Floats:
    """(N, 4) x, y, z, w of (N, 3, 3) rotations."""
    quaternions = []
    for r in rotations:
        # Starting from the largest component avoids cancellation.
        squared = np.array(
            [
                1 + r[0, 0] - r[1, 1] - r[2, 2],
                1 - r[0, 0] + r[1, 1] - r[2, 2],
                1 - r[0, 0] - r[1, 1] + r[2, 2],
                1 + np.trace(r),
            ]
        )
        q = {
            0: [squared[0], r[0, 1] + r[1, 0], r[0, 2] + r[2, 0], r[2, 1] - r[1, 2]],
            1: [r[0, 1] + r[1, 0], squared[1], r[1, 2] + r[2, 1], r[0, 2] - r[2, 0]],
            2: [r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], squared[2], r[1, 0] - r[0, 1]],
            3: [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], squared[3]],
        }[int(squared.argmax())]
        quaternions.append(np.array(q) / np.linalg.norm(q))
    return np.array(quaternions).reshape(-1, 4)
