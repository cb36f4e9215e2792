"""Wrong inputs: what people give to a fit by mistake, each with what a warning should name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import smplceres as sc

from .people import Several, Single, Walk
from .pictures import Floats, matrix_of


@dataclass(frozen=True, eq=False)
class Wrong:
    """A wrong input.

    Attributes:
        name: what is wrong, with what.
        codes: of the warnings that name it; any of them is right.
        fit: runs the fit; a ValueError that contains `refused` names it as well.
        refused: a word of the error, for inputs that make a fit meaningless.
    """

    name: str
    codes: tuple[str, ...]
    fit: Callable[[], Any]
    refused: str = ""


def _changed(picture: Single, change: Callable[[Floats], Floats]) -> Single:
    keypoints = change(picture.keypoints.copy())
    keypoints[keypoints[:, 2] == 0, :2] = 0
    return replace(picture, keypoints=keypoints)


def _columns(scale: Any = 1.0, offset: Any = 0.0) -> Callable[[Floats], Floats]:
    """x, y times `scale` plus `offset`."""

    def change(keypoints: Floats) -> Floats:
        keypoints[:, :2] = keypoints[:, :2] * scale + offset
        return keypoints

    return change


def in_one_picture(name: str, picture: Single) -> Iterator[Wrong]:
    """Wrong keypoints or cameras of one image."""
    width, height = picture.camera.width, picture.camera.height
    camera, swap = picture.camera, sc.FORMATS[picture.format].left_right_swap

    def wrong(what: str, codes: tuple[str, ...], changed: Single, refused: str = "") -> Wrong:
        return Wrong(f"{name}: {what}", codes, changed.fit, refused)

    def confidences(factor: float) -> Callable[[Floats], Floats]:
        return lambda keypoints: keypoints * [1, 1, factor]

    yield wrong(
        "keypoints in 0..1",
        (),
        _changed(picture, _columns(1 / np.array([width, height]))),
        "keypoints",
    )
    yield wrong("y up", ("y_up",), _changed(picture, _columns([1, -1], [0, height - 1])))
    yield wrong("y negative", ("y_up",), _changed(picture, _columns([1, -1])))
    yield wrong(
        "x and y exchanged", ("x_y_exchanged",), _changed(picture, lambda k: k[:, [1, 0, 2]])
    )
    yield wrong(
        "mirrored picture", ("mirrored",), _changed(picture, _columns([-1, 1], [width - 1, 0]))
    )
    yield wrong("labels exchanged", ("mirrored",), _changed(picture, lambda k: k[swap]))
    yield wrong(
        "confidences in percent", ("confidence_scale",), _changed(picture, confidences(100))
    )
    yield wrong("confidences of 0.01", ("confidence_scale",), _changed(picture, confidences(0.01)))
    smaller = camera.resize(width // 3, height // 3)
    yield wrong(
        "intrinsics of a third of the resolution",
        ("intrinsics_resolution",),
        replace(picture, camera=smaller),
    )
    sized = replace(picture, image_size=(width, height))
    yield wrong(
        "intrinsics of another resolution, size known",
        ("intrinsics_resolution",),
        replace(sized, camera=camera.resize(2 * width, 2 * height)),
    )
    yield wrong(
        "focal length in millimetres",
        ("focal_length",),
        replace(picture, camera=replace(camera, fx=35, fy=35)),
    )
    yield wrong(
        "focal length of a quarter", ("focal_length",), replace(picture, camera=camera.zoomed(0.25))
    )
    leg = [k for k, each in enumerate(sc.FORMATS[picture.format].names) if _of_left_leg(each)]

    def without_leg(keypoints: Floats) -> Floats:
        keypoints[leg] = 0
        return keypoints

    yield wrong("a leg that nothing told", ("unseen_limbs",), _changed(picture, without_leg))


def _of_left_leg(name: str) -> bool:
    return name.startswith("left_") and any(
        part in name for part in ("knee", "ankle", "toe", "heel")
    )


def in_formats(name: str, as_format: Callable[[str], Single]) -> Iterator[Wrong]:
    """Keypoints of one format that are given as those of another with as many."""
    for given, said in (
        ("openpose_body25", "openpose_body25b"),
        ("openpose_body25b", "openpose_body25"),
        ("coco17", "human36m17"),
        ("human36m17", "coco17"),
    ):
        yield Wrong(
            f"{name}: {given} as {said}",
            ("keypoint_format",),
            replace(as_format(given), format=said).fit,
        )
    upper = as_format("mediapipe33")
    upper = replace(upper, keypoints=upper.keypoints[:25], format="openpose_body25")
    yield Wrong(f"{name}: 25 rows of MediaPipe", ("keypoint_format",), upper.fit)


def in_portrait(name: str, picture: Single) -> Iterator[Wrong]:
    """An image that is higher than wide."""
    camera = picture.camera
    turned = replace(
        camera,
        fx=camera.fy,
        fy=camera.fx,
        cx=camera.cy,
        cy=camera.cx,
        width=camera.height,
        height=camera.width,
    )
    yield Wrong(
        f"{name}: portrait and landscape exchanged",
        ("portrait_landscape",),
        replace(picture, camera=turned).fit,
    )


def inverse(camera: sc.Camera) -> sc.Camera:
    """world_from_cam in place of cam_from_world."""
    rotation = camera.rotation.T
    return replace(camera, rotation=rotation, translation=-rotation @ camera.translation)


def of_opengl(camera: sc.Camera) -> sc.Camera:
    """x right, y up, z backward."""
    axes = np.diag([1.0, -1.0, -1.0])
    return replace(camera, rotation=axes @ camera.rotation, translation=axes @ camera.translation)


def in_several_pictures(name: str, views: Several) -> Iterator[Wrong]:
    """Wrong cameras or keypoints of several images at once."""

    def cameras(
        what: str, codes: tuple[str, ...], change: Callable[[sc.Camera], sc.Camera]
    ) -> Wrong:
        changed = replace(views, cameras=[change(camera) for camera in views.cameras])
        return Wrong(f"{name}: {what}", codes, changed.fit)

    def keypoints(what: str, codes: tuple[str, ...], changed: list[Any]) -> Wrong:
        return Wrong(f"{name}: {what}", codes, replace(views, keypoints=changed).fit)

    yield replace(
        cameras("millimetres", (), lambda c: replace(c, translation=1000 * c.translation)),
        refused="camera",
    )
    yield replace(
        cameras("centimetres", (), lambda c: replace(c, translation=100 * c.translation)),
        refused="camera",
    )
    yield cameras("world_from_cam", ("world_from_cam",), inverse)
    yield cameras("axes of OpenGL", ("opengl_axes",), of_opengl)
    yield cameras(
        "world_from_cam of OpenGL",
        ("opengl_axes", "world_from_cam"),
        lambda c: inverse(of_opengl(c)),
    )
    yield cameras(
        "intrinsics of half the resolution",
        ("intrinsics_resolution",),
        lambda c: c.resize(c.width // 2, c.height // 2),
    )
    yield cameras("focal length of half", ("focal_length",), lambda c: c.zoomed(0.5))
    yield cameras("focal length of 1.5", ("focal_length",), lambda c: c.zoomed(1.5))
    seen = list(views.keypoints)
    yield keypoints("cameras exchanged", ("cameras_exchanged",), [seen[1], seen[0], *seen[2:]])
    yield keypoints(
        "labels exchanged",
        ("mirrored",),
        [
            replace(each, xy=each.xy[s], confidence=each.confidence[s])
            for each in seen
            for s in [each.format.left_right_swap]
        ],
    )
    yield keypoints(
        "pictures mirrored",
        ("mirrored",),
        [
            replace(each, xy=each.xy * [-1, 1] + [camera.width - 1, 0])
            for each, camera in zip(seen, views.cameras, strict=True)
        ],
    )
    yield keypoints(
        "y up",
        ("y_up",),
        [
            replace(each, xy=each.xy * [1, -1] + [0, camera.height - 1])
            for each, camera in zip(seen, views.cameras, strict=True)
        ],
    )
    swap = seen[2].format.left_right_swap
    yield keypoints(
        "one view's sides exchanged",
        ("sides_of_view",),
        [
            *seen[:2],
            replace(seen[2], xy=seen[2].xy[swap], confidence=seen[2].confidence[swap]),
            *seen[3:],
        ],
    )


def in_lenses(name: str, aside: Several) -> Iterator[Wrong]:
    """People at the edge of the images, where distortion matters."""
    plain = [replace(camera, distortion=np.zeros(0)) for camera in aside.cameras]
    yield Wrong(f"{name}: distortion lost", ("distortion",), replace(aside, cameras=plain).fit)


def of_size(name: str, views: Callable[[float], Several]) -> Iterator[Wrong]:
    """People of another size than the body's shapes."""
    for what, scale in (("a child", 0.6), ("a giant", 1.5)):
        yield Wrong(f"{name}: {what}", ("body_size",), views(scale).fit)


