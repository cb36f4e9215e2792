"""A fit or a sequence in a web page: 3D body, sliders for pose and shape, stages and frames.

Needs the optional viser and Pillow: `pip install 'smplceres[view]'`. The page is served locally
and loads nothing from elsewhere.
"""

from __future__ import annotations

import errno
import importlib
import io
import math
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..body.model import BodyModel
from ..body.parameters import Parameters, parameters_of
from ..cameras.camera import AnyCamera, Camera
from ..fit.hypotheses import Hypothesis
from ..fit.inputs import checked_model
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult
from ..media.images import read_image
from ..media.video_files import video_pictures
from .ellipsoids import ellipsoids

try:
    viser: Any = importlib.import_module("viser")
    from PIL import Image
except ImportError as error:
    raise ImportError("the viewer needs viser and Pillow: pip install 'smplceres[view]'") from error

Floats = NDArray[np.float64]

PORT = 8080

_BODY, _JOINTS, _UNSURE = (130, 175, 230), (230, 30, 60), (150, 40, 200)
# Max side of images in the page, pixels.
_LARGEST = 640
_UP = {"opencv": "-y", "y-up": "+y", "z-up": "+z"}
_FRUSTUM = 0.6  # length of that of a camera, metres; with an image see _to_picture
# Metres from the farthest joint to the image, so that limbs do not reach through it.
_BEHIND = 0.4
_ANGLE, _BETA = 180.0, 4.0  # ranges of sliders, degrees and standard deviations


