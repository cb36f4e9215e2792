"""Run by every Python with this folder on its path: the fits of a data set are replaced.

FATAL_X: keypoints whose first x is this end the process.
ONE_FIT: all rows get the result of the first one, so that everything but fits is measured.
"""

import os
import signal

if "FATAL_X" in os.environ or "ONE_FIT" in os.environ:
    import smplceres.dataset.parquet.fit_unit as changed

    _fit = changed.fit
    _fatal = float(os.environ.get("FATAL_X", "nan"))
    _known = []

    def fit(keypoints, camera, **options):
        if keypoints.xy[0, 0] == _fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        if "ONE_FIT" not in os.environ:
            return _fit(keypoints, camera, **options)
        if not _known:
            _known.append(_fit(keypoints, camera, **options))
        return _known[0]

    changed.fit = fit
