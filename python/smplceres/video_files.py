"""Reading videos."""

from .media.video_files import VIDEOS, Video, read_video, video_pictures

__all__ = ["VIDEOS", "Video", "read_video", "video_pictures"]