class Viewer:
    """The server of the page; it runs until `stop` or the end of a `with` block.

    Args:
        result: a fit or a sequence.
        model: the body of a loaded fit, which does not have it; None: the default.
        image: the image of a fit: an array, a Pillow image or a path.
        video: the path of a sequence's video.
        host: the address to serve at; addresses other than 127.0.0.1 admit other machines.
        port: to serve at; 0: any free one.

    Attributes:
        address: of the page.
        parameters: of the displayed body.
        vertices: (V, 3) of the displayed body, metres.
        betas, angles: the sliders, by shape component and by axis of the chosen joint (degrees);
            their `value` may be set.
        joint, frame, step: the selection: name of a joint, frame number of a sequence, name of a
            stage or of another solution of the fit.

    Raises:
        ValueError: another body than that of the fit, an image or video of another size than the
            camera's.
        OSError: the port is in use; the message names it.
    """

    def __init__(
        self,
        result: FitResult | SequenceResult,
        *,
        model: BodyModel | str | PathLike[str] | None = None,
        image: NDArray[np.uint8] | Image.Image | str | PathLike[str] | None = None,
        video: str | PathLike[str] | None = None,
        host: str = "127.0.0.1",
        port: int = PORT,
    ) -> None:
        self._result = result
        self._model = _model_of(result, model)
        first = result[0] if isinstance(result, SequenceResult) else result
        self._pictures = _pictures(first, image, video)
        _check_free(host, port)
        with redirect_stdout(io.StringIO()):  # it prints a box at start
            self._server = viser.ViserServer(host=host, port=port, verbose=False)
        self.address = f"http://{host}:{self._server.get_port()}"
        self._lock = threading.RLock()  # messages of the page arrive on several threads
        self._loading = False
        self._playing = threading.Event()
        self._stopped = threading.Event()
        self._steps = _steps(first) if isinstance(result, FitResult) else {}
        self.parameters: Parameters = first.parameters
        self.vertices: Floats = first.vertices
        self._scene(first)
        self._panel(first)

    def __enter__(self) -> Viewer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops the server."""
        self._stopped.set()
        self._playing.set()
        with redirect_stdout(io.StringIO()):
            self._server.stop()

    def wait(self) -> None:
        """Serves until Ctrl-C."""
        while not self._stopped.wait(0.5):
            pass

    # --- Scene ---

    def _scene(self, first: FitResult) -> None:
        scene = self._server.scene
        world = first.motion(model=self._model).coordinates
        up = _UP.get(world or "", "-y")
        scene.set_up_direction(up)
        self._mesh = scene.add_mesh_simple(
            "/body", np.float32(self.vertices), self._model.faces, color=_BODY
        )
        self._joints = scene.add_point_cloud(
            "/joints",
            np.float32(first.joints),
            colors=_JOINTS,
            point_size=0.02,
            point_shape="circle",
            precision="float32",
            visible=False,
        )
        self._add_floor(up)
        self._cameras = [
            self._add_camera(number, view.camera, self._first_picture() if number == 0 else None)
            for number, view in enumerate(first.views)
        ]
        self._ellipsoids = self._add_ellipsoids(first)
        middle, size = self.vertices.mean(axis=0), float(np.ptp(self.vertices, axis=0).max())
        upwards = {"-y": [0, -1, 0], "+y": [0, 1, 0], "+z": [0, 0, 1]}[up]
        towards = np.array([0.0, 0.0, -1.0])
        if first.camera is not None:
            towards = -first.camera.rotation[2]  # from the body to its camera
        aside = np.cross(upwards, towards)
        self._server.initial_camera.look_at = middle
        self._server.initial_camera.position = middle + size * (
            0.9 * towards + 0.7 * aside + 0.2 * np.array(upwards)
        )

    def _first_picture(self) -> NDArray[np.uint8] | None:
        result, at = self._result, 0
        if isinstance(result, SequenceResult):
            at = int(result.frame_numbers[0])
        return self._picture(at)

    def _picture(self, number: int) -> NDArray[np.uint8] | None:
        if number >= len(self._pictures):
            return None
        return np.asarray(Image.open(io.BytesIO(self._pictures[number])))

    def _add_floor(self, up: str) -> None:
        axis = "xyz".index(up[1])
        lowest = self.vertices[:, axis].min() if up[0] == "+" else self.vertices[:, axis].max()
        place = self.vertices.mean(axis=0)
        place[axis] = lowest
        self._server.scene.add_grid(
            "/floor", 6.0, 6.0, plane="xz" if axis == 1 else "xy", position=place
        )

    def _add_camera(self, number: int, camera: AnyCamera, picture: Any) -> Any:
        scene, name = self._server.scene, f"/camera {number}"
        turn = viser.transforms.SO3.from_matrix(camera.rotation.T)
        place = -camera.rotation.T @ camera.translation
        if isinstance(camera, Camera):
            slope = camera.height / (2 * camera.fy)
            aspect = camera.width * camera.fy / (camera.height * camera.fx)
            length = _FRUSTUM if picture is None else self._to_picture(camera)
            return scene.add_camera_frustum(
                name,
                fov=2 * math.atan(slope),
                aspect=aspect,
                scale=length
                * (slope**2 * aspect / 3) ** (1 / 3),  # viser's scale is that of a volume
                thickness=0.004,
                image=picture,
                wxyz=turn.wxyz,
                position=place,
            )
        scale = camera.scale or 1.0
        middle = (np.array([camera.width, camera.height]) / 2 - [camera.cx, camera.cy]) / scale
        behind = np.array([*middle, 1.5])  # metres, the position of the image
        blank = np.full((2, 2, 3), 110, dtype=np.uint8)
        return scene.add_image(
            name,
            blank if picture is None else picture,
            render_width=camera.width / scale,
            render_height=camera.height / scale,
            wxyz=turn.wxyz,
            position=place + camera.rotation.T @ behind,
        )

    def _to_picture(self, camera: Camera) -> float:
        """Metres from a camera to its image, which is behind the body in every frame."""
        depths = camera.to_camera(self._result.joints.reshape(-1, 3))[:, 2]
        return max(_FRUSTUM, float(depths.max()) + _BEHIND)

    def _add_ellipsoids(self, first: FitResult) -> Any:
        """90 % confidence ellipsoids of joints; None for results without a covariance."""
        mesh = self._ellipsoids_of(first)
        if mesh is None:
            return None
        return self._server.scene.add_mesh_simple(
            "/ellipsoids", *mesh, color=_UNSURE, opacity=0.35, visible=False
        )

    def _ellipsoids_of(
        self, fit: FitResult
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]] | None:
        if not fit.has_covariance:
            return None
        try:
            covariance = fit.covariance(model=self._model)
        except ValueError:  # a prior that is not saved
            return None
        vertices, faces = ellipsoids(fit.joints, covariance.joints)
        return vertices.astype(np.float32), faces

    def _show_ellipsoids(self) -> None:
        """Updates the ellipsoids to the selected frame, if they are visible."""
        result = self._result
        if not isinstance(result, SequenceResult) or self.frame is None:
            return
        if self._ellipsoids is None or not self._ellipsoids.visible:
            return
        mesh = self._ellipsoids_of(result[int(self.frame.value)])
        if mesh is not None:
            self._ellipsoids.vertices, self._ellipsoids.faces = mesh

    def _show(self, parameters: Parameters) -> None:
        body = self._model(**parameters)
        self.parameters, self.vertices = parameters, np.asarray(body.vertices)
        self._mesh.vertices = np.float32(self.vertices)
        self._joints.points = np.float32(body.joints)

    # --- The panel ---

    def _panel(self, first: FitResult) -> None:
        gui = self._server.gui
        gui.configure_theme(show_logo=False, show_share_button=False)
        gui.add_markdown(_facts(self._result))
        self.frame = self.step = None
        if isinstance(self._result, SequenceResult):
            self.frame = gui.add_slider("frame", 0, max(len(self._result) - 1, 1), 1, 0)
            self.frame.on_update(lambda _: self._load_frame())
            play = gui.add_checkbox("play", False)
            play.on_update(lambda _: self._play(play.value))
        elif self._steps:
            names = list(self._steps)
            self.step = gui.add_dropdown("after", names, initial_value="the result")
            self.step.on_update(lambda _: self._load(self._steps[self.step.value]))
        back = gui.add_button("back to the result")
        back.on_click(lambda _: self.reset())
        with gui.add_folder("show"):
            self._switch("body", self._mesh)
            self._switch("joints", self._joints)
            for number, camera in enumerate(self._cameras):
                self._switch(f"camera {number}" if number else "camera", camera)
            if self._ellipsoids is not None:
                self._switch("90 % ellipsoids of joints", self._ellipsoids)
        with gui.add_folder("pose, degrees"):
            names = list(self._model.joint_names)
            first_shown = "right_shoulder" if "right_shoulder" in names else names[0]
            self.joint = gui.add_dropdown("joint", names, initial_value=first_shown)
            self.joint.on_update(lambda _: self._fill())
            self.angles = [self._slider(axis, _ANGLE, 1.0) for axis in "xyz"]
        with gui.add_folder("shape"):
            self.betas = [
                self._slider(f"beta {b}", _BETA, 0.05) for b in range(self._model.num_betas)
            ]
        self._fill()

    def _slider(self, name: str, limit: float, step: float) -> Any:
        slider = self._server.gui.add_slider(name, -limit, limit, step, 0.0)
        slider.on_update(lambda _: self._changed())
        return slider

    def _switch(self, name: str, handle: Any) -> None:
        box = self._server.gui.add_checkbox(name, handle.visible)

        def change(_: Any) -> None:
            handle.visible = box.value
            self._show_ellipsoids()

        box.on_update(change)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Sliders set inside this block do not change the body."""
        with self._lock:
            self._loading = True
            try:
                yield
            finally:
                self._loading = False

    def _pose(self) -> Floats:
        """(J, 3) radians, the root first."""
        return np.vstack([self.parameters["global_orient"], self.parameters["body_pose"]])

    def _fill(self) -> None:
        """Sets the sliders to the displayed body."""
        joint = self._model.joint_names.index(self.joint.value)
        with self._quiet():
            degrees = np.degrees(self._pose()[joint])
            for slider, value in zip(self.angles, degrees.tolist(), strict=True):
                slider.value = float(np.clip(value, -_ANGLE, _ANGLE))
            for slider, value in zip(self.betas, self.parameters["betas"].tolist(), strict=True):
                slider.value = float(np.clip(value, -_BETA, _BETA))

    def _changed(self) -> None:
        """A slider was moved: the body takes the angles and betas that differ."""
        with self._lock:
            if self._loading:
                return
            joint = self._model.joint_names.index(self.joint.value)
            pose = self._pose()
            pose[joint] = np.radians(_moved(np.degrees(pose[joint]), self.angles, _ANGLE))
            self._show(
                {
                    "betas": _moved(self.parameters["betas"], self.betas, _BETA),
                    "global_orient": pose[0],
                    "body_pose": pose[1:],
                    "transl": self.parameters["transl"],
                }
            )

    def _load(self, parameters: Parameters) -> None:
        with self._lock:
            self._show(parameters)
            self._fill()

    def _load_frame(self) -> None:
        assert isinstance(self._result, SequenceResult) and self.frame is not None
        number = min(int(self.frame.value), len(self._result) - 1)
        result = self._result
        self._load(
            {
                "betas": result.betas,
                "global_orient": result.global_orient[number],
                "body_pose": result.body_pose[number],
                "transl": result.transl[number],
            }
        )
        self._show_ellipsoids()
        of_video = int(result.frame_numbers[number])
        picture = self._picture(of_video)
        if picture is not None:
            self._cameras[0].image = picture

    def _play(self, on: bool) -> None:
        """Plays the frames in real time, as far as the page keeps up."""
        if not on:
            self._playing.set()
            return
        self._playing = playing = threading.Event()
        assert isinstance(self._result, SequenceResult) and self.frame is not None
        times, frame = self._result.times, self.frame

        def run() -> None:
            while len(times) > 1:
                at = int(frame.value)
                following = (at + 1) % len(times)
                pause = float(times[following] - times[at]) if following else 0.5
                if playing.wait(max(pause, 1 / 30)):
                    return
                frame.value = following

        threading.Thread(target=run, daemon=True).start()

    def reset(self) -> None:
        """Shows the result again, in a sequence the frame."""
        if isinstance(self._result, SequenceResult):
            self._load_frame()
        else:
            if self.step is not None:
                self.step.value = "the result"
            self._load(self._result.parameters)


