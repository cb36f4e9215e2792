"""Packages of ROS messages, as CMake builds them, from the definitions in smplceres.robotics.

python tools/ros/message_packages.py FOLDER tf2_msgs hri_msgs
"""

from __future__ import annotations

import sys
from pathlib import Path

from smplceres.robotics.definitions import MESSAGES, fields_of

_PACKAGE = """<?xml version="1.0"?>
<package format="3">
  <name>{name}</name>
  <version>0.0.1</version>
  <description>Messages that smplceres sends, for its tests</description>
  <maintainer email="smplceres@example.org">The smplceres authors</maintainer>
  <license>Apache-2.0</license>
  <buildtool_depend>ament_cmake</buildtool_depend>
  <buildtool_depend>rosidl_default_generators</buildtool_depend>
{depends}
  <exec_depend>rosidl_default_runtime</exec_depend>
  <member_of_group>rosidl_interface_packages</member_of_group>
  <export><build_type>ament_cmake</build_type></export>
</package>
"""
_CMAKE = """cmake_minimum_required(VERSION 3.16)
project({name})
find_package(ament_cmake REQUIRED)
find_package(rosidl_default_generators REQUIRED)
{finds}
rosidl_generate_interfaces(${{PROJECT_NAME}} {files} DEPENDENCIES {packages})
ament_package()
"""


def write_package(folder: Path, name: str) -> None:
    """The package of this name with all of its messages that are in MESSAGES."""
    own = [each for each in MESSAGES if each.startswith(f"{name}/")]
    if not own:
        raise SystemExit(f"expected a package among those of MESSAGES, got {name}")
    kinds = [kind for each in own for kind, _ in fields_of(each)]
    packages = sorted({kind.partition("/")[0] for kind in kinds if "/" in kind} - {name})
    (folder / name / "msg").mkdir(parents=True)
    for each in own:
        file = folder / name / "msg" / f"{each.rpartition('/')[2]}.msg"
        file.write_text(MESSAGES[each], encoding="utf-8")
    values = {
        "name": name,
        "depends": "\n".join(f"  <depend>{package}</depend>" for package in packages),
        "finds": "\n".join(f"find_package({package} REQUIRED)" for package in packages),
        "files": " ".join(f"msg/{each.rpartition('/')[2]}.msg" for each in own),
        "packages": " ".join(packages),
    }
    (folder / name / "package.xml").write_text(_PACKAGE.format(**values), encoding="utf-8")
    (folder / name / "CMakeLists.txt").write_text(_CMAKE.format(**values), encoding="utf-8")


if __name__ == "__main__":
    for package_name in sys.argv[2:]:
        write_package(Path(sys.argv[1]), package_name)
