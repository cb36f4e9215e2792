"""Cameras, their calibrations and their refinement."""
