#!/usr/bin/env bash
# tools/sanitize/run.sh address|thread COMMAND...: runs a command of Python's with the extension under sanitizers
# (cmake/sanitizers.cmake), which it builds into .venv-address or .venv-thread where that is not done.
#
#   tools/sanitize/run.sh address -m pytest tests/core
set -euo pipefail
cd "$(dirname "$0")/../.."

name=${1:?expected address or thread}
shift
case $name in
  address) library=libasan.so ;;
  thread) library=libtsan.so ;;
  *)
    echo "sanitize: expected address or thread, got $name" >&2
    exit 2
    ;;
esac
# A sanitizer's library comes before all others; the standard library's exceptions are found by it, so beside it.
compiler=${CXX:-g++}
preload="$("$compiler" -print-file-name=$library) $("$compiler" -print-file-name=libstdc++.so)"

CMAKE_ARGS="${CMAKE_ARGS:-} -DSMPLCERES_SANITIZE=$name" SKBUILD_CMAKE_BUILD_TYPE=RelWithDebInfo PRELOAD=$preload \
  VENV=.venv-$name tools/setup.sh demo test

# Python frees little when it ends, so leaks are not reported. Ceres and NumPy allocate what they like, and return
# nothing where that fails, as they do without a sanitizer.
export ASAN_OPTIONS=detect_leaks=0:detect_container_overflow=0:allocator_may_return_null=1:abort_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=suppressions=$PWD/tools/sanitize/thread.supp:halt_on_error=1:report_signal_unsafe=0
LD_PRELOAD=$preload exec ".venv-$name/bin/python" "$@"
