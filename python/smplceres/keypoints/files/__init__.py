"""Keypoint files as detectors write them."""