def _moved(own: Floats, sliders: Sequence[Any], limit: float) -> Floats:
    """Values of sliders, or the original value where a slider only clips or rounds it."""
    shown = np.array([slider.value for slider in sliders])
    same = np.abs(shown - np.clip(own, -limit, limit)) < 1e-9
    return np.where(same, own, shown)


def _steps(result: FitResult) -> dict[str, Parameters]:
    """Initial estimate, stages, result and other solutions of a fit, by name."""
    steps: dict[str, Parameters] = {}
    if result.start is not None:
        steps["the initial estimate"] = result.start
    for number, stage in enumerate(result.stages, 1):
        if stage.parameters is not None:
            steps[f"{number} {stage.name}"] = stage.parameters
    steps["the result"] = result.parameters
    others: list[Hypothesis] = [each for each in result.hypotheses if not each.kept]
    for number, other in enumerate(others, 1):
        steps[f"another solution {number}, cost {other.cost:.0f}"] = other.parameters
    return steps


def _facts(result: FitResult | SequenceResult) -> str:
    error = result.reprojection_error()
    ended = "converged" if result.converged else "not converged"
    frames = f"{len(result)} frames, " if isinstance(result, SequenceResult) else ""
    pixels = "" if math.isnan(error) else f", {error:.1f} px median residual"
    warnings = "".join(f"\n\n**Warning**: {_plain(str(each))}" for each in result.warnings)
    return f"**{_plain(result.model_name)}**: {frames}{ended}{pixels}{warnings}"


