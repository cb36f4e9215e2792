"""The ROS 2 node of smplceres."""
