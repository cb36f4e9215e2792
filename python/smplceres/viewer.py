"""A page to look at a result in the browser."""

from .look.viewer import Viewer

__all__ = ["Viewer"]
