"""Fits to the people of images and keypoint files."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.files.reading import one_line
from ..base.files.writing import whole_file
from ..cameras.camera import AnyCamera
from ..detect import Boxes, Detection, Detector, PeopleInBoxes
from ..evidence.mask import Mask
from ..evidence.point_cloud import read_depth
from ..fit.result import FitResult
from ..keypoints.files.reading import read_keypoints
from ..keypoints.files.writing import write_keypoints
from ..keypoints.keypoints import Keypoints
from ..media.images import IMAGES, read_image
from .fit_settings import Settings, settings_of
from .fit_texts import say_fit, say_warnings
from .options import (
    DETECTED_MASK,
    EXPORT_ENDINGS,
    camera_named_like,
    camera_of_options,
    cameras_of_file,
    detector_of,
    estimates_focal,
    export_as,
    keypoint_format_of,
    nobody_found,
)
from .output import (
    ALL_FITTED,
    BAD_INPUT,
    NOBODY_FOUND,
    SOME_NOT_FITTED,
    NobodyFoundError,
    Output,
    result_record,
)
from .run_file import write_run

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class _Still:
    """An image or a keypoint file, and its people."""

    path: Path
    picture: Image.Image | None
    people: list[tuple[int, Detection]]


def fit_stills(options: argparse.Namespace, paths: list[Path], output: Output) -> int:
    settings = settings_of(options, estimates_focal(options))
    statuses = []
    with ExitStack() as stack:
        detector, boxes = None, None
        if any(path.suffix.lower() in IMAGES for path in paths):
            boxes = None if options.boxes is None else Boxes(options.boxes)
            detector = detector_of(options, mask=options.mask == DETECTED_MASK)
            stack.enter_context(detector)
        for number, path in enumerate(paths):
            output.progress("images", number, len(paths))
            try:
                still = _read(options, path, detector, boxes, output)
                statuses.append(_fit_still(settings, still, output, brief=len(paths) > 1))
            except (ValueError, OSError) as error:
                if len(paths) == 1:
                    raise
                statuses.append(failed_input(output, path, error))
        output.progress("images", len(paths), len(paths))
    return common_status(statuses)


def failed_input(output: Output, path: Path, error: ValueError | OSError) -> int:
    """Reports one of several inputs that could not be fitted; returns its status."""
    said = one_line(error)
    named = said if str(path) in said else f"{path}: {said}"
    output.failure(named, {"input": str(path), "error": said})
    return NOBODY_FOUND if isinstance(error, NobodyFoundError) else BAD_INPUT


def common_status(statuses: Sequence[int]) -> int:
    """The common status of several inputs, or that some were not fitted."""
    return statuses[0] if len(set(statuses)) == 1 else SOME_NOT_FITTED


def _read(
    options: argparse.Namespace,
    path: Path,
    detector: Detector | None,
    boxes: Boxes | None,
    output: Output,
) -> _Still:
    if path.suffix.lower() in IMAGES and detector is not None:
        picture: Image.Image | None = read_image(path)
        if boxes is None:
            people = detector(np.asarray(picture))
        else:
            in_boxes = PeopleInBoxes(detector, boxes.of(path.name))
            people = in_boxes(np.asarray(picture))
            for box in in_boxes.missed:
                output.say(f"{path}: nobody whom {detector.name} finds in the box {box.tolist()}")
        if not people:
            raise NobodyFoundError(nobody_found(options, path, "in the image", detector.name))
    else:
        picture = None if options.image is None else read_image(options.image)
        size = options.image_size or (None if picture is None else picture.size)
        found = read_keypoints(path, keypoint_format_of(options), image_size=size)
        people = [Detection(each) for each in found]
    numbered = list(enumerate(people))
    if options.person is not None:
        if options.person >= len(people):
            raise ValueError(
                f"--person: expected a number below {len(people)}, the people in {path}, "
                f"got {options.person}"
            )
        numbered = [numbered[options.person]]
    return _Still(path, picture, numbered)


def _fit_still(settings: Settings, still: _Still, output: Output, brief: bool) -> int:
    options = settings.options
    mask = _mask_file(options, still)
    cameras = [
        _camera(options, still, _image_size(options, still.picture, person.keypoints))
        for _, person in still.people
    ]
    depth = _depth(options)
    options.out.mkdir(parents=True, exist_ok=True)
    base = options.out / still.path.stem
    output.attempt(
        base.with_name(f"{base.name}_run.toml"),
        lambda path: write_run(path, options, [still.path]),
    )
    if still.path.suffix.lower() in IMAGES:
        found = [person.keypoints for _, person in still.people]
        output.attempt(
            base.with_name(f"{base.name}_keypoints.npz"),
            lambda path: write_keypoints(path, found),
        )
    statuses = [ALL_FITTED]
    fitted: dict[str, FitResult] = {}
    for (number, person), camera in zip(still.people, cameras, strict=True):
        try:
            result = settings.fit(person.keypoints, camera, mask=mask or person.mask, depth=depth)
        except ValueError as error:
            if not str(error).startswith(
                "keypoints:"
            ):  # an invalid argument, not an invalid person
                raise
            said = f"not fitted: {one_line(error)}"
            where = f"{still.path.name} " if brief else ""
            record = {"input": str(still.path), "person": number, "error": one_line(error)}
            output.failure(f"{where}person {number}: {said}", record)
            statuses.append(SOME_NOT_FITTED)
            continue
        if not brief:
            say_fit(options, number, result, output)
        own = base.with_name(f"{base.name}_person{number}")
        fitted[own.name] = result
        endings = _write(options, result, own, still.picture, output)
        files = f"{own}{{{','.join(endings)}}}"
        if brief:
            off = result.reprojection_error()
            output.say(f"{still.path.name} person {number}: {off:.1f} px, wrote {files}")
            say_warnings(result, output)
        else:
            output.say(f"  wrote {files}")
        written = [f"{own}{ending}" for ending in endings]
        record = {"input": str(still.path), "person": number, **result_record(result)}
        output.result(record | {"files": written})
    if options.rerun is not None and fitted:
        output.attempt(options.rerun, lambda path: _log(fitted, still.picture, path))
    if not still.people:
        output.say(f"{still.path}: no person, nothing to fit")
    return max(statuses)


def _mask_file(options: argparse.Namespace, still: _Still) -> Mask | None:
    if options.mask is None:
        return None
    if len(still.people) > 1 and options.mask != DETECTED_MASK:
        raise ValueError(f"--mask: expected --person with it, got {len(still.people)} people")
    return None if options.mask == DETECTED_MASK else Mask.read(options.mask)


def _depth(options: argparse.Namespace) -> Any:
    if options.depth is None:
        return None
    if not options.camera and options.focal is None:
        raise ValueError("--depth: expected --camera or --focal with it, got neither")
    return read_depth(options.depth)


def _camera(options: argparse.Namespace, still: _Still, size: tuple[int, int]) -> AnyCamera:
    if options.cameras is not None:
        return camera_named_like(still.path.stem, cameras_of_file(options))
    return camera_of_options(options, size)


def _image_size(
    options: argparse.Namespace, picture: Image.Image | None, person: Keypoints
) -> tuple[int, int]:
    """(width, height), on which all sources must agree."""
    known: dict[str, tuple[int, int]] = {}
    if picture is not None:
        known["the image" if options.image is None else "--image"] = picture.size
    if options.image_size is not None:
        known["--image-size"] = (options.image_size[0], options.image_size[1])
    if person.image_size is not None:
        known["the keypoint file" if options.image or not picture else "detection"] = (
            person.image_size
        )
    if not known and options.cameras is None:
        raise ValueError(
            "image size: expected --image, --image-size W H, or a keypoint file that has it, "
            "got none of them"
        )
    if len(set(known.values())) > 1:
        got = ", ".join(f"{source} {width} x {height}" for source, (width, height) in known.items())
        raise ValueError(f"image size: expected one size, got {got}")
    return next(iter(known.values()), (0, 0))


def _write(
    options: argparse.Namespace,
    result: FitResult,
    base: Path,
    picture: Image.Image | None,
    output: Output,
) -> list[str]:
    """Writes the files of a person, with names that begin with `base`; returns their endings."""
    writers: dict[str, Callable[[Path], object]] = {".npz": result.save, ".json": result.save}
    writers[".obj"] = result.export
    for name in options.export:
        writers[EXPORT_ENDINGS[name]] = partial(export_as, options, result)
    if picture is not None:
        writers["_overlay.png"] = lambda path: _draw_overlay(picture, result, path)
        writers["_side.png"] = lambda path: _draw_side_view(result, path)
        writers["_top.png"] = lambda path: _draw_top_view(result, path)
    return [
        ending
        for ending, write in writers.items()
        if output.attempt(base.with_name(base.name + ending), write)
    ]


def _draw_overlay(picture: Image.Image, result: FitResult, path: Path) -> None:
    from ..look.overlay import draw_overlay  # noqa: PLC0415  # needs Pillow

    _save(draw_overlay(picture, result), path)


def _draw_side_view(result: FitResult, path: Path) -> None:
    from ..look.overlay import draw_side_view  # noqa: PLC0415  # needs Pillow

    _save(draw_side_view(result), path)


def _draw_top_view(result: FitResult, path: Path) -> None:
    from ..look.overlay import draw_top_view  # noqa: PLC0415  # needs Pillow

    _save(draw_top_view(result), path)


def _save(picture: Image.Image, path: Path) -> None:
    with whole_file(path) as file:
        picture.save(file, "PNG")


def _log(fitted: dict[str, FitResult], picture: Image.Image | None, path: Path) -> None:
    from ..look.rerun_log import log_rerun  # noqa: PLC0415  # needs rerun-sdk

    log_rerun(fitted, path, image=None if picture is None else np.asarray(picture))
