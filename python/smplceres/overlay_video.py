"""Bodies drawn over videos."""

from .look.overlay_video import overlay_video

__all__ = ["overlay_video"]
