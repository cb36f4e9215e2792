"""Reading images, by the names of earlier versions."""

from .media.images import IMAGES as PICTURES
from .media.images import read_image as read_picture

__all__ = ["PICTURES", "read_picture"]
