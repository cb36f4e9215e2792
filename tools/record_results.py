"""Shows that a change leaves results alone: records what smplceres computes on fixed inputs, and
compares two recordings bit for bit.

    python tools/record_results.py record before.npz      # before the change
    python tools/record_results.py record after.npz       # after it, on the same machine
    python tools/record_results.py compare before.npz after.npz

The script uses the public interface alone, so that one version of it runs on both versions of the
package: where a change moves the package's modules, keep the script and change PYTHONPATH. Both
recordings must be of one core (`smplceres.build_info()["arch"]`), made by one compiler, with one
NumPy. `compare` prints what differs, by name and with the largest difference, and exits with 1 if
anything does. `record` exits with 1 if a case raised an error; the others are recorded.

--only PATTERN limits both to names of that form, such as "fit/*" or "tracker/lost".
Inputs are made anew from fixed seeds by every run. Seconds and messages are not recorded. The whole
takes about half a minute.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

from recording import (  # noqa: F401  # they register their cases
    archive,
    bodies,
    covariances,
    evidence,
    fits,
    objectives,
    sequences,
    trackers,
)
from recording.cases import CASES
from recording.contents import arrays_of


def record(path: Path, only: str) -> int:
    """Runs the cases and writes their arrays."""
    arrays: archive.Arrays = {}
    failed = []
    for name, compute in CASES.items():
        if not archive.matches(name, only):
            continue
        begin = time.perf_counter()
        try:
            arrays |= arrays_of(name, compute())
        except Exception:  # whatever it is, the other cases are recorded
            traceback.print_exc()
            failed.append(name)
        print(f"{time.perf_counter() - begin:6.2f} s  {name}", file=sys.stderr)
    if not arrays and not failed:
        raise ValueError(f"--only: expected a pattern of some of the cases, got {only!r}")
    archive.write(path, arrays)
    print(f"{len(arrays)} arrays in {path}")
    if failed:
        print(f"{len(failed)} cases failed: {', '.join(failed)}")
    return 1 if failed else 0


def compare(before: Path, after: Path, only: str) -> int:
    """Prints what differs."""
    first, second = (
        {name: array for name, array in archive.read(path).items() if archive.matches(name, only)}
        for path in (before, after)
    )
    found = archive.differences(first, second)
    for name, difference in found.items():
        print(f"{name}: {difference}")
    print(f"{len(found)} of {len(first.keys() | second.keys())} arrays differ")
    return 1 if found else 0


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="run the cases and write their arrays")
    recording.add_argument("file", type=Path, help=".npz to write")
    comparing = commands.add_parser("compare", help="say what differs between two recordings")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    for each in (recording, comparing):
        each.add_argument("--only", metavar="PATTERN", default="*", help="names of this form alone")
    options = parser.parse_args(arguments)
    if options.command == "record":
        return record(options.file, options.only)
    return compare(options.before, options.after, options.only)


if __name__ == "__main__":
    sys.exit(main())
