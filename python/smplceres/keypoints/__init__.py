"""Keypoints of people in images: formats, files, tracks."""
