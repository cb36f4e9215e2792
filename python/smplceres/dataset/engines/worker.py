"""A process that executes tasks from its standard input, and the handle of its parent.

The process ends when its parent does, after the task at hand.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from .engine import WorkerDiedError

# Of libraries that would start threads of their own.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class WorkerProcess:
    """A worker, started at once. Not for several threads at once."""

    def __init__(self) -> None:
        start = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import main; main()"
        windows = os.name == "nt"
        self._process = subprocess.Popen(
            [sys.executable, "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_THREAD,
            # Ctrl-C in a terminal is for the parent, which lets workers finish their units.
            start_new_session=not windows,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if windows else 0,
        )
        self._shared: bytes | None = None

    def call(self, function: Callable[..., Any], shared: bytes, args: tuple[Any, ...]) -> Any:
        """The value of function(shared, *args); its errors are raised.

        Raises:
            WorkerDiedError: the process ended; the handle is of no more use.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        new = shared if shared is not self._shared else None
        task = pickle.dumps((function, new, args))
        try:
            self._process.stdin.write(task)
            self._process.stdin.flush()
            succeeded, value = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.stop()
            self._close()
            raise WorkerDiedError(f"process died ({_ending(self._process.returncode)})") from error
        self._shared = shared
        if not succeeded:
            raise value
        return value

    def stop(self) -> None:
        """Ends the process at once; from any thread, a running `call` raises WorkerDiedError."""
        self._process.kill()

    def end(self) -> None:
        """Ends the process after its task."""
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unwritten bytes for a process that is gone
                    continue
        self._process.wait()


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def main() -> None:
    """The worker: one task after the other, until its input ends."""
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    shared: bytes | None = None
    while True:
        try:
            function, new, args = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        shared = shared if new is None else new
        try:
            answer = pickle.dumps((True, function(shared, *args)))
        except Exception as error:
            answer = _failed(error)
        try:
            answers.write(answer)
            answers.flush()
        except BrokenPipeError:  # the parent is gone
            return


def _failed(error: Exception) -> bytes:
    try:
        answer = pickle.dumps((False, error))
        pickle.loads(answer)
    except Exception:  # an error with arguments that its class does not take, or no plain values
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return answer
