"""The 68 face landmarks of iBUG among the 478 points of MediaPipe's face mesh."""

from __future__ import annotations

# Compared with OpenPose's on real frames of a face 146 px wide; median distances: eyes 2 px, mouth
# 2 to 3, nose 4, brows 3 to 4, outline 8.
# fmt: off
MEDIAPIPE_OF_FACE68 = (
    127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356,  # outline
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,  # brows
    168, 197, 5, 4, 75, 97, 2, 326, 305,  # nose
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,  # eyes
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,  # mouth, outside
    78, 82, 13, 312, 308, 317, 14, 87,  # mouth, inside
)
# fmt: on
