"""Calibrations: the cameras of files."""
