"""Bodies drawn over images."""

from .look.overlay import (
    draw_overlay,
    draw_side_view,
    draw_top_view,
    paint_overlay,
    uncertainty_colours,
)

__all__ = [
    "draw_overlay",
    "draw_side_view",
    "draw_top_view",
    "paint_overlay",
    "uncertainty_colours",
]
