"""Recordings of what smplceres computes on fixed inputs; tools/record_results.py has the command.

archive: files of named arrays and how two of them differ. contents: results as named arrays.
cases: the registry of what is recorded. inputs: bodies, cameras, keypoints and images, from fixed
seeds. The other modules hold the cases, one subject each.
"""
