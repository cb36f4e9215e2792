"""Fits to images, points in space and clips, and their results."""
