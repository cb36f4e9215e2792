#!/usr/bin/env bash
# tools/setup.sh [extra ...]: makes VENV and builds and installs smplceres into it, with these extras of
# pyproject.toml (default: demo test). Does nothing, in well under a second, where that is done already.
# With cpp among them the same build also makes the C++ library and its tests, in build/.
#
# On Debian and Ubuntu it installs missing packages where it may (as root, or by sudo without a password), and
# otherwise says which. Elsewhere CMake says what is missing.
# VENV: where it is; default .venv. PYTHON: the interpreter that it is made with; default python3. Each VENV has a
# build folder of its own: build/ for .venv, build/NAME/ for others. PRELOAD: a library that the extension needs loaded
# before it.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=${VENV:-.venv}
extras=("$@")
[ ${#extras[@]} -gt 0 ] || extras=(demo test)

# What the installation depends on: the sources of the extension, where they are, and the names of Python's files,
# of which an editable installation has a list.
fingerprint() {
  {
    pwd
    find python -name '*.py' | LC_ALL=C sort
    find pyproject.toml CMakeLists.txt cmake cpp third_party -type f | LC_ALL=C sort | xargs cksum
  } | cksum
}

is_installed() {
  local extra
  for extra in "${extras[@]}"; do
    [ "$(cat "$venv/installed-$extra" 2>/dev/null)" = "$1" ] || return 1
  done
  LD_PRELOAD=${PRELOAD:-} "$venv/bin/python" -c 'import smplceres' 2>/dev/null
}

fail() {
  echo "setup: $*" >&2
  exit 1
}

check_python() {
  command -v "$python" >/dev/null || fail "PYTHON: expected Python 3.10 or later, found no $python"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "PYTHON: expected Python 3.10 or later, got $("$python" --version)"
}

has_ceres() {
  [ -n "${Ceres_DIR:-}${CMAKE_PREFIX_PATH:-}" ] ||
    compgen -G '/usr/lib*/cmake/Ceres/CeresConfig.cmake' >/dev/null ||
    compgen -G '/usr/lib/*/cmake/Ceres/CeresConfig.cmake' >/dev/null ||
    compgen -G '/usr/local/lib*/cmake/Ceres/CeresConfig.cmake' >/dev/null
}

# A VENV that has the C++ library keeps it, as all extras share one build folder.
with_cpp() {
  [[ " ${extras[*]} " == *" cpp "* || -e "$venv/installed-cpp" ]]
}

has_header() {
  echo "#include <$1>" | "${CXX:-c++}" -x c++ -E - >/dev/null 2>&1
}

# Debian's packages for what is missing, one a line.
missing_packages() {
  local version
  version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
  command -v "${CXX:-c++}" >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  command -v ninja >/dev/null || echo ninja-build
  has_ceres || printf '%s\n' libceres-dev libeigen3-dev
  ! with_cpp || has_header zlib.h || echo zlib1g-dev
  ! with_cpp || has_header gtest/gtest.h || echo libgtest-dev
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "$version-venv"
  "$python" -c 'import os, sysconfig as s; os.stat(s.get_path("include") + "/Python.h")' 2>/dev/null ||
    echo "$version-dev"
}

install_packages() {
  local packages root=()
  command -v apt-get >/dev/null || return 0
  mapfile -t packages < <(missing_packages)
  [ ${#packages[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
      fail "missing packages; install them with: sudo apt-get install ${packages[*]}"
    root=(sudo -n)
  fi
  echo "setup: installing ${packages[*]}"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

# One line each, in pip's form.
build_requirements() {
  "$venv/bin/python" - <<'EOF'
try:
    import tomllib
except ImportError:  # Python 3.10
    from pip._vendor import tomli as tomllib
with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["build-system"]["requires"], sep="\n")
EOF
}

# Without build isolation, so that CMake finds the same pybind11 at every rebuild.
install_smplceres() {
  local names defines=()
  names=$(printf '%s\n' "${extras[@]}" | grep -vx cpp | paste -sd,)
  ! with_cpp || defines=(-Ccmake.define.SMPLCERES_CPP=ON -Ccmake.define.SMPLCERES_TESTS=ON)
  [ "$venv" = .venv ] || defines+=("-Cbuild-dir=build/$(basename "$venv")/{wheel_tag}")
  echo "setup: building and installing smplceres[$names]; the first time takes minutes"
  "$venv/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$venv"
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  fi
  build_requirements | "$venv/bin/python" -m pip install --quiet --requirement /dev/stdin
  "$venv/bin/python" -m pip install --quiet --no-build-isolation ${defines[@]+"${defines[@]}"} --editable ".[$names]"
}

present=$(fingerprint)
is_installed "$present" && exit 0
check_python
install_packages
install_smplceres
for extra in "${extras[@]}"; do echo "$present" > "$venv/installed-$extra"; done
