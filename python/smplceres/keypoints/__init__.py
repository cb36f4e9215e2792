"""Keypoints of persons in images: formats, files, tracks."""