def in_space(name: str, points: Floats) -> Iterator[Wrong]:
    """Wrong points in space (K, 3), metres, of smpl24."""

    def wrong(what: str, codes: tuple[str, ...], changed: Floats, refused: str = "") -> Wrong:
        return Wrong(
            f"{name}: {what}",
            codes,
            lambda: sc.fit_joints3d(changed, keypoint_format="smpl24"),
            refused,
        )

    swap = sc.FORMATS["smpl24"].left_right_swap
    yield wrong("millimetres", (), 1000 * points, "keypoints3d")
    yield wrong("centimetres", (), 100 * points, "keypoints3d")
    yield wrong("a child", ("body_size",), 0.6 * points)
    yield wrong("labels exchanged", ("mirrored",), points[swap])
    yield wrong("y mirrored", ("mirrored",), points * [1, -1, 1])


def in_time(name: str, clip: Walk) -> Iterator[Wrong]:
    """Wrong times and keypoints of a clip."""
    count = len(clip.keypoints)

    def wrong(what: str, codes: tuple[str, ...], changed: Walk) -> Wrong:
        return Wrong(f"{name}: {what}", codes, changed.fit)

    swap = sc.FORMATS[clip.format].left_right_swap
    yield wrong("four times the rate", ("frame_rate",), replace(clip, fps=4 * clip.fps))
    yield wrong("a quarter of the rate", ("frame_rate",), replace(clip, fps=clip.fps / 4))
    yield wrong(
        "frame numbers as seconds",
        ("frame_numbers",),
        replace(clip, fps=None, times=np.arange(count)),
    )
    yield wrong("labels exchanged", ("mirrored",), replace(clip, keypoints=clip.keypoints[:, swap]))
    up = clip.keypoints.copy()
    up[..., 1] = clip.camera.height - 1 - up[..., 1]
    yield wrong("y up", ("y_up",), replace(clip, keypoints=up))


def turned(points: Floats, degrees: float) -> Floats:
    """Points (N, 3) about the vertical."""
    return points @ matrix_of(np.radians([0, degrees, 0])).T
