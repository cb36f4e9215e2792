"""ROS messages that are sent: their fields, in the language of `.msg` files, by type.

Facts from common_interfaces and geometry2 of ROS 2 (Humble to Rolling have the same), and from
hri_msgs 2 (REP-155). Constants are left out.
"""

from __future__ import annotations

from types import MappingProxyType

MESSAGES = MappingProxyType(
    {
        "builtin_interfaces/msg/Time": "int32 sec\nuint32 nanosec\n",
        "builtin_interfaces/msg/Duration": "int32 sec\nuint32 nanosec\n",
        "std_msgs/msg/Header": "builtin_interfaces/Time stamp\nstring frame_id\n",
        "std_msgs/msg/String": "string data\n",
        "std_msgs/msg/ColorRGBA": "float32 r\nfloat32 g\nfloat32 b\nfloat32 a\n",
        "geometry_msgs/msg/Point": "float64 x\nfloat64 y\nfloat64 z\n",
        "geometry_msgs/msg/Vector3": "float64 x\nfloat64 y\nfloat64 z\n",
        "geometry_msgs/msg/Quaternion": "float64 x\nfloat64 y\nfloat64 z\nfloat64 w\n",
        "geometry_msgs/msg/Pose": "Point position\nQuaternion orientation\n",
        "geometry_msgs/msg/PoseWithCovariance": "Pose pose\nfloat64[36] covariance\n",
        "geometry_msgs/msg/PoseWithCovarianceStamped": (
            "std_msgs/Header header\nPoseWithCovariance pose\n"
        ),
        "geometry_msgs/msg/Twist": "Vector3 linear\nVector3 angular\n",
        "geometry_msgs/msg/TwistWithCovariance": "Twist twist\nfloat64[36] covariance\n",
        "geometry_msgs/msg/TwistWithCovarianceStamped": (
            "std_msgs/Header header\nTwistWithCovariance twist\n"
        ),
        "geometry_msgs/msg/Transform": "Vector3 translation\nQuaternion rotation\n",
        "geometry_msgs/msg/TransformStamped": (
            "std_msgs/Header header\nstring child_frame_id\nTransform transform\n"
        ),
        "tf2_msgs/msg/TFMessage": "geometry_msgs/TransformStamped[] transforms\n",
        "sensor_msgs/msg/JointState": (
            "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\n"
            "float64[] effort\n"
        ),
        "sensor_msgs/msg/CompressedImage": (
            "std_msgs/Header header\nstring format\nuint8[] data\n"
        ),
        "sensor_msgs/msg/RegionOfInterest": (
            "uint32 x_offset\nuint32 y_offset\nuint32 height\nuint32 width\nbool do_rectify\n"
        ),
        "sensor_msgs/msg/CameraInfo": (
            "std_msgs/Header header\nuint32 height\nuint32 width\nstring distortion_model\n"
            "float64[] d\nfloat64[9] k\nfloat64[9] r\nfloat64[12] p\nuint32 binning_x\n"
            "uint32 binning_y\nRegionOfInterest roi\n"
        ),
        "visualization_msgs/msg/UVCoordinate": "float32 u\nfloat32 v\n",
        "visualization_msgs/msg/MeshFile": "string filename\nuint8[] data\n",
        "visualization_msgs/msg/Marker": (
            "std_msgs/Header header\nstring ns\nint32 id\nint32 type\nint32 action\n"
            "geometry_msgs/Pose pose\ngeometry_msgs/Vector3 scale\nstd_msgs/ColorRGBA color\n"
            "builtin_interfaces/Duration lifetime\nbool frame_locked\n"
            "geometry_msgs/Point[] points\nstd_msgs/ColorRGBA[] colors\nstring texture_resource\n"
            "sensor_msgs/CompressedImage texture\nUVCoordinate[] uv_coordinates\nstring text\n"
            "string mesh_resource\nMeshFile mesh_file\nbool mesh_use_embedded_materials\n"
        ),
        "visualization_msgs/msg/MarkerArray": "Marker[] markers\n",
        "hri_msgs/msg/IdsList": "std_msgs/Header header\nstring[] ids\n",
        "hri_msgs/msg/NormalizedPointOfInterest2D": "float32 x\nfloat32 y\nfloat32 c\n",
        "hri_msgs/msg/NormalizedRegionOfInterest2D": (
            "std_msgs/Header header\nfloat32 xmin\nfloat32 ymin\nfloat32 xmax\nfloat32 ymax\n"
            "float32 c\n"
        ),
        "hri_msgs/msg/Skeleton2D": (
            "std_msgs/Header header\nNormalizedPointOfInterest2D[18] skeleton\n"
        ),
    }
)


def full_name(type_name: str, inside: str) -> str:
    """`package/msg/Name` of a type as it is written in the definition of another."""
    package, _, name = type_name.rpartition("/")
    return f"{package.removesuffix('/msg') or inside.partition('/')[0]}/msg/{name}"


def fields_of(type_name: str) -> list[tuple[str, str]]:
    """Pairs (type as written, name) of a message.

    Raises:
        ValueError: a type that is not among MESSAGES.
    """
    if type_name not in MESSAGES:
        raise ValueError(f"type_name: expected one of {', '.join(MESSAGES)}; got {type_name!r}")
    pairs = [line.partition(" ")[::2] for line in MESSAGES[type_name].splitlines()]
    return [(kind, name) for kind, name in pairs]


def with_dependencies(type_name: str) -> str:
    """The definition of a message and of all within it, as a bag has it: joined by a line of `=`
    and `MSG: package/Name`."""
    found = [type_name]
    for each in found:
        for kind, _ in fields_of(each):
            inner = full_name(kind.partition("[")[0], each)
            if inner in MESSAGES and inner not in found:
                found.append(inner)
    parts = [MESSAGES[type_name]]
    for each in found[1:]:
        parts.append(f"{'=' * 80}\nMSG: {each.replace('/msg/', '/')}\n{MESSAGES[each]}")
    return "".join(parts)
