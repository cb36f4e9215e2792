#!/usr/bin/env bash
# tools/fuzz/cpp.sh [SECONDS]: builds the harnesses of cpp/fuzz with sanitizers and runs each for SECONDS (default 30).
# With clang++ (CXX, or the newest that is installed) libFuzzer seeks new paths; otherwise g++ and driver.cc change
# inputs blindly. First the package's own files are damaged at a thousand places (cpp/tests/damaged_npz_test.cc), where
# GoogleTest is installed. Inputs that reach new code are kept in out/fuzz/cpp/NAME, wrong ones in out/fuzz/cpp/.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-30}
newest_clang() { compgen -c clang++ | grep -E '^clang\+\+(-[0-9]+)?$' | sort -V | tail -1; }
compiler=${CXX:-$(newest_clang || true)}
compiler=${compiler:-g++}
build=build/fuzz/$(basename "$compiler")
cmake -S cpp/fuzz -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" >/dev/null
cmake --build "$build" >/dev/null || cmake --build "$build"

if [ -x "$build/damaged_npz" ]; then
  "$build/damaged_npz" --gtest_brief=1
fi

for name in npy mask paint npz; do
  corpus=out/fuzz/cpp/$name
  mkdir -p "$corpus"
  [ "$name" != npz ] || find out/fuzz/seeds -name '*.npz' -size -16k -exec cp -n {} "$corpus" \; 2>/dev/null || true
  # Of what C++ reads, 2 GiB is the most (npz.h); inputs here are small, so what they allocate must be.
  "$build/fuzz_$name" -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=1024 -malloc_limit_mb=512 -timeout=5 \
    -artifact_prefix="out/fuzz/cpp/${name}_" -print_final_stats=1 "$corpus" >"out/fuzz/cpp/$name.log" 2>&1 || {
    tail -40 "out/fuzz/cpp/$name.log" >&2
    exit 1
  }
  runs=$(grep -oE 'number_of_executed_units: [0-9]+|Done [0-9]+ runs' "out/fuzz/cpp/$name.log" | grep -oE '[0-9]+' | tail -1)
  echo "$name: $runs inputs, $compiler, no report"
done
