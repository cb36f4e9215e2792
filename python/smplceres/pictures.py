"""Reading images."""

from .media.pictures import PICTURES, read_picture

__all__ = ["PICTURES", "read_picture"]
