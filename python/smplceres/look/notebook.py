"""Results in notebooks: their lines, the overlay and the view from the side."""

from __future__ import annotations

import html

import numpy as np
from PIL import Image

from ..fit.result import FitResult
from .overlay import draw_overlay, draw_side_view
from .report_images import jpeg_uri

_HEIGHT = 320  # pixels, of both pictures
_GREY = 235  # where no photograph is at hand


def html_of(result: FitResult) -> str:
    """HTML with the lines of `repr(result)`, the first view's overlay on grey, and the side view.

    A result has no photograph; `smplceres.overlay.draw_overlay` draws over one.
    """
    pictures = [draw_side_view(result)]
    if result.views:
        camera = result.views[0].camera
        blank = np.full((camera.height, camera.width, 3), _GREY, dtype=np.uint8)
        pictures.insert(0, draw_overlay(blank, result))
    images = "".join(_tag(picture) for picture in pictures)
    return f"<pre>{html.escape(repr(result))}</pre><div>{images}</div>"


def _tag(picture: Image.Image) -> str:
    return f'<img src="{jpeg_uri(picture)}" height="{_HEIGHT}" style="display:inline">'