def _plain(text: str) -> str:  # neither Markdown nor HTML in it has a meaning
    return "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)


# --- Input ---


def _model_of(
    result: FitResult | SequenceResult, model: BodyModel | str | PathLike[str] | None
) -> BodyModel:
    """The body of the result, or the given one if it has the joints of the result."""
    own = result.own_model
    if model is None and own is not None:
        return own
    body = checked_model(model)
    first = result[0] if isinstance(result, SequenceResult) else result
    same = body.num_joints == len(first.joints) and body.num_betas == len(first.betas)
    if not same or not np.allclose(body.joints(**parameters_of(first)), first.joints, atol=1e-6):
        raise ValueError(
            f"model: expected the body that was fitted, {result.model_name}, got {body.name}"
        )
    return body


def _pictures(first: FitResult, image: Any, video: Any) -> list[bytes]:
    """JPEGs of the frames, resized, as a clip has many; [] without images."""
    if video is not None:
        return [_small(Image.fromarray(frame)) for frame in video_pictures(video)]
    if image is None:
        return []
    if isinstance(image, str | PathLike):
        image = read_image(image)
    picture = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))
    camera = first.camera
    if camera is not None and picture.size != (camera.width, camera.height):
        raise ValueError(
            f"image: expected the camera's {camera.width} x {camera.height} pixels, "
            f"got {picture.width} x {picture.height}"
        )
    return [_small(picture)]


def _small(picture: Image.Image) -> bytes:
    picture = picture.convert("RGB")
    picture.thumbnail((_LARGEST, _LARGEST))
    coded = io.BytesIO()
    picture.save(coded, "JPEG", quality=88)
    return coded.getvalue()


def _check_free(host: str, port: int) -> None:
    """OSError if the port is in use: viser would silently use another one."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise OSError(f"host: expected an address of this machine, got {host}") from error
            raise OSError(
                f"port: expected a free one, got {port}, which is in use; "
                f"another one is set by port= or --port, 0 takes any"
            ) from error
