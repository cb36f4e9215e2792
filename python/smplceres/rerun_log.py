"""Results in the Rerun viewer."""

from .look.rerun_log import log_rerun

__all__ = ["log_rerun"]
