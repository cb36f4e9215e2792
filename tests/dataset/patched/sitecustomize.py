"""Run by every Python that starts with this folder on its path: some fits are fatal.

FATAL_X: keypoints whose first x is this end the process that fits them.
"""

import os
import signal

if "FATAL_X" in os.environ:
    import smplceres.dataset.parquet.fit_unit as patched

    _fit = patched.fit
    _deadly = float(os.environ["FATAL_X"])

    def fit(keypoints, camera, **options):
        if keypoints.xy[0, 0] == _deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return _fit(keypoints, camera, **options)

    patched.fit = fit
