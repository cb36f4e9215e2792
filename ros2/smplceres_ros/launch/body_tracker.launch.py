"""ros2 launch smplceres_ros body_tracker.launch.py camera:=/camera input:=image mesh_rate:=5.0"""

from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

ARGUMENTS = {
    "camera": ("/camera", "namespace of camera_info and of the images"),
    "image": ("image_raw", "topic of images within it; image_rect with rectified:=true"),
    "keypoints": ("/keypoints", "topic of Skeleton2D or JSON"),
    "input": ("skeleton2d", "skeleton2d, json, image or compressed"),
    "rectified": ("false", "the images are rectified"),
    "mesh_rate": ("0.0", "meshes per second, at most 5"),
}


def generate_launch_description() -> LaunchDescription:
    """The node, its topics and the parameters that launches change; others are in config/."""
    value = {name: LaunchConfiguration(name) for name in ARGUMENTS}
    config = PathJoinSubstitution(
        [FindPackageShare("smplceres_ros"), "config", "body_tracker.yaml"]
    )
    parameters = {
        "input": value["input"],
        "rectified": ParameterValue(value["rectified"], value_type=bool),
        "mesh_rate": ParameterValue(value["mesh_rate"], value_type=float),
    }
    node = Node(
        package="smplceres_ros",
        executable="body_tracker",
        name="body_tracker",
        output="screen",
        parameters=[config, parameters],
        remappings=[
            ("camera_info", PathJoinSubstitution([value["camera"], "camera_info"])),
            ("image", PathJoinSubstitution([value["camera"], value["image"]])),
            (
                "image/compressed",
                PathJoinSubstitution([value["camera"], value["image"], "compressed"]),
            ),
            ("keypoints", value["keypoints"]),
        ],
    )
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=text)
        for name, (default, text) in ARGUMENTS.items()
    ]
    return LaunchDescription([*declared, node])
