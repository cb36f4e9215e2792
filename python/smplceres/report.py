"""One HTML page about results."""

from .look.report import write_report

__all__ = ["write_report"]
