"""Fits to all frames of a clip."""
