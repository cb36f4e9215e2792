"""Checks of numbers and arrays, files, progress, rotations, coordinates, names of joints."""
