"""Recordings of ROS 2 in MCAP files: keypoints or images in, messages of bodies out."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..base.files.reading import naming, parsing
from ..base.files.writing import whole_file
from ..cameras.camera import Camera
from ..detect.detector import Detector
from ..keypoints.formats import KeypointFormat
from .annotations import ANNOTATIONS, Annotations, image_annotations
from .camera_info import info_of_camera
from .definitions import with_dependencies
from .inputs import IMAGE_TYPES, JSON, KEYPOINT_TYPES, PeopleSource
from .layouts import header_of
from .messages import Message
from .skeleton2d import PeopleSeen, json_of_people
from .stream import BodyStream

CAMERA_INFO = "sensor_msgs/msg/CameraInfo"


class Recorded(NamedTuple):
    """A message of a recording; `message` is decoded, `data` its bytes."""

    topic: str
    type_name: str
    message: Any
    data: bytes
    log_time: int
    schema: Any


@dataclass
class BagReport:
    """What was written.

    Attributes:
        images: that were used.
        messages: by topic.
        people: ids, in order of appearance.
    """

    images: int = 0
    messages: dict[str, int] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)


def run_bag(
    source: str | PathLike[str],
    out: str | PathLike[str],
    *,
    camera: str,
    keypoints: str | None = None,
    image: str | None = None,
    detector: Detector | None = None,
    keypoint_format: KeypointFormat | str | None = None,
    stream: BodyStream,
    foxglove: bool = False,
    progress: Callable[[int], None] | None = None,
) -> BagReport:
    """Writes the messages of the bodies in a recording, and its CameraInfo, to another.

    Args:
        source, out: MCAP files of ROS 2 (CDR); `source` may be the folder of a bag with one.
        camera: topic of CameraInfo.
        keypoints: topic of `hri_msgs/Skeleton2D`, or of `std_msgs/String` with JSON
            (`people_of_json`); or None with
        image: topic of Image or CompressedImage, for `detector`.
        keypoint_format: of JSON without one.
        stream: from which messages come; new.
        foxglove: also writes what Foxglove draws over the images, `ANNOTATIONS`.
        progress: is called with the number of images.

    Raises:
        ValueError: no MCAP, no such topic, one of another type, messages that cannot be read.
        OSError: a file cannot be read or written.
        ImportError: mcap is missing, or foxglove-sdk.
    """
    if (keypoints is None) == (image is None):
        raise ValueError("keypoints: expected a topic of keypoints or one of images")
    topic = str(image if keypoints is None else keypoints)
    kinds = IMAGE_TYPES if keypoints is None else KEYPOINT_TYPES
    path, report = _file_of(Path(source)), BagReport()
    with naming(path), path.open("rb") as opened:
        _check_topics(opened, {camera: (CAMERA_INFO,)})
        _check_topics(opened, {topic: kinds})
        with whole_file(out) as file, _Writer(file, report) as writer:
            people = PeopleSource(
                stream, detector=detector, keypoint_format=keypoint_format, gather=True
            )
            last = 0

            def follow(images: Iterable[PeopleSeen]) -> None:
                for seen in images:
                    messages = stream.update(seen)
                    writer.add(messages, last, seen)
                    if foxglove and messages and stream.camera is not None:
                        writer.annotate(
                            image_annotations(seen, messages, stream.camera), last, seen
                        )
                    if progress is not None:
                        progress(report.images)

            for each in _read(opened, [topic, camera]):
                last = each.log_time
                if each.topic == camera:
                    stream.camera_info(each.message)
                    writer.copy(each)
                else:
                    follow(people(each.message, each.type_name))
            follow(people.rest())
    if stream.camera is None:
        raise ValueError(f"{path}: expected a CameraInfo that can be used on {camera}, got none")
    return report


def write_recording(
    out: str | PathLike[str],
    camera: Camera,
    frames: Iterable[PeopleSeen],
    *,
    keypoints: str = "/keypoints",
    camera_info: str = "/camera/camera_info",
) -> None:
    """Writes keypoints of any source to a recording, as `run_bag` and the node take them: JSON and
    a CameraInfo for each image.

    Raises:
        ValueError: a camera with a place, which a CameraInfo has not.
        OSError: the file cannot be written.
        ImportError: mcap is missing.
    """
    fields = info_of_camera(camera)
    with whole_file(out) as file, _Writer(file, BagReport()) as writer:
        for seen in frames:
            header = header_of(seen.stamp, seen.frame_id)
            text = {"data": json_of_people(seen)}
            messages = [
                Message(camera_info, CAMERA_INFO, {"header": header, **fields}),
                Message(keypoints, JSON, text),
            ]
            writer.add(messages, seen.stamp.nanoseconds, seen)


def _file_of(path: Path) -> Path:
    if path.is_dir():
        files = sorted(path.glob("*.mcap"))
        if len(files) != 1:
            raise ValueError(f"{path}: expected a bag of one .mcap file, got {len(files)}")
        return files[0]
    return path


def _mcap(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError("bags need mcap: pip install 'smplceres[robotics]'") from error


def _check_topics(file: BinaryIO, expected: dict[str, tuple[str, ...]]) -> None:
    file.seek(0)
    with parsing("an MCAP file"):
        summary = _mcap("mcap.reader").make_reader(file).get_summary()
    if summary is None:
        raise ValueError("expected a finished MCAP file: `mcap recover` mends it")
    schemas = {number: schema.name for number, schema in summary.schemas.items()}
    types = {each.topic: schemas.get(each.schema_id, "") for each in summary.channels.values()}
    for topic, kinds in expected.items():
        if types.get(topic) not in kinds:
            fitting = [name for name, kind in types.items() if kind in kinds]
            found = f"{types[topic]} there" if topic in types else "none"
            raise ValueError(
                f"expected {' or '.join(kinds)} on {topic}, got {found}; "
                f"of that type are {', '.join(fitting) or 'no topics'}"
            )


def _read(file: BinaryIO, topics: list[str]) -> Iterator[Recorded]:
    decoders = _mcap("mcap_ros2.decoder").DecoderFactory()
    file.seek(0)
    known: dict[int, Callable[[bytes], Any]] = {}
    with parsing("an MCAP file of ROS 2"):
        reader = _mcap("mcap.reader").make_reader(file)
        for schema, channel, message in reader.iter_messages(topics):
            if channel.id not in known:
                decode = decoders.decoder_for(channel.message_encoding, schema)
                if decode is None:
                    raise ValueError(f"expected cdr, got {channel.message_encoding!r}")
                known[channel.id] = decode
            yield Recorded(
                channel.topic,
                schema.name,
                known[channel.id](message.data),
                message.data,
                message.log_time,
                schema,
            )


class _Writer:
    """An MCAP file with messages as ROS 2 writes them."""

    def __init__(self, file: BinaryIO, report: BagReport) -> None:
        self._writer = _mcap("mcap.writer").Writer(file)
        self._report = report
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._sequence = 0

    def __enter__(self) -> _Writer:
        self._writer.start(profile="ros2", library="smplceres")
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.finish()

    def copy(self, each: Recorded) -> None:
        """Adds a message of another recording."""
        if each.type_name not in self._schemas:
            self._schemas[each.type_name] = self._writer.register_schema(
                each.schema.name, each.schema.encoding, each.schema.data
            )
        self._write(each.topic, each.type_name, each.data, each.log_time, each.log_time)

    def add(self, messages: list[Message], log_time: int, seen: PeopleSeen) -> None:
        """Adds the messages of an image."""
        if messages:
            self._report.images += 1
            ids = messages[0].fields.get("ids", ())
            self._report.people += [each for each in ids if each not in self._report.people]
        for each in messages:
            if each.type_name not in self._schemas:
                self._schemas[each.type_name] = self._writer.register_schema(
                    each.type_name, "ros2msg", with_dependencies(each.type_name).encode()
                )
            stamp = seen.stamp.nanoseconds
            self._write(each.topic, each.type_name, each.cdr(), log_time, stamp)

    def annotate(self, each: Annotations, log_time: int, seen: PeopleSeen) -> None:
        """Adds what is drawn over an image."""
        name, encoding, data = each.schema
        if name not in self._schemas:
            self._schemas[name] = self._writer.register_schema(name, encoding, data)
        stamp = seen.stamp.nanoseconds
        self._write(ANNOTATIONS, name, each.data, log_time, stamp, encoding)

    def _write(
        self,
        topic: str,
        kind: str,
        data: bytes,
        log_time: int,
        publish_time: int,
        encoding: str = "cdr",
    ) -> None:
        if topic not in self._channels:
            schema = self._schemas[kind]
            self._channels[topic] = self._writer.register_channel(topic, encoding, schema)
        self._sequence += 1
        self._writer.add_message(
            self._channels[topic], log_time, data, publish_time, self._sequence
        )
        self._report.messages[topic] = self._report.messages.get(topic, 0) + 1
