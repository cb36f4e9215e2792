"""Recordings of what smplceres computes on fixed inputs; tools/record_results.py has the command.

archive: files of named arrays and how two of them differ. contents: results as named arrays.
cases: the registry of what is recorded. inputs: bodies, cameras, keypoints and images, from fixed
seeds. The other modules hold the cases, one subject each.
"""

import os

# NumPy's linear algebra, such as the inverse of a tracker's information matrix, rounds differently
# on another number of threads. Libraries read these when NumPy is imported, after this file.
for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_threads] = "1"
